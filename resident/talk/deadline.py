"""What happens to cases by itself, once a day: done becomes closed, deferred comes back (rule 44)."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..homes.organisation import Organisation
from ..homes.setting import in_force
from .case import Case
from .following import locked, move


def last_day_to_answer(done_at, tz: str, close_after_days: int) -> date | None:
    """The day until whose end a resident may say that the fault is not gone; None: it is never closed by itself."""
    if done_at is None or not close_after_days:
        return None
    return done_at.astimezone(clock.zone(tz)).date() + timedelta(days=close_after_days)


def close_overdue(session: Session) -> int:
    """Close what has been done for longer than the organisation's close_after_days. Returns how many."""
    closed = 0
    for organisation in session.scalars(select(Organisation).order_by(Organisation.id)):
        today = clock.today(organisation.tz)
        days = in_force(session, organisation.id, organisation.country, today)["close_after_days"]
        for case in locked(session, Case.organisation_id == organisation.id, Case.state == "done") if days else ():
            if last_day_to_answer(case.done_at, organisation.tz, days) < today:
                move(session, case, "close", by=None)
                closed += 1
    return closed


def bring_back(session: Session) -> int:
    """Deferred cases whose day has come are received again. Returns how many."""
    brought = 0
    for organisation_id, tz in session.execute(select(Organisation.id, Organisation.tz)).all():
        come = (Case.organisation_id == organisation_id, Case.state == "waiting", Case.waits_until <= clock.today(tz))
        for case in locked(session, *come):
            move(session, case, "bring_back", by=None)
            brought += 1
    return brought
