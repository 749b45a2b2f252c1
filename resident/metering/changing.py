"""A change of meter: the old one's final value, the day, the new one's number and first value (rule 7).

Use over it is (final − last) + (now − first): counter.py works it out along Meter.replaces_id.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor
from ..errors import ResidentError
from ..homes.building import Unit
from ..money.period import BillingPeriod, lock_buildings
from . import window
from .meter import Meter, Register
from .reading import Reading
from .submission import source_of, take_over


class BadChange(ResidentError):
    """The change cannot be so: why, and register_id where it is about one register.

    why: removed (the meter has a last day already: day) | future | before_installed (day) | allocated (period: its name) |
    taken (serial) | before_last (day) | lower (last, day) | below_first | read (day, today).
    """


@dataclass(frozen=True, slots=True)
class Ends:
    """One register over a change; values in millionths. now: what the new one shows on the day `read`, None for nothing."""

    final: int
    first: int
    digits: int
    decimals: int
    now: int | None = None


def change_meter(
    session: Session,
    meter: Meter,
    day: date,
    serial: str,
    ends: dict[int, Ends],
    today: date,
    *,
    by: Actor,
    read: date | None = None,
) -> Meter:
    """Take a home's meter out and put a new one in its place, on a day of the organisation. ends: by register of the old.

    Readings that wait because "the meter was changed" are settled: with a value now, it counts on the new register; without
    one they are rejected. BadChange.
    """
    building_id = session.scalar(select(Unit.building_id).where(Unit.id == meter.unit_id).with_for_update())
    lock_buildings(session, [building_id])
    session.refresh(meter)
    _check_day(session, meter, building_id, day, today)
    _check_serial(session, meter, serial)
    registers = session.scalars(select(Register).where(Register.meter_id == meter.id).order_by(Register.id)).all()
    lasts = {register.id: _checked(session, register, ends[register.id], day) for register in registers}
    if any(given.now is not None for given in ends.values()) and not (read and day <= read <= today):
        raise BadChange(why="read", day=day, today=today)
    meter.removed = day
    session.flush()
    new = _installed(session, meter, day, serial)
    settled = []
    for register in registers:
        given = ends[register.id]
        _put_final(session, register, given.final, day, lasts[register.id], by)
        made = Register(meter_id=new.id, name=register.name, digits=given.digits, decimals=given.decimals, initial=given.first)
        session.add(made)
        session.flush()
        settled += _settle(session, meter, register, made, given.now, read, today, by)
    facts = {"meter_changed": meter.id, "unit": meter.unit_id, "day": day.isoformat(), "settled": settled}
    audit.record(session, "readings_entered", by=by, organisation_id=meter.organisation_id, thing=new, facts=facts)
    session.flush()
    return new


def waiting(session: Session, meter_id: int) -> dict[int, Reading]:
    """By register: the newest reading that waits because "the meter was changed"."""
    statement = select(Reading).join(Register).where(Register.meter_id == meter_id, *_WAITING).order_by(Reading.id)
    return {reading.register_id: reading for reading in session.scalars(statement)}


def lasts(session: Session, meter_id: int) -> dict[int, Reading]:
    """By register: the last reading that counts."""
    statement = select(Reading).join(Register).where(Register.meter_id == meter_id, Reading.counts).order_by(Reading.day)
    return {reading.register_id: reading for reading in session.scalars(statement)}


_WAITING = (Reading.state == "pending", Reading.reason == "meter_changed")


def _check_day(session: Session, meter: Meter, building_id: int, day: date, today: date) -> None:
    if meter.removed:
        raise BadChange(why="removed", day=meter.removed)
    if day > today:
        raise BadChange(why="future")
    if day < meter.installed:
        raise BadChange(why="before_installed", day=meter.installed)
    shared = session.scalar(
        select(BillingPeriod.name).where(
            BillingPeriod.building_id == building_id,
            BillingPeriod.state.not_in(window.TAKES_READINGS),
            BillingPeriod.use_first <= day,
            BillingPeriod.use_last >= day,
        )
    )
    if shared:
        raise BadChange(why="allocated", period=shared)


def _check_serial(session: Session, meter: Meter, serial: str) -> None:
    """Rule 8: the number is one live meter's of the medium in the organisation."""
    same = (Meter.organisation_id == meter.organisation_id, Meter.medium == meter.medium, Meter.serial == serial)
    if session.scalar(select(exists().where(*same, Meter.removed.is_(None)))):
        raise BadChange(why="taken", serial=serial)


def _checked(session: Session, register: Register, given: Ends, day: date) -> Reading | None:
    """The last reading of a register that counts, when the final value can follow it."""
    counting = select(Reading).where(Reading.register_id == register.id, Reading.counts).order_by(Reading.day.desc())
    last = session.scalar(counting.limit(1))
    if last and last.day > day:
        raise BadChange(why="before_last", register_id=register.id, day=last.day)
    # An estimate may have been too high: the final value settles it (rule 11).
    seen = session.scalar(counting.where(Reading.source != "estimate").limit(1))
    floor, since = (seen.value, seen.day) if seen else (register.initial, None)
    if given.final < floor:
        raise BadChange(why="lower", register_id=register.id, last=floor, day=since)
    if given.now is not None and given.now < given.first:
        raise BadChange(why="below_first", register_id=register.id)
    return last


def _installed(session: Session, old: Meter, day: date, serial: str) -> Meter:
    kept = ("organisation_id", "unit_id", "medium", "place", "measure", "coefficient", "remote")
    new = Meter(**{name: getattr(old, name) for name in kept}, serial=serial, installed=day, replaces_id=old.id)
    session.add(new)
    session.flush()
    return new


def _put_final(session: Session, register: Register, final: int, day: date, last: Reading | None, by: Actor) -> None:
    """The final value is a reading of its day; it takes the place of another value of that day."""
    same = last if last and last.day == day else None
    if same and same.value == final:
        return
    if same:
        session.execute(update(Reading).where(Reading.id == same.id).values(counts=False))
    made = Reading(register_id=register.id, day=day, value=final, source=source_of(by), person_id=by.person_id, at=clock.now())
    made.reason = "meter_changed"
    if same:
        made.period_id, made.supersedes_id = same.period_id, same.id
    session.add(made)


def _settle(session, meter: Meter, old: Register, new: Register, now: int | None, read: date | None, today: date, by) -> list[int]:
    """Decide what waits for this change, and put what the new register shows. The ids of what was decided."""
    pending = list(session.scalars(select(Reading).where(Reading.register_id == old.id, *_WAITING).order_by(Reading.id)))
    for one in pending:
        taken = now is not None and one is pending[-1]
        one.state, one.decided_by, one.decided_at = "accepted" if taken else "rejected", by.person_id, clock.now()
    session.flush()
    if now is not None and pending:
        take_over(session, pending[-1], new.id, now, read, by=by)
    elif now is not None:
        entry = window.for_staff(window.turns(session, today, unit_id=meter.unit_id), today)
        made = Reading(register_id=new.id, day=read, value=now, source=source_of(by), person_id=by.person_id, at=clock.now())
        made.period_id = entry.period_id
        session.add(made)
    return [one.id for one in pending]
