"""Setting out to pay: an intent is stored before the provider is asked, so that there is no payment without one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..people import token
from .intent import PaymentIntent
from .provider import Redirect

# Minor units. Beyond it a bank's transfer is the way.
MOST = 10_000_000


class NoSum(ResidentError):
    """What is to be paid is nothing, or more than goes through a page: most, in minor units."""


def begin(session: Session, account, provider_id: str, amount: int, wishes: tuple[int, ...] = (), *, by) -> PaymentIntent:
    """account: what payable.accounts gives; wishes: ids of the items that it is for. NoSum."""
    if not 0 < amount <= MOST:
        raise NoSum(most=MOST)
    now = clock.now()
    intent = PaymentIntent(
        creditor_id=account.creditor_id, account_id=account.id, person_id=by.for_id or by.person_id, provider=provider_id,
        token=token.new_token()[:40], amount=amount, currency=account.currency, wishes=list(wishes), state="created",
        made_at=now, asked_at=now,
    )  # fmt: skip
    session.add(intent)
    session.flush()
    audit.record(session, "payment_begun", by=by, organisation_id=account.creditor_id, thing=intent)
    session.flush()
    return intent


def known(session: Session, provider_id: str, ref: str) -> bool:
    """Is there a payment that the provider calls so?"""
    ours = select(PaymentIntent.id).where(PaymentIntent.provider == provider_id, PaymentIntent.provider_ref == ref)
    return session.scalar(ours) is not None


def sent(session: Session, intent_id: int, to: Redirect) -> None:
    """The provider has it, and the payer goes there. What it said of it meanwhile stays."""
    intent = session.get(PaymentIntent, intent_id, with_for_update=True)
    intent.address = to.url
    intent.provider_ref = intent.provider_ref or to.provider_ref
    if intent.state == "created":
        intent.state = "pending"
    session.flush()


def not_sent(session: Session, intent_id: int) -> None:
    """The provider could not be reached: nothing was paid, and nothing is waited for."""
    intent = session.get(PaymentIntent, intent_id, with_for_update=True)
    if intent.state == "created":
        intent.state, intent.ended_at = "failed", clock.now()
    session.flush()
