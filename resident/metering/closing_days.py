"""Days that end without another file: their last sample becomes the reading all the same, and a period gets its own.

A file makes the readings of the days that are done when it comes (feeding.py). What is left: the day of the last file, once
it is over, and a billing period that was planned after its last day of use.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from .. import clock
from ..db import Database
from ..homes.building import Unit
from ..homes.organisation import Organisation
from ..money.period import BillingPeriod
from . import day_reading
from .day_reading import Change, Periods
from .feed_mapping import Mapping
from .feed_meters import Meters
from .meter import Meter, Register
from .reading import Reading
from .sample import Sample
from .window import TAKES_READINGS

# Readings of one transaction.
_AT_ONCE = 300
# Periods that ended longer ago wait for people.
_LATELY = timedelta(days=62)


def close(db: Database) -> int:
    """How many readings were made."""
    made = 0
    with db.reading() as session:
        organisations = session.execute(
            select(Organisation.id, Organisation.tz)
            .where(Organisation.id.in_(select(Meter.organisation_id).where(Meter.remote)))
            .order_by(Organisation.id)
        ).all()
    for organisation_id, tz in organisations:
        with db.reading() as session:
            wanted = _wanted(session, organisation_id, tz)
        for start in range(0, len(wanted), _AT_ONCE):
            with db.writing() as session:
                made += day_reading.write(session, Change(wanted[start : start + _AT_ONCE]))
    return made


def _wanted(session: Session, organisation_id: int, tz: str) -> list:
    days = defaultdict(set)
    for register_id, day in (*_over(session, organisation_id, tz), *_of_periods(session, organisation_id, tz)):
        days[register_id].add(day)
    if not days:
        return []
    meters, periods, found = Meters(session, organisation_id, tz, Mapping()), Periods(session), []
    for register_id, some in days.items():
        lasts = {day: value for day in some if (value := _last_of(session, register_id, day, tz)) is not None}
        if lasts:
            found += day_reading.change(session, meters.registers[register_id], lasts, periods).made
    return found


def _over(session: Session, organisation_id: int, tz: str) -> Iterator[tuple[int, date]]:
    """Registers whose last sample is of a day that is over and has no reading."""
    newest = select(func.max(Sample.at)).where(Sample.register_id == Register.id).correlate(Register).scalar_subquery()
    read = (
        select(func.max(Reading.day))
        .where(Reading.register_id == Register.id, Reading.counts)
        .correlate(Register)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Register.id, newest, read)
        .join(Meter, Meter.id == Register.meter_id)
        .where(Meter.organisation_id == organisation_id, Meter.remote)
    )
    today, zone = clock.today(tz), clock.zone(tz)
    for register_id, at, last in rows:
        if at is not None:
            day = datetime.fromtimestamp(at, zone).date()
            if day < today and (last is None or last < day):
                yield register_id, day


def _of_periods(session: Session, organisation_id: int, tz: str) -> list[tuple[int, date]]:
    """Remote readings of the last day of use of a period that takes readings and has none of the register."""
    today, others = clock.today(tz), aliased(Reading)
    has_one = select(others.id).where(
        others.register_id == Reading.register_id, others.period_id == BillingPeriod.id, others.counts
    )
    statement = (
        select(Reading.register_id, Reading.day)
        .join(Register, Register.id == Reading.register_id)
        .join(Meter, Meter.id == Register.meter_id)
        .outerjoin(Unit, Unit.id == Meter.unit_id)
        .join(BillingPeriod, BillingPeriod.building_id == func.coalesce(Meter.building_id, Unit.building_id))
        .where(
            Meter.organisation_id == organisation_id,
            Meter.remote,
            BillingPeriod.state.in_(TAKES_READINGS),
            BillingPeriod.use_last.between(today - _LATELY, today - timedelta(days=1)),
            Reading.day == BillingPeriod.use_last,
            Reading.source == "remote",
            Reading.counts,
            Reading.period_id.is_(None),
            ~has_one.exists(),
        )
    )
    return [tuple(row) for row in session.execute(statement)]


def _last_of(session: Session, register_id: int, day: date, tz: str) -> int | None:
    begins, ends = (clock.seconds(one, tz) for one in (day, day + timedelta(days=1)))
    of_day = (Sample.register_id == register_id, Sample.at >= begins, Sample.at < ends)
    return session.scalar(select(Sample.value).where(*of_day).order_by(Sample.at.desc()).limit(1))
