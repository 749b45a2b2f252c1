"""Use by day, week, month and year from readings: of a home, of registers, of many homes.

The one place that turns counters into use: across changes of meter (rule 7), zero passed (rule 6), meters for several homes
(rule 19), with what is estimated marked (rule 11). How readings become days: course.py.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import Date, Select, String, and_, bindparam, cast, func, literal, select, union
from sqlalchemy.orm import Session

from ..db import Json, plain
from ..month import months_on
from .course import BEARS, Course, Gauge, Shown, course, known
from .meter import Meter, Register
from .reading import SPECIAL, Reading

STEPS = tuple(BEARS)
DAY = timedelta(days=1)
# Up to so many ends of days, weeks … the readings beside each are looked up; for more, all readings of the time are read.
FEW = 120
# Registers asked for at once.
CHUNK = 500


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


class Place(NamedTuple):
    """A register, and where it hangs."""

    unit_id: int | None
    medium: str
    measure: str
    register_id: int
    gauge: Gauge


# Columns of the tables, not of the entities: hot statements without the ORM's part.
_meter, _register, _reading = Meter.__table__, Register.__table__, Reading.__table__
_edge = _reading.alias("edge")
_PLACES = select(
    _meter.c.unit_id,
    _meter.c.medium,
    _meter.c.measure,
    _register.c.id,
    _register.c.digits,
    _register.c.initial,
    _meter.c.coefficient,
    _meter.c.installed,
    _meter.c.removed,
).join_from(_meter, _register, _register.c.meter_id == _meter.c.id)
OF_UNIT = _PLACES.where(_meter.c.unit_id == bindparam("unit")).order_by(_register.c.id)
_OF_UNITS = _PLACES.where(_meter.c.unit_id.in_(bindparam("units", expanding=True)), _meter.c.medium == bindparam("medium"))
_EVERY_OF_UNITS = _PLACES.where(_meter.c.unit_id.in_(bindparam("units", expanding=True))).order_by(_register.c.id)
_OF_REGISTERS = _PLACES.where(_register.c.id.in_(bindparam("registers", expanding=True)))

_COLUMNS = (_reading.c.register_id, _reading.c.day, _reading.c.value, _reading.c.rolled_over, _reading.c.source)
ASKED = bindparam("registers", expanding=True)


def _beside(column, condition, order, *more):
    """Of a register's nearest reading on one side."""
    found = select(column).where(_edge.c.register_id == _register.c.id, _edge.c.counts, condition, *more)
    return found.order_by(order).limit(1)


# Readings of a register from the nearest true one before the days first…last to the nearest true one behind: an estimate beyond
# those changes nothing here.
_TRUE = _edge.c.source != "estimate"
_FROM = func.coalesce(
    _beside(_edge.c.day, _edge.c.day < bindparam("first"), _edge.c.day.desc(), _TRUE).correlate(_register).scalar_subquery(),
    literal(date(1900, 1, 1), Date),
)
_UNTIL = func.coalesce(
    _beside(_edge.c.day, _edge.c.day >= bindparam("last"), _edge.c.day, _TRUE).correlate(_register).scalar_subquery(),
    literal(date(9999, 12, 31), Date),
)
WITHIN = and_(_reading.c.register_id == _register.c.id, _reading.c.counts, _reading.c.day >= _FROM, _reading.c.day <= _UNTIL)
_ALL = (
    select(*_COLUMNS)
    .join_from(_register, _reading, WITHIN)
    .where(_register.c.id.in_(ASKED))
    .order_by(_reading.c.register_id, _reading.c.day)
)


