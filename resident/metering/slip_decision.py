"""What the desk does with readings that are held: book them in the period and on the day that it says, or dismiss them."""

from datetime import date

from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor, Controller
from ..delivery import notice
from ..errors import ResidentError
from . import slipping, submission
from .reading import Receipt, tidy_note
from .slip import Slip
from .submission import Typed


class Decided(ResidentError):
    """Somebody decided about the slip before, or entered its values: it waits no more."""


def accept(
    session: Session,
    slip: Slip,
    organisation: Controller,
    typed: dict[int, Typed],
    day: date,
    period_id: int,
    *,
    by: Actor,
) -> Receipt:
    """Book the values as staff's entry that says how and when they were typed; what is left out of typed is not booked.

    Decided; Unanswered and NothingToStore as in submission.submit().
    """
    _lock(session, slip)
    how = {"by": by, "period_id": period_id, "via": slip.via, "typed_at": slip.typed_at}
    receipt = submission.submit(session, slip.unit_id, organisation, typed, day, **how).receipt
    if slip.state == "held":
        _decide(session, slip, "settled", by)
    slip.receipt_id = receipt.id
    session.flush()
    return receipt


def dismiss(session: Session, slip: Slip, note: str, *, by: Actor) -> None:
    """The values are not booked. note: what the resident is told, "" for nothing. Decided."""
    _lock(session, slip)
    slip.decided_note = tidy_note(note)
    _decide(session, slip, "dismissed", by)
    if slip.person_id:
        notice.tell(session, slip.person_id, "slip", "/readings")


def _lock(session: Session, slip: Slip) -> None:
    slipping.locked(session, slip.unit_id)
    session.refresh(slip)
    if slip.state != "held":
        raise Decided()


def _decide(session: Session, slip: Slip, state: str, by: Actor) -> None:
    slip.state, slip.decided_by, slip.decided_at = state, by.person_id, clock.now()
    audit.record(session, f"slip_{state}", by=by, organisation_id=slip.organisation_id, thing=slip)
    session.flush()
