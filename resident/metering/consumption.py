"""Use by day, week, month and year from readings: of a home, of a register, of all homes of a building.

The one place that turns counters into use: across changes of meter (rule 7), zero passed (rule 6), meters for several homes
(rule 19), with what is estimated marked (rule 11). How readings become days: course.py.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Date, Select, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from ..db import plain
from .course import BEARS, Course, Gauge, Shown, course, known
from .meter import Meter, Register
from .reading import Reading

STEPS = tuple(BEARS)


class Span(NamedTuple):
    """Use of the days first…last. use: millionths of the meter's unit; those of any partition add up to the whole's.

    days: on how many of them use is known; known: on all. use is that of the known days. estimated: rests on an estimate, or on
    readings so far apart that they say little about a time so short (course.BEARS).
    """

    first: date
    last: date
    use: int
    estimated: bool
    known: bool
    days: int


# Columns of the tables, not of the entities: hot statements without the ORM's part.
_meter, _register, _reading = Meter.__table__, Register.__table__, Reading.__table__
_edge = _reading.alias()


def _nearest(condition, order):
    """The day of the register's nearest true reading on one side: an estimate beyond it changes nothing on this one."""
    seen = select(_edge.c.day).where(_edge.c.register_id == _register.c.id, _edge.c.counts, _edge.c.source != "estimate", condition)
    return seen.order_by(order).limit(1).correlate(_register).scalar_subquery()


_BEFORE = func.coalesce(_nearest(_edge.c.day < bindparam("first"), _edge.c.day.desc()), literal(date(1900, 1, 1), Date), type_=Date)
_AFTER = func.coalesce(_nearest(_edge.c.day >= bindparam("last"), _edge.c.day), literal(date(9999, 12, 31), Date), type_=Date)
_ROWS = (
    select(
        _meter.c.unit_id,
        _register.c.id,
        _register.c.digits,
        _register.c.initial,
        _meter.c.coefficient,
        _meter.c.installed,
        _meter.c.removed,
        _reading.c.day,
        _reading.c.value,
        _reading.c.rolled_over,
        _reading.c.source,
    )
    .select_from(_meter)
    .join(_register, _register.c.meter_id == _meter.c.id)
    .outerjoin(
        _reading,
        and_(
            _reading.c.register_id == _register.c.id,
            _reading.c.counts,
            _reading.c.day >= _BEFORE,
            _reading.c.day <= _AFTER,
        ),
    )
    .order_by(_register.c.id, _reading.c.day)
)
_OF_UNIT = _ROWS.where(_meter.c.unit_id == bindparam("unit"), _meter.c.medium == bindparam("medium"))
_OF_REGISTERS = _ROWS.where(_register.c.id.in_(bindparam("registers", expanding=True)))
_OF_UNITS = _ROWS.where(_meter.c.unit_id.in_(bindparam("units", expanding=True)), _meter.c.medium == bindparam("medium"))


def series(
    session: Session,
    place: int | Iterable[int],
    medium: str | None,
    first: date,
    last: date,
    step: str,
    *,
    since: date | None = None,
) -> list[Span]:
    """Use of a home's medium (place: the unit's id), or of registers (place: their ids; medium is not asked then), of the
    days first…last in steps of a day, week (from Monday), month or year; those at the ends may be cut short. One SELECT.

    since: a resident's first day in the home. Nothing of the days before it is told, and nothing that a part of them is in.
    """
    window = {"first": first, "last": last}
    if isinstance(place, int):
        courses = _courses(session, _OF_UNIT, {"unit": place, "medium": medium, **window}, since)
    else:
        courses = _courses(session, _OF_REGISTERS, {"registers": list(place), **window}, since)
    return spread([one for several in courses.values() for one in several], first, last, step)


def of_homes(session: Session, units: Iterable[int], medium: str, first: date, last: date, step: str) -> dict[int, list[Span]]:
    """By unit id, as series(): homes without a meter of the medium are left out. One SELECT."""
    courses = _courses(session, _OF_UNITS, {"units": list(units), "medium": medium, "first": first, "last": last}, None)
    return {unit_id: spread(several, first, last, step) for unit_id, several in courses.items()}


def _courses(session: Session, statement: Select, facts: dict, since: date | None) -> dict[int | None, list[Course]]:
    """By unit id (None for a building's meters): the courses of the registers."""
    gauges: dict[tuple, list[Shown]] = defaultdict(list)
    for unit_id, register_id, digits, initial, coefficient, installed, removed, *reading in plain(session, statement, facts):
        gauge = Gauge(digits, initial, coefficient, installed.toordinal(), removed.toordinal() if removed else None)
        shown = gauges[unit_id, register_id, gauge]
        day, value, rolled_over, source = reading
        if day is not None:
            shown.append(Shown(day.toordinal(), value, rolled_over, source == "estimate"))
    found: dict[int | None, list[Course]] = defaultdict(list)
    for (unit_id, _, gauge), shown in gauges.items():
        found[unit_id].append(course(gauge, shown, since.toordinal() if since else None))
    return found


def spread(courses: list[Course], first: date, last: date, step: str) -> list[Span]:
    """The days first…last in steps, with the use of all the courses together."""
    runs = known(courses, first.toordinal(), last.toordinal())
    return [_span(courses, runs, begins, ends, BEARS[step]) for begins, ends in parts(first, last, step)]


def _span(courses: list[Course], runs: list[tuple[int, int]], first: date, last: date, bears: int) -> Span:
    begins, ends = first.toordinal(), last.toordinal()
    use = days = 0
    doubtful = False
    for run_first, run_last in runs:
        inner_first, inner_last = max(begins, run_first), min(ends, run_last)
        if inner_first > inner_last:
            continue
        days += inner_last - inner_first + 1
        use += sum(one.through(inner_last) - one.through(inner_first - 1) for one in courses)
        doubtful = doubtful or any(one.doubtful(inner_first, inner_last, bears) for one in courses)
    return Span(first, last, use, doubtful, days == ends - begins + 1, days)


def parts(first: date, last: date, step: str) -> list[tuple[date, date]]:
    """(first day, last day) of each day, week, month or year of first…last, those at the ends cut short."""
    found = []
    while first <= last:
        following = min(_next(first, step), last + timedelta(days=1))
        found.append((first, following - timedelta(days=1)))
        first = following
    return found


def _next(day: date, step: str) -> date:
    """The first day of the step after the one that a day is in."""
    if step == "day":
        return day + timedelta(days=1)
    if step == "week":
        return day + timedelta(days=7 - day.weekday())
    if step == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return date(day.year + 1, 1, 1)