def _sparing(sqlite: bool) -> Select:
    """The readings next to some days (edges, as JSON), and those between them that daily remote ones do not stand for, with
    those next to each. All are looked up in an index: a home with hourly data for years costs no more than one that is read by
    hand."""
    if sqlite:
        days = select(func.json_each(bindparam("edges", type_=String)).table_valued("value").c.value.label("day")).cte("edges")
    else:
        each = func.json_array_elements_text(cast(bindparam("edges", type_=String), Json)).table_valued("value")
        days = select(cast(each.c.value, Date).label("day")).cte("edges")
    sides = ((_edge.c.day <= days.c.day, _edge.c.day.desc()), (_edge.c.day > days.c.day, _edge.c.day))
    ends = (_beside(_edge.c.id, *side).correlate(_register, days).scalar_subquery() for side in sides)
    asked = _register.c.id.in_(ASKED)
    nearest = [select(end).select_from(_register.join(days, literal(True))).where(asked) for end in ends]
    special = select(_reading.c.id).join_from(_register, _reading, and_(WITHIN, SPECIAL)).where(asked)
    sides = ((_edge.c.day < _reading.c.day, _edge.c.day.desc()), (_edge.c.day > _reading.c.day, _edge.c.day))
    ends = (_beside(_edge.c.id, *side).correlate(_register, _reading).scalar_subquery() for side in sides)
    kept = union(*nearest, special, *(special.with_only_columns(end, maintain_column_froms=True) for end in ends))
    return select(*_COLUMNS).where(_reading.c.id.in_(kept)).order_by(_reading.c.register_id, _reading.c.day)


