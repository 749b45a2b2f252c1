"""A home that changes hands, step by step (B9): planned, read, agreed, carried out or cancelled. All of it is in `handover`.

The coming tenure stands from signing and begins on its first day; the leaving one and its parties have their last day from
when staff fix it, so that access ends with it whether or not the rest is done by then (rule 40). The readings of the day are
the last of one and the first of the other: they belong to no billing period, so that the period's own reading still finds
its place (rule 24).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from .. import audit, clock
from ..errors import ResidentError, Stale
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import Actor
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..metering.window import TAKES_READINGS
from ..money.period import BillingPeriod, lock_buildings
from ..people.handover import Handover, HandoverReading
from ..people.tenure import Holding, Tenure
from . import last_day, tenancy

SIDES = ("leaving", "coming")
KEY_KINDS = ("home", "entrance", "mailbox", "storage", "parking", "other")
MOST_KEYS = 20


class NotPlanned(ResidentError):
    """The handover is done or cancelled: state."""


class AlreadyPlanned(ResidentError):
    """A handover of the home is planned already: handover_id."""


class BadDay(ResidentError):
    """The day cannot be so: why (before: the tenure begins on `day` | after: it ends on `day` | past: today is `day`)."""


class BadReading(ResidentError):
    """A value cannot be the day's: register_id, why (lower: less than `value` on `day` | higher: more than `value` on `day`)."""


class NotYet(ResidentError):
    """It cannot be carried out: why (readings: a value is missing | agreed: not confirmed | future: the day has not come |
    allocated: the day's costs are shared out, period)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One register of the home on the day. value: proposed, None for none; before, after: (value, day) of its neighbours."""

    register_id: int
    name: str
    medium: str
    place: str | None
    serial: str
    measure: str
    digits: int
    decimals: int
    value: int | None
    before: tuple[int, date]
    after: tuple[int, date] | None


# ---- Reading ---------------------------------------------------------------------------------------------------------


def planned_for(session: Session, unit_id: int) -> Handover | None:
    """The handover of a home that is under way: there is one at most."""
    return session.scalar(select(Handover).where(Handover.unit_id == unit_id, Handover.state == "planned"))


def side_of(handover: Handover, tenure_ids) -> str | None:
    """Which side a viewer stands on, by the tenures that they are a party of."""
    for side in SIDES:
        if getattr(handover, f"{side}_id") in tenure_ids:
            return side
    return None


def lines(session: Session, handover: Handover) -> list[Line]:
    """Registers that people read, of meters that are in the home on the day."""
    rows = session.execute(
        select(Register, Meter, HandoverReading.value)
        .join(Meter, Meter.id == Register.meter_id)
        .outerjoin(HandoverReading, (HandoverReading.register_id == Register.id) & (HandoverReading.handover_id == handover.id))
        .where(Meter.unit_id == handover.unit_id, ~Meter.remote, Meter.installed <= handover.day)
        .where(or_(Meter.removed.is_(None), Meter.removed > handover.day))
        .order_by(Meter.medium, Meter.place, Meter.id, Register.id)
    ).all()
    return [_line(session, handover.day, *row) for row in rows]


def _line(session: Session, day: date, register: Register, meter: Meter, value: int | None) -> Line:
    # What somebody saw: an estimate may have been too high, and a true value of the day settles it (rule 11).
    seen = Reading.register_id == register.id, Reading.counts, Reading.source != "estimate"
    counting = select(Reading.value, Reading.day).where(*seen)
    before = session.execute(counting.where(Reading.day <= day).order_by(Reading.day.desc()).limit(1)).first()
    after = session.execute(counting.where(Reading.day > day).order_by(Reading.day).limit(1)).first()
    if value is None and before and before.day == day:
        value = before.value
    return Line(
        register.id, register.name, meter.medium, meter.place, meter.serial, meter.measure, register.digits, register.decimals,
        value, tuple(before) if before else (register.initial, meter.installed), tuple(after) if after else None,
    )  # fmt: skip


