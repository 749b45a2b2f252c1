"""The day on which somebody wants to leave their home: the primary holder proposes it, and staff plan on from it (B9).

Nothing follows from a proposal: no day of the tenure changes, and nobody comes in or goes out.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import Stale
from ..identity import Actor
from ..people.handover import Handover
from ..people.tenure import Tenure
from . import last_day
from .moving import BadDay, NotPlanned, check_day, lock


def of_tenure(session: Session, tenure_id: int) -> Handover | None:
    """What the tenure's side has proposed and staff have not taken over."""
    own = (Handover.leaving_id == tenure_id, Handover.state == "proposed")
    return session.scalar(select(Handover).where(*own).order_by(Handover.id).limit(1))


def of_unit(session: Session, unit_id: int) -> Handover | None:
    proposed = (Handover.unit_id == unit_id, Handover.state == "proposed")
    return session.scalar(select(Handover).where(*proposed).order_by(Handover.id).limit(1))


def propose(session: Session, unit_id: int, leaving: Tenure, day: date, today: date, *, by: Actor) -> Handover:
    """Name a day; one named before moves to it. BadDay, AlreadyPlanned."""
    lock(session, unit_id)
    if day < today:
        raise BadDay(why="past", day=today)
    check_day(leaving, day, leaving.last)
    row = of_tenure(session, leaving.id)
    if row:
        # As it is now: whoever had the lock may have moved it since the page was looked at.
        session.refresh(row)
    if row and row.day == day:
        return row
    if row is None:
        row = Handover(
            organisation_id=leaving.organisation_id, unit_id=unit_id, leaving_id=leaving.id, state="proposed", keys=[],
            made_by_id=by.person_id, made_at=clock.now(),
        )  # fmt: skip
        session.add(row)
    row.day = day
    session.flush()
    _record(session, "handover_proposed", row, by, day=day.isoformat())
    return row


def withdraw(session: Session, leaving_id: int, *, by: Actor) -> None:
    """No day is proposed any more. What staff have taken over meanwhile stays."""
    row = of_tenure(session, leaving_id)
    if row is None:
        return
    session.refresh(row, with_for_update=True)
    if row.state == "proposed":
        row.state, row.done_at = "cancelled", clock.now()
        session.flush()
        _record(session, "handover_cancelled", row, by, proposed=True)


def take_over(session: Session, row: Handover, version: int, *, by: Actor) -> None:
    """Staff plan on from the proposed day. NotPlanned, Stale, and what moving.plan raises."""
    session.refresh(row, with_for_update=True)
    if row.state != "proposed":
        raise NotPlanned(state=row.state)
    if row.version != version:
        raise Stale()
    lock(session, row.unit_id)
    leaving = session.get_one(Tenure, row.leaving_id)
    check_day(leaving, row.day, leaving.last)
    row.state = "planned"
    last_day.fix(session, row, leaving, by=by)
    _record(session, "handover_planned", row, by, leaving=leaving.id, day=row.day.isoformat(), proposed=True)


def _record(session: Session, act: str, row: Handover, by: Actor, **facts) -> None:
    audit.record(session, act, by=by, organisation_id=row.organisation_id, thing=row, facts=facts)
    session.flush()
