"""What a provider says of a payment, in whatever order and however often: booked once, in the transaction that notes it."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock, number
from ..delivery import notice
from ..homes.organisation import Organisation
from ..money import booking
from ..money.booking import Booking
from ..money.ledger import Entry
from .intent import PaymentIntent
from .provider import ProviderEvent

log = logging.getLogger("resident.paying")


def hear(session: Session, provider_id: str, event: ProviderEvent, *, called: str = "", by=None) -> PaymentIntent | None:
    """Note a proved word of a provider; the intent, None when it is about none of ours. called: the provider's name, which the
    entry carries. paid stays paid; failed and expired may become paid. Another sum than was wanted is noted and not booked.
    """
    found = select(PaymentIntent).where(PaymentIntent.token == event.id, PaymentIntent.provider == provider_id)
    intent = session.scalar(found.with_for_update(), execution_options={"populate_existing": True}) if event.id else None
    if intent is None:
        log.warning("%s told of a payment that is not ours", provider_id)
        return None
    intent.asked_at = clock.now()
    if intent.state == "paid":
        _stays_paid(intent, event, provider_id)
        session.flush()
        return intent
    intent.trouble = _trouble(intent, event)
    if intent.trouble:
        log.error("payment intent %s: what %s says of it does not fit: %s", intent.id, provider_id, intent.trouble)
        session.flush()
        return intent
    intent.provider_ref = intent.provider_ref or event.provider_ref
    intent.method = event.method or intent.method
    if event.state == "paid":
        _book(session, intent, called, by)
    elif event.state != "pending" and intent.state in ("created", "pending"):
        # What went back before we heard that it came was never ours.
        intent.state, intent.ended_at = "failed" if event.state == "refunded" else event.state, clock.now()
    elif intent.state == "created":
        intent.state = "pending"
    session.flush()
    return intent


def _stays_paid(intent: PaymentIntent, event: ProviderEvent, provider_id: str) -> None:
    """It is booked. Money that went back after that is for the desk to look into, and to book as a refund."""
    if event.state == "refunded" and intent.provider_ref == event.provider_ref and intent.trouble is None:
        intent.trouble = "other"
        log.error("payment intent %s: %s has given it back, and it is booked as paid", intent.id, provider_id)


def _trouble(intent: PaymentIntent, event: ProviderEvent) -> str | None:
    """Only what is paid has to fit to the minor unit: a page that was left may say no sum."""
    if not event.provider_ref or intent.provider_ref not in (None, event.provider_ref):
        return "other"
    if event.state == "paid" and (event.amount, event.currency) != (intent.amount, intent.currency):
        return "amount"
    return None


def _book(session: Session, intent: PaymentIntent, called: str, by) -> None:
    """The payment's entry counts on the day on which the provider says it is paid: from then on it owes the money."""
    creditor = session.get(Organisation, intent.creditor_id)
    today = clock.today(creditor.tz)
    intent.receipt = number.draw(session, creditor.id, "payment", today.year)
    cause, text = f"intent:{intent.id}", ", ".join(filter(None, (called, intent.receipt)))
    paid = Booking(intent.account_id, "payment", -intent.amount, today, cause, text=text, wishes=tuple(intent.wishes))
    booking.book_all(session, [paid], by=by)
    booking.refresh(session, [intent.account_id])
    intent.entry_id = session.scalar(select(Entry.id).where(Entry.cause == cause))
    intent.state, intent.ended_at = "paid", clock.now()
    audit.record(session, "payment_paid", by=by, organisation_id=creditor.id, thing=intent)
    if intent.person_id:
        notice.tell(session, intent.person_id, "payment", f"/invoices/pay/{intent.id}")
