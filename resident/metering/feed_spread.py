"""Rows with several values: a column for each register, meter, day or hour, as reports and spreadsheets have them.

Each value becomes a row of its own, whose last two cells are what the column's name tells and the value. The rest of the house
knows rows with one value only.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from .feed_file import Row
from .feed_mapping import Mapping

# "24-386676 [m³]" is meter 24-386676; "01:00-02:00" is the hour at its beginning, "H07" and "7" are seven o'clock.
_UNIT = re.compile(r"\s*[\[(][^\])]*[\])]\s*\Z")
_HOUR = re.compile(r"[hH]?\s?(\d{1,2})(?:[:.](\d{2}))?(?:\s?[-–]\s?\d{1,2}(?:[:.]\d{2})?)?", re.ASCII)


def spread(mapping: Mapping, names: list[str], rows: Iterator[Row]) -> tuple[Mapping, Iterator[Row]]:
    """The mapping and the rows as if each row had one value. names: of the columns, as this file has them."""
    width = len(names)
    columns = [(place, _told(mapping.across, names[place])) for place in range(mapping.value, width) if names[place].strip()]
    return replace(mapping, across="", **{mapping.across: width, "value": width + 1}), _spread(columns, width, rows)


def _spread(columns: list[tuple[int, str]], width: int, rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        own = [*row.cells[:width], *[""] * (width - len(row.cells))]
        filled = [(told, own[place]) for place, told in columns if own[place].strip()]
        # A register that a meter does not have is an empty cell, and no row that lacks a value.
        for told, value in filled or [("", "")]:
            yield Row(row.line, [*own, told, value], row.raw, told or None)


def told(mapping: Mapping) -> list[str]:
    """What the names of the columns tell in the files that the mapping was made from, each once."""
    return list(dict.fromkeys(_told(mapping.across, name) for name in mapping.heading[mapping.value :] if name))


def _told(across: str, name: str) -> str:
    name = " ".join(name.split())
    if across == "meter":
        return _UNIT.sub("", name)
    found = _HOUR.fullmatch(name) if across == "clock" else None
    return f"{found[1]}:{found[2] or '00'}" if found else name
