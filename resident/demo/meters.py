"""Meters, and their registers as they turn month by month; some were changed on the way."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..db import SCALE
from ..metering.meter import Meter, Register
from .estate import Counter, Dwelling, Site
from .month import Month
from .rows import one, put

# Months before the one that is being collected: whole months of use, the day before the first is the opening reading.
MONTHS = 24
# Per cent of the usual, by month; a hundred where nothing is said.
SEASON = {1: 104, 2: 102, 6: 97, 7: 82, 8: 94, 12: 106}


@dataclass(slots=True)
class Drum:
    """A register as it turns: its level at the start of each month, and what it gets in that month (millionths)."""

    dwelling: Dwelling
    counter: Counter
    name: str
    digits: int
    decimals: int
    start: int
    months: dict[Month, int]
    first: Month
    id: int = 0
    serial: str = ""
    remote: bool = False
    installed: date | None = None
    removed: date | None = None

    def level(self, day: date) -> int:
        """What it shows at the end of a day: whole last digits, past zero when it has run through."""
        month = Month.of(day)
        before = sum(use for other, use in self.months.items() if other < month)
        value = self.start + before + self.months.get(month, 0) * day.day // month.days
        step = 10 ** (6 - self.decimals)
        return value // step * step % (10**self.digits * SCALE)

    def began(self) -> int:
        """What it showed when it was put in, as if as much had been used before the first reading as after it."""
        usual = sum(self.months.values()) // len(self.months)
        value = max(self.start - usual * (self.first.index - Month.of(self.installed).index), 0)
        step = 10 ** (6 - self.decimals)
        return value // step * step

    @property
    def key(self) -> str:
        return f"{self.counter.medium} {self.name}".strip()


def install(session: Session, site: Site) -> list[Drum]:
    """Meters with registers for every home; in the second home of each house the cold one was changed nine months ago."""
    meters, drums = [], []
    for n, dwelling in enumerate(site.dwellings):
        for counter in site.estate.counters:
            if site.rng.randrange(100) < counter.share or (counter.share > 30 and dwelling.signs_in):
                meters.append(_meter(site, n, dwelling, counter))
                drums.append([_drum(site, n, dwelling, counter, register) for register in counter.registers])
    for id, row, group in zip(put(session, Meter, meters), meters, drums, strict=True):
        for drum in group:
            drum.remote, drum.installed, drum.serial = row["remote"], row["installed"], row["serial"]
        _register(session, id, group)
    drums += [_changed(session, site, row, group[0]) for row, group in zip(meters, drums, strict=True) if _due_for_change(group[0])]
    return [drum for group in drums for drum in (group if isinstance(group, list) else [group])]


def _meter(site: Site, n: int, dwelling: Dwelling, counter: Counter) -> dict:
    installed = Month.of(site.today).plus(-30 - n % 24).day(3 + n % 20)
    verified = installed.replace(year=installed.year + 6, day=min(installed.day, 28))
    if n % 17 == 6 and counter.medium == "hot_water" and not dwelling.signs_in:
        verified = site.today - timedelta(days=12 + n)
    elif counter.medium == "cold_water" and (n % 17 == 9 or dwelling.signs_in):
        verified = site.today + timedelta(days=24 + n)
    return {
        "organisation_id": site.id, "unit_id": dwelling.id, "medium": counter.medium, "place": counter.place,
        "serial": f"{installed.year % 100}-{site.rng.randint(100000, 999999)}", "measure": counter.measure,
        "installed": installed, "verified_until": verified, "remote": dwelling.house.remote,
    }  # fmt: skip


def _drum(site: Site, n: int, dwelling: Dwelling, counter: Counter, register: tuple[str, int, int]) -> Drum:
    name, least, most = register
    first = site.collected.plus(-MONTHS)
    steady = site.rng.randint(least, most)
    months = {}
    for month in (first.plus(i) for i in range(MONTHS + 2)):
        use = steady * dwelling.occupants * SEASON.get(month.number, 100) * site.rng.randint(88, 112) // 10_000
        months[month] = use * SCALE // 1000
    start = site.rng.randint(60_000, 900_000) * SCALE // 1000
    if n % 29 == 12 and counter.medium == "cold_water":
        start = 10**counter.digits * SCALE - sum(months[first.plus(i)] for i in range(15))
    return Drum(dwelling, counter, name, counter.digits, counter.decimals, start, months, first)


def _register(session: Session, meter_id: int, drums: list[Drum], initial: int | None = None) -> None:
    rows = [
        {
            "meter_id": meter_id, "name": drum.name, "digits": drum.digits, "decimals": drum.decimals,
            "initial": drum.began() if initial is None else initial,
        }
        for drum in drums
    ]  # fmt: skip
    for id, drum in zip(put(session, Register, rows), drums, strict=True):
        drum.id = id


def _due_for_change(drum: Drum) -> bool:
    house = drum.dwelling.house
    second = house.number.format(stair=house.stairs[0].label, n=2)
    return drum.counter.medium == "cold_water" and drum.dwelling.number == second and drum.counter is not None and not drum.remote


def _changed(session: Session, site: Site, row: dict, old: Drum) -> Drum:
    """The old meter goes on a day nine months ago, with its final value; the new one begins at 0.214 (rule 7)."""
    day = site.collected.plus(-9).day(12)
    old.removed = day
    session.query(Meter).filter(Meter.serial == row["serial"], Meter.unit_id == row["unit_id"]).update({"removed": day})
    old_id = session.query(Register.meter_id).filter(Register.id == old.id).scalar()
    fresh = row | {
        "serial": f"{day.year % 100}-{site.rng.randint(100000, 999999)}", "installed": day, "replaces_id": old_id,
        "verified_until": day.replace(year=day.year + 6),
    }  # fmt: skip
    initial = 214_000
    gone = (
        sum(use for month, use in old.months.items() if month < Month.of(day))
        + old.months[Month.of(day)] * 12 // Month.of(day).days
    )
    new = Drum(old.dwelling, old.counter, old.name, old.digits, old.decimals, initial - gone, old.months, old.first)
    new.installed, new.serial = day, fresh["serial"]
    _register(session, one(session, Meter, **fresh), [new], initial)
    return new
