"""The ladder of estimates in words, and what its form holds (setting estimate_ladder, rule 11)."""

import re

from flask import request

from resident.metering.ladder import RUNGS

from . import _typed
from ._locale import _, fmt, ngettext

MOST_MONTHS, MOST_IN_A_ROW = 36, 36


def rungs() -> dict[str, str]:
    """Steps of the ladder, for who chooses among them."""
    return {
        "last": _("Use of the last period, when it was read"),
        "average": _("Average of the last months that were read"),
        "norm": _("Norm by the number of occupants"),
    }


def words(value: dict, media: dict) -> list[str]:
    """A ladder as lines of text. media: code: (name, unit and usual gap)."""
    names = rungs()
    lines = [_("Step %(n)d: %(step)s", n=place, step=names[rung]) for place, rung in enumerate(value["rungs"], 1)]
    lines.append(ngettext("Average of %(n)d month", "Average of %(n)d months", value["months"]))
    lines.append(
        ngettext(
            "After %(n)d estimate in a row only the norm", "After %(n)d estimates in a row only the norm", value["most"]
        )
    )  # fmt: skip
    for code, norm in value["norms"].items():
        if code in media:
            word, kind = media[code]
            amount = fmt().quantity(norm, kind.measure)
            lines.append(_("Norm for a person and month, %(medium)s: %(amount)s", medium=word, amount=amount))
    lines.append(
        _("Also meters whose readings are refused because their verification expired")
        if value["expired"]
        else _("Not meters whose readings are refused because their verification expired")
    )
    return lines


def shown(value: dict, media: dict) -> dict[str, str]:
    """The form's fields: {id of the field: text}."""
    steps = {f"step-{place}": (value["rungs"] + ["", "", ""])[place - 1] for place in (1, 2, 3)}
    norms = {f"norm-{code}": _typed.written(value["norms"][code]) if code in value["norms"] else "" for code in media}
    rest = {"months": str(value["months"]), "most": str(value["most"])}
    return steps | norms | rest | ({"expired": "yes"} if value["expired"] else {})


def taken(media: dict) -> tuple[dict, dict[str, str]]:
    """(the value that the form holds, what is wrong with it by field)."""
    form, errors = request.form, {}
    steps = [form.get(f"step-{place}", "") for place in (1, 2, 3)]
    steps = [step for step in steps if step in RUNGS]
    if not steps or len(set(steps)) < len(steps):
        errors["step-1"] = _("Choose at least one step, and each step once.")
    value = {"rungs": steps, "expired": bool(form.get("expired")), "norms": {}}
    for name, least, most in (("months", 1, MOST_MONTHS), ("most", 0, MOST_IN_A_ROW)):
        text = form.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,3}", text) and least <= int(text) <= most:
            value[name] = int(text)
        else:
            whole = _("This must be a whole number from %(least)d to %(most)d. Write it in figures.", least=least, most=most)
            errors[name] = whole
    for code, (word, _kind) in media.items():
        try:
            norm = _typed.quantity(form, f"norm-{code}", whole=6)
        except ValueError:
            norm = None
            told = _("The amount for %(medium)s is a number such as 1 or 2.5. Write it in figures.", medium=word)
            errors[f"norm-{code}"] = told
        if norm is not None:
            value["norms"][code] = norm
    return value, errors
