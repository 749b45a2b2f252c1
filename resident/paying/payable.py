"""What a resident can pay on a provider's page: the accounts of a home, but for deposits, with what is open on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..homes.organisation import Organisation
from ..identity import Home
from ..money import referencing, settling, what_if
from ..money.account import Account
from ..money.invoice import Invoice, Series, number_text
from ..money.ledger import AccountTotal, Entry, Item, OpenItem
from ..money.order import Debt, nature
from . import making
from .setup import Configured


@dataclass(frozen=True, slots=True)
class Owed:
    """An open item. day: from when on it is there; nature as in money/order.py; left of what was booked, in minor units.
    invoice_id, number, kind and month are None when no invoice made it."""

    item_id: int
    day: date
    due: date
    nature: str
    left: int
    booked: int
    invoice_id: int | None
    number: str | None
    kind: str | None
    month: str | None


@dataclass(slots=True)
class Payable:
    """An account: owed oldest first, credit in minor units, ways the providers of its creditor."""

    id: int
    creditor_id: int
    creditor: str
    country: str
    number: str | None
    currency: str
    reference: str
    email: str
    owed: list[Owed]
    credit: int
    ways: list[Configured]
    # Whoever pays has left the tenure: only what is listed may be paid, as what else is open is not theirs.
    leaver: bool = False

    @property
    def most(self) -> int:
        """No more than this can be paid at a time."""
        return min(making.MOST, sum(one.left for one in self.owed)) if self.leaver else making.MOST

    def suggested(self, today: date) -> int:
        """What is overdue and what falls due next, less the credit; nothing below zero."""
        later = [one.due for one in self.owed if one.due >= today]
        due = min(later) if later else today
        return max(sum(one.left for one in self.owed if one.due <= due) - self.credit, 0)


def accounts(session: Session, home: Home, providers: Mapping[str, Configured]) -> list[Payable]:
    """Those of the home, whatever providers they have. Whoever left a tenure that goes on sees what was billed to them."""
    leaver = home.state == "after" and home.papers_until != date.max
    rows = session.execute(
        select(Account, Organisation, AccountTotal.amount)
        .join(Organisation, Organisation.id == Account.creditor_id)
        .outerjoin(AccountTotal, AccountTotal.account_id == Account.id)
        .where(Account.tenure_id == home.tenure_id, Account.kind != "deposit")
        .order_by(Account.id)
    ).all()
    found = []
    for account, creditor, total in rows:
        owed = _owed(session, account.id, home.papers_until if leaver else None)
        ways = [one for one in providers.values() if one.serves(creditor.slug, account.currency)]
        credit = 0 if leaver else sum(one.left for one in owed) - (total or 0)
        found.append(
            Payable(
                account.id, creditor.id, creditor.name, creditor.country, account.number, account.currency,
                referencing.permanent(session, [account.id]).get(account.id, ""), creditor.email or "", owed, max(credit, 0), ways,
                leaver,
            )
        )  # fmt: skip
    return found


def _owed(session: Session, account_id: int, until: date | None) -> list[Owed]:
    statement = (
        select(
            Item.id, Entry.value_day, OpenItem.due, Entry.kind, OpenItem.amount, Item.amount, Invoice.id, Series.year,
            Invoice.number, Invoice.foreign_number, Series.prefix, Invoice.kind, Invoice.month,
        )
        .join(OpenItem, OpenItem.item_id == Item.id)
        .join(Entry, Entry.id == Item.entry_id)
        .outerjoin(Invoice, Invoice.id == Item.invoice_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(OpenItem.account_id == account_id)
        .order_by(Item.due, Item.id)
    )  # fmt: skip
    if until is not None:
        statement = statement.where(Invoice.issued <= until)
    return [
        Owed(
            item, day, due, nature(entry), left, booked, invoice,
            number_text(year, number, foreign, prefix or "") if invoice else None, kind, month,
        )
        for item, day, due, entry, left, booked, invoice, year, number, foreign, prefix, kind, month in session.execute(statement)
    ]  # fmt: skip


def wishes(session: Session, account: Payable, amount: int, ticked: tuple[int, ...], day: date) -> tuple[int, ...]:
    """Ids of the items that a sum is for: those that were ticked; of a leaver all that are listed too, in the order in which they
    are settled, so that the booking does what the plan says and nothing of others."""
    if not account.leaver:
        return ticked
    return tuple(one.debt.id for one in plan(session, account, amount, ticked, day).outcomes)


def plan(session: Session, account: Payable, amount: int, wishes: tuple[int, ...], day: date) -> what_if.Answer:
    """What a sum would do on a day (B7): the booking does the same. wishes: ids of the items that it is for."""
    order = settling.order_of(session, account.creditor_id, account.country)
    debts = [Debt(one.item_id, one.day, one.due, one.nature, one.left, one.booked) for one in account.owed]
    return what_if.what_if(debts, amount, day, order, wishes=wishes)
