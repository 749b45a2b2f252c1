"""A tenure's year as its holder sees it: invoices with their state, balances by month, payments (K8, K9, S4, L6).

Statements built once over plain tables: a page that is opened much. Rights: access.own_invoices and Home.papers_from.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from .. import access
from ..db import plain
from ..homes.organisation import OrganisationSetting
from ..month import month_name
from .account import Account
from .invoice import Invoice, Series, number_text
from .ledger import Balance, Entry, Item, OpenItem
from .sheet import PAID_ON, state

PAYMENTS = 50

_account, _invoice, _series = Account.__table__.c, Invoice.__table__.c, Series.__table__.c
_item, _open, _entry, _balance = Item.__table__.c, OpenItem.__table__.c, Entry.__table__.c, Balance.__table__.c
_setting = OrganisationSetting.__table__.c
_MINE = access.own_invoices(bindparam("tenure"), bindparam("since"), bindparam("until"))
_INVOICES = Invoice.__table__.join(Account.__table__, _account.id == _invoice.account_id)


class Row(NamedTuple):
    """An invoice in a list. state: see sheet.state."""

    id: int
    number: str
    kind: str
    month: str
    due: date
    total: int
    currency: str
    open: int | None
    paid_on: date | None
    state: str


class Month(NamedTuple):
    """K9: what an account's month opened with, what came and went, what it closed with; positive: owed by the holder."""

    account: str | None
    month: str
    opening: int
    invoiced: int
    received: int
    interest: int
    other: int
    closing: int
    account_id: int


def _about():
    note = select(_setting.value).where(_setting.organisation_id == bindparam("organisation"), _setting.name == "balance_note")
    note = note.where(_setting.first <= bindparam("today")).order_by(_setting.first.desc()).limit(1)
    ends = [select(end(_invoice.month)).select_from(_INVOICES).where(_MINE).scalar_subquery() for end in (func.min, func.max)]
    booked = select(func.max(_balance.month)).join_from(Account.__table__, Balance.__table__, _balance.account_id == _account.id)
    booked = booked.where(
        _account.tenure_id == bindparam("tenure"), _account.kind != "deposit", _balance.month <= bindparam("month")
    )
    return select(note.scalar_subquery(), *ends, booked.scalar_subquery())


_ABOUT = _about()
_YEAR = (
    select(
        _invoice.id, _series.year, _invoice.number, _invoice.foreign_number, _series.prefix, _invoice.kind, _invoice.month,
        _invoice.due, _invoice.total, _invoice.currency, _item.id, _item.effective_due, _open.amount, PAID_ON,
    )
    .select_from(
        _INVOICES.outerjoin(Series.__table__, _series.id == _invoice.series_id)
        .outerjoin(Item.__table__, _item.invoice_id == _invoice.id)
        .outerjoin(OpenItem.__table__, _open.item_id == _item.id)
    )
    .where(_MINE, _invoice.month >= bindparam("first"), _invoice.month <= bindparam("last"))
    .order_by(_invoice.month.desc(), _invoice.issued.desc(), _invoice.id.desc())
)  # fmt: skip
_MONTHS = (
    select(
        _account.number, _balance.month, _balance.opening, _balance.invoiced, _balance.received, _balance.interest,
        _balance.other, _balance.closing, _account.id,
    )
    .select_from(Account.__table__.join(Balance.__table__, _balance.account_id == _account.id))
    .where(
        _account.tenure_id == bindparam("tenure"),
        _account.kind != "deposit",
        _balance.month >= bindparam("first"),
        _balance.month <= bindparam("last"),
    )
    .order_by(_account.id, _balance.month.desc())
)  # fmt: skip
_PAYMENTS = (
    select(_entry.id, _entry.value_day, _entry.amount, _account.currency, _entry.reverses_id, _entry.text)
    .select_from(Account.__table__.join(Entry.__table__, _entry.account_id == _account.id))
    .where(
        _account.tenure_id == bindparam("tenure"),
        _entry.kind == "payment",
        _entry.value_day.between(bindparam("since"), bindparam("until")),
    )
    .order_by(_entry.value_day.desc(), _entry.id.desc())
)


def about(session: Session, home: access.Home, today: date) -> tuple[dict, list[str], str]:
    """(what the balance does not include, by language; the years in which something was booked, the last first; of them the last
    that has invoices, this year when none has). One SELECT."""
    facts = {"organisation": home.organisation.id, "today": today, "month": month_name(home.papers_until), **_own(home)}
    note, first, last, booked = plain(session, _ABOUT, facts).one()
    newest = last[:4] if last else str(today.year)
    # Interest that was posted before a year's first invoice, a payment in January.
    until = max(newest, (booked or "")[:4])
    years = range(int(until), int((first or until)[:4]) - 1, -1) if last or booked else []
    return note or {}, [str(year) for year in years], newest


def invoices(session: Session, home: access.Home, year: str, today: date) -> list[Row]:
    """The newest month first. One SELECT."""
    rows = []
    facts = {**_own(home), "first": f"{year}-01", "last": f"{year}-12"}
    for row in plain(session, _YEAR, facts):
        id, of, number, foreign, prefix, kind, month, due, total, currency, item, last_day, amount, paid_on = row
        left = None if item is None else amount or 0
        stands = state(total, left, last_day or due, today)
        rows.append(
            Row(id, number_text(of, number, foreign, prefix or ""), kind, month, due, total, currency, left, paid_on, stands)
        )
    return rows


def months(session: Session, home: access.Home, year: str) -> list[Month]:
    """Account by account, the newest month first; of the party's own months. One SELECT."""
    first, last = max(f"{year}-01", month_name(home.papers_from)), min(f"{year}-12", month_name(home.papers_until))
    facts = {"tenure": home.tenure_id, "first": first, "last": last}
    return [Month(*row) for row in plain(session, _MONTHS, facts)]


def payments(session: Session, home: access.Home, before: tuple[date, int] | None = None) -> list:
    """Received payments: (id, value_day, amount, currency, reverses_id, text), the newest first; one more than a page."""
    statement = _PAYMENTS.limit(PAYMENTS + 1)
    if before:
        day, id = before
        statement = statement.where((_entry.value_day < day) | ((_entry.value_day == day) & (_entry.id < id)))
    return plain(session, statement, _own(home)).all()


def _own(home: access.Home) -> dict:
    return {"tenure": home.tenure_id, "since": home.papers_from, "until": home.papers_until}
