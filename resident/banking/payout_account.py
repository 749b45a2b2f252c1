"""The bank accounts from which payment services pay organisations out: what comes from there is known by them."""

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db import Base, Key, UTCTime
from .bank_account import BankAccount
from .bank_file import BankCredit


class PayoutAccount(Base):
    """The bank account from which a payment service pays an organisation out. provider: its id in the configuration."""

    __tablename__ = "payout_account"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    provider: Mapped[str] = mapped_column(String(31))
    number: Mapped[str] = mapped_column(String(40))
    at: Mapped[object] = mapped_column(UTCTime)


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
