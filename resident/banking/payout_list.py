"""Payouts as the desk lists them: what each covers, what the service kept, which were booked to homes, what is still owed."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..money.settling import summed
from ..paying.intent import PaymentIntent
from .bank_account import BankAccount
from .bank_file import BankCredit
from .payout_account import numbers


@dataclass(frozen=True, slots=True)
class Payout:
    """payments, covered: how many payments it covers, and what they come to; kept: what the service kept of it, below zero
    where it paid more than is known."""

    credit: BankCredit
    payments: int
    covered: int

    @property
    def kept(self) -> int:
        return self.covered - self.credit.amount


def listed(session: Session, visible: Select, organisation_id: int, most: int) -> list[Payout]:
    """The newest payouts of an organisation. visible: access.visible_bank_credits."""
    rows = visible.where(BankAccount.organisation_id == organisation_id, BankCredit.why == "payout", BankCredit.state == "aside")
    credits = session.scalars(rows.order_by(BankCredit.booked_day.desc(), BankCredit.id.desc()).limit(most)).all()
    sums = select(PaymentIntent.payout_id, func.count(), summed(PaymentIntent.amount))
    sums = sums.where(PaymentIntent.payout_id.in_([credit.id for credit in credits])).group_by(PaymentIntent.payout_id)
    found = {id: (count, int(amount)) for id, count, amount in session.execute(sums)}
    return [Payout(credit, *found.get(credit.id, (0, 0))) for credit in credits]


def booked(session: Session, visible: Select, organisation_id: int, most: int) -> list[BankCredit]:
    """Payouts that were booked to homes before their account was told, the newest first: the same money twice."""
    from_there = BankCredit.payer_account.in_(numbers(session, organisation_id)), BankAccount.organisation_id == organisation_id
    rows = visible.where(*from_there, BankCredit.state == "booked", BankCredit.kind != "reversal")
    return list(session.scalars(rows.order_by(BankCredit.booked_day.desc(), BankCredit.id.desc()).limit(most)))


def owed(session: Session, organisation_id: int, provider: str) -> tuple[int, int]:
    """What a service was paid and has not paid out, as far as payouts tell: how many payments, and their sum."""
    rows = select(func.count(), summed(PaymentIntent.amount)).where(
        PaymentIntent.creditor_id == organisation_id, PaymentIntent.provider == provider, PaymentIntent.state == "paid",
        PaymentIntent.payout_id.is_(None),
    )  # fmt: skip
    count, amount = session.execute(rows).one()
    return count, int(amount)
