"""A billing account's statement: every entry with the balance after it, and what is open."""

from datetime import date

from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from ..db import Money
from .invoice import Invoice, Series, number_text
from .ledger import Entry, Item, OpenItem

ROWS = 50


def entries(session: Session, account_id: int, before: tuple[date, int] | None = None) -> list:
    """(id, kind, amount, value_day, booked_day, text, reverses_id, invoice_id, after), newest first, one more than a page.

    after is the balance when the entry was booked in the order of value days.
    """
    after = cast(func.sum(Entry.amount).over(order_by=(Entry.value_day, Entry.id)), Money).label("after")
    columns = (Entry.id, Entry.kind, Entry.amount, Entry.value_day, Entry.booked_day, Entry.text, Entry.reverses_id)
    ledger = (
        select(*columns, Item.invoice_id, after).outerjoin(Item, Item.entry_id == Entry.id).where(Entry.account_id == account_id)
    ).subquery()
    rows = select(ledger).order_by(ledger.c.value_day.desc(), ledger.c.id.desc()).limit(ROWS + 1)
    if before:
        day, id = before
        rows = rows.where((ledger.c.value_day < day) | ((ledger.c.value_day == day) & (ledger.c.id < id)))
    return session.execute(rows).all()


def open_items(session: Session, account_id: int) -> list[tuple]:
    """(due, open, amount, kind of the entry, invoice id or None, its number), the oldest due first."""
    columns = (OpenItem.due, OpenItem.amount, Item.amount, Entry.kind, Invoice.id, Series.year, Invoice.number)
    rows = session.execute(
        select(*columns, Invoice.foreign_number, Series.prefix)
        .join(Item, Item.id == OpenItem.item_id)
        .join(Entry, Entry.id == Item.entry_id)
        .outerjoin(Invoice, Invoice.id == Item.invoice_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(OpenItem.account_id == account_id)
        .order_by(OpenItem.due, OpenItem.item_id)
    )
    return [
        (due, left, amount, kind, id, number_text(year, number, foreign, prefix or "") if id else "")
        for due, left, amount, kind, id, year, number, foreign, prefix in rows
    ]
