"""What is held of a home is settled by whoever enters the same registers for the same period, on a page or at the desk."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor
from .reading import Receipt
from .slip import Slip


def settle(session: Session, receipt: Receipt, register_ids: Iterable[int], *, by: Actor) -> None:
    """Take these registers out of the home's slips that wait; a slip of which nothing is left is settled by the receipt."""
    stored = {str(id) for id in register_ids}
    waiting = select(Slip).where(Slip.unit_id == receipt.unit_id, Slip.state == "held", Slip.period_id == receipt.period_id)
    for slip in session.scalars(waiting).all():
        rest = {id: typed for id, typed in slip.typed.items() if id not in stored}
        if rest:
            slip.typed = rest
        else:
            slip.state, slip.receipt_id = "settled", receipt.id
            slip.decided_by, slip.decided_at = by.person_id, clock.now()
            audit.record(session, "slip_settled", by=by, organisation_id=slip.organisation_id, thing=slip)
    session.flush()
