"""The day's last sample becomes the reading of that day (rule 17), by the days of the organisation.

On the last day of use of a billing period that still takes readings it is the period's reading too. A later sample of the same
day supersedes; what somebody entered by hand stays, and so does what a period was allocated with.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from .. import clock
from ..db import dialect_insert, plain
from ..money.period import BillingPeriod
from .feed_meters import Found
from .reading import Reading
from .usual import rollover_plausible
from .window import TAKES_READINGS

# Readings that one of a feed may take the place of.
YIELDS = ("remote", "estimate")
_reading = Reading.__table__
_c = _reading.c
_of_register = _c.register_id == bindparam("register")
_before = select(func.max(_c.day)).where(_of_register, _c.counts, _c.day < bindparam("first")).scalar_subquery()
_THERE = (
    select(_c.id, _c.day, _c.value, _c.source, _c.period_id)
    .where(_of_register, _c.counts, _c.day <= bindparam("last"), _c.day >= func.coalesce(_before, bindparam("first")))
    .order_by(_c.day)
)
_OF_PERIOD = select(_c.id, _c.source).where(
    _of_register, _c.counts, _c.period_id == bindparam("period"), _c.day != bindparam("day")
)


@dataclass(slots=True)
class Made:
    """A row of the table, and the ids of the readings that no longer count beside it."""

    row: dict
    replaces: list[int]


@dataclass(slots=True)
class Change:
    """What is to become of readings. dropped: ids of those that no longer count."""

    made: list[Made] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    def add(self, other: "Change") -> None:
        self.made += other.made
        self.dropped += other.dropped


class Periods:
    """Periods that still take readings, by the building and their last day of use."""

    def __init__(self, session: Session):
        rows = session.execute(
            select(BillingPeriod.building_id, BillingPeriod.use_last, BillingPeriod.id).where(
                BillingPeriod.state.in_(TAKES_READINGS)
            )
        ).all()
        self._ends = {(building, last): period for building, last, period in rows}
        self.open = {period for _, _, period in rows}

    def ending(self, building_id: int, day: date) -> int | None:
        return self._ends.get((building_id, day))


def change(session: Session, register: Found, lasts: dict[date, int | None], periods: Periods) -> Change:
    """What the last values of some days change in a register's readings. None: the day has no sample any more."""
    found, days = Change(), sorted(lasts)
    there = plain(session, _THERE, {"register": register.id, "first": days[0], "last": days[-1]}).all()
    old, now = {row.day: row for row in there}, clock.now()
    value = None
    for day in sorted({*old, *days}):
        before, row = value, old.get(day)
        wanted = lasts.get(day)
        if day in lasts and _replaceable(row, periods):
            if wanted is None:
                found.dropped += [row.id] if row else []
                continue
            _put(session, found, register, day, wanted, before, row, periods, now)
            value = wanted
        elif row:
            value = row.value
    return found


def _replaceable(row, periods: Periods) -> bool:
    return row is None or (row.source in YIELDS and (row.period_id is None or row.period_id in periods.open))


def _put(session, found: Change, register: Found, day: date, wanted: int, before: int | None, row, periods: Periods, now) -> None:
    ending = periods.ending(register.building_id, day)
    same = row is not None and row.source == "remote" and row.value == wanted
    if same and (row.period_id is not None or ending is None):
        return
    period, replaces = row.period_id if row else None, [row.id] if row else []
    if period is None and ending is not None:
        others = plain(session, _OF_PERIOD, {"register": register.id, "period": ending, "day": day}).all()
        # An estimate or an earlier remote one makes room; what somebody entered stays the period's.
        if all(source in YIELDS for _, source in others):
            period = ending
            replaces += [reading_id for reading_id, _ in others]
        elif same:
            return
    rolled = before is not None and rollover_plausible(before, wanted, register.digits)
    made = {
        "register_id": register.id, "period_id": period, "day": day, "value": wanted, "source": "remote", "state": "accepted",
        "counts": True, "rolled_over": rolled, "supersedes_id": row.id if row else None, "at": now, "via": "feed",
    }  # fmt: skip
    found.made.append(Made(made, replaces))


def write(session: Session, wanted: Change) -> int:
    """Carry it out; how many readings were made. A period that was allocated meanwhile keeps what it has."""
    made = wanted.made
    named = {one.row["period_id"] for one in made} - {None}
    if named:
        open_ones = select(BillingPeriod.id).where(BillingPeriod.id.in_(named), BillingPeriod.state.in_(TAKES_READINGS))
        taking = set(session.scalars(open_ones.with_for_update()))
        made = [one for one in made if one.row["period_id"] is None or one.row["period_id"] in taking]
    replaced = [reading_id for one in made for reading_id in one.replaces]
    for ids, values in ((replaced, {"counts": False}), (wanted.dropped, {"counts": False, "state": "rejected"})):
        if ids:
            session.execute(update(_reading).where(_c.id.in_(ids), _c.counts).values(values))
    if made:
        session.execute(dialect_insert(session)(_reading).on_conflict_do_nothing(), [one.row for one in made])
    return len(made)
