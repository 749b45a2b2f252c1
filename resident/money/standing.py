"""How a tenure or an account stands today: overdue, due soon, not yet due, credit – separate figures (rule 35)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..db import plain
from .account import Account
from .ledger import AccountTotal, OpenItem

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


def standing(session: Session, tenure_id: int, today: date) -> Standing:
    """All accounts of a tenure together, deposits left out; they are in one currency. One SELECT."""
    return _folded(plain(session, _OF_TENURE, {"tenure": tenure_id}), today)


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