_SPARING = {sqlite: _sparing(sqlite) for sqlite in (True, False)}


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
    days first…last in steps of a day, week (from Monday), month or year; those at the ends may be cut short. Two SELECTs.

    since: a resident's first day in the home. Nothing of the days before it is told, and nothing that a part of them is in.
    """
    if isinstance(place, int):
        places = [one for one in of_unit(session, place) if one.medium == medium]
    else:
        places = _placed(session, _OF_REGISTERS, {"registers": list(place)})
    pieces = parts(first, last, step)
    return spread(courses(session, places, pieces, since=since), pieces, step)


def of_homes(session: Session, units: Iterable[int], medium: str, first: date, last: date, step: str) -> dict[int, list[Span]]:
    """By unit id, as series(): homes without a meter of the medium are left out."""
    by_unit = defaultdict(list)
    for one in _placed(session, _OF_UNITS, {"units": list(units), "medium": medium}):
        by_unit[one.unit_id].append(one)
    pieces, found, asked = parts(first, last, step), {}, list(by_unit)
    for start in range(0, len(asked), CHUNK):
        units = asked[start : start + CHUNK]
        made = iter(courses(session, [one for unit in units for one in by_unit[unit]], pieces))
        for unit in units:
            found[unit] = spread([next(made) for _ in by_unit[unit]], pieces, step)
    return found


def known_homes(session: Session, homes: Iterable[tuple[int, date]], first: date, last: date) -> set[tuple[int, date]]:
    """Of homes, each with its holder's first day: those of which use is known on any of the days first…last, in any medium, as
    series() with since tells it. Two SELECTs for CHUNK of them."""
    found, asked = set(), sorted(homes)
    for start in range(0, len(asked), CHUNK):
        some = asked[start : start + CHUNK]
        by_unit = defaultdict(list)
        for one in _placed(session, _EVERY_OF_UNITS, {"units": sorted({unit for unit, _ in some})}):
            by_unit[one.unit_id].append(one)
        places = [one for of in by_unit.values() for one in of]
        # Where somebody's days begin before these, what lies next to the first of these tells enough.
        begins = {since - 2 * DAY for _, since in some if since > first}
        shown = _shown(session, places, {first - DAY, last}, begins) if places else {}
        found |= {(unit, since) for unit, since in some if _any_known(by_unit[unit], shown, since, first, last)}
    return found


def _any_known(places: list[Place], shown: dict[int, list[Shown]], since: date, first: date, last: date) -> bool:
    media, begins = defaultdict(list), since.toordinal()
    for one in places:
        if one.gauge.removed is None or one.gauge.removed >= begins:
            media[one.medium].append(course(one.gauge, shown[one.register_id], begins))
    return any(spread(some, [(first, last)], "month")[0].days for some in media.values())


def of_unit(session: Session, unit_id: int) -> list[Place]:
    """All registers that a home has or had. One SELECT."""
    return _placed(session, OF_UNIT, {"unit": unit_id})


def _placed(session: Session, statement: Select, facts: dict) -> list[Place]:
    return [placed(row) for row in plain(session, statement, facts)]


def placed(row) -> Place:
    """A row of a statement made from OF_UNIT, without what it has beside."""
    unit_id, medium, measure, id, digits, initial, coefficient, installed, removed = row
    until = removed.toordinal() if removed else None
    return Place(unit_id, medium, measure, id, Gauge(digits, initial, coefficient, installed.toordinal(), until))


def courses(
    session: Session,
    places: list[Place],
    pieces: list[tuple[date, date]],
    *,
    since: date | None = None,
    more: Iterable[date] = (),
) -> list[Course]:
    """The course of each register, good for sums of the pieces (first, last) and from or until the days of more. One SELECT,
    none without places."""
    if not places or not pieces:
        return [course(one.gauge, ()) for one in places]
    edges = {first - DAY for first, _ in pieces}.union((last for _, last in pieces), more)
    shown = _shown(session, places, edges, [since - 2 * DAY] if since else ())
    begins = since.toordinal() if since else None
    return [course(one.gauge, shown[one.register_id], begins) for one in places]


def _shown(session: Session, places: Iterable[Place], edges: set[date], beside: Iterable[date]) -> dict[int, list[Shown]]:
    """By register: the readings that its course needs to be good for sums between the edges. beside: days that it may begin
    after. One SELECT."""
    facts = {"registers": [one.register_id for one in places], "first": min(edges), "last": max(edges)}
    statement = _ALL
    if len(edges) <= FEW:
        facts["edges"] = json.dumps([edge.isoformat() for edge in edges.union(beside)])
        statement = _SPARING[session.get_bind().dialect.name == "sqlite"]
    shown = defaultdict(list)
    for register_id, day, value, rolled_over, source in plain(session, statement, facts):
        shown[register_id].append(Shown(day.toordinal(), value, rolled_over, source == "estimate"))
    return shown


def spread(courses: list[Course], pieces: list[tuple[date, date]], step: str) -> list[Span]:
    """The use of all the courses together in each of the pieces (first, last)."""
    if not pieces:
        return []
    runs = known(courses, min(first for first, _ in pieces).toordinal(), max(last for _, last in pieces).toordinal())
    doubts = _Doubts(doubt for one in courses for doubt in one.doubts(BEARS[step]))
    return [_span(courses, runs, doubts, begins, ends) for begins, ends in pieces]


class _Doubts:
    """Runs of days, and whether some days meet one of them."""

    def __init__(self, runs: Iterable[tuple[int, int]]):
        ordered = sorted(runs)
        self._begun = [begun for begun, _ in ordered]
        self._ended = list(accumulate((ended for _, ended in ordered), max))

    def meet(self, first: int, last: int) -> bool:
        place = bisect_right(self._begun, last)
        return place > 0 and self._ended[place - 1] >= first


def _span(courses: list[Course], runs: list[tuple[int, int]], doubts: _Doubts, first: date, last: date) -> Span:
    begins, ends = first.toordinal(), last.toordinal()
    use = days = 0
    doubtful = False
    for run_first, run_last in runs:
        if run_first > ends or run_last < begins:
            continue
        inner_first, inner_last = max(begins, run_first), min(ends, run_last)
        days += inner_last - inner_first + 1
        for one in courses:
            use += one.through(inner_last) - one.through(inner_first - 1)
        doubtful = doubtful or doubts.meet(inner_first, inner_last)
    return Span(first, last, use, doubtful, days == ends - begins + 1, days)


def parts(first: date, last: date, step: str) -> list[tuple[date, date]]:
    """(first day, last day) of each day, week, month or year of first…last, those at the ends cut short."""
    found = []
    while first <= last:
        following = min(after(first, step), last + DAY)
        found.append((first, following - DAY))
        first = following
    return found


def after(day: date, step: str) -> date:
    """The first day of the step after the one that a day is in."""
    if step == "day":
        return day + DAY
    if step == "week":
        return day + timedelta(days=7 - day.weekday())
    if step == "month":
        return months_on(day, 1)
    return date(day.year + 1, 1, 1)
