"""What is said of households, tenures and handovers that cannot be so, by field."""

from resident.errors import ResidentError
from resident.moves.household import BadCount, BadPart, NotYours
from resident.moves.tenancy import BadDays, DaysShared, Oneself, Orphan, OwnershipsOverlap, PrimaryTaken, WouldOrphan
from resident.people.personal_code import BadCode

from . import _terms
from ._locale import _, fmt
from ._messages import contact

REFUSALS = (BadDays, OwnershipsOverlap, PrimaryTaken, WouldOrphan, DaysShared, BadPart, BadCount, BadCode, NotYours, Oneself)


def told(error: ResidentError) -> dict[str, str]:
    """{field: sentence} of one of REFUSALS."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            field, sentence = words(error)
            return {field: sentence}
    raise error


def changed_meanwhile() -> str:
    return _("Somebody changed this while you were looking at it. What holds now stands on this page. Check it and save again.")


def _days(error: BadDays) -> tuple[str, str]:
    first, last = fmt().date(error.first), error.last and fmt().date(error.last)
    if error.why == "order":
        return "last", _("The last day is before the first. Check both.")
    if error.why == "begun":
        return "last", _("This part began on %(day)s. Give it a last day instead.", day=first)
    if last:
        return "first", _("The days must lie within those of the tenure: %(first)s to %(last)s.", first=first, last=last)
    return "first", _("The days must lie within those of the tenure, which began on %(day)s.", day=first)


def _overlap(error: OwnershipsOverlap) -> tuple[str, str]:
    days = _terms.days(error.first, error.last)
    said = _("A home has one owner at a time. Another ownership of %(home)s holds %(days)s. End it first, or choose other days.",
             home=error.number, days=days)  # fmt: skip
    return "first", said


def _primary(error: PrimaryTaken) -> tuple[str, str]:
    days = _terms.days(error.first, error.last)
    return "role", _("Somebody else is the primary owner or tenant %(days)s. There is one at a time.", days=days)


def _orphans(error: WouldOrphan) -> tuple[str, str]:
    listed = "; ".join(orphan(thing) for thing in error.things[:8])
    said = _("These would be left outside of the new days: %(list)s. Correct them first, or choose other days.", list=listed)
    return "last", said


def _shared(error: DaysShared) -> tuple[str, str]:
    if not error.end:
        return "first", _("The costs of this period are shared out. Throw the drafts away first, then change them.")
    return "last", _(
        "The costs of %(month)s are shared out already. Choose %(day)s or a later day.",
        month=fmt().month(error.name), day=fmt().date(error.last),
    )  # fmt: skip


def orphan(thing: Orphan) -> str:
    """One of what would be left outside, in the middle of a sentence."""
    day = fmt().date(thing.day)
    if thing.kind == "invoice":
        return _("invoice %(number)s of %(day)s", number=thing.name, day=day)
    if thing.kind == "party":
        return _("%(role)s from %(day)s", role=_terms.role(thing.name), day=day)
    return _("entry of the billing account, %(day)s", day=day)


def _part(error: BadPart) -> tuple[str, str]:
    day = fmt().date(error.day)
    return error.field, {
        "past": _("This day has passed. Choose today, %(day)s, or a later one.", day=day),
        "order": _("The last day is before the first, %(day)s. Check both.", day=day),
        "before": _("Your own part begins on %(day)s. Choose that day or a later one.", day=day),
        "after": _("Your own part ends on %(day)s. Choose that day or an earlier one.", day=day),
        "open": _("Your own part ends on %(day)s. Write a last day, at the latest that one.", day=day),
    }[error.why]


def _count(error: BadCount) -> tuple[str, str]:
    if error.why == "range":
        return "count", _("Write how many people live in the home, from 0 to %(most)s.", most=error.most)
    if error.why == "allocated":
        said = _("The costs up to %(day)s have already been shared out. Choose a later day, or ask: %(contact)s",
                 day=fmt().date(error.day), contact=contact())  # fmt: skip
        return "first", said
    day = fmt().date(error.day)
    return "first", {
        "before": _("Your own part begins on %(day)s. Choose that day or a later one.", day=day),
        "after": _("Your own part ends on %(day)s. Choose that day or an earlier one.", day=day),
    }[error.why]


def _code(error: BadCode) -> tuple[str, str]:
    return "code", _("This is not a personal code as it stands on a passport or an identity card. Check each character.")


def _yours(error: NotYours) -> tuple[str, str]:
    if error.why == "primary":
        said = _("The part of the primary owner or tenant is changed by the office only. Ask: %(contact)s", contact=contact())
        return "last", said
    return "last", _("Your own part is changed by others. You can only leave.")


def _oneself(_error: Oneself) -> tuple[str, str]:
    return "person", _("This person cannot act here. Choose somebody else of the same organisation.")


_WORDS = {
    BadDays: _days, OwnershipsOverlap: _overlap, PrimaryTaken: _primary, WouldOrphan: _orphans, DaysShared: _shared, BadPart: _part,
    BadCount: _count, BadCode: _code, NotYours: _yours, Oneself: _oneself,
}  # fmt: skip
