"""Meters, periods and readings for tests, made in a few words. Values are given as people read them: "412.386"."""

from datetime import date, timedelta

from sqlalchemy import select

from resident import access, clock
from resident.homes.organisation import Organisation
from resident.metering.meter import MEDIA, Meter, Register
from resident.metering.reading import Reading
from resident.metering.submission import Typed
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod

LONG_AGO = date(2015, 1, 1)
YEAR = clock.now().year + 1


def millionths(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 1_000_000 + int(rest.ljust(6, "0"))


def move_to(year: int, month: int, day: int, hour: int = 10) -> None:
    """Let it be that day (UTC hour) from now on; the fixture `later` puts the clock back."""
    clock.shift(timedelta(0))
    then = clock.now().replace(year=year, month=month, day=day, hour=hour, minute=0, second=0)
    clock.shift(then - clock.now())


def organisation(session, organisation_id: int) -> access.Controller:
    made = session.get_one(Organisation, organisation_id)
    return access.Controller(*(getattr(made, name) for name in access.Controller.__dataclass_fields__))


def actor(cast, login: str, person_id: int, organisation_id: int, role: str = "resident") -> access.Actor:
    return access.Actor(cast.logins[login], person_id, organisation_id, role, login)


def meter(session, cast, unit: int, medium: str = "cold_water", serial: str = "21-1", names=("",), digits=5, decimals=3, **given):
    """Register ids in the order of names."""
    given = {"installed": LONG_AGO, "measure": MEDIA.get(medium, "kWh"), "organisation_id": cast.koivu} | given
    initial = given.pop("initial", 0)
    made = Meter(unit_id=unit, medium=medium, serial=serial, **given)
    session.add(made)
    session.flush()
    registers = [Register(meter_id=made.id, name=name, digits=digits, decimals=decimals, initial=initial) for name in names]
    session.add_all(registers)
    session.flush()
    return [register.id for register in registers]


def period(session, building: int, name: str, state: str = "open", window: tuple[date, date] | None = None) -> int:
    """Use a month behind: the period of December takes the use of November."""
    first = date(int(name[:4]), int(name[5:]), 1)
    use_last = first - timedelta(days=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    made = BillingPeriod(
        building_id=building, name=name, use_first=use_last.replace(day=1), use_last=use_last,
        bill_first=first, bill_last=last, state=state,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if window:
        session.add(ReadingWindow(period_id=made.id, first=window[0], last=window[1], opened_at=clock.now()))
        session.flush()
    return made.id


def reading(session, register: int, day: date, value: str, period_id: int | None = None, **given) -> int:
    given = {"source": "import", "at": clock.now()} | given
    made = Reading(register_id=register, day=day, value=millionths(value), period_id=period_id, **given)
    session.add(made)
    session.flush()
    return made.id


def year_of(
    session, register: int, building: int, months: int = 12, use: str = "6.000", start: str = "400.000", **given
) -> list[int]:
    """Monthly readings on the last days of the months before February of YEAR, each with its allocated period."""
    made, value, step = [], millionths(start), millionths(use)
    first = date(YEAR, 2, 1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    for _ in range(months):
        following = (first + timedelta(days=32)).replace(day=1)
        name = following.isoformat()[:7]
        known = session.scalar(select(BillingPeriod.id).where(BillingPeriod.building_id == building, BillingPeriod.name == name))
        of = known or period(session, building, name, "allocated")
        shown = f"{value // 1_000_000}.{value % 1_000_000:06d}"
        made.append(reading(session, register, following - timedelta(days=1), shown, of, **given))
        first, value = following, value + step
    return made


def typed(**values: str) -> dict[int, Typed]:
    """typed(r5="418.902") for register 5."""
    return {int(name[1:]): Typed(black=text) for name, text in values.items()}


def values_of(session, register: int) -> list[tuple]:
    """(value, state, counts) of every reading of a register, in the order in which they came."""
    rows = session.execute(select(Reading).where(Reading.register_id == register).order_by(Reading.id)).scalars()
    return [(row.value / 1_000_000, row.state, row.counts) for row in rows]
