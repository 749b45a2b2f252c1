"""A counter as the entry page draws it: every figure and sentence ready, so that the page only writes them down.

Residents open that page each month on the slowest phones and lines; a template that asks back cell by cell costs a
quarter of it (P1).
"""

from typing import NamedTuple

from resident.db import SCALE
from resident.format import Format
from resident.metering.counter import Counter, Entered, Form

from . import _counters, _verdicts
from ._locale import Words, fmt, language, words

_CUBIC_METRE = ("m³", "м³")
MONTH = 30


class Drum(NamedTuple):
    """One register. id: its number; icon: of its medium; about: what is known of it, a line each; counter: the register
    as such. closed: why nothing can be typed; the fields below it are empty then.

    was, red_was: the last reading's black and red digits; sent, waiting: what was entered for this period."""

    id: int
    icon: str
    name: str
    serial: str
    about: list[str]
    counter: Counter
    closed: str = ""
    was: str = ""
    red_was: str = ""
    last: str = ""
    measure: str = ""
    black: str = ""
    red: str = ""
    sent: str = ""
    waiting: str = ""


def drums(form: Form, blind: bool = False) -> list[Drum]:
    """The registers of a form, in its order. blind: nothing of earlier readings, whoever looks (rule 43)."""
    of, write = words(language()), fmt()
    opened = _blind if blind else _open
    return [(_shut(row, of, write, blind) if form.closed(row) else opened(row, of, write)) for row in form.counters]


def _blind(row: Counter, of: Words, write: Format) -> Drum:
    _ = of.text
    sent = _("A reading has been sent already.") if row.current or row.pending else ""
    return Drum(row.register_id, *_head(row, of), [sent] if sent else [], row, **_faces(row, of, write))


def _shut(row: Counter, of: Words, write: Format, blind: bool) -> Drum:
    closed = " ".join(_verdicts.closed(row.reason)) if row.reason else ""
    shown = None if blind else row.current or row.last
    about = [_last(shown.value, shown.day, shown, row, of, write)] if shown else []
    return Drum(row.register_id, *_head(row, of), about, row, closed)


def _open(row: Counter, of: Words, write: Format) -> Drum:
    _ = of.text
    whole, rest = divmod(row.last_value, SCALE)
    about = [_last(row.last_value, row.last_day, row.last, row, of, write)]
    if row.rate is not None:
        usual = write.quantity(row.rate * MONTH, row.measure, 1 if row.decimals else 0)
        about.append(_("Usually about %(use)s in 30 days", use=usual))
    if row.coefficient != SCALE:
        share = write.number(row.coefficient * 100, 2)
        about.append(_("Shared with other homes: this home’s part is %(share)s %% of the use", share=share))
    if row.verified_until:
        about.append(_("Verified until %(day)s", day=write.date(row.verified_until)))
    sent, waiting = row.current, row.pending
    return Drum(
        row.register_id,
        *_head(row, of),
        about,
        row,
        was=f"{whole:0{row.digits}d}",
        red_was=f"{rest:06d}"[: row.decimals],
        last=_("Last reading, %(day)s:", day=write.date(row.last_day)),
        **_faces(row, of, write),
        sent=f"{write.quantity(sent.value, row.measure, row.decimals)} · {_who(sent.day, sent, write)}" if sent else "",
        waiting=write.quantity(waiting.value, row.measure, row.decimals) if waiting else "",
    )


def _faces(row: Counter, of: Words, write: Format) -> dict[str, str]:
    """The labels beneath the two fields."""
    _, measure = of.text, write.measure(row.measure)
    return {
        "measure": measure,
        "black": _("%(measure)s, black", measure=measure) if row.decimals else measure,
        "red": _("litres, red") if row.decimals == 3 and row.measure in _CUBIC_METRE else _("red digits"),
    }


def _head(row: Counter, of: Words) -> tuple[str, str, str]:
    return _counters.icon(row.medium), _counters.counter(row), of.text("Meter number: %(serial)s", serial=row.serial)


def _last(value: int, day, entered: Entered | None, row: Counter, of: Words, write: Format) -> str:
    _, shown = of.text, write.quantity(value, row.measure, row.decimals) if row.reason else write.number(value, row.decimals)
    last = _("Last: %(value)s", value=shown)
    return f"{last} · {_who(day, entered, write)}"


def _who(day, entered: Entered | None, write: Format) -> str:
    """When, and who entered it; nobody did before a meter's first reading."""
    return write.date(day) + (f", {entered.who or _counters.source(entered.source)}" if entered else "")
