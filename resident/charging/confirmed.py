"""What the invoices of a period or of a settlement of advances charge, and what was corrected of it: the statements on which
corrections of many lines stand."""

from sqlalchemy import ColumnElement, Select, exists, select

from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from .correction import Correction
from .settlement import SettlementPart, SettlementRun

# Whatever gave its homes invoices that are confirmed together.
Confirmed = BillingPeriod | SettlementRun


def invoices_of(confirmed: Confirmed) -> ColumnElement[bool]:
    """A condition on Invoice: one of its own that is not void."""
    if isinstance(confirmed, SettlementRun):
        own = Invoice.id.in_(select(SettlementPart.invoice_id).where(SettlementPart.run_id == confirmed.id))
    else:
        own = Invoice.period_id == confirmed.id
    return own & Invoice.voided_at.is_(None)


def ours() -> ColumnElement[bool]:
    """A condition on Invoice: a period or a settlement made it."""
    return Invoice.period_id.is_not(None) | exists().where(SettlementPart.invoice_id == Invoice.id)


def lines_of(confirmed: Confirmed) -> Select:
    """Lines of its invoices that correct nothing, joined to Invoice, in the order of numbers."""
    return (
        select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(invoices_of(confirmed), InvoiceLine.correction_id.is_(None))
        .order_by(Invoice.number, InvoiceLine.position)
    )


def corrections_of(confirmed: Confirmed) -> Select:
    """Corrections of such lines, joined to line and invoice, the oldest first."""
    return (
        select(Correction)
        .join(InvoiceLine, InvoiceLine.id == Correction.line_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(invoices_of(confirmed))
        .order_by(Correction.id)
    )
