"""A reading that is billed turns out to be wrong: the right one takes its place (rules 1 and 26).

The wrong one stays, uncounted. What it changes on invoices is corrected apart: charging/remeasuring.py.
"""

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.building import Unit
from ..money.period import BillingPeriod, lock_buildings
from .meter import Meter, Register
from .reading import Reading, tidy_note
from .submission import source_of

# States of periods whose readings are billed for good.
BILLED = ("confirmed", "closed")


class NotPutRight(ResidentError):
    """A reading cannot be put right so: why (open: the period is not billed yet | same: it says so already | below, above: less
    than the reading before, more than the one after it, of day and value, with what the register counts in)."""


def counters(session: Session, period: BillingPeriod, unit_id: int) -> list[tuple[Row, Reading | None]]:
    """The registers of a home that people read, on the period's last day of use, and the reading that counts for it."""
    rows = session.execute(
        select(Register.id.label("register_id"), Register.name, Register.digits, Register.decimals, Meter.medium, Meter.serial)
        .add_columns(Meter.place, Meter.measure)
        .join(Meter, Meter.id == Register.meter_id)
        .where(Meter.unit_id == unit_id, Meter.remote.is_(False), Meter.installed <= period.use_last)
        .where(or_(Meter.removed.is_(None), Meter.removed > period.use_last))
        .order_by(Meter.medium, Meter.id, Register.name)
    ).all()
    return [(row, _counting(session, period, row.register_id)) for row in rows]


def put_right(session: Session, period: BillingPeriod, unit_id: int, values: dict[int, int], note: str, *, by) -> list[Reading]:
    """values: by register of the home, in millionths, what it showed at the end of the period's use. Those that say so already are
    left. NotPutRight; ValueError for a register that is not among counters()."""
    lock_buildings(session, [period.building_id])
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
    session.refresh(period, with_for_update=True)
    if period.state not in BILLED:
        raise NotPutRight(why="open")
    there = {row.register_id: (row, reading) for row, reading in counters(session, period, unit_id)}
    if not values.keys() <= there.keys():
        raise ValueError(sorted(values))
    changed = {id: value for id, value in values.items() if there[id][1] is None or there[id][1].value != value}
    if not changed:
        raise NotPutRight(why="same")
    made = [_put(session, period, *there[id], value, note, by) for id, value in changed.items()]
    session.flush()
    facts = {"unit": unit_id, "period": period.id, "readings": len(made)}
    audit.record(session, "readings_entered", by=by, thing=period, facts=facts)
    session.flush()
    return made


def _put(session: Session, period: BillingPeriod, row: Row, was: Reading | None, value: int, note: str, by) -> Reading:
    day = was.day if was else period.use_last
    _within(session, row, value, was, day)
    if was:
        was.counts = False
        session.flush()
    made = Reading(
        register_id=row.register_id, period_id=was.period_id if was else period.id, day=day, value=value, source=source_of(by),
        rolled_over=bool(was and was.rolled_over), note=tidy_note(note), supersedes_id=was.id if was else None,
        person_id=by.person_id, at=clock.now(), via="page",
    )  # fmt: skip
    session.add(made)
    return made


def _within(session: Session, row: Row, value: int, was: Reading | None, day) -> None:
    """Not below the reading before, nor above the one after, where neither counter passed zero. Estimates bind nobody."""
    own = select(Reading).where(Reading.register_id == row.register_id, Reading.counts, Reading.source != "estimate")
    before = session.scalar(own.where(Reading.day < day).order_by(Reading.day.desc()).limit(1))
    after = session.scalar(own.where(Reading.day > day).order_by(Reading.day).limit(1))
    if before and value < before.value and not (was and was.rolled_over):
        raise NotPutRight(why="below", day=before.day, value=before.value, measure=row.measure, decimals=row.decimals)
    if after and value > after.value and not after.rolled_over:
        raise NotPutRight(why="above", day=after.day, value=after.value, measure=row.measure, decimals=row.decimals)


def _counting(session: Session, period: BillingPeriod, register_id: int) -> Reading | None:
    own = select(Reading).where(Reading.register_id == register_id, Reading.counts)
    sent = session.scalar(own.where(Reading.period_id == period.id))
    return sent or session.scalar(own.where(Reading.day == period.use_last))
