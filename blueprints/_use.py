"""The use beside one counter while its digits are typed: entry hints, the check page asks (B1)."""

from datetime import date

from resident.metering import checking, usual
from resident.metering.checking import Typed, Verdict
from resident.metering.counter import Counter, Form

from . import _verdicts
from ._locale import _, fmt, ngettext

# Half a value may stand in the field as long as somebody types.
UNFINISHED = (",", ".")


def beside(form: Form, row: Counter, typed: Typed, day: date | None) -> dict:
    """What the fragment readings/_use.html shows of what stands in a counter's fields now. Stores nothing."""
    day = day or form.today
    said = checking.look(form, row, typed, day)
    used, hint = ("", _hint(typed, said)) if said is None or said.kind == "refused" else _use(said)
    return {"row": row, "used": used, "hint": hint, "usual": _usual(form, row, day)}


def _hint(typed: Typed, said: Verdict | None) -> str:
    if said is None or said.why == "number" and typed.black.rstrip().endswith(UNFINISHED):
        return ""
    return _verdicts.refused(said)


def _use(said: Verdict) -> tuple[str, str]:
    """(use, what is to be said of it)"""
    row = said.counter
    if said.use < 0:
        return "", _("lower than the last reading")
    hints = {
        "lower": _("lower than the last reading"),
        "high": _("much more than usual"),
        "low": _("much less than usual"),
        "none": _("nothing used for longer than usual"),
    }
    return fmt().quantity(said.use, row.measure, row.decimals), hints.get(said.why, "")


def _usual(form: Form, row: Counter, day: date) -> str:
    """The usual range for the days since the last reading."""
    rates, days = usual.between(row.past, form.today), row.days(day)
    if rates is None or days <= 0:
        return ""
    decimals = 1 if row.decimals else 0
    low, high = fmt().number(rates[0] * days, decimals), fmt().quantity(rates[1] * days, row.measure, decimals)
    return ngettext("Usual in %(n)d day: %(low)s to %(high)s", "Usual in %(n)d days: %(low)s to %(high)s", days, low=low, high=high)
