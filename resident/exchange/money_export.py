"""Figures to an accounting program (S7): a month's entries or invoices as CSV or a workbook, a row an entry or a line.

A text stays a text whatever it begins with (S41); sums stay numbers. Rows come in chunks, so that memory does not grow with the
organisation. Persons stand there as invoices name them, and those under non-disclosure not at all.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from ..db import SCALE
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine, Series, cause_of, invoice_of, number_text
from ..money.ledger import Entry
from ..month import month_of
from ..people.person import Person
from .cell import Number
from .reading_export import safe

CHUNK = 1000
# What each file has, in order; the blueprint names them.
COLUMNS = {
    "entries": ("entry", "account", "tenure", "entry_kind", "day", "booked", "amount", "currency", "invoice", "text", "reverses"),
    "invoices": (
        "invoice", "account", "tenure", "invoice_kind", "month", "issued", "due", "payer", "home", "reference", "text", "quantity",
        "measure", "unit_price", "vat_rate", "vat_amount", "amount", "currency",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """what: entries | invoices; month "2026-11", by the day of booking or of issue; covered: the SQL condition beside Account that
    rights come to (access.reach_accounts)."""

    what: str
    organisation_id: int
    month: str
    covered: ColumnElement[bool]

    @property
    def days(self) -> tuple[date, date]:
        return month_of(date(int(self.month[:4]), int(self.month[5:]), 1))


def rows(session: Session, wanted: Wanted) -> Iterator[list]:
    """The cells of each row: texts, days, Numbers and None, in the order of COLUMNS."""
    yield from (_entries if wanted.what == "entries" else _invoices)(session, wanted)


def _entries(session: Session, wanted: Wanted) -> Iterator[list]:
    first, last = wanted.days
    statement = (
        select(
            Entry.id, Account.number, Account.tenure_id, Entry.kind, Entry.value_day, Entry.booked_day, Entry.amount,
            Account.currency, Entry.cause, Entry.text, Entry.reverses_id,
        )
        .join(Account, Account.id == Entry.account_id)
        .where(_own(wanted), Entry.booked_day.between(first, last))
        .order_by(Entry.id)
    )  # fmt: skip
    for part in session.execute(statement.execution_options(yield_per=CHUNK)).partitions():
        numbers = _numbers(session, [row.cause for row in part])
        for row in part:
            yield [
                _whole(row.id), row.number, _whole(row.tenure_id), row.kind, row.value_day, row.booked_day, _money(row.amount),
                row.currency, numbers.get(row.cause), row.text, _whole(row.reverses_id),
            ]  # fmt: skip


def _numbers(session: Session, causes: list[str]) -> dict[str, str]:
    """By cause of an entry: the number of the invoice that it is for, as in the file of invoices."""
    ids = [id for text in causes if (id := invoice_of(text)) is not None]
    rows = session.execute(
        select(Invoice.id, Series.year, Invoice.number, Invoice.foreign_number, Series.prefix)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(Invoice.id.in_(ids))
    )
    return {cause_of(id): number_text(year, number, foreign, prefix or "") for id, year, number, foreign, prefix in rows}


def _invoices(session: Session, wanted: Wanted) -> Iterator[list]:
    first, last = wanted.days
    hidden = set(session.scalars(select(Person.id).where(Person.organisation_id == wanted.organisation_id, Person.non_disclosure)))
    for row in session.execute(_lines(wanted, first, last).execution_options(yield_per=CHUNK)):
        known = row.addressee.get("person_id") not in hidden
        yield [
            number_text(row.year, row.number, row.foreign_number, row.prefix or ""), row.account, _whole(row.tenure_id), row.kind,
            row.month, row.issued, row.due, row.addressee.get("name") if known else None,
            row.addressee.get("home") if known else None, row.reference, row.text, _quantity(row.quantity), row.measure,
            _quantity(row.unit_price), None if row.vat_rate is None else _hundredths(row.vat_rate), _money(row.vat_amount),
            _money(row.amount), row.currency,
        ]  # fmt: skip


def _lines(wanted: Wanted, first: date, last: date) -> Select:
    return (
        select(
            Series.year, Series.prefix, Invoice.number, Invoice.foreign_number, Account.number.label("account"), Account.tenure_id,
            Invoice.kind, Invoice.month, Invoice.issued, Invoice.due, Invoice.addressee, Invoice.reference, InvoiceLine.text,
            InvoiceLine.quantity, InvoiceLine.measure, InvoiceLine.unit_price, InvoiceLine.vat_rate, InvoiceLine.vat_amount,
            InvoiceLine.amount, Invoice.currency,
        )
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Account, Account.id == Invoice.account_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(_own(wanted), Invoice.issued.between(first, last), Invoice.voided_at.is_(None))
        .order_by(Invoice.id, InvoiceLine.position)
    )  # fmt: skip


def _own(wanted: Wanted) -> ColumnElement[bool]:
    return (Account.creditor_id == wanted.organisation_id) & wanted.covered


def _whole(value: int | None) -> Number | None:
    return None if value is None else Number(str(value))


def _money(minor: int | None) -> Number | None:
    return None if minor is None else _hundredths(minor)


def _hundredths(value: int) -> Number:
    whole, rest = divmod(abs(value), 100)
    return Number(f"{'-' if value < 0 else ''}{whole}.{rest:02d}")


def _quantity(millionths: int | None) -> Number | None:
    if millionths is None:
        return None
    whole, rest = divmod(abs(millionths), SCALE)
    return Number(f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}".rstrip("0").rstrip("."))


# ---- Files -----------------------------------------------------------------------------------------------------------


def csv_parts(session: Session, wanted: Wanted, heads: list[str], point: str) -> Iterator[bytes]:
    """Piece by piece: UTF-8 with its mark, semicolons; point: the sign before decimals."""
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    kept.write("\ufeff")
    writer.writerow([safe(head) for head in heads])
    for count, cells in enumerate(rows(session, wanted), 1):
        writer.writerow([_text(cell, point) for cell in cells])
        if count % CHUNK == 0:
            yield _taken(kept)
    yield _taken(kept)


def _taken(kept: io.StringIO) -> bytes:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text.encode()


def _text(cell, point: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Number):
        return str(cell).replace(".", point)
    return cell.isoformat() if isinstance(cell, date) else safe(str(cell))


def write_xlsx(session: Session, wanted: Wanted, heads: list[str], out: Path, title: str) -> None:
    """The workbook, row after row in constant memory."""
    from .workbook import Out

    book = Out(out, out.parent)
    try:
        tab = book.tab(title)
        tab.set_column(0, len(heads), 16)
        tab.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            book.put(tab, 0, place, head, book.head)
        for number, cells in enumerate(rows(session, wanted), 1):
            for place, cell in enumerate(cells):
                book.put(tab, number, place, cell)
    finally:
        book.close()
