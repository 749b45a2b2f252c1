"""An archived meter taken back: what taking it out did is undone, as long as nothing came after it (changing.take_out).

The final value stays in the record and does not count any more; one of the same day that it took the place of counts again.
What taking it out moved or rejected stands in its audit event.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit
from ..access import Actor
from ..audit import AuditEvent
from ..errors import ResidentError, Stale
from ..homes.building import Unit
from ..money.period import BillingPeriod, lock_buildings
from . import fitting, window
from .fitting import BadMeter
from .meter import Meter, Register
from .reading import Reading


class NotRestored(ResidentError):
    """The meter cannot be taken back: why, and facts.

    why: in_use | replaced (serial of the meter that came in its place) | allocated (period: its name) | read (day: a value that
    was entered after the final one) | taken (serial) | place (another of the medium is in the home now, and their places do not
    tell them apart: serial).
    """


def check(session: Session, meter: Meter) -> None:
    """Could it be taken back now? NotRestored. Stores nothing, locks nothing."""
    if meter.removed is None:
        raise NotRestored(why="in_use")
    heir = session.scalar(select(Meter.serial).where(Meter.replaces_id == meter.id).limit(1))
    if heir is not None:
        raise NotRestored(why="replaced", serial=heir)
    _check_costs(session, meter)
    if later := _later(session, meter, finals(session, meter)):
        raise NotRestored(why="read", day=later)
    _check_neighbours(session, meter)


def take_back(session: Session, meter: Meter, seen: date, *, by: Actor) -> None:
    """Have an archived meter in use again. seen: the last day that the page showed. NotRestored; Stale when it is another."""
    session.execute(select(Unit.id).where(Unit.id == meter.unit_id).with_for_update())
    lock_buildings(session, [fitting.building_of(session, meter)])
    session.refresh(meter)
    if meter.removed not in (None, seen):
        raise Stale()
    check(session, meter)
    readings, back, waiting = finals(session, meter), behind(session, meter), _rejected(session, meter)
    meter.removed = None
    session.flush()
    _undo_finals(session, readings)
    for one in back:
        one.main_id = meter.id
    for one in waiting:
        one.state, one.decided_by, one.decided_at = "pending", None, None
    facts = {"unit": meter.unit_id, "day": seen.isoformat(), "finals": [one.id for one in readings]}
    facts |= {"behind": [one.id for one in back], "pending": [one.id for one in waiting]}
    audit.record(session, "meter_restored", by=by, organisation_id=meter.organisation_id, thing=meter, facts=facts)
    session.flush()


def finals(session: Session, meter: Meter) -> Sequence[Reading]:
    """The values that taking it out has put: they stop counting when it is taken back."""
    statement = select(Reading).join(Register, Register.id == Reading.register_id)
    where = (Register.meter_id == meter.id, Reading.day == meter.removed, Reading.reason == "taken_out", Reading.counts)
    return session.scalars(statement.where(*where).order_by(Reading.id)).all()


def behind(session: Session, meter: Meter) -> list[Meter]:
    """Meters that stood behind it, and stand now where it stood: they come back."""
    ids = _event(session, meter).get("behind", [])
    moved = select(Meter).where(Meter.id.in_(ids), Meter.removed.is_(None), Meter.main_id.is_not_distinct_from(meter.main_id))
    return list(session.scalars(moved.order_by(Meter.id)))


# ---- What must hold --------------------------------------------------------------------------------------------------


def _check_costs(session: Session, meter: Meter) -> None:
    """Use from its last day on was shared out without it."""
    shared = select(BillingPeriod.name).where(
        BillingPeriod.building_id == fitting.building_of(session, meter),
        BillingPeriod.state.not_in(window.TAKES_READINGS),
        BillingPeriod.use_last >= meter.removed,
    )
    if period := session.scalar(shared.order_by(BillingPeriod.use_first).limit(1)):
        raise NotRestored(why="allocated", period=period)


def _later(session: Session, meter: Meter, readings: Sequence[Reading]) -> date | None:
    """The day of a reading that counts and was entered after the final value of its register."""
    last = {one.register_id: one.id for one in readings}
    entered = select(Reading.register_id, Reading.id, Reading.day).where(Reading.register_id.in_(last), Reading.counts)
    return next((row.day for row in session.execute(entered) if row.id > last[row.register_id]), None)


def _check_neighbours(session: Session, meter: Meter) -> None:
    """Rule 8, as for a meter that is added."""
    wanted = Meter(organisation_id=meter.organisation_id, medium=meter.medium, unit_id=meter.unit_id)
    try:
        fitting.check_serial(session, wanted, meter.serial)
        fitting.check_place(session, wanted, meter.place)
    except BadMeter as bad:
        raise NotRestored(why="taken" if bad.why == "taken" else "place", serial=bad.facts.get("serial", "")) from bad


# ---- What is undone --------------------------------------------------------------------------------------------------


def _undo_finals(session: Session, readings: Sequence[Reading]) -> None:
    for one in readings:
        one.counts = False
    session.flush()
    before = [one.supersedes_id for one in readings if one.supersedes_id]
    session.execute(update(Reading).where(Reading.id.in_(before)).values(counts=True))


def _rejected(session: Session, meter: Meter) -> list[Reading]:
    """Readings that waited for a decision when it was taken out: they wait again."""
    rejected = select(Reading).where(Reading.id.in_(_event(session, meter).get("rejected", [])), Reading.state == "rejected")
    return list(session.scalars(rejected))


def _event(session: Session, meter: Meter) -> dict:
    """Facts of the last time that it was taken out at the desk; none for what an import has archived."""
    events = select(AuditEvent.facts).where(
        AuditEvent.thing == "meter", AuditEvent.thing_id == meter.id, AuditEvent.act == "meter_removed"
    )
    facts = session.scalar(events.order_by(AuditEvent.id.desc()).limit(1)) or {}
    return facts if facts.get("day") == meter.removed.isoformat() else {}
