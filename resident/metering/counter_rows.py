"""The rows that a form is made of: registers of a home, or of a building itself, and their readings. Two SELECTs.

Of a register that is read by hand: the last KEPT readings. Of one that is read remotely, day by day: those of the last RECENT;
for residents, who enter nothing there, of a meter in place the newest, those of the ends of months, and those of periods.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Date, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from ..db import plain
from ..month import months_on
from ..people.person import Person
from . import usual
from .meter import Meter, Register
from .reading import PENDING, Reading
from .slip import Slip

# A year of months, and the one before.
KEPT = 14
RECENT = timedelta(days=62)

# Columns of the tables, not of the entities: a hot statement without the ORM's part.
_meter, _register, _reading, _person, _slip = (made.__table__ for made in (Meter, Register, Reading, Person, Slip))
_older = _reading.alias()
_CUT = (
    select(_older.c.day)
    .where(_older.c.register_id == _register.c.id, _older.c.counts)
    .order_by(_older.c.day.desc())
    .limit(1)
    .offset(KEPT - 1)
    .correlate(_register)
    .scalar_subquery()
)
_NEWEST = select(func.max(_older.c.day)).where(_older.c.register_id == _register.c.id, _older.c.counts).correlate(_register)
_recent = case((_NEWEST.scalar_subquery() < bindparam("recent"), _NEWEST.scalar_subquery()), else_=bindparam("recent", type_=Date))
_METERS = (
    select(
        _meter.c.id,
        _meter.c.medium,
        _meter.c.serial,
        _meter.c.place,
        _meter.c.measure,
        _meter.c.installed,
        _meter.c.removed,
        _meter.c.replaces_id,
        _meter.c.verified_until,
        _meter.c.remote,
        _meter.c.coefficient,
        _register.c.id,
        _register.c.name,
        _register.c.digits,
        _register.c.decimals,
        _register.c.initial,
        exists().where(_slip.c.unit_id == _meter.c.unit_id, _slip.c.state != "booked").correlate(_meter),
        case((and_(_meter.c.remote, _meter.c.removed.is_(None)), _NEWEST.scalar_subquery())),
    )
    .select_from(_meter)
    .join(_register, _register.c.meter_id == _meter.c.id)
    .where(or_(_meter.c.removed.is_(None), _meter.c.removed >= bindparam("since")))
)


_READINGS = (
    select(
        _reading.c.register_id,
        _reading.c.id,
        _reading.c.day,
        _reading.c.value,
        _reading.c.rolled_over,
        _reading.c.period_id,
        _reading.c.source,
        _reading.c.state,
        _reading.c.counts,
        _person.c.name,
    )
    .select_from(_meter)
    .join(_register, _register.c.meter_id == _meter.c.id)
    .join(
        _reading,
        and_(
            _reading.c.register_id == _register.c.id,
            _reading.c.day >= func.coalesce(case((_meter.c.remote, _recent), else_=_CUT), literal(date(1900, 1, 1), Date)),
            or_(_reading.c.counts, _reading.c.state == PENDING),
        ),
    )
    .outerjoin(_person, _person.c.id == _reading.c.person_id)
    .where(or_(_meter.c.removed.is_(None), _meter.c.removed >= bindparam("since")))
    .order_by(_reading.c.day.desc(), _reading.c.id.desc())
)
_ENDS = ("end_1", "end_2", "end_3")
_BY_MONTH = _READINGS.where(
    or_(
        ~_meter.c.remote,
        _meter.c.removed.is_not(None),
        ~_reading.c.counts,
        _reading.c.period_id.is_not(None),
        *(_reading.c.day == bindparam(end) for end in _ENDS),
        _reading.c.day >= bindparam("newest"),
    )
)
# When each was entered is shown to staff only.
_READINGS_AND_WHEN = _READINGS.add_columns(_reading.c.at)
_OF_UNIT, _OF_BUILDING = _meter.c.unit_id == bindparam("place"), _meter.c.building_id == bindparam("place")
# (the meters, their readings as residents and as staff see them) of a home; of a building itself, without its homes.
_OF_HOME = tuple(each.where(_OF_UNIT) for each in (_METERS, _BY_MONTH, _READINGS_AND_WHEN))
_OF_HOUSE = tuple(each.where(_OF_BUILDING) for each in (_METERS, _BY_MONTH, _READINGS_AND_WHEN))


def read(session: Session, place: dict, today: date, staff: bool) -> tuple[list[tuple], Iterable[tuple]]:
    """(the registers, as counter.Counter begins; (register id, as counter.Entered) of what counts or waits, newest first).

    place: unit_id or building_id; meters taken out more than a year ago are left out.
    """
    of_meters, of_residents, of_staff = _OF_HOME if "unit_id" in place else _OF_HOUSE
    which = {"place": next(iter(place.values())), "since": today - timedelta(days=usual.YEAR)}
    meters = plain(session, of_meters, which).all()
    which["recent"] = today - RECENT
    if staff:
        return [row[:-1] for row in meters], plain(session, of_staff, which).all()
    # The newest day of each remote register; of one whose feed has stopped it is long ago, and a few rows more are read.
    which["newest"] = min((row[-1] for row in meters if row[-1]), default=today)
    which |= {end: months_on(today, -n) - timedelta(days=1) for n, end in enumerate(_ENDS)}
    return [row[:-1] for row in meters], plain(session, of_residents, which).all()
