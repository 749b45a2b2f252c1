"""The last day of a tenure that is handed over: set when staff fix the day, so that access ends with it by itself (rule 40).

What stood before is kept with the handover, so that another day, or none, leaves nobody with more than they had.
"""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..people.handover import Handover
from ..people.tenure import Holding, Party, Tenure
from . import billed_days, tenancy


def before(handover: Handover, leaving: Tenure) -> date | None:
    """The last day that the leaving tenure has without the handover; None: it is open."""
    return _day(handover.before["last"]) if handover.before else leaving.last


def fix(session: Session, handover: Handover, leaving: Tenure, *, by) -> None:
    """End the leaving tenure and whatever would outlast it on the handover's day. What tenancy.change_days raises."""
    session.refresh(leaving, with_for_update=True)
    back = _put_back(session, handover, leaving) or []
    handover.before = {
        "day": _iso(handover.day),
        "last": _iso(leaving.last),
        "parties": {str(row.id): _iso(row.last) for row in _rows(session, Party, leaving)},
        "holdings": {str(row.id): _iso(row.last) for row in _rows(session, Holding, leaving)},
    }
    tenancy.change_days(session, leaving, leaving.signed, leaving.first, handover.day, tenancy.mark(leaving), by=by)
    billed_days.move(session, back, by=by)


def free(session: Session, handover: Handover, *, by) -> None:
    """The handover does not take place: the leaving tenure has the days that it had, and pays for those that are billed."""
    leaving = session.get_one(Tenure, handover.leaving_id, with_for_update=True, populate_existing=True)
    back = _put_back(session, handover, leaving)
    if back is not None:
        facts = {"last": _iso(leaving.last)} | billed_days.move(session, back, by=by)
        audit.record(session, "tenure_changed", by=by, organisation_id=leaving.organisation_id, thing=leaving, facts=facts)
        session.flush()


def _put_back(session: Session, handover: Handover, leaving: Tenure) -> list[tuple] | None:
    """(unit, first, last) of the days that are the tenure's again. None when there is nothing to put back, or somebody has changed
    the tenure's last day since."""
    stood, handover.before = handover.before, None
    if not stood or leaving.last != _day(stood["day"]):
        return None
    back = []
    for row in _rows(session, Holding, leaving):
        if row.last == leaving.last and str(row.id) in stood["holdings"]:
            tenancy.lock_unit(session, row.unit_id)
            back.append((row.unit_id, row.last + timedelta(days=1), _day(stood["holdings"][str(row.id)])))
    for kind, name in ((Party, "parties"), (Holding, "holdings")):
        for row in _rows(session, kind, leaving):
            if row.last == leaving.last and str(row.id) in stood[name]:
                row.last = _day(stood[name][str(row.id)])
    leaving.last = _day(stood["last"])
    session.flush()
    return back


def _rows(session: Session, kind, leaving: Tenure) -> list:
    return list(session.scalars(select(kind).where(kind.tenure_id == leaving.id)))


def _iso(day: date | None) -> str | None:
    return day and day.isoformat()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