def agreed(handover: Handover) -> bool:
    """By staff, or by both sides; by the leaving one alone where nobody comes."""
    both = handover.leaving_agreed_at and (handover.coming_agreed_at or handover.coming_id is None)
    return bool(handover.staff_agreed_at or both)


def leaving_of(session: Session, unit_id: int, today: date) -> list[Tenure]:
    """The tenures of a home that can be handed over: begun or signed, and not ended."""
    held = select(Tenure).join(Holding, Holding.tenure_id == Tenure.id).where(Holding.unit_id == unit_id)
    going = or_(Tenure.last.is_(None), Tenure.last >= today - timedelta(days=60))
    return list(session.scalars(held.where(Tenure.first <= today, going).order_by(Tenure.first.desc(), Tenure.id)))


def waiting(visible: Select, after: tuple[date, int] | None = None, state: str = "planned") -> Select:
    """Handovers of a state out of those that a viewer sees, with home and day, the earliest first; after: day and key of the
    last."""
    columns = (Handover.id, Handover.day, Unit.number, Building.address, Organisation.country, Organisation.tz)
    joined = visible.with_only_columns(*columns).join(Unit, Unit.id == Handover.unit_id)
    joined = joined.join(Building, Building.id == Unit.building_id)
    joined = joined.join(Organisation, Organisation.id == Handover.organisation_id).where(Handover.state == state)
    if after:
        joined = joined.where(tuple_(Handover.day, Handover.id) > tuple_(literal(after[0]), literal(after[1])))
    return joined.order_by(Handover.day, Handover.id)


# ---- Planning --------------------------------------------------------------------------------------------------------


