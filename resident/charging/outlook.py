"""What can be done with a period next, for its page: the step on, the step back, and what stands against each."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..errors import ResidentError
from ..money.period import BillingPeriod
from . import steps
from .taking_back import held_back

# By state: the step that takes the last one back.
BACK = {"open": "unopen", "allocated": "unallocate", "confirmed": "unconfirm", "closed": "reopen"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """next: open | allocate | confirm | close | None; back: unopen | unallocate | unconfirm | reopen | None. Beside each what
    stands against it, an error of steps.py or taking_back.py, or None."""

    next: str | None
    next_refused: ResidentError | None
    back: str | None
    back_refused: ResidentError | None


def outlook(session: Session, period: BillingPeriod) -> Outlook:
    """As things stand now: without locks, so that the step itself looks again."""
    next, back = steps.NEXT.get(period.state), BACK.get(period.state)
    refused = steps.earlier(session, period) if next == "allocate" else None
    against = steps.later(session, period) if back in ("unallocate", "unconfirm") else None
    if back == "unconfirm" and against is None:
        against = held_back(session, period)
    return Outlook(next, refused, back, against)
