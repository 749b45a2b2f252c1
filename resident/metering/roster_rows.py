"""The statements of roster.py: homes, counters, staircases and holders of one billing period.

Columns of the tables, not of the entities, and made once for each set of filters: a hot page without the ORM's part. Bound
are the period's facts (period, building, use_first, bill_last) and what each function names.
"""

from functools import lru_cache
from types import SimpleNamespace

from sqlalchemy import Date, Integer, Select, String, and_, bindparam, case, exists, func, or_, select, tuple_

from ..db import lasts
from ..homes.building import Unit
from ..money.period import BillingPeriod
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from . import submitted
from .meter import Meter, Register
from .reading import PENDING, Reading
from .window import ReadingWindow

# Stands for a BillingPeriod in the conditions of submitted.py.
_PERIOD = SimpleNamespace(id=bindparam("period", type_=Integer), bill_last=bindparam("bill_last", type_=Date))
_unit, _meter, _register, _person = Unit.__table__, Meter.__table__, Register.__table__, Person.__table__
_holding, _tenure, _party = Holding.__table__, Tenure.__table__, Party.__table__
_readings, _period, _window = Reading.__table__, BillingPeriod.__table__, ReadingWindow.__table__
_THERE = and_(_unit.c.building_id == bindparam("building"), or_(_unit.c.last.is_(None), _unit.c.last >= bindparam("use_first")))
# (a roster.Period, a roster.Days) of the building, newest first, :rows of them.
MONTHS = (
    select(
        _period.c.id, _period.c.building_id, _period.c.name, _period.c.state, _period.c.use_first, _period.c.bill_last,
        _window.c.id.label("window_id"), _window.c.first, _window.c.last,
    )
    .select_from(_period.outerjoin(_window, _window.c.period_id == _period.c.id))
    .where(_period.c.building_id == bindparam("building"))
    .order_by(_period.c.name.desc())
    .limit(bindparam("rows", type_=Integer))
)  # fmt: skip


def _of_home(media: bool) -> Select:
    """Registers of the home's meters that were there in the period; correlated to the unit."""
    statement = (
        select(_register.c.id)
        .join_from(_meter, _register, _register.c.meter_id == _meter.c.id)
        .where(_meter.c.unit_id == _unit.c.id, submitted.in_use(_PERIOD))
        .correlate(_unit)
    )
    return _of_media(statement) if media else statement


def _of_media(statement: Select) -> Select:
    return statement.where(_meter.c.medium.in_(bindparam("media", expanding=True)))


@lru_cache
def homes(media: bool, staircase: bool, after: bool, state: str | None, by: str | None) -> Select:
    """(id, number, staircase, sort_key), :rows of them. media: of :media only; after: of (:after_key, :after_id); by: remote,
    or entered (by :source)."""
    kept = _of_home(media)
    read = kept.where(_meter.c.remote.is_(False))
    statement = (
        select(_unit.c.id, _unit.c.number, _unit.c.staircase, _unit.c.sort_key)
        .where(_THERE, exists(kept) if media else or_(_unit.c.kind.in_(("home", "business")), exists(kept)))
        .order_by(_unit.c.sort_key, _unit.c.id)
        .limit(bindparam("rows", type_=Integer))
    )
    missing = exists(read.where(~submitted.sent(_PERIOD)))
    states = {
        "question": [exists(read.where(submitted.has(_PERIOD, Reading.state == PENDING)))],
        "missing": [missing],
        "submitted": [exists(read), ~missing],
    }
    entered = and_(Reading.source == bindparam("source"), or_(Reading.counts.is_(True), Reading.state == PENDING))
    ways = {
        "remote": [exists(kept.where(_meter.c.remote.is_(True)))],
        "entered": [exists(kept.where(submitted.has(_PERIOD, entered)))],
    }
    statement = statement.where(*states.get(state, ()), *ways.get(by, ()))
    if staircase:
        statement = statement.where(_unit.c.staircase == bindparam("staircase"))
    if after:
        key = tuple_(bindparam("after_key", type_=String), bindparam("after_id", type_=Integer))
        statement = statement.where(tuple_(_unit.c.sort_key, _unit.c.id) > key)
    return statement


