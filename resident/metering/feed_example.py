"""What an example file seems to mean: a proposal for the desk to look at, never used without somebody's yes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median_low

from .. import measure
from . import feed_file, feed_layout
from .feed_file import Row
from .feed_mapping import CADENCES, DELIMITERS, UNITS, BadMapping, Mapping, checked
from .feed_time import BadTime, Clock

# Rows that a proposal is made from.
LOOKED_AT = 400
_HEAD = 200_000
_BY_COUNTRY = {"PL": "cp1250", "RU": "cp1251", "EE": "cp1257"}
_DATE = re.compile(r"(\d{4}|\d{1,2})[-./]\s?(\d{1,2})[-./]\s?(\d{4}|\d{2})(?:\D.*)?", re.ASCII)
# What a register is called by most of the meters that tell it.
_OBIS = re.compile(r"(?:\d+-\d+:)?\d+\.\d+\.\d+", re.ASCII)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?", re.ASCII)
_OFFSET = re.compile(r"\d(?:Z|UTC|[+-]\d{2}:?\d{2})", re.ASCII)
_COMPACT = re.compile(r"20\d{2}[01]\d[0-3]\d(?:[T ]?[0-2]\d[0-5]\d(?:[0-5]\d)?)?", re.ASCII)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d[\d \u00a0]*(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
# What columns are called, in the languages of the portal; the beginning of a word is enough.
_METER = (
    "meter",
    "serial",
    "device",
    "user",
    "mittari",
    "laite",
    "mätar",
    "arvesti",
    "seade",
    "licznik",
    "numer",
    "счетчик",
    "счётчик",
)
_VALUE = ("reading", "value", "lukema", "arvo", "ställning", "värde", "näit", "wskazan", "stan", "показан", "значен")


@dataclass(frozen=True, slots=True)
class Example:
    """mapping: the proposal. rows: the first of the file, the heading among them."""

    mapping: Mapping
    rows: list[Row]


def propose(path: Path, limits: feed_file.Limits, country: str, known: Iterable[str] = ()) -> Example:
    """known: what the organisation's meters are called in files, so that their column is found. FileRefused."""
    kind = feed_file.kind_of(path, limits)
    mapping = Mapping(kind=kind) if kind == "xlsx" else _written(path, limits, country)
    rows = list(islice(feed_file.rows(path, mapping, limits), LOOKED_AT))
    if not rows:
        raise feed_file.FileRefused(why="empty")
    try:
        return Example(checked(_columns(mapping, rows, {_bare(key) for key in known})), rows)
    except BadMapping:
        # Fewer columns than a meter, a time and a value take.
        raise feed_file.FileRefused(why="broken") from None


def _written(path: Path, limits: feed_file.Limits, country: str) -> Mapping:
    """Encoding and delimiter of a CSV."""
    with feed_file.opened(path, limits) as stream:
        head = stream.read(_HEAD)
    encoding = feed_file.encoding_of(head, "")
    if not encoding:
        try:
            # The last letter may have been cut.
            head[:-4].decode("utf-8")
            encoding = "utf-8"
        except UnicodeDecodeError:
            encoding = _BY_COUNTRY.get(country, "cp1252")
    lines = [line for line in head.decode(encoding, "replace").splitlines()[:60] if line.strip()]
    return Mapping(encoding=encoding.removesuffix("-sig"), delimiter=max(DELIMITERS, key=lambda one: _regular(lines, one)))


