"""What a period's invoices charge, and what was corrected of it: the statements on which corrections of many lines stand."""

from sqlalchemy import Select, select

from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from .correction import Correction


def lines_of(period: BillingPeriod) -> Select:
    """Lines of the period's invoices that are not void and that correct nothing, joined to Invoice, in the order of numbers."""
    return (
        select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None), InvoiceLine.correction_id.is_(None))
        .order_by(Invoice.number, InvoiceLine.position)
    )


def corrections_of(period: BillingPeriod) -> Select:
    """Corrections of such lines, joined to line and invoice, the oldest first."""
    return (
        select(Correction)
        .join(InvoiceLine, InvoiceLine.id == Correction.line_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None))
        .order_by(Correction.id)
    )