# A bare `counts` is what the indices of readings that count are about.
_now, _waits, _was = (_readings.alias(name) for name in ("now", "waits", "was"))
_LAST_BEFORE = (
    select(_readings.c.id)
    .where(_readings.c.register_id == _register.c.id, _readings.c.counts, _readings.c.day <= bindparam("until"))
    .where(or_(_readings.c.period_id.is_(None), _readings.c.period_id != bindparam("period")))
    .order_by(_readings.c.day.desc(), _readings.c.id.desc())
    .limit(1)
    .correlate(_register)
    .scalar_subquery()
)
_WAITING = (
    select(_readings.c.id)
    .where(
        _readings.c.register_id == _register.c.id,
        _readings.c.period_id == bindparam("period"),
        _readings.c.state == PENDING,
    )
    .order_by(_readings.c.id.desc())
    .limit(1)
    .correlate(_register)
    .scalar_subquery()
)


@lru_cache
def counters(media: bool) -> Select:
    """Of the homes :units, as of the day :until; each a roster.Counter."""
    statement = (
        select(
            _meter.c.unit_id, _meter.c.id.label("meter_id"), _meter.c.medium, _meter.c.place, _meter.c.measure,
            _meter.c.remote, _register.c.id.label("register_id"), _register.c.name, _register.c.decimals, _register.c.initial,
            _was.c.value.label("before"), _now.c.value, _now.c.source, _now.c.at, _person.c.name.label("person"),
            _person.c.non_disclosure.label("undisclosed"), _waits.c.id.label("pending_id"), _waits.c.value.label("pending"),
            _waits.c.at.label("pending_at"), _waits.c.source.label("pending_source"),
        )
        .join_from(_meter, _register, _register.c.meter_id == _meter.c.id)
        .outerjoin(
            _now, and_(_now.c.register_id == _register.c.id, _now.c.period_id == bindparam("period"), _now.c.counts)
        )
        .outerjoin(_waits, _waits.c.id == _WAITING)
        .outerjoin(_was, _was.c.id == _LAST_BEFORE)
        .outerjoin(_person, _person.c.id == _now.c.person_id)
        .where(_meter.c.unit_id.in_(bindparam("units", expanding=True)), submitted.in_use(_PERIOD))
        .order_by(_meter.c.unit_id, _meter.c.medium, _meter.c.id, _register.c.name)
    )  # fmt: skip
    return _of_media(statement) if media else statement


@lru_cache
def staircases(media: bool) -> Select:
    """(staircase, homes, submitted)."""
    read = _of_home(media).where(_meter.c.remote.is_(False))
    unfinished = exists(read.where(~submitted.sent(_PERIOD)))
    return (
        select(_unit.c.staircase, func.count().label("homes"), func.sum(case((unfinished, 0), else_=1)).label("submitted"))
        .where(_THERE, exists(read))
        .group_by(_unit.c.staircase)
        .order_by(func.min(_unit.c.sort_key))
    )


# (unit_id, name, non_disclosure) of those in whose name the homes :units are held on :day; tenants before owners.
PRIMARIES = (
    select(_holding.c.unit_id, _person.c.name, _person.c.non_disclosure)
    .join_from(_holding, _tenure, _tenure.c.id == _holding.c.tenure_id)
    .join(_party, _party.c.tenure_id == _tenure.c.id)
    .join(_person, _person.c.id == _party.c.person_id)
    .where(_holding.c.unit_id.in_(bindparam("units", expanding=True)), _party.c.role == "primary")
    .where(*(lasts(held.c, bindparam("day", type_=Date)) for held in (_holding, _tenure, _party)))
    .order_by(_holding.c.unit_id, _tenure.c.kind, _party.c.id)
)
