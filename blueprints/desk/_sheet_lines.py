"""The lines of the sheet of a building's readings, as its table writes them: every figure and word ready.

Staff have the sheet open while a window is, fifty homes at a time; a template that asks back cell by cell costs more than
all else on the page (P1).
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sqlalchemy import Row

from resident.format import Format
from resident.metering import roster
from resident.metering.submission import Typed, Verdict

from .. import _counters
from .._locale import _, fmt

NOTHING = "–"


class Register(NamedTuple):
    """What a counter is called by."""

    medium: str
    place: str | None
    name: str


class Cell(NamedTuple):
    """One counter of a home. value: a figure, or a word where there is none or the viewer sees none; waits: the number of the
    reading that it is, where that waits for a decision. field: what the field that stands instead is called, "" for no field;
    typed: what stands in it, None for nothing; said: the verdict on that. below: what is known of the counter."""

    register_id: int
    value: str = NOTHING
    figure: bool = False
    estimated: bool = False
    waits: int | None = None
    field: str = ""
    typed: str | None = None
    said: Verdict | None = None
    below: str = ""


class Line(NamedTuple):
    """One home. standing: as roster.standing(); columns: its cells under each medium's name, in the page's order; who, when: of
    the last entry, "" for none."""

    id: int
    number: str
    names: str
    standing: str
    columns: list[tuple[str, list[Cell]]]
    who: str
    when: str


def lines(facts: dict, verdicts: dict[int, Verdict], typed: dict[int, Typed]) -> list[Line]:
    """facts: those of _sheet.sheet(). verdicts, typed: by register, what was not stored and what is said of it."""
    write = fmt()
    make = _cells(facts, verdicts, typed, write) if facts["values"] else _blind()
    columns = [(medium, facts["media_names"][medium]) for medium in facts["columns"]]
    counters, names, source, found = facts["counters"], facts["names"], cache(_counters.source), []
    for home in facts["homes"]:
        own, cells = counters.get(home.id, ()), {}
        for row in own:
            cells.setdefault(row.medium, []).append(make(home, row))
        by_medium = [(label, cells.get(medium, ())) for medium, label in columns]
        name = names.get(home.id, "")
        found.append(Line(home.id, home.number, name, roster.standing(own), by_medium, *_entered(facts, own, write, source)))
    return found


def _blind():
    """A cell for who sees no values."""
    sent, waits = _("Sent"), _("Waits")

    def cell(_home: Row, row: Row) -> Cell:
        return Cell(row.register_id, sent if row.value is not None else waits if row.pending_id else NOTHING)

    return cell


def _cells(facts: dict, verdicts: dict, typed: dict, write: Format):
    """A cell for who sees values, and may enter those that lack while the period takes them."""
    number, editable, which, counter = write.number, facts["editable"], cache(_which), cache(_counter)
    before, first = _("before %(value)s"), _("first %(value)s")

    def cell(home: Row, row: Row) -> Cell:
        id, decimals, known = row.register_id, row.decimals, row.before is not None
        below = (before if known else first) % {"value": number(row.before if known else row.initial, decimals)}
        below = f"{which(row.place, row.name)}{below} {row.measure}"
        if row.value is not None:
            return Cell(id, number(row.value, decimals), True, row.source == "estimate", below=below)
        if row.pending_id:
            return Cell(id, number(row.pending, decimals), waits=row.pending_id, below=below)
        if row.remote or not editable:
            return Cell(id, below=below)
        kept = typed[id].black if id in typed else None
        called = f"{home.number}, {counter(row.medium, row.place, row.name)}"
        return Cell(id, field=called, typed=kept, said=verdicts.get(id), below=below)

    return cell


def _counter(*named) -> str:
    return _counters.counter(Register(*named))


def _which(place: str | None, name: str) -> str:
    """Which counter of its medium it is, where the home may have more than one."""
    if not place and not name:
        return ""
    register = _counters.register(name, after_comma=place is not None)
    return ", ".join(part for part in (place, register) if part) + ", "


def _entered(facts: dict, own: list[Row], write: Format, source: Callable[[str], str]) -> tuple[str, str]:
    """(who, when) of the last entry that counts; else whose entry waits, and since when."""
    tz, sent = facts["organisation"].tz, [row for row in own if row.at]
    if not sent:
        waits = next((row for row in own if row.pending_at), None)
        return (source(waits.pending_source), write.moment(waits.pending_at, tz)) if waits else ("", "")
    row = max(reversed(sent), key=lambda row: row.at)
    who = source(row.source)
    if row.person and facts["contacts"] and (facts["undisclosed"] or not row.undisclosed):
        who = f"{row.person}, {who}"
    return who, write.moment(row.at, tz)
