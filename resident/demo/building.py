"""Meters of the buildings in the demo: what goes in by the main meters, and what is lost on the way to the homes (B5, L13).

Beside them the two homes that are looked at most have a meter that is read remotely each hour.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import insert
from sqlalchemy.orm import Session

from .. import clock
from ..db import SCALE
from ..homes import setting
from ..metering.medium import Medium
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..metering.sample import Sample
from .estate import Site
from .metering import Log
from .meters import MONTHS, Drum
from .month import Month
from .prices import degrees, price_all
from .rows import instant, one, put

# Days of hourly values.
HOURLY = 60
# Where hot water comes ready from the network; elsewhere it is made of the cold that the main meter has measured.
_HOT_FROM_NETWORK = {"beryozovaya-roshcha"}
# Use of a day, hour by hour, in thousandths.
_POWER = (14, 12, 11, 11, 11, 13, 26, 44, 48, 36, 30, 30, 34, 33, 31, 33, 44, 66, 84, 92, 96, 86, 62, 53)
_HEAT = (46, 46, 47, 47, 48, 48, 46, 44, 42, 40, 38, 37, 36, 36, 36, 37, 38, 40, 41, 41, 41, 41, 42, 42)


@dataclass(frozen=True, slots=True)
class Main:
    """A main meter: its medium, place and digits, and what goes through it in a month of use (millionths)."""

    medium: str
    place: str | None
    measure: str
    decimals: int
    months: dict[Month, int]


def equip(session: Session, site: Site, log: Log, drums: list[Drum]) -> None:
    rng = Random(f"{site.estate.organisation['slug']} mains")
    price_all(session, site)
    own = _own_medium(session, site)
    for house in site.estate.houses:
        homes = sum(dwelling.house is house for dwelling in site.dwellings)
        mains = _water(site, house.code, drums, rng) + _energy(site, homes, rng)
        if own and house.remote:
            mains.append(Main(own, None, "kWh", 0, {month: _cooling(month, rng) for month in _months(site)}))
        for main in mains:
            _read(session, site, log, site.buildings[house.code], main, rng)
    if site.estate.organisation["legal_form"] == "association":
        setting.put(session, site.id, "balance_open", True)
    _hourly(session, site, log, rng)


def _months(site: Site) -> list[Month]:
    return [site.collected.plus(n) for n in range(-MONTHS, 2)]


# ---- What goes through -----------------------------------------------------------------------------------------------


def _water(site: Site, code: str, drums: list[Drum], rng: Random) -> list[Main]:
    """What the homes use and two to five hundredths more: taps in the yard, washing, slow meters, a drip."""
    used = defaultdict(lambda: defaultdict(int))
    for drum in drums:
        # A changed meter and the one before it tell of the same use.
        if drum.dwelling.house.code == code and not drum.removed and drum.counter.medium in ("cold_water", "hot_water"):
            for month, use in drum.months.items():
                used[drum.counter.medium][month] += use
    if site.estate.organisation["slug"] not in _HOT_FROM_NETWORK:
        hot = used.pop("hot_water")
        used["cold_water"] = {month: use + hot[month] for month, use in used["cold_water"].items()}
    lost = rng.randint(22, 52)
    return [
        Main(medium, None, "m³", 2, {month: use * (1000 + lost + rng.randint(-6, 6)) // 1000 for month, use in months.items()})
        for medium, months in used.items()
    ]


def _energy(site: Site, homes: int, rng: Random) -> list[Main]:
    """Heating by the degree days, and the electricity of stairs, lifts, saunas and laundry."""
    slug = site.estate.organisation["slug"]
    heat = {month: homes * (110 + degrees(slug, month.year, month.number) * 17 // 10) * SCALE for month in _months(site)}
    dark = {month: homes * (22 + abs(month.number - 7) * 2 + rng.randint(-2, 2)) * SCALE for month in _months(site)}
    return [Main("heating", None, "kWh", 0, heat), Main("electricity", None, "kWh", 0, dark)]


def _own_medium(session: Session, site: Site) -> str | None:
    """What the Finnish company measures beside what everybody does: the cooling of its newer house."""
    if site.estate.organisation["legal_form"] != "rental":
        return None
    names = {"fi": "Jäähdytys", "sv": "Kylning", "en": "Cooling"}
    row = Medium(organisation_id=site.id, code="own-new", names=names, measure="kWh", gap=30 * SCALE)
    session.add(row)
    session.flush()
    row.code = f"own-{row.id}"
    return row.code


def _cooling(month: Month, rng: Random) -> int:
    return {5: 240, 6: 900, 7: 1650, 8: 1320, 9: 310}.get(month.number, 0) * rng.randint(90, 110) * SCALE // 100


# ---- Meters and readings ---------------------------------------------------------------------------------------------


def _read(session: Session, site: Site, log: Log, building_id: int, main: Main, rng: Random) -> None:
    """A main meter with a reading at the end of each month, taken by the management."""
    first = site.collected.plus(-MONTHS)
    installed = first.plus(-3).day(9)
    meter = one(
        session, Meter, organisation_id=site.id, building_id=building_id, medium=main.medium, place=main.place,
        serial=f"M{installed.year % 100}-{rng.randint(10000, 99999)}", measure=main.measure, installed=installed,
        verified_until=site.today + timedelta(days=52 if main.medium == "cold_water" else 700),
    )  # fmt: skip
    start = rng.randint(2000, 9000) * SCALE
    register = one(session, Register, meter_id=meter, name="", digits=6, decimals=main.decimals, initial=start)
    rows, value = [_row(site, register, first.plus(-1).last, start, None)], start
    for month in _months(site):
        value += main.months[month]
        if month.last < site.today:
            step = 10 ** (6 - main.decimals)
            period = log.periods.get((building_id, month))
            rows.append(_row(site, register, month.last, value // step * step, period))
    put(session, Reading, rows)


def _row(site: Site, register: int, day: date, value: int, period_id: int | None) -> dict:
    staff = next(site.officers[role].id for role in ("office", "manager") if role in site.officers)
    return {
        "register_id": register, "period_id": period_id, "day": day, "value": value, "source": "office", "person_id": staff,
        "at": instant(day, site.tz, 21, register % 60),
    }  # fmt: skip


# ---- By the hour -----------------------------------------------------------------------------------------------------


def _hourly(session: Session, site: Site, log: Log, rng: Random) -> None:
    """The tenant's electricity in Finland, the owner's heating in Estonia: read remotely, the last days hour by hour."""
    wanted = {
        "fi-tenant": ("electricity", "eteinen", _POWER, lambda month: 6_200),
        "ee-owner": ("heating", "esik", _HEAT, lambda month: 900 + degrees("parnaoue-7", month.year, month.number) * 52),
    }
    for resident in site.estate.residents:
        if resident.login in wanted:
            _remote(session, site, log, site.home(resident.login), *wanted[resident.login], rng)


def _remote(session: Session, site: Site, log: Log, home, medium: str, place: str, shape: tuple, daily, rng: Random) -> None:
    """daily: thousandths of a kWh in a day of a month."""
    begins = site.today - timedelta(days=HOURLY)
    installed = site.collected.plus(-14).day(6)
    meter = one(
        session, Meter, organisation_id=site.id, unit_id=home.id, medium=medium, place=place, measure="kWh", remote=True,
        serial=f"{installed.year % 100}-{rng.randint(100000, 999999)}", installed=installed,
        verified_until=installed.replace(year=installed.year + 8),
    )  # fmt: skip
    register = one(session, Register, meter_id=meter, name="", digits=6, decimals=3, initial=0)
    value, day, samples, rows = 0, installed, [], []
    while day < site.today:
        use = daily(Month.of(day)) * rng.randint(75, 125) // 100
        if day >= begins:
            samples += _samples(site, register, day, value, use, shape)
        value += use * SCALE // 1000
        month = Month.of(day)
        if day >= begins or day == month.last:
            period = log.periods.get((home.building_id, month)) if day == month.last else None
            rows.append(_row(site, register, day, value, period) | {"source": "remote", "person_id": None, "via": "feed"})
        day += timedelta(days=1)
    put(session, Reading, rows)
    session.execute(insert(Sample), samples)


def _samples(site: Site, register: int, day: date, value: int, use: int, shape: tuple) -> list[dict]:
    """What the register showed at the end of each hour of a day, by the clock of the place; the last of them in the minute
    before the next day."""
    begins = clock.seconds(day, site.tz)
    ends = clock.seconds(day + timedelta(days=1), site.tz)
    hours = (ends - begins) // 3600
    whole = sum(shape[n % 24] for n in range(hours))
    rows, passed = [], 0
    for hour in range(hours):
        passed += shape[hour % 24]
        at = min(begins + (hour + 1) * 3600, ends - 60)
        rows.append({"register_id": register, "at": at, "value": value + use * SCALE * passed // (whole * 1000)})
    return rows
