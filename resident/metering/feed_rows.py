"""From the cells of a file to (register, instant, value), by the mapping of its feed."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from .. import clock
from .feed_file import FileRefused, Row
from .feed_mapping import Mapping
from .feed_meters import BadMeter, Meters, at_instant
from .feed_spread import spread
from .feed_time import BadTime, Clock
from .feed_value import BadShown
from .usual import capacity

# A clock that runs ahead by less is no reason to send a row back.
_AHEAD = 300


class Understanding:
    """From cells to (register, instant, value)."""

    def __init__(self, mapping: Mapping, meters: Meters, tz: str):
        self._meters, self._clock = meters, Clock(mapping, tz)
        self._mapping = mapping
        self._width = max(mapping.columns.values()) + 1
        self._latest = int(clock.now().timestamp()) + _AHEAD

    def take(self, cells: list[str]) -> tuple[int, int, int] | None:
        """None for a register that is left out. BadMeter, BadTime, BadShown."""
        mapping = self._mapping
        if len(cells) < self._width:
            raise BadShown("TooFewCells")
        word = cells[mapping.register].strip() if mapping.register is not None else ""
        text = cells[mapping.time].strip()
        if mapping.clock is not None:
            # A spreadsheet's day says midnight.
            text = f"{text.removesuffix(' 00:00:00')} {cells[mapping.clock].strip()}".strip()
        found = self._meters.find(cells[mapping.meter].strip(), word)
        if not found:
            return None
        at = self._clock.of(text, found[0].previous)
        if at > self._latest:
            raise BadTime("Future")
        found[0].previous = at
        value = found[0].values.of(cells[mapping.value].strip())
        register = found[0] if len(found) == 1 and found[0].since <= at and found[0].until is None else at_instant(found, at, value)
        if value >= capacity(register.digits):
            raise BadMeter("TooManyDigits", digits=register.digits)
        return register.id, at, value


def placed(mapping: Mapping, rows: Iterator[Row]) -> tuple[Mapping, Iterator[Row]]:
    """The mapping for this file, whose columns may have moved, and the rows after the heading. FileRefused("columns")."""
    heading: list[str] = []
    for row in rows:
        if row.line > mapping.skip:
            rows = chain([row], rows)
            break
        if row.line == mapping.skip:
            heading = row.cells
    moved = _moved(mapping, [_word(cell) for cell in heading]) if mapping.heading else mapping
    return spread(moved, heading, rows) if moved.across else (moved, rows)


def _moved(mapping: Mapping, there: list[str]) -> Mapping:
    names = [_word(name) for name in mapping.heading]
    wanted = {part: names[place] if place < len(names) else "" for part, place in mapping.columns.items()}
    if mapping.across:
        # Its name is one of many and differs from file to file: a day, a meter.
        del wanted["value"]
    places, missing = {}, []
    for part, name in wanted.items():
        place = mapping.columns[part]
        if place < len(there) and there[place] == name:
            continue
        if name and there.count(name) == 1:
            places[part] = there.index(name)
        else:
            missing.append(mapping.heading[place] if name else str(place + 1))
    if missing:
        raise FileRefused(why="columns", columns=missing)
    return replace(mapping, **places) if places else mapping


def _word(cell: str) -> str:
    return " ".join(cell.split()).casefold()
