"""A change of meter: the old one's final value, the day, the new one's number and first value (rule 7); and taking a meter
out without a new one.

Use over a change is (final − last) + (now − first): counter.py works it out along Meter.replaces_id.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor
from ..errors import ResidentError
from ..homes.building import Unit
from ..money.period import BillingPeriod, lock_buildings
from . import fitting, window
from .fitting import BadMeter, registers_of
from .meter import Meter, Register
from .reading import PENDING, Reading
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
    verified_until: date | None = None,
    remote: bool | None = None,
) -> Meter:
    """Take a meter out and put a new one in its place, on a day of the organisation. ends: by register of the old. remote:
    None for as the old one was.

    Meters behind the old one stand behind the new one. Readings that wait because "the meter was changed" are settled: with
    a value now, it counts on the new register; without one they are rejected. BadChange.
    """
    building_id = _held(session, meter)
    _check_day(session, meter, building_id, day, today)
    registers = registers_of(session, meter.id)
    lasts = {register.id: _checked(session, register, ends[register.id].final, day) for register in registers}
    for id, given in ends.items():
        if given.now is not None and given.now < given.first:
            raise BadChange(why="below_first", register_id=id)
    if any(given.now is not None for given in ends.values()) and not (read and day <= read <= today):
        raise BadChange(why="read", day=day, today=today)
    check_number(session, meter, serial)
    meter.removed = day
    session.flush()
    new = _installed(session, meter, day, serial, verified_until, meter.remote if remote is None else remote)
    _stand_behind(session, meter, new.id)
    settled = []
    for register in registers:
        given = ends[register.id]
        _put_final(session, register, given.final, day, lasts[register.id], by)
        made = Register(meter_id=new.id, name=register.name, digits=given.digits, decimals=given.decimals, initial=given.first)
        session.add(made)
        session.flush()
        settled += _settle(session, building_id, register, made, given.now, read, today, by)
    facts = {"meter_changed": meter.id, "unit": meter.unit_id, "day": day.isoformat(), "settled": settled}
    audit.record(session, "meter_replaced", by=by, organisation_id=meter.organisation_id, thing=new, facts=facts)
    session.flush()
    return new


def check_end(session: Session, meter: Meter, day: date, finals: dict[int, int], today: date) -> None:
    """Could the meter end so on that day? BadChange. Stores nothing, locks nothing: change_meter() and take_out() look again."""
    _check_day(session, meter, fitting.building_of(session, meter), day, today)
    for one in registers_of(session, meter.id):
        _checked(session, one, finals[one.id], day)


def take_out(session: Session, meter: Meter, day: date, finals: dict[int, int], today: date, *, by: Actor) -> None:
    """Archive a meter without a new one: the day, and by register the final value, which stays as a reading of that day.

    Meters behind it stand behind its own main meter from then on; what waits for a decision is rejected. BadChange.
    """
    building_id = _held(session, meter)
    _check_day(session, meter, building_id, day, today)
    registers = registers_of(session, meter.id)
    lasts = {one.id: _checked(session, one, finals[one.id], day) for one in registers}
    meter.removed = day
    behind = _stand_behind(session, meter, meter.main_id)
    pending = list(session.scalars(select(Reading).join(Register).where(Register.meter_id == meter.id, Reading.state == PENDING)))
    for one in pending:
        one.state, one.decided_by, one.decided_at = "rejected", by.person_id, clock.now()
    session.flush()
    for register in registers:
        _put_final(session, register, finals[register.id], day, lasts[register.id], by, "taken_out")
    facts = {"unit": meter.unit_id, "day": day.isoformat(), "rejected": [one.id for one in pending]}
    # By these it can be taken back (restoring.py).
    facts["behind"] = behind
    audit.record(session, "meter_removed", by=by, organisation_id=meter.organisation_id, thing=meter, facts=facts)
    session.flush()


def _held(session: Session, meter: Meter) -> int:
    """The meter's building, locked, and the meter as it is now. Its home's lock keeps readings that are being sent from ending
    up on a meter that is gone."""
    session.execute(select(Unit.id).where(Unit.id == meter.unit_id).with_for_update())
    building_id = fitting.building_of(session, meter)
    lock_buildings(session, [building_id])
    session.refresh(meter)
    return building_id


def _stand_behind(session: Session, old: Meter, main_id: int | None) -> list[int]:
    """The live meters that stood behind it, which now stand behind another or none."""
    behind = list(session.scalars(select(Meter).where(Meter.main_id == old.id, Meter.removed.is_(None)).order_by(Meter.id)))
    for one in behind:
        one.main_id = main_id
    session.flush()
    return [one.id for one in behind]


def waiting(session: Session, meter_id: int) -> dict[int, Reading]:
    """By register: the newest reading that waits because "the meter was changed"."""
    statement = select(Reading).join(Register).where(Register.meter_id == meter_id, *_WAITING).order_by(Reading.id)
    return {reading.register_id: reading for reading in session.scalars(statement)}


def lasts(session: Session, meter_id: int) -> dict[int, Reading]:
    """By register: the last reading that counts."""
    statement = select(Reading).join(Register).where(Register.meter_id == meter_id, Reading.counts).order_by(Reading.day)
    return {reading.register_id: reading for reading in session.scalars(statement)}


_WAITING = (Reading.state == PENDING, Reading.reason == "meter_changed")


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


def check_number(session: Session, meter: Meter, serial: str) -> None:
    """The new meter's number is free (rule 8); the old one is still there, so that its own is taken too. BadChange."""
    try:
        fitting.check_serial(session, Meter(organisation_id=meter.organisation_id, medium=meter.medium), serial)
    except BadMeter as bad:
        raise BadChange(why="taken", serial=serial) from bad


