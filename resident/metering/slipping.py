"""Taking in readings that came without a page: booked as far as they can be, the rest held for a person (B13, B17).

A question cannot be answered by whoever is not there. So what is good is booked at once, with a receipt, and what is in
question, refused or too late is held with its values and the time of entry: the sender is told, the resident is asked on
the page of readings, and the desk sees it and may decide first.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor, Controller
from ..homes.building import Unit
from . import submission, window
from .counter import Form
from .slip import Slip
from .submission import NothingToStore, Typed, Verdict

# Why something is held, beside a window.Reason's why: in question, not to be read as a value, of a meter that is no longer
# there, of a home that is no longer the sender's, of a session that was ended.
QUESTIONED, REFUSED, METER, ENDED, SIGNED_OUT = "questioned", "refused", "meter", "ended", "signed_out"
# What the person who typed it can put right on the page of readings.
ASKS = (QUESTIONED, REFUSED)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a sender brings. key: a digest of theirs, one for each sending meant as one. period_id: the billing period whose
    window was open where it was typed. typed_at: by the sender's clock; one that is ahead of ours counts as now."""

    via: str
    key: str
    unit_id: int
    period_id: int | None
    person_id: int | None
    day: date
    typed: dict[int, Typed]
    typed_at: datetime
    device_key_id: int | None = None


def seen(session: Session, key: str) -> Slip | None:
    """What became of a parcel that came before under the same key."""
    return session.scalar(select(Slip).where(Slip.key == key))


def locked(session: Session, unit_id: int) -> None:
    """No two parcels of a home at once, and none beside an entry: submit() takes the same lock."""
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update()).one()


def book(session: Session, parcel: Parcel, organisation: Controller, *, by: Actor, since: date, blind: bool = False) -> Slip:
    """Book what is good, hold the rest. The caller holds the lock and has looked for the key. since, blind: as in
    counter.form()."""
    form = submission.form(session, parcel.unit_id, organisation, since=since, blind=blind)
    if why := _another_window(session, form, parcel.period_id):
        return hold(session, parcel, organisation.id, why, by=by)
    known = {counter.register_id for counter in form.counters}
    strange = {id: typed for id, typed in parcel.typed.items() if id not in known and (typed.black.strip() or typed.red.strip())}
    how = {"via": parcel.via, "typed_at": _when(parcel), "partial": True, "since": since, "blind": blind}
    try:
        sent = submission.submit(session, parcel.unit_id, organisation, parcel.typed, parcel.day, by=by, **how)
        left, receipt_id = sent.left, sent.receipt.id
    except NothingToStore as told:
        left, receipt_id = told.verdicts, None
    if left or strange or receipt_id is None:
        rest = {one.counter.register_id: one.typed for one in left} | strange
        return hold(session, parcel, organisation.id, _why(left), by=by, rest=rest, receipt_id=receipt_id)
    return _slip(session, parcel, organisation.id, "booked", parcel.typed, receipt_id=receipt_id)


def hold(
    session: Session,
    parcel: Parcel,
    organisation_id: int,
    why: str,
    *,
    by: Actor | None = None,
    rest: dict[int, Typed] | None = None,
    receipt_id: int | None = None,
) -> Slip:
    """Keep for a decision what could not be booked: the rest of the parcel, or all of it. by: None when nobody is known."""
    typed = parcel.typed if rest is None else rest
    slip = _slip(session, parcel, organisation_id, "held", typed, why=why, receipt_id=receipt_id)
    facts = {"why": why, "via": parcel.via, "readings": len(typed)}
    audit.record(session, "slip_held", by=by, organisation_id=organisation_id, thing=slip, facts=facts)
    session.flush()
    return slip


def _slip(session: Session, parcel: Parcel, organisation_id: int, state: str, typed: dict[int, Typed], **more) -> Slip:
    slip = Slip(
        key=parcel.key,
        organisation_id=organisation_id,
        unit_id=parcel.unit_id,
        period_id=parcel.period_id,
        person_id=parcel.person_id,
        device_key_id=parcel.device_key_id,
        via=parcel.via,
        state=state,
        day=parcel.day,
        typed={str(id): [each.black, each.red, each.answer] for id, each in typed.items()},
        typed_at=_when(parcel),
        at=clock.now(),
        **more,
    )
    session.add(slip)
    session.flush()
    return slip


def _when(parcel: Parcel) -> datetime:
    return min(parcel.typed_at, clock.now())


def _another_window(session: Session, form: Form, period_id: int | None) -> str | None:
    """Why the parcel is not for the window that is open now, or None: what was read for one period is not billed in another."""
    turn = form.entry.turn
    if period_id is None or (turn and turn.period_id == period_id):
        return None
    meant = window.of_period(session, period_id)
    return "over" if meant and meant.takes_readings else "allocated"


def _why(left: list[Verdict] | tuple[Verdict, ...]) -> str:
    """One reason for a slip: what shuts the entry before what is asked, and that before what cannot be read."""
    shut = next((one.reason.why for one in left if one.why == "closed"), None)
    if shut or not left:
        return shut or METER
    return QUESTIONED if any(one.kind == "question" for one in left) else REFUSED
