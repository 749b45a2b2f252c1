"""Readings sent in: stored with a receipt; accepted or rejected by staff.

form() gathers one home's registers (counter.py), check() says of each typed value whether it is good, in question or
refused (checking.py), submit() does both again under the lock and stores. Nothing that was stored is ever changed (rule 1):
a new reading supersedes, and the flag `counts` moves.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock, number
from ..access import Actor, Controller
from ..errors import ResidentError
from ..homes.building import Unit
from ..money.period import BillingPeriod
from . import window
from .checking import Typed, Verdict, check
from .counter import Form, form
from .meter import Meter, Register
from .reading import Reading, Receipt, tidy_note
from .slip_settling import settle

__all__ = [
    "form", "check", "submit", "accept", "reject", "take_over", "source_of",
    "Typed", "Verdict", "Sent", "Unanswered", "NothingToStore", "Decided",
]  # fmt: skip


class Unanswered(ResidentError):
    """Something is refused or still in question: verdicts. Nothing was stored."""


class NothingToStore(ResidentError):
    """Nothing that could be stored was typed: verdicts."""


class Decided(ResidentError):
    """The reading cannot be decided so: why (decided: it waits no more | allocated: its costs are shared out |
    meter_changed: the value is a new meter's, whose change is to be recorded first, see changing.py | below_first: it is less
    than the new meter's first value | removed: its meter was taken out before the reading's day)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """Who enters, how it came in and when it was typed."""

    by: Actor
    via: str
    typed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What submit did. left: what was typed and not stored."""

    receipt: Receipt
    stored: tuple[Verdict, ...]
    left: tuple[Verdict, ...]


def submit(
    session: Session,
    unit_id: int,
    organisation: Controller,
    typed: dict[int, Typed],
    day: date,
    *,
    by: Actor,
    partial: bool = False,
    period_id: int | None = None,
    since: date | None = None,
    medium: str | None = None,
    via: str = "page",
    typed_at: datetime | None = None,
    blind: bool = False,
) -> Sent:
    """Check everything again under the lock and store what is good, with a receipt.

    Unanswered when something is refused or in question, unless partial: then that is left. NothingToStore when
    nothing remains. period_id, since, medium and blind as in form(). by: for a link that names nobody without person_id
    and login_id. via: one of reading.WAYS. typed_at: the instant of typing, where that was long before this.
    """
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update()).one()
    about = {"period_id": period_id, "since": since, "medium": medium, "blind": blind}
    given = form(session, unit_id, organisation, staff=by.staff, **about)
    _hold_open(session, given)
    verdicts = check(given, typed, day)
    good = tuple(verdict for verdict in verdicts if verdict.kind == "good")
    left = tuple(verdict for verdict in verdicts if verdict.kind != "good")
    if left and not partial:
        raise Unanswered(verdicts=verdicts)
    if not good:
        raise NothingToStore(verdicts=verdicts)
    return Sent(_store(session, given, good, day, _Entry(by, via, typed_at)), good, left)


def _hold_open(session: Session, given: Form) -> None:
    """Keep the form's periods from being allocated until this transaction ends; what was allocated just now is closed."""
    for period_id in sorted({counter.period_id for counter in given.open} - {None}):
        if _held_open(session, period_id):
            continue
        turn = window.of_period(session, period_id)
        for counter in given.open:
            if counter.period_id == period_id:
                counter.reason = window.Reason("allocated", turn.first, turn.last, turn.name)


def _held_open(session: Session, period_id: int | None) -> bool:
    """May readings be added to the period, now and until this transaction ends?"""
    if period_id is None:
        return True
    state = select(BillingPeriod.state).where(BillingPeriod.id == period_id).with_for_update(read=True)
    return session.scalar(state) in window.TAKES_READINGS


def _store(session: Session, given: Form, good: tuple[Verdict, ...], day: date, entry: _Entry) -> Receipt:
    by, now = entry.by, clock.now()
    receipt = Receipt(
        organisation_id=given.organisation.id,
        number=number.draw(session, given.organisation.id, "receipt", given.today.year),
        unit_id=given.unit_id,
        period_id=(given.entry.correct or given.entry.turn).period_id,
        person_id=by.person_id,
        at=now,
    )
    session.add(receipt)
    session.flush()
    for verdict in good:
        _make_room(session, verdict, day, by, now)
        session.add(_reading(verdict, day, entry, receipt))
    session.flush()
    settle(session, receipt, (verdict.counter.register_id for verdict in good), by=by)
    waiting = sum(_state(verdict, by) == "pending" for verdict in good)
    facts = {"unit": given.unit_id, "period": good[0].counter.period_id, "readings": len(good), "pending": waiting}
    facts |= {"via": entry.via} if entry.via != "page" else {}
    act = "readings_entered" if by.staff else "readings_submitted"
    audit.record(session, act, by=by, organisation_id=given.organisation.id, thing=receipt, facts=facts)
    session.flush()
    return receipt


def _state(verdict: Verdict, by: Actor) -> str:
    return "pending" if verdict.waits and not by.staff else "accepted"


