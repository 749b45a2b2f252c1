"""How somebody's identity was checked, in words: "checked on DAY by METHOD" (rule 42)."""

from resident.people.identification import IdentityCheck

from ._locale import _, fmt


def methods() -> dict[str, str]:
    """What staff may have looked at."""
    return {
        "passport": _("Passport"),
        "id_card": _("Identity card"),
        "driving_licence": _("Driving licence"),
        "residence_permit": _("Residence permit"),
        "known": _("Known in person"),
    }


def checked(check: IdentityCheck | None) -> str:
    """The sentence about the latest check."""
    if check is None:
        return _("Identity not checked")
    others = {
        "delivered": _("letter to the home"),
        "strong": _("strong identification"),
        "vouched": _("a holder of the home"),
    }
    method = others.get(check.method) or methods()[check.method]
    return _("Identity checked on %(day)s: %(method)s", day=fmt().date(check.day), method=method)