def _checked(session: Session, register: Register, final: int, day: date) -> Reading | None:
    """The last reading of a register that counts, when the final value can follow it."""
    counting = select(Reading).where(Reading.register_id == register.id, Reading.counts).order_by(Reading.day.desc())
    last = session.scalar(counting.limit(1))
    if last and last.day > day:
        raise BadChange(why="before_last", register_id=register.id, day=last.day)
    # An estimate may have been too high: the final value settles it (rule 11).
    seen = session.scalar(counting.where(Reading.source != "estimate").limit(1))
    floor, since = (seen.value, seen.day) if seen else (register.initial, None)
    if final < floor:
        raise BadChange(why="lower", register_id=register.id, last=floor, day=since)
    return last


def _installed(session: Session, old: Meter, day: date, serial: str, verified_until: date | None, remote: bool) -> Meter:
    kept = ("organisation_id", "unit_id", "building_id", "medium", "place", "measure", "coefficient", "main_id")
    new = Meter(**{name: getattr(old, name) for name in kept}, serial=serial, installed=day, replaces_id=old.id)
    new.verified_until, new.remote = verified_until, remote
    session.add(new)
    session.flush()
    return new


def _put_final(
    session: Session, register: Register, final: int, day: date, last: Reading | None, by: Actor, reason: str = "meter_changed"
) -> None:
    """The final value is a reading of its day; it takes the place of another value of that day."""
    same = last if last and last.day == day else None
    if same and same.value == final:
        return
    if same:
        session.execute(update(Reading).where(Reading.id == same.id).values(counts=False))
    made = Reading(register_id=register.id, day=day, value=final, source=source_of(by), person_id=by.person_id, at=clock.now())
    made.reason = reason
    if same:
        made.period_id, made.supersedes_id = same.period_id, same.id
    session.add(made)


def _settle(
    session, building_id: int, old: Register, new: Register, now: int | None, read: date | None, today: date, by
) -> list[int]:
    """Decide what waits for this change, and put what the new register shows. The ids of what was decided."""
    pending = list(session.scalars(select(Reading).where(Reading.register_id == old.id, *_WAITING).order_by(Reading.id)))
    for one in pending:
        taken = now is not None and one is pending[-1]
        one.state, one.decided_by, one.decided_at = "accepted" if taken else "rejected", by.person_id, clock.now()
    session.flush()
    if now is not None and pending:
        take_over(session, pending[-1], new.id, now, read, by=by)
    elif now is not None:
        entry = window.for_staff(window.turns(session, today, building_id=building_id), today)
        made = Reading(register_id=new.id, day=read, value=now, source=source_of(by), person_id=by.person_id, at=clock.now())
        made.period_id = entry.period_id
        session.add(made)
    return [one.id for one in pending]
