"""To whom a payment that waits may belong: suggestions, never bookings. Ranked by what speaks for each account.

The order (evidence.ranked): from this account was paid for it before; the number of one of its invoices stands in the text; a
reference of its is there, among others or too short to be followed; the sum is exactly what is open; the payer has its
holder's name.
"""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ..homes.building import Building, Unit
from ..identity import home_label
from ..money.account import Account, Reference
from ..money.invoice import Invoice, Series, number_text
from ..money.ledger import AccountTotal, OpenItem
from ..people.person import Person, PersonWord
from ..people.tenure import Holding, Party
from . import evidence, taking
from .bank_account import BankAccount
from .bank_file import BankCredit

MOST = 6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """reasons: of evidence.REASONS; open: what is open on the account."""

    account_id: int
    number: str | None
    home: str
    open: int
    reasons: tuple[str, ...]


def suggestions(session: Session, credit: BankCredit, account: BankAccount, country: str) -> list[Suggestion]:
    """At most MOST, the likeliest first."""
    organisation_id = account.organisation_id
    there = {
        "payer": taking.payers(session, organisation_id, credit.payer_account) if credit.payer_account else [],
        "document": _by_document(session, organisation_id, credit),
        "reference": _by_reference(session, organisation_id, credit, country),
        "amount": _by_amount(session, organisation_id, credit.amount),
        "name": _by_name(session, organisation_id, credit.payer),
    }
    found = evidence.ranked(there)[:MOST]
    facts = described(session, [account_id for account_id, _ in found], country)
    return [Suggestion(id, *facts[id], reasons) for id, reasons in found if id in facts]


def described(session: Session, account_ids: list[int], country: str) -> dict[int, tuple[str | None, str, int]]:
    """By account: its number, its home, and what is open on it. Three SELECTs at most."""
    open_amount = select(func.coalesce(func.sum(OpenItem.amount), 0)).where(OpenItem.account_id == Account.id).scalar_subquery()
    rows = session.execute(
        select(Account.id, Account.number, Account.tenure_id, Account.building_id, open_amount).where(Account.id.in_(account_ids))
    ).all()
    homes = _homes(session, {row.tenure_id for row in rows} - {None}, country)
    buildings = select(Building.id, Building.address).where(Building.id.in_({row.building_id for row in rows} - {None}))
    vacant = dict(session.execute(buildings).all())
    return {
        id: (number, homes.get(tenure_id) or vacant.get(building_id, ""), int(amount))
        for id, number, tenure_id, building_id, amount in rows
    }


def _homes(session: Session, tenure_ids: set[int], country: str) -> dict[int, str]:
    rows = session.execute(
        select(Holding.tenure_id, Building.address, Unit.number)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Holding.tenure_id.in_(tenure_ids))
        .order_by(Holding.first.desc(), Holding.id.desc())
    )
    return {tenure_id: home_label(country, address, number) for tenure_id, address, number in rows}


def _by_document(session: Session, organisation_id: int, credit: BankCredit) -> list[int]:
    """Numbers of invoices in the text, ours ("2026-0154") and those of another program."""
    told = evidence.documents(_said(credit))
    if not told:
        return []
    here = select(Invoice.account_id, Invoice.foreign_number, Series.year, Invoice.number, Series.prefix).outerjoin(Series)
    here = here.where(Invoice.creditor_id == organisation_id).limit(50)
    # Two statements: with "or" between numbers of two tables no index serves either.
    found = [row.account_id for row in session.execute(here.where(Invoice.foreign_number.in_(told)))]
    numbered = [and_(Series.year == year, Invoice.number == number) for year, number in sorted(evidence.own(told))[:20]]
    if numbered:
        own = here.where(Invoice.series_id == Series.id, Series.creditor_id == organisation_id, or_(*numbered))
        found += [row.account_id for row in session.execute(own) if evidence.stands(_number(row), told)]
    return found


def _said(credit: BankCredit) -> str:
    return f"{credit.text} {credit.reference or ''}"


def _number(row) -> str:
    return number_text(row.year, row.number, row.foreign_number, row.prefix or "")


def _by_reference(session: Session, organisation_id: int, credit: BankCredit, country: str) -> list[int]:
    """Every run of digits that is somebody's reference: also short ones, and where several are named."""
    known = Reference.creditor_id == organisation_id, Reference.value.in_(evidence.runs(_said(credit)))
    return list(session.scalars(select(Reference.account_id).where(*known).limit(50)))


def _by_amount(session: Session, organisation_id: int, amount: int) -> list[int]:
    """Where exactly so much is open: in one item, or in all. Many are none: a rent that a hundred pay says nothing."""
    item = select(OpenItem.account_id).join(Account, Account.id == OpenItem.account_id)
    item = item.where(Account.creditor_id == organisation_id, OpenItem.amount == amount).limit(MOST + 1)
    total = select(AccountTotal.account_id).join(Account, Account.id == AccountTotal.account_id)
    total = total.where(Account.creditor_id == organisation_id, AccountTotal.amount == amount).limit(MOST + 1)
    found = {*session.scalars(item), *session.scalars(total)}
    return list(found) if len(found) <= MOST else []


def _by_name(session: Session, organisation_id: int, payer: str) -> list[int]:
    """Holders whose name has all the words of the payer's, in any order, or the other way round; two words at least."""
    theirs = evidence.name_words(payer)
    if not theirs:
        return []
    found = select(PersonWord.person_id).where(PersonWord.organisation_id == organisation_id, PersonWord.word.in_(theirs))
    found = found.group_by(PersonWord.person_id).having(func.count() > 1)
    # The creditor is compared here: asked for it, SQLite begins with all of its accounts instead of these few persons.
    rows = session.execute(
        select(Person.name, Account.id, Account.creditor_id)
        .join(Party, Party.person_id == Person.id)
        .join(Account, Account.tenure_id == Party.tenure_id)
        .where(Person.id.in_(found), Account.kind == "running")
        .order_by(Party.first.desc())
        .limit(50)
    ).all()
    here = [(name, account_id) for name, account_id, creditor_id in rows if creditor_id == organisation_id]
    return [account_id for name, account_id in here if evidence.same_name(theirs, name)]