def _regular(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines have as many columns as most have, and how many those are."""
    counts = [line.count(delimiter) for line in lines]
    usual = max(set(counts), key=lambda count: (counts.count(count) if count else 0, count), default=0)
    return (counts.count(usual), usual) if usual else (0, 0)


def _columns(mapping: Mapping, rows: list[Row], known: set[str]) -> Mapping:
    if found := feed_layout.across(rows, _timely, _number, lambda name: _bare(name) in known):
        return _several(mapping, rows, known, *found)
    if _first(rows) is None and (dated := feed_layout.written_out(rows)):
        return replace(_single(mapping, dated[0], known), time=dated[1], order="serial", zone="organisation")
    return _single(mapping, rows, known)


def _first(rows: list[Row]) -> Row | None:
    return next((row for row in rows if any(map(_timely, row.cells)) and any(map(_number, row.cells))), None)


def _several(mapping: Mapping, rows: list[Row], known: set[str], kind: str, names: Row, first: int) -> Mapping:
    """Rows with several values: what one of them means on its own, and which columns they are."""
    found = _single(mapping, feed_layout.narrowed(mapping, rows, names, kind, first), known)
    heading = tuple(" ".join(cell.split()) for cell in names.cells)
    places = {"meter": found.meter, "register": found.register, "time": found.time, "clock": found.clock}
    own = {part: place if place is None or place < first else {"meter": 0, "time": 0}.get(part) for part, place in places.items()}
    own[kind] = 0 if kind in ("meter", "time") else None
    return replace(
        found, **own, across=kind, value=first, skip=names.line, heading=heading, unit=_unit(heading[first]) or found.unit
    )


def _single(mapping: Mapping, rows: list[Row], known: set[str]) -> Mapping:
    first = _first(rows) or rows[-1]
    data = [row.cells for row in rows if row.line >= first.line]
    before = [row for row in rows if row.line == first.line - 1]
    heading = [" ".join(cell.split()) for cell in before[0].cells] if before else []
    width = max(len(cells) for cells in data)
    columns = [[cells[place].strip() if place < len(cells) else "" for cells in data] for place in range(width)]
    time = max(range(width), key=lambda place: sum(map(_timely, columns[place])))
    clock = _clock(columns, time)
    register = next((place for place, cells in enumerate(columns) if place != time and all(map(_OBIS.fullmatch, cells))), None)
    rest = [place for place in range(width) if place not in (time, clock, register)]
    meter = _meter(columns, rest, heading, known)
    value = _value(columns, [place for place in rest if place != meter], heading)
    found = replace(
        mapping, skip=first.line - 1, heading=tuple(heading), meter=meter, register=register, time=time, clock=clock, value=value,
        order=_order(columns[time]), zone="value" if any(_OFFSET.search(text[8:]) for text in columns[time]) else "organisation",
    )  # fmt: skip
    found = replace(found, every=_cadence(found, columns))
    return replace(found, unit=_unit(heading[value] if value < len(heading) else "") or _unnamed(found, columns[value]))


def _timely(text: str) -> bool:
    return bool(_DATE.fullmatch(text.strip()) or _COMPACT.fullmatch(text.strip()) or _EPOCH.fullmatch(text.strip()))


def _number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip())) and not _timely(text)


def _clock(columns: list[list[str]], time: int) -> int | None:
    """The column of the time of day, when the one of the day has none."""
    if any(":" in text and not text.endswith(" 00:00:00") for text in columns[time]):
        return None
    return next((place for place, cells in enumerate(columns) if place != time and all(map(_TIME.fullmatch, filter(None, cells)))
                 and any(cells)), None)  # fmt: skip


def _meter(columns: list[list[str]], rest: list[int], heading: list[str], known: set[str]) -> int:
    def weight(place: int) -> tuple:
        hits = sum(_bare(text) in known for text in columns[place])
        return hits, _named(heading, place, _METER), -place

    return max(rest, key=weight, default=0)


def _value(columns: list[list[str]], rest: list[int], heading: list[str]) -> int:
    def weight(place: int) -> tuple:
        numbers = [text for text in columns[place] if _number(text)]
        return _named(heading, place, _VALUE) and bool(numbers), len(numbers), max(map(len, numbers), default=0)

    return max(rest, key=weight, default=0)


def _named(heading: list[str], place: int, words: tuple[str, ...]) -> bool:
    name = heading[place].casefold() if place < len(heading) else ""
    return any(word in name for word in words)


def _order(texts: list[str]) -> str:
    parts = [found.groups() for text in texts if (found := _DATE.fullmatch(text))]
    if not parts:
        return "epoch" if any(map(_EPOCH.fullmatch, texts)) and not any(map(_COMPACT.fullmatch, texts)) else "compact"
    if any(len(one[0]) == 4 for one in parts):
        return "ymd"
    return "mdy" if any(int(one[1]) > 12 for one in parts) else "dmy"


def _unit(name: str) -> str:
    """The unit in brackets, or as the last word, of what a column is called; "" for none."""
    words = [*re.findall(r"[\[(]([^\])]+)[\])]", name), *name.split()[-1:]]
    return next((unit for word in words for unit in UNITS if measure.written(word, "en") == measure.written(unit, "en")), "")


def _unnamed(mapping: Mapping, values: list[str]) -> str:
    """Whole numbers several times a day are litres: no home is told its hours in cubic metres."""
    return "l" if mapping.every < 86_400 and all(text.isdigit() for text in filter(_number, values)) else "m³"


def _cadence(mapping: Mapping, columns: list[list[str]]) -> int:
    """The usual pause between two samples of one meter."""
    reader, last, pauses = Clock(replace(mapping, zone="value" if mapping.zone == "value" else "utc"), "UTC"), {}, []
    for place, meter in enumerate(columns[mapping.meter]):
        text = columns[mapping.time][place].removesuffix(" 00:00:00" if mapping.clock is not None else "")
        try:
            at = reader.of(f"{text} {columns[mapping.clock][place]}" if mapping.clock is not None else text)
        except BadTime:
            continue
        if meter in last and at > last[meter]:
            pauses.append(at - last[meter])
        last[meter] = at
    usual = median_low(pauses) if pauses else 3600
    return min(CADENCES, key=lambda cadence: abs(cadence - usual))


def _bare(key: str) -> str:
    return "".join(key.split()).casefold()
