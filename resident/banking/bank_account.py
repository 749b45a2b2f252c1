"""The accounts to which an organisation's money comes: several, each with its days (rule 36)."""

import re
from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Key
from ..errors import ResidentError
from ..homes.organisation import Organisation, lock_organisation
from . import pattern as patterns
from .statement import bare, tidy

# Of an account that was the payee's before anybody said since when.
FIRST_DAY = date(2000, 1, 1)


class BankAccount(Base):
    """number: an IBAN (a Polish NRB with its PL), or the twenty digits of a Russian account, whose bank is bic (БИК)."""

    __tablename__ = "bank_account"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        CheckConstraint("last is null or last >= first", name="days"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = mapped_column(String(11), default="")
    name: Mapped[str] = mapped_column(String(80), default="")
    currency: Mapped[str] = mapped_column(String(3))
    first: Mapped[date]
    last: Mapped[date | None]
    # A payment from an account that paid for one home only, and without a reference, is booked to it without being looked at.
    trusts_payers: Mapped[bool] = mapped_column(Boolean, default=False)
    # How a personal account stands in the text of a payment, as a regular expression; "" for the usual ways.
    pattern: Mapped[str] = mapped_column(String(200), default="")

    def called(self, told: str) -> bool:
        """Does a bank mean this account? Files leave out the country, or the check digits too."""
        return told in (self.number, self.number[2:], self.number[4:]) if self.number[:2].isalpha() else told == self.number


class BadNumber(ResidentError):
    """Not an account's number, or not one of that bank: why (missing | iban | russian | bic | taken)."""


class BadDays(ResidentError):
    """An account cannot end before it began."""


def checked(number: str, bic: str, country: str) -> tuple[str, str]:
    """(number, bic) as they are stored. BadNumber."""
    from stdnum import iban

    number, bic = bare(number), bare(bic)
    if not number:
        raise BadNumber(why="missing")
    if country == "RU":
        if not re.fullmatch(r"\d{20}", number):
            raise BadNumber(why="russian")
        if not re.fullmatch(r"\d{9}", bic) or not fits_bank(number, bic):
            raise BadNumber(why="bic")
        return number, bic
    number = f"PL{number}" if country == "PL" and re.fullmatch(r"\d{26}", number) else number
    if not iban.is_valid(number):
        raise BadNumber(why="iban")
    if bic and not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", bic):
        raise BadNumber(why="bic")
    return number, bic


def fits_bank(number: str, bic: str) -> bool:
    """The key of a Russian account against its bank's БИК (standards 1.4)."""
    digits = ("0" + bic[4:6] if number.startswith("301") else bic[6:9]) + number
    return sum(int(digit) * (7, 1, 3)[place % 3] % 10 for place, digit in enumerate(digits)) % 10 == 0


def add(session: Session, organisation: Organisation, number: str, bic: str, name: str, first: date, *, by=None) -> BankAccount:
    """BadNumber."""
    number, bic = checked(number, bic, organisation.country)
    lock_organisation(session, organisation.id)
    here = BankAccount.organisation_id == organisation.id
    if session.scalar(select(BankAccount.id).where(here, BankAccount.number == number)):
        raise BadNumber(why="taken")
    made = BankAccount(
        organisation_id=organisation.id, number=number, bic=bic, name=tidy(name, 80), currency=organisation.currency, first=first
    )
    session.add(made)
    session.flush()
    audit.record(session, "bank_account_changed", by=by, organisation_id=organisation.id, thing=made)
    return made


def know(session: Session, organisation: Organisation) -> BankAccount | None:
    """The account that the organisation tells its payers is one of its bank accounts: added where it is not there yet."""
    told = bare(organisation.payee.get("iban") or organisation.payee.get("account") or "")
    known = of(session, organisation.id)
    if not told or any(account.called(told) for account in known):
        return None
    bic, bank = organisation.payee.get("bic", ""), organisation.payee.get("bank", "")
    return add(session, organisation, told, bic, bank, FIRST_DAY)


def change(
    session: Session, account: BankAccount, *, name: str, last: date | None, trusts_payers: bool, pattern: str, by=None
) -> None:
    """What is known of an account, and its last day; its number stays. BadDays, pattern.BadPattern."""
    if last is not None and last < account.first:
        raise BadDays()
    patterns.checked(pattern)
    account.name, account.last, account.trusts_payers, account.pattern = tidy(name, 80), last, trusts_payers, pattern.strip()
    session.flush()
    facts = {"last": last.isoformat() if last else None, "trusts_payers": trusts_payers}
    audit.record(session, "bank_account_changed", by=by, organisation_id=account.organisation_id, thing=account, facts=facts)


def of(session: Session, organisation_id: int, day: date | None = None) -> list[BankAccount]:
    """The organisation's accounts, those in force on a day or all; the oldest first."""
    found = select(BankAccount).where(BankAccount.organisation_id == organisation_id)
    if day is not None:
        found = found.where(BankAccount.first <= day, or_(BankAccount.last.is_(None), BankAccount.last >= day))
    return list(session.scalars(found.order_by(BankAccount.first, BankAccount.id)))
