"""What an invoice is compared with: the one before it and the one of the same month a year before, of the same account."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..money.invoice import Invoice, InvoiceLine
from ..money.sheet import Sheet
from .explaining import Change, Said, changes

# Kinds that come again and again, so that one can be held against another.
COMPARED = ("period", "reading")
_LINES = select(InvoiceLine.invoice_id, *(getattr(InvoiceLine, name) for name in Said._fields)).order_by(
    InvoiceLine.invoice_id, InvoiceLine.position
)


class Earlier(NamedTuple):
    """An invoice that another one is held against."""

    id: int
    month: str
    total: int


def earlier(session: Session, visible: Select, sheet: Sheet) -> dict[str, Earlier]:
    """By name (before | year), those that `visible` (access.visible_invoices) holds too; void ones are none."""
    if sheet.kind not in COMPARED or sheet.void:
        return {}
    own = visible.with_only_columns(Invoice.id, Invoice.month, Invoice.total).where(
        Invoice.account_id == sheet.account_id, Invoice.kind == sheet.kind, Invoice.voided_at.is_(None)
    )
    latest = own.order_by(Invoice.month.desc(), Invoice.issued.desc(), Invoice.id.desc()).limit(1)
    wanted = {"before": Invoice.month < sheet.month, "year": Invoice.month == f"{int(sheet.month[:4]) - 1}{sheet.month[4:]}"}
    found = {name: session.execute(latest.where(when)).one_or_none() for name, when in wanted.items()}
    if found["before"] == found["year"]:
        del found["year"]
    return {name: Earlier(*row) for name, row in found.items() if row is not None}


def compared(session: Session, before: Earlier, sheet: Sheet) -> list[Change]:
    """What changed from the earlier invoice to this one, line by line."""
    lines = defaultdict(list)
    for invoice, *line in session.execute(_LINES.where(InvoiceLine.invoice_id.in_([before.id, sheet.id]))):
        lines[invoice].append(Said(*line))
    return changes(lines[before.id], lines[sheet.id])
