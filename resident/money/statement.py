"""A billing account's statement: every entry with the balance after it, and what is open.

The balance after the first entry of a page is that of its month, which stands ready, less what came later in that month: so a
page costs the same however old the account is.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ..month import month_name
from ..month import month_of as days_of
from .invoice import Invoice, Series, number_text
from .ledger import Balance, Entry, Item, OpenItem
from .settling import summed

ROWS = 50


class Row(NamedTuple):
    """after: the balance when the entry was booked, in the order of value days."""

    id: int
    kind: str
    amount: int
    value_day: date
    booked_day: date
    text: str | None
    reverses_id: int | None
    invoice_id: int | None
    cause: str
    after: int


_COLUMNS = (
    Entry.id, Entry.kind, Entry.amount, Entry.value_day, Entry.booked_day, Entry.text, Entry.reverses_id, Item.invoice_id,
    Entry.cause,
)  # fmt: skip


def entries(session: Session, account_id: int, before: tuple[date, int] | None = None) -> list[Row]:
    """The newest first, one more than a page."""
    rows = select(*_COLUMNS).outerjoin(Item, Item.entry_id == Entry.id).where(Entry.account_id == account_id)
    if before:
        rows = rows.where(tuple_(Entry.value_day, Entry.id) < tuple_(*before))
    found = session.execute(rows.order_by(Entry.value_day.desc(), Entry.id.desc()).limit(ROWS + 1)).all()
    after = _after(session, account_id, found[0].value_day, found[0].id) if found else 0
    shown = []
    for row in found:
        shown.append(Row(*row, after))
        after -= row.amount
    return shown


def _after(session: Session, account_id: int, day: date, id: int) -> int:
    """The balance after an entry."""
    later = select(summed(Entry.amount)).where(
        Entry.account_id == account_id, tuple_(Entry.value_day, Entry.id) > tuple_(day, id), Entry.value_day <= days_of(day)[1]
    )
    closing = select(Balance.closing).where(Balance.account_id == account_id, Balance.month == month_name(day))
    return (session.scalar(closing) or 0) - session.scalar(later)


def together(items: Iterable[tuple]) -> list[tuple]:
    """Of open_items(): interest that falls due on one day as one, however many debts bore it."""
    found: dict[object, tuple] = {}
    for place, (due, left, amount, kind, *invoice) in enumerate(items):
        key = due if kind == "interest" else place
        _due, before, whole, *_same = found.get(key, (due, 0, 0))
        found[key] = (due, before + left, whole + amount, kind, *invoice)
    return list(found.values())


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
