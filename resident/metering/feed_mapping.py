"""What the columns of a feed's files mean: made once at the desk from an example, kept as JSON beside the feed.

Nothing is guessed when a file is read. The zone, the order of day and month, the unit and the columns stand here; the decimal
sign needs no setting, because point and comma are one (rule 9).
"""

import re
from dataclasses import asdict, dataclass, field, fields, replace
from fractions import Fraction

from ..errors import ResidentError
from ..measure import written

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1257")
DELIMITERS = (";", ",", "\t", "|")
# How the parts of a day follow each other; "compact" is 202611301200 without anything between; "epoch" counts seconds (or
# milliseconds) since 1970, "serial" days as spreadsheets do. What begins with a year of four digits is understood in the first
# three.
ORDERS = ("dmy", "mdy", "ymd", "compact", "epoch", "serial")
# What the names of columns may tell, where a row has several values.
ACROSS = ("register", "meter", "time", "clock")
# Whose clock it is: UTC, the organisation's, the offset written in each value; or a fixed offset, "+02:00".
ZONES = ("utc", "organisation", "value")
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
# Seconds from one sample to the next, as systems of remote reading send them.
CADENCES = (300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 604800, 2592000)
# What a unit of the file is in the unit of its family, exactly. Gcal is the calorie of steam tables: 1.163 Wh.
UNITS = {
    "m³": ("volume", Fraction(1)),
    "l": ("volume", Fraction(1, 1000)),
    "kWh": ("energy", Fraction(1)),
    "Wh": ("energy", Fraction(1, 1000)),
    "MWh": ("energy", Fraction(1000)),
    "MJ": ("energy", Fraction(5, 18)),
    "GJ": ("energy", Fraction(2500, 9)),
    "Gcal": ("energy", Fraction(1163)),
}
# Columns that can be chosen among.
MOST = 60
# A register that is not the portal's business: its rows are left out without a word.
LEFT_OUT = "-"


class BadMapping(ResidentError):
    """A part of the mapping cannot be so: part (a field of Mapping)."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Columns are counted from 0. kind: csv | xlsx."""

    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ";"
    # Lines before the first sample; the last of them holds the names of the columns, where heading is not empty.
    skip: int = 1
    heading: tuple[str, ...] = ()
    meter: int = 0
    # The column that tells day from night …, and what its words mean: {word: Register.name or LEFT_OUT}.
    register: int | None = None
    registers: dict = field(default_factory=dict)
    time: int = 1
    # The column of the time of day, where it stands apart.
    clock: int | None = None
    order: str = "dmy"
    zone: str = "organisation"
    # When a value is of a day without a time, it was read as the day began ("start") or as it ended ("end").
    bare: str = "end"
    value: int = 2
    # What the names of the columns tell, from the value's on, where a row has several values: one of ACROSS, "" when it has one.
    across: str = ""
    unit: str = "m³"
    # The only medium that these files are about; "" for all.
    medium: str = ""
    # Seconds from one sample to the next. Three times as much is a gap.
    every: int = 3600

    def stored(self) -> dict:
        return asdict(self) | {"heading": list(self.heading)}

    @property
    def columns(self) -> dict[str, int]:
        """The columns that are read, by what they hold."""
        named = {name: getattr(self, name) for name in ("meter", "register", "time", "clock", "value") if name != self.across}
        return {name: place for name, place in named.items() if place is not None}

    @property
    def tells_register(self) -> bool:
        return self.register is not None or self.across == "register"

    def moved(self, places: dict[str, int]) -> "Mapping":
        """The same for a file whose columns stand elsewhere."""
        return replace(self, **places)


def of(stored: dict) -> Mapping:
    """The mapping that was kept. BadMapping(part)."""
    known = {one.name for one in fields(Mapping)}
    given = {name: value for name, value in stored.items() if name in known}
    return checked(Mapping(**given | {"heading": tuple(given.get("heading", ()))}))


def checked(mapping: Mapping) -> Mapping:
    """The mapping itself. BadMapping(part) when files cannot be read with it."""
    for part, good in (
        ("kind", mapping.kind in ("csv", "xlsx")),
        ("encoding", mapping.encoding in ENCODINGS),
        ("delimiter", mapping.delimiter in DELIMITERS),
        ("order", mapping.order in ORDERS),
        ("zone", mapping.zone in ZONES or OFFSET.fullmatch(mapping.zone) is not None),
        ("bare", mapping.bare in ("start", "end")),
        ("unit", mapping.unit in UNITS),
        ("across", mapping.across == "" or (mapping.across in ACROSS and mapping.skip > 0)),
        ("skip", 0 <= mapping.skip <= 50),
        ("every", mapping.every in CADENCES),
    ):
        if not good:
            raise BadMapping(part=part)
    places = list(mapping.columns.values())
    for part, place in mapping.columns.items():
        if not 0 <= place < MOST or places.count(place) > 1:
            raise BadMapping(part=part)
    return mapping


def factor(unit: str, measure: str) -> Fraction | None:
    """What a value in the file's unit is multiplied with for a meter that counts in measure; None when it cannot be."""
    unit, measure = (written(one, "en") for one in (unit, measure))
    if unit == measure:
        return Fraction(1)
    if unit not in UNITS or measure not in UNITS or UNITS[unit][0] != UNITS[measure][0]:
        return None
    return UNITS[unit][1] / UNITS[measure][1]
