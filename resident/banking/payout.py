"""A payment service pays out in one sum what residents paid there. What they paid was booked when the service said so, so the sum
is known by the service's bank account, set aside, laid beside the payments that it covers, and never booked.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError, Stale
from ..homes.organisation import Organisation, lock_organisation
from ..paying.intent import PaymentIntent
from .bank_file import BankCredit
from .covering import run
from .payout_account import PayoutAccount, source

# Of the first payout that is known nobody says where it begins: payments are looked for so many days back.
BACK = 31


class BadSpan(ResidentError):
    """The last day is before the first."""


def settle(session: Session, organisation: Organisation, file_id: int) -> None:
    """Lay the payouts that a file brought beside the payments that they cover."""
    rows = select(BankCredit).where(BankCredit.file_id == file_id, BankCredit.state == "aside", BankCredit.why == "payout")
    for credit in session.scalars(rows.order_by(BankCredit.booked_day, BankCredit.id)).all():
        account = source(session, credit)
        if account is not None:
            lay_beside(session, credit, organisation, account)


def lay_beside(session: Session, credit: BankCredit, organisation: Organisation, account: PayoutAccount) -> None:
    """Find the payments that a payout covers: those after the last payout's, in a row, that come to its sum; where no row does, as
    few as come to it with what the service keeps (covering.run)."""
    if session.scalar(select(PaymentIntent.id).where(PaymentIntent.payout_id == credit.id).limit(1)):
        return
    until = clock.begins(credit.booked_day + timedelta(days=1), organisation.tz)
    paid = PaymentIntent.creditor_id == organisation.id, PaymentIntent.provider == account.provider, PaymentIntent.state == "paid"
    before = session.scalar(
        select(func.max(PaymentIntent.ended_at)).where(*paid, PaymentIntent.payout_id.is_not(None), PaymentIntent.ended_at < until)
    )
    begins = before or clock.begins(credit.booked_day - timedelta(days=BACK), organisation.tz)
    free = select(PaymentIntent.id, PaymentIntent.amount).where(
        *paid, PaymentIntent.payout_id.is_(None), PaymentIntent.ended_at >= begins, PaymentIntent.ended_at < until
    )
    rows = session.execute(free.order_by(PaymentIntent.ended_at, PaymentIntent.id)).all()
    first, last = run(credit.amount, [row.amount for row in rows], follows=before is not None)
    _cover(session, credit, [row.id for row in rows[first:last]])


def cover(session: Session, credit: BankCredit, organisation: Organisation, first: date, last: date, *, by) -> None:
    """It covers what was paid from day to day and is in no other payout. BadSpan; Stale when it is set aside no more."""
    if last < first:
        raise BadSpan()
    lock_organisation(session, organisation.id)
    session.refresh(credit, with_for_update=True)
    if (credit.state, credit.why) != ("aside", "payout"):
        raise Stale()
    account = source(session, credit)
    session.execute(update(PaymentIntent).where(PaymentIntent.payout_id == credit.id).values(payout_id=None))
    begins, ends = (clock.begins(day, organisation.tz) for day in (first, last + timedelta(days=1)))
    found = select(PaymentIntent.id).where(
        PaymentIntent.creditor_id == organisation.id, PaymentIntent.provider == (account.provider if account else ""),
        PaymentIntent.state == "paid", PaymentIntent.payout_id.is_(None), PaymentIntent.ended_at >= begins,
        PaymentIntent.ended_at < ends,
    )  # fmt: skip
    _cover(session, credit, session.scalars(found).all())
    facts = {"first": first.isoformat(), "last": last.isoformat()}
    audit.record(session, "payout_covered", by=by, organisation_id=organisation.id, thing=credit, facts=facts)
    session.flush()


def release(session: Session, credit: BankCredit) -> None:
    """A payment that was no payout after all covers nothing."""
    session.execute(update(PaymentIntent).where(PaymentIntent.payout_id == credit.id).values(payout_id=None))


def covered(session: Session, credit: BankCredit) -> list[PaymentIntent]:
    """The payments that a payout covers, as they were paid."""
    rows = select(PaymentIntent).where(PaymentIntent.payout_id == credit.id)
    return list(session.scalars(rows.order_by(PaymentIntent.ended_at, PaymentIntent.id)))


def _cover(session: Session, credit: BankCredit, ids: Sequence[int]) -> None:
    session.execute(update(PaymentIntent).where(PaymentIntent.id.in_(ids)).values(payout_id=credit.id))
    session.flush()