def _make_room(session: Session, verdict: Verdict, day: date, by: Actor, now) -> None:
    """Only one reading counts per register and day, and per register and period: the earlier ones stay, uncounted."""
    counter = verdict.counter
    if _state(verdict, by) == "accepted":
        last = counter.last
        replaced = [row.id for row in (counter.current, last if last and last.day == day else None) if row]
        if replaced:
            session.execute(update(Reading).where(Reading.id.in_(replaced)).values(counts=False))
    if counter.pending:
        withdrawn = {"state": "rejected", "decided_by": by.person_id, "decided_at": now}
        session.execute(update(Reading).where(Reading.id == counter.pending.id).values(withdrawn))


def _reading(verdict: Verdict, day: date, entry: _Entry, receipt: Receipt) -> Reading:
    counter, by, state = verdict.counter, entry.by, _state(verdict, entry.by)
    earlier = counter.pending or counter.current
    return Reading(
        register_id=counter.register_id,
        period_id=counter.period_id,
        day=day,
        value=verdict.value,
        source=source_of(by),
        state=state,
        counts=state == "accepted",
        rolled_over=verdict.answer == "rollover",
        reason=verdict.answer,
        note=tidy_note(verdict.typed.note),
        supersedes_id=earlier.id if earlier else None,
        receipt_id=receipt.id,
        person_id=by.person_id,
        at=receipt.at,
        via=entry.via,
        typed_at=entry.typed_at,
    )


def source_of(by: Actor) -> str:
    """Whose entry it is, as the reading says it."""
    return by.role if by.role in ("resident", "council", "provider") else "office"


def accept(session: Session, reading: Reading, *, by: Actor) -> None:
    """Let a waiting reading count, in place of what counted for its day and period: on the new meter, when it was sent with
    "the meter was changed" and the change is recorded. Decided(why) when it cannot."""
    _lock(session, reading)
    register_id = _register_of(session, reading)
    moved = register_id != reading.register_id
    if moved:
        take_over(session, reading, register_id, reading.value, reading.day, by=by)
    else:
        _clear(session, register_id, reading.day, reading.period_id)
    _decide(session, reading, "accepted", None, by, counts=not moved)


def take_over(session: Session, waiting: Reading, register_id: int, value: int, day: date, *, by: Actor) -> Reading:
    """Put what was sent for the old meter on the new one's register, where it counts. It stays the sender's as long as
    staff changed neither value nor day. The waiting reading is the caller's to decide."""
    own = (value, day) == (waiting.value, waiting.day)
    period_id = waiting.period_id if _held_open(session, waiting.period_id) else None
    _clear(session, register_id, day, period_id)
    now = clock.now()
    made = Reading(
        register_id=register_id, period_id=period_id, day=day, value=value, source=waiting.source if own else source_of(by),
        reason="meter_changed", note=waiting.note, supersedes_id=waiting.id,
        person_id=waiting.person_id if own else by.person_id, at=now, decided_by=by.person_id, decided_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _clear(session: Session, register_id: int, day: date, period_id: int | None) -> None:
    """What counts for the day, and for the period, counts no more."""
    places = [Reading.day == day]
    if period_id is not None:
        places.append(Reading.period_id == period_id)
    for place in places:
        session.execute(
            update(Reading).where(Reading.register_id == register_id, Reading.counts, place).values(counts=False),
            execution_options={"synchronize_session": False},
        )


def reject(session: Session, reading: Reading, *, by: Actor, note: str | None = None) -> None:
    """Refuse a waiting reading; it stays visible with the note. Decided(why) when it is decided already."""
    _lock(session, reading, rejecting=True)
    _decide(session, reading, "rejected", tidy_note(note), by)


def _lock(session: Session, reading: Reading, rejecting: bool = False) -> None:
    # The home's lock, as submit() takes it: another value for the same period may be on its way.
    home = select(Meter.unit_id).join(Register).where(Register.id == reading.register_id).scalar_subquery()
    session.execute(select(Unit.id).where(Unit.id == home).with_for_update())
    session.refresh(reading, with_for_update=True)
    if reading.state != "pending":
        raise Decided(why="decided")
    if not rejecting and not _held_open(session, reading.period_id):
        raise Decided(why="allocated")


def _register_of(session: Session, reading: Reading) -> int:
    """The register that a waiting reading is of: its own, or the new meter's when the meter was changed."""
    own = select(Meter.id, Meter.removed, Register.name).join(Register).where(Register.id == reading.register_id)
    meter_id, removed, name = session.execute(own).one()
    if reading.reason != "meter_changed":
        if removed and removed < reading.day:
            raise Decided(why="removed", day=removed)
        return reading.register_id
    new = select(Register).join(Meter).where(Meter.replaces_id == meter_id, Meter.installed <= reading.day, Register.name == name)
    register = session.scalar(new.order_by(Meter.id.desc()).limit(1))
    if register is None:
        raise Decided(why="meter_changed")
    if reading.value < register.initial:
        raise Decided(why="below_first")
    return register.id


def _decide(session: Session, reading: Reading, state: str, note: str | None, by: Actor, counts: bool | None = None) -> None:
    reading.state, reading.counts = state, state == "accepted" if counts is None else counts
    reading.decided_by, reading.decided_at, reading.decided_note = by.person_id, clock.now(), note
    session.flush()
    act = "reading_accepted" if state == "accepted" else "reading_rejected"
    audit.record(session, act, by=by, thing=reading, facts={"register": reading.register_id})
    session.flush()