def plan(session: Session, unit_id: int, leaving: Tenure, day: date, *, by: Actor) -> Handover:
    """Begin a handover: who leaves, and on which day, the last of theirs. A proposal of the home is settled by it.

    BadDay, AlreadyPlanned, and what tenancy.change_days raises.
    """
    lock(session, unit_id)
    check_day(leaving, day, leaving.last)
    proposed = (Handover.unit_id == unit_id, Handover.state == "proposed")
    for row in session.scalars(select(Handover).where(*proposed).with_for_update()):
        row.state, row.done_at = "cancelled", clock.now()
    row = Handover(
        organisation_id=leaving.organisation_id, unit_id=unit_id, leaving_id=leaving.id, day=day, state="planned", keys=[],
        made_by_id=by.person_id, made_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    last_day.fix(session, row, leaving, by=by)
    _record(session, "handover_planned", row, by, leaving=leaving.id, day=day.isoformat())
    return row


def lock(session: Session, unit_id: int) -> None:
    """One plan of a home at a time. AlreadyPlanned."""
    tenancy.lock_unit(session, unit_id)
    if there := planned_for(session, unit_id):
        raise AlreadyPlanned(handover_id=there.id)


def check_day(leaving: Tenure, day: date, last: date | None) -> None:
    """last: that of the tenure without the handover."""
    if day < leaving.first:
        raise BadDay(why="before", day=leaving.first)
    if last and day > last:
        raise BadDay(why="after", day=last)


def move(session: Session, handover: Handover, day: date, version: int, *, by: Actor) -> None:
    """Another day. The coming tenure begins on the day after; what was confirmed for the old day is confirmed no more.

    NotPlanned, Stale, BadDay, and what tenancy.change_days raises.
    """
    _hold(session, handover, version)
    if day == handover.day:
        return
    leaving = session.get_one(Tenure, handover.leaving_id)
    check_day(leaving, day, last_day.before(handover, leaving))
    coming = session.get(Tenure, handover.coming_id) if handover.coming_id else None
    if coming:
        first = day + timedelta(days=1)
        tenancy.change_days(session, coming, coming.signed, first, coming.last, tenancy.mark(coming), by=by, after=leaving.id)
    handover.day = day
    last_day.fix(session, handover, leaving, by=by)
    _unconfirm(handover)
    _written(session)
    _record(session, "handover_changed", handover, by, day=day.isoformat())


def await_tenure(session: Session, handover: Handover, coming: Tenure | None, version: int, *, by: Actor) -> None:
    """Who comes: a tenure that begins on the day after, or nobody. NotPlanned, Stale."""
    _hold(session, handover, version)
    handover.coming_id, handover.coming_agreed_at = coming.id if coming else None, None
    _written(session)
    _record(session, "handover_changed", handover, by, coming=handover.coming_id)


def put_keys(session: Session, handover: Handover, keys: list[dict], note: str | None, version: int, *, by: Actor) -> None:
    """keys: [{"kind" of KEY_KINDS, "number", "count", "returned"}]. NotPlanned, Stale."""
    _hold(session, handover, version)
    if (keys, note) == (handover.keys, handover.note):
        return
    handover.keys, handover.note = keys, note
    _written(session)
    _record(session, "handover_changed", handover, by, keys=sum(key["count"] for key in keys))


# ---- Readings --------------------------------------------------------------------------------------------------------


def put_readings(
    session: Session, handover: Handover, values: dict[int, int], today: date, version: int, side: str | None, *, by: Actor
) -> None:
    """What the counters showed on the day, in millionths by register. Who types them confirms them; what others had confirmed
    of other values, they confirm anew. side: leaving | coming | None for staff, whose word is enough.

    NotPlanned, Stale, BadReading, NotYet(why="future") before the day.
    """
    _hold(session, handover, version)
    if handover.day > today:
        raise NotYet(why="future", day=handover.day)
    there = lines(session, handover)
    for line in there:
        if line.register_id in values:
            _fits(line, values[line.register_id], handover.day)
    changed = [line.register_id for line in there if _proposed(session, handover, line, values, by)]
    if changed:
        _unconfirm(handover)
    if all(line.register_id in values for line in there):
        setattr(handover, f"{side or 'staff'}_agreed_at", clock.now())
    _written(session)
    _record(session, "handover_changed", handover, by, registers=changed, side=side or "staff")


def _fits(line: Line, value: int, day: date) -> None:
    """Between its neighbours. The day's own reading may be replaced."""
    was, when = line.before
    if value < was and when != day:
        raise BadReading(register_id=line.register_id, why="lower", value=was, day=when)
    if line.after and value > line.after[0]:
        raise BadReading(register_id=line.register_id, why="higher", value=line.after[0], day=line.after[1])


def _proposed(session: Session, handover: Handover, line: Line, values: dict[int, int], by: Actor) -> bool:
    if line.register_id not in values:
        return False
    own = (HandoverReading.handover_id == handover.id, HandoverReading.register_id == line.register_id)
    row = session.scalar(select(HandoverReading).where(*own))
    value = values[line.register_id]
    if row is not None and row.value == value:
        return False
    if row is None:
        row = HandoverReading(handover_id=handover.id, register_id=line.register_id, value=value)
        session.add(row)
    row.value, row.by_person_id = value, by.person_id
    return True


def confirm(session: Session, handover: Handover, version: int, side: str, *, by: Actor) -> None:
    """A side says that the values are right as they stand. NotPlanned, Stale, NotYet(why="readings") while one is missing."""
    _hold(session, handover, version)
    _all_there(session, handover)
    setattr(handover, f"{side}_agreed_at", clock.now())
    _written(session)
    _record(session, "handover_changed", handover, by, confirmed=side)


def _all_there(session: Session, handover: Handover) -> None:
    given = set(session.scalars(select(HandoverReading.register_id).where(HandoverReading.handover_id == handover.id)))
    if any(line.register_id not in given for line in lines(session, handover)):
        raise NotYet(why="readings")


# ---- The end ---------------------------------------------------------------------------------------------------------


def carry_out(session: Session, handover: Handover, today: date, version: int, *, by: Actor, without: str | None = None) -> None:
    """End the leaving tenure and its parties on the day, and store the day's readings for both.

    without: why it is done without confirmed readings, or None. NotPlanned, Stale, NotYet, and what tenancy.change_days raises.
    """
    _hold(session, handover, version)
    if handover.day > today:
        raise NotYet(why="future", day=handover.day)
    if not without:
        _all_there(session, handover)
        if not agreed(handover) and lines(session, handover):
            raise NotYet(why="agreed")
    leaving = session.get_one(Tenure, handover.leaving_id)
    tenancy.change_days(session, leaving, leaving.signed, leaving.first, handover.day, tenancy.mark(leaving), by=by)
    stored = [] if without else _store(session, handover, by)
    handover.state, handover.done_at = "done", clock.now()
    if without:
        handover.note = without
    _written(session)
    _record(session, "handover_done", handover, by, readings=stored, without=bool(without))


def _store(session: Session, handover: Handover, by: Actor) -> list[int]:
    proposed = session.scalars(select(HandoverReading).where(HandoverReading.handover_id == handover.id)).all()
    if not proposed:
        return []
    building_id = session.scalar(select(Unit.building_id).where(Unit.id == handover.unit_id).with_for_update())
    lock_buildings(session, [building_id])
    _refuse_allocated(session, building_id, handover.day)
    by_line = {line.register_id: line for line in lines(session, handover)}
    made = []
    for row in proposed:
        if row.register_id in by_line:
            _fits(by_line[row.register_id], row.value, handover.day)
            made.append(_reading(session, handover, row, by))
    return made


def _refuse_allocated(session: Session, building_id: int, day: date) -> None:
    shared = select(BillingPeriod.name).where(
        BillingPeriod.building_id == building_id,
        BillingPeriod.state.not_in(TAKES_READINGS),
        BillingPeriod.use_first <= day,
        BillingPeriod.use_last >= day,
    )
    if name := session.scalar(shared.limit(1)):
        raise NotYet(why="allocated", period=name)


def _reading(session: Session, handover: Handover, row: HandoverReading, by: Actor) -> int:
    """The value as a reading of the day, in the place of another of that day; the same value stays the one that is there."""
    same = session.scalar(
        select(Reading).where(Reading.register_id == row.register_id, Reading.day == handover.day, Reading.counts)
    )
    if same is None or same.value != row.value or same.source == "estimate":
        if same:
            session.execute(update(Reading).where(Reading.id == same.id).values(counts=False))
        own = not handover.staff_agreed_at and row.by_person_id
        reading = Reading(
            register_id=row.register_id, day=handover.day, value=row.value, source="resident" if own else "office",
            person_id=row.by_person_id or by.person_id, at=clock.now(), reason="handover",
            period_id=same.period_id if same else None, supersedes_id=same.id if same else None,
        )  # fmt: skip
        session.add(reading)
        session.flush()
        same = reading
    row.reading_id = same.id
    return same.id


def cancel(session: Session, handover: Handover, today: date, version: int, *, by: Actor, undo: bool = False) -> None:
    """It does not take place. undo: the coming tenure is taken back too, when it has not begun. Where nobody comes any more,
    the leaving side has its days again. NotPlanned, Stale."""
    _hold(session, handover, version, "planned", "proposed")
    coming = session.get(Tenure, handover.coming_id) if handover.coming_id else None
    handover.state, handover.done_at = "cancelled", clock.now()
    _written(session)
    if undo and coming and coming.first > today:
        tenancy.undo(session, coming, by=by)
        coming = None
    if coming is None:
        last_day.free(session, handover, by=by)
    _record(session, "handover_cancelled", handover, by, undone=undo)


# ---- What all of it stands on ----------------------------------------------------------------------------------------


def _hold(session: Session, handover: Handover, version: int, *states: str) -> None:
    session.refresh(handover, with_for_update=True)
    if handover.state not in (states or ("planned",)):
        raise NotPlanned(state=handover.state)
    if handover.version != version:
        raise Stale()


def _unconfirm(handover: Handover) -> None:
    handover.leaving_agreed_at = handover.coming_agreed_at = handover.staff_agreed_at = None


def _written(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError:
        raise Stale() from None


def _record(session: Session, act: str, handover: Handover, by: Actor, **facts) -> None:
    audit.record(session, act, by=by, organisation_id=handover.organisation_id, thing=handover, facts=facts)
    session.flush()
