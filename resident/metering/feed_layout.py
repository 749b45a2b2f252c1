"""What an example looks like that has several values in a row, or a spreadsheet's days for times."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from .feed_file import Row
from .feed_mapping import Mapping
from .feed_spread import spread
from .feed_time import BadTime, Clock

# Columns of hours that make a file one of hours.
_HOURS = 12
# What columns of registers are called, in the languages of the portal.
_REGISTER = re.compile(
    r"\b[tт]\s?[1-4]\b|\b\d\.8\.[1-4]\b|\b(?:day|night|päivä|yö|dag|natt|päev|öö|dzień|noc|день|ночь)\b"
    r"|дневн|ночн|dzienn|nocn|strefa \d"
)
_TIME = ("time", "date", "aika", "päivä", "pvm", "tid", "datum", "dag", "aeg", "kuupäev", "data", "czas", "дата", "время")
_HOUR = re.compile(r"(?:[hH]\s?)?(?:[01]?\d|2[0-4])(?:[:.]00)?(?:\s?[-–]\s?(?:[01]?\d|2[0-4])(?:[:.]00)?)?", re.ASCII)
_SERIAL = re.compile(r"[3-6]\d{4}(?:[.,]\d{1,15})?", re.ASCII)


def across(rows: list[Row], timely: Callable[[str], bool], number: Callable[[str], bool], known: Callable[[str], bool]):
    """(what the names of the columns tell, the row with the names, the first of these columns), or None. known: is it a meter?"""
    for row, after in zip(rows, rows[1:], strict=False):
        names = [" ".join(cell.split()) for cell in row.cells]
        valued = [place for place, name in enumerate(names) if name and place < len(after.cells) and number(after.cells[place])]
        for kind, least, fits in (
            ("meter", 2, lambda name: known(re.sub(r"\s*[\[(][^\])]*[\])]\Z", "", name))),
            ("time", 2, timely),
            ("clock", _HOURS, _HOUR.fullmatch),
            ("register", 2, lambda name: _REGISTER.search(name.casefold())),
        ):
            places = [place for place in valued if fits(names[place])]
            if len(places) >= least:
                return kind, row, places[0]
    return None


def narrowed(mapping: Mapping, rows: list[Row], names: Row, kind: str, first: int) -> list[Row]:
    """The rows with one value each: the cells before the first column of values, what its name tells, and the value."""
    given = Mapping(across=kind, value=first)
    told, spreaded = spread(given, names.cells, iter([row for row in rows if row.line > names.line]))
    return [Row(row.line, [*row.cells[:first], *row.cells[told.value - 1 :]], None) for row in spreaded]


def written_out(rows: list[Row]) -> tuple[list[Row], int] | None:
    """The rows with a spreadsheet's days as dates, and their column; None when no column looks like that."""
    width = max(len(row.cells) for row in rows)
    fitting = [place for place in range(width) if _serials(rows, place)]
    place = max(fitting, key=lambda place: (_named(rows, place), -place), default=None)
    if place is None:
        return None
    reader = Clock(Mapping(order="serial", zone="utc"), "UTC")
    return [Row(row.line, list(_dated(row.cells, place, reader)), row.raw) for row in rows], place


def _serials(rows: list[Row], place: int) -> bool:
    cells = [row.cells[place].strip() for row in rows if place < len(row.cells)]
    found = sum(_SERIAL.fullmatch(cell) is not None for cell in cells)
    return bool(found) and 2 * found >= len(rows) and (_named(rows, place) or all("." in cell or "," in cell for cell in cells[1:]))


def _named(rows: list[Row], place: int) -> bool:
    names = [row.cells[place].casefold() for row in rows[:50] if place < len(row.cells) and not _SERIAL.fullmatch(row.cells[place])]
    return any(word in name for name in names for word in _TIME)


def _dated(cells: list[str], place: int, reader: Clock) -> Iterator[str]:
    for at, cell in enumerate(cells):
        try:
            yield f"{datetime.fromtimestamp(reader.of(cell.strip()), UTC):%Y-%m-%d %H:%M:%S}" if at == place else cell
        except BadTime:
            yield cell
