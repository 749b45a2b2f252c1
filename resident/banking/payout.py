"""A payment service pays out in one sum what residents paid there. What they paid was booked when the service said so, so the sum
is known by the service's bank account, set aside, laid beside the payments that it covers, and never booked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, UTCTime
from ..errors import ResidentError, Stale
from ..homes.organisation import Organisation, lock_organisation
from ..money.settling import summed
from ..paying.intent import PaymentIntent
from .bank_account import BankAccount
from .bank_file import BankCredit, PayerAccount
from .covering import run
from .statement import bare

# Of the first payout that is known nobody says where it begins: payments are looked for so many days back.
BACK = 31


class PayoutAccount(Base):
    """The bank account from which a payment service pays an organisation out. provider: its id in the configuration."""

    __tablename__ = "payout_account"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    provider: Mapped[str] = mapped_column(String(31))
    number: Mapped[str] = mapped_column(String(40))
    at: Mapped[object] = mapped_column(UTCTime)


class BadPayer(ResidentError):
    """Not an account's number, or one that is known already: why (missing | own | known)."""


class BadSpan(ResidentError):
    """The last day is before the first."""


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


def of(session: Session, organisation_id: int) -> list[PayoutAccount]:
    own = PayoutAccount.organisation_id == organisation_id
    return list(session.scalars(select(PayoutAccount).where(own).order_by(PayoutAccount.provider, PayoutAccount.number)))


def forms(number: str) -> tuple[str, ...]:
    """A number as banks' files write it: some leave the country out."""
    return (number, number[2:]) if number[:2].isalpha() else (number,)


def numbers(session: Session, organisation_id: int) -> frozenset[str]:
    """From which accounts the organisation is paid out, in all forms."""
    return frozenset(form for account in of(session, organisation_id) for form in forms(account.number))


def source(session: Session, credit: BankCredit) -> PayoutAccount | None:
    """The service's account that a payment came from."""
    if not credit.payer_account:
        return None
    organisation_id = session.get_one(BankAccount, credit.bank_account_id).organisation_id
    return next((one for one in of(session, organisation_id) if credit.payer_account in forms(one.number)), None)


def tell(session: Session, organisation: Organisation, provider: str, number: str, *, by) -> PayoutAccount:
    """From now on what comes from this account is a payout, and so is what waits of it. BadPayer."""
    number = bare(number)[:40]
    lock_organisation(session, organisation.id)
    if len(number) < 5:
        raise BadPayer(why="missing")
    own = select(BankAccount.number).where(BankAccount.organisation_id == organisation.id)
    if any(set(forms(one)) & set(forms(number)) for one in session.scalars(own)):
        raise BadPayer(why="own")
    if numbers(session, organisation.id) & set(forms(number)):
        raise BadPayer(why="known")
    made = PayoutAccount(organisation_id=organisation.id, provider=provider, number=number, at=clock.now())
    session.add(made)
    session.flush()
    # It is nobody's own account.
    for learned in session.scalars(select(PayerAccount).where(_from(PayerAccount.number, PayerAccount.organisation_id, made))):
        session.delete(learned)
    waiting = (
        select(BankCredit)
        .join(BankAccount, BankAccount.id == BankCredit.bank_account_id)
        .where(_from(BankCredit.payer_account, BankAccount.organisation_id, made))
        .where(BankCredit.state == "waiting", BankCredit.kind != "reversal")
        .order_by(BankCredit.booked_day, BankCredit.id)
        .with_for_update(of=BankCredit)
    )
    found = session.scalars(waiting).all()
    for credit in found:
        credit.state, credit.why = "aside", "payout"
        credit.decided_by, credit.decided_at = getattr(by, "person_id", None), clock.now()
    session.flush()
    for credit in found:
        lay_beside(session, credit, organisation, made)
    _told(session, made, by, {"payouts": len(found)})
    return made


def tell_of(session: Session, credit: BankCredit, organisation: Organisation, provider: str, *, by) -> PayoutAccount:
    """A payment that waits is a payout: tell() of the account that it came from. Stale when it waits no more; BadPayer."""
    lock_organisation(session, organisation.id)
    session.refresh(credit, with_for_update=True)
    if credit.state != "waiting":
        raise Stale()
    return tell(session, organisation, provider, credit.payer_account or "", by=by)


def forget(session: Session, account: PayoutAccount, *, by) -> None:
    """What comes from this account is looked at as any other payment again; payouts that were set aside stay so."""
    _told(session, account, by, {"removed": True})
    session.delete(account)
    session.flush()


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


def _from(number, organisation, account: PayoutAccount):
    return (organisation == account.organisation_id) & or_(*(number == form for form in forms(account.number)))


def _cover(session: Session, credit: BankCredit, ids: Sequence[int]) -> None:
    session.execute(update(PaymentIntent).where(PaymentIntent.id.in_(ids)).values(payout_id=credit.id))
    session.flush()


def _told(session: Session, account: PayoutAccount, by, facts: dict) -> None:
    organisation_id = account.organisation_id
    audit.record(session, "payout_account_changed", by=by, organisation_id=organisation_id, thing=account, facts=facts)
    session.flush()
