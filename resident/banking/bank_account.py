"""The accounts to which an organisation's money comes: several, each with its days (rule 36)."""

import re
from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
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
    # As invoices and payment codes say it: the bank's name, and in Russia the bank's own account (корр. счёт).
    bank: Mapped[str] = mapped_column(String(80), default="", server_default="")
    corresp: Mapped[str] = mapped_column(String(20), default="", server_default="")
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
    """Not an account's number, or not one of that bank: why (missing | iban | russian | bic | corresp | taken)."""


class BadDays(ResidentError):
    """An account cannot end before it began, or be told on a day on which it is not in use."""


class OnInvoices(ResidentError):
    """Invoices tell this account: another one is chosen before it ends."""


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


def checked_corresp(corresp: str, bic: str) -> str:
    """A bank's correspondent account as it is stored, "" for none. BadNumber."""
    corresp = bare(corresp)
    # The treasury's begin otherwise, and have a key of their own.
    if corresp and (not re.fullmatch(r"\d{20}", corresp) or (corresp.startswith("301") and not fits_bank(corresp, bic))):
        raise BadNumber(why="corresp")
    return corresp


def fits_bank(number: str, bic: str) -> bool:
    """The key of a Russian account against its bank's БИК (standards 1.4)."""
    digits = ("0" + bic[4:6] if number.startswith("301") else bic[6:9]) + number
    return sum(int(digit) * (7, 1, 3)[place % 3] % 10 for place, digit in enumerate(digits)) % 10 == 0


def add(
    session: Session, organisation: Organisation, number: str, bic: str, name: str, first: date, *, bank: str = "",
    corresp: str = "", by=None,
) -> BankAccount:  # fmt: skip
    """The first one is the one that invoices tell. BadNumber."""
    number, bic = checked(number, bic, organisation.country)
    corresp = checked_corresp(corresp, bic)
    lock_organisation(session, organisation.id)
    here = BankAccount.organisation_id == organisation.id
    if session.scalar(select(BankAccount.id).where(here, BankAccount.number == number)):
        raise BadNumber(why="taken")
    made = BankAccount(
        organisation_id=organisation.id, number=number, bic=bic, name=tidy(name, 80), currency=organisation.currency, first=first,
        bank=tidy(bank, 80), corresp=corresp,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if not told(organisation):
        organisation.payee = _payee(organisation, made)
    facts = {"on_invoices": on_invoices(organisation, made)}
    audit.record(session, "bank_account_changed", by=by, organisation_id=organisation.id, thing=made, facts=facts)
    return made


def told(organisation: Organisation) -> str:
    """The number of the account that invoices tell; "" for none."""
    return bare(organisation.payee.get("iban") or organisation.payee.get("account") or "")


def on_invoices(organisation: Organisation, account: BankAccount) -> bool:
    number = told(organisation)
    return bool(number) and account.called(number)


def put_on_invoices(session: Session, account: BankAccount, *, by) -> None:
    """From now on invoices, payment codes and demands tell this account, those that are made already too. BadDays."""
    organisation = session.get_one(Organisation, account.organisation_id)
    lock_organisation(session, organisation.id)
    session.refresh(organisation)
    today = clock.today(organisation.tz)
    if not account.first <= today <= (account.last or today):
        raise BadDays()
    if on_invoices(organisation, account):
        return
    organisation.payee = _payee(organisation, account)
    session.flush()
    facts = {"on_invoices": True}
    audit.record(session, "bank_account_changed", by=by, organisation_id=organisation.id, thing=account, facts=facts)


def _payee(organisation: Organisation, account: BankAccount) -> dict:
    """As Organisation.payee: the name stays. Poland writes its accounts without the country's letters."""
    iban = organisation.country not in ("PL", "RU")
    number = account.number.removeprefix("PL") if organisation.country == "PL" else account.number
    given = {"payee": organisation.payee.get("payee") or organisation.name, "iban" if iban else "account": number}
    given |= {"bic": account.bic, "bank": account.bank, "corresp": account.corresp}
    return {name: value for name, value in given.items() if value}


def know(session: Session, organisation: Organisation) -> BankAccount | None:
    """The account that the organisation tells its payers is one of its bank accounts: added where it is not there yet."""
    number, payee = told(organisation), organisation.payee
    if not number or any(account.called(number) for account in of(session, organisation.id)):
        return None
    bic, bank, corresp = (payee.get(name, "") for name in ("bic", "bank", "corresp"))
    return add(session, organisation, number, bic, bank, FIRST_DAY, bank=bank, corresp=corresp)


def change(
    session: Session, account: BankAccount, *, name: str, last: date | None, trusts_payers: bool, pattern: str, bank: str = "",
    corresp: str = "", by=None,
) -> None:  # fmt: skip
    """What is known of an account, and its last day; its number stays. BadDays, OnInvoices, BadNumber, pattern.BadPattern."""
    if last is not None and last < account.first:
        raise BadDays()
    organisation = session.get_one(Organisation, account.organisation_id)
    if last is not None and on_invoices(organisation, account):
        raise OnInvoices()
    patterns.checked(pattern)
    account.corresp = checked_corresp(corresp, account.bic)
    account.name, account.bank, account.last = tidy(name, 80), tidy(bank, 80), last
    account.trusts_payers, account.pattern = trusts_payers, pattern.strip()
    if on_invoices(organisation, account):
        organisation.payee = _payee(organisation, account)
    session.flush()
    facts = {"last": last.isoformat() if last else None, "trusts_payers": trusts_payers}
    audit.record(session, "bank_account_changed", by=by, organisation_id=account.organisation_id, thing=account, facts=facts)


def of(session: Session, organisation_id: int, day: date | None = None) -> list[BankAccount]:
    """The organisation's accounts, those in force on a day or all; the oldest first."""
    found = select(BankAccount).where(BankAccount.organisation_id == organisation_id)
    if day is not None:
        found = found.where(BankAccount.first <= day, or_(BankAccount.last.is_(None), BankAccount.last >= day))
    return list(session.scalars(found.order_by(BankAccount.first, BankAccount.id)))
