"""Invoices come to be: numbered, made out, owed. For the confirming of a period, and for invoices beside periods (issuing.py)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..errors import ResidentError
from ..homes import setting
from ..identity import Controller
from ..money import booking, referencing
from ..money.booking import Booking
from ..money.holiday import effective_due
from ..money.invoice import Invoice, cause_of
from ..month import month_name
from . import numbers
from .addressing import addressees, seller_vat


class DueBeforeIssue(ResidentError):
    """An invoice cannot be due before its day of issue: issued, due."""


class Head(NamedTuple):
    """What becomes an invoice, without its lines. tenure_id: None for vacant homes; unit_id: whose address it bears."""

    account_id: int
    tenure_id: int | None
    unit_id: int | None
    kind: str
    total: int
    estimated: bool


class Numbered(NamedTuple):
    """Invoices of a series from a number on, in the order of their heads: ids, and the language of each."""

    series_id: int
    first: int
    ids: list[int]
    languages: list[str]


def due_by_setting(session: Session, creditor: Controller, issued: date) -> date:
    days = setting.in_force(session, creditor.id, creditor.country, issued)["due_after_days"]
    return issued + timedelta(days=days)


def days(session: Session, creditor: Controller, issued: date | None, due: date | None) -> tuple[date, date]:
    """(issued, due): today, and by the setting due_after_days, unless given. DueBeforeIssue."""
    issued = issued or creditor.today
    due = due or due_by_setting(session, creditor, issued)
    if due < issued:
        raise DueBeforeIssue(issued=issued, due=due)
    return issued, due


def number(
    session: Session, creditor: Controller, heads: Sequence[Head], issued: date, due: date, *,
    held: date, month: str | None = None, period_id: int | None = None,
) -> Numbered:  # fmt: skip
    """Invoices of the heads, one at least, without lines and owed by nobody yet. held: the day whose holders they are made out to;
    month: what they are for, that of issue unless given."""
    series_id, first = numbers.take(session, creditor.id, issued.year, len(heads))
    to = addressees(session, creditor, {(head.tenure_id, head.unit_id) for head in heads}, held)
    refers = referencing.on_invoices(session, {head.account_id for head in heads}, issued)
    common = {
        "creditor_id": creditor.id, "series_id": series_id, "month": month or month_name(issued), "issued": issued, "due": due,
        "currency": creditor.currency, "seller_vat": seller_vat(session, creditor), "period_id": period_id,
    }  # fmt: skip
    rows = [
        common | {
            "account_id": head.account_id, "number": place, "kind": head.kind, "total": head.total, "estimated": head.estimated,
            "language": to[head.tenure_id, head.unit_id].language, "addressee": to[head.tenure_id, head.unit_id].snapshot,
            "reference": refers.get(head.account_id),
        }
        for place, head in enumerate(heads, first)
    ]  # fmt: skip
    made = insert(Invoice.__table__).returning(Invoice.__table__.c.id, sort_by_parameter_order=True)
    return Numbered(series_id, first, list(session.scalars(made, rows)), [row["language"] for row in rows])


def post(session: Session, creditor: Controller, made: Numbered, by) -> None:
    """Book what the invoices are owed, and bring their accounts up to date. Due days are moved by the country's holiday rule."""
    own = Invoice.series_id == made.series_id, Invoice.number >= made.first, Invoice.number < made.first + len(made.ids)
    columns = Invoice.id, Invoice.account_id, Invoice.kind, Invoice.total, Invoice.issued, Invoice.due
    rows = session.execute(select(*columns).where(*own)).all()
    rules = setting.in_force(session, creditor.id, creditor.country, rows[0].issued)
    last_day = effective_due(rows[0].due, creditor.country, rules)
    booking.book_all(
        session,
        (
            Booking(
                row.account_id, "correction" if row.kind == "correction" else "invoice", row.total, row.issued,
                cause_of(row.id), row.due, last_day, row.id,
            )
            for row in rows
            if row.total
        ),
        by=by,
    )  # fmt: skip
    booking.refresh(session, {row.account_id for row in rows})
