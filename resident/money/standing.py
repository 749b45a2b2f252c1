"""How a tenure or an account stands today: overdue, due soon, not yet due, credit – separate figures (rule 35)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..db import plain
from ..identity import Home
from .account import Account
from .invoice import Invoice
from .ledger import AccountTotal, Item, OpenItem

SOON = timedelta(days=30)


@dataclass(slots=True)
class Standing:
    """Minor units of one currency. A due day is inclusive: what is due today is not overdue.

    total = overdue + soon + later − credit; below zero it is the holder's money.
    """

    currency: str | None = None
    overdue: int = 0
    # Due today or within 30 days.
    soon: int = 0
    later: int = 0
    credit: int = 0
    total: int = 0
    # The day from which the oldest overdue item was to be paid.
    oldest_due: date | None = None
    # The nearest due day from today on, and what is due on it.
    next_due: date | None = None
    next_amount: int = 0
    # Value day of the last payment that is in the figures.
    paid_through: date | None = None
    # Σ entries by account, and the numbers under which the holder knows them.
    accounts: dict[int, int] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    @property
    def to_pay(self) -> int:
        return self.overdue + self.soon


# Plain tables, without the ORM's part: on every page about money.
_account, _total, _open = Account.__table__.c, AccountTotal.__table__.c, OpenItem.__table__.c
_ROWS = (
    select(_account.id, _account.currency, _account.number, _total.amount, _total.paid_through, _open.due, _open.amount)
    .select_from(
        Account.__table__.outerjoin(AccountTotal.__table__, _total.account_id == _account.id).outerjoin(
            OpenItem.__table__, _open.account_id == _account.id
        )
    )
    .order_by(_open.due, _open.item_id)
)
# Deposits are accounts of their own, outside what is due.
_OF_TENURE = _ROWS.where(_account.tenure_id == bindparam("tenure"), _account.kind != "deposit")
_OF_ACCOUNT = _ROWS.where(_account.id == bindparam("account"))
_item, _invoice = Item.__table__.c, Invoice.__table__.c
# Whoever left a tenure that goes on owes what was billed until then; totals and credit are those who stayed.
_OF_LEAVER = (
    select(_account.id, _account.currency, _account.number, _open.amount, _total.paid_through, _open.due, _open.amount)
    .select_from(
        Account.__table__.join(OpenItem.__table__, _open.account_id == _account.id)
        .join(Item.__table__, _item.id == _open.item_id)
        .join(Invoice.__table__, _invoice.id == _item.invoice_id)
        .outerjoin(AccountTotal.__table__, _total.account_id == _account.id)
    )
    .where(_account.tenure_id == bindparam("tenure"), _account.kind != "deposit", _invoice.issued <= bindparam("until"))
    .order_by(_open.due, _open.item_id)
)


def standing(session: Session, tenure_id: int, today: date) -> Standing:
    """All accounts of a tenure together, deposits left out; they are in one currency. One SELECT."""
    return _folded(plain(session, _OF_TENURE, {"tenure": tenure_id}), today)


def standing_of_leaver(session: Session, tenure_id: int, until: date, today: date) -> Standing:
    """What is still open of a tenure's invoices issued until a day; nobody's credit. One SELECT."""
    stands = _folded(plain(session, _OF_LEAVER, {"tenure": tenure_id, "until": until}), today)
    stands.total, stands.credit = stands.overdue + stands.soon + stands.later, 0
    return stands


def standing_in(session: Session, home: Home) -> Standing:
    """How a resident's home stands, as far as it is theirs (rule 36)."""
    today = home.organisation.today
    if home.state == "after" and home.papers_until != date.max:
        return standing_of_leaver(session, home.tenure_id, home.papers_until, today)
    return standing(session, home.tenure_id, today)


def standing_of_account(session: Session, account_id: int, today: date) -> Standing:
    return _folded(plain(session, _OF_ACCOUNT, {"account": account_id}), today)


def _folded(rows, today: date) -> Standing:
    stands = Standing()
    owed = 0
    for account_id, currency, number, total, paid_through, due, amount in rows:
        if account_id not in stands.accounts:
            stands.accounts[account_id] = total or 0
            stands.currency = stands.currency or currency
            stands.numbers += [number] if number else []
            stands.paid_through = max(filter(None, (stands.paid_through, paid_through)), default=None)
        if due is not None:
            owed += amount
            _count(stands, due, amount, today)
    stands.total = sum(stands.accounts.values())
    stands.credit = owed - stands.total
    return stands


def _count(stands: Standing, due: date, amount: int, today: date) -> None:
    """Rows come in the order of their due days."""
    if due < today:
        stands.overdue += amount
        stands.oldest_due = stands.oldest_due or due
        return
    if due <= today + SOON:
        stands.soon += amount
    else:
        stands.later += amount
    stands.next_due = stands.next_due or due
    if due == stands.next_due:
        stands.next_amount += amount
