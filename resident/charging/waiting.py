"""Corrections that no invoice carries yet, as lines for the next one (rule 26)."""

from collections.abc import Iterator

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from .correction import Correction
from .line import Line


def statement() -> Select:
    """Corrections of lines of invoices that are not void, joined to line, invoice and account, that wait."""
    line, invoice = aliased(InvoiceLine), aliased(Invoice)
    carried = exists().where(line.correction_id == Correction.id, invoice.id == line.invoice_id, invoice.voided_at.is_(None))
    return (
        select(Correction)
        .join(InvoiceLine, InvoiceLine.id == Correction.line_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .where(Invoice.voided_at.is_(None), ~carried)
        .order_by(Correction.id)
    )


def lines(session: Session, period: BillingPeriod) -> Iterator[tuple[int | None, Line, str]]:
    """(tenure, None for the vacancy account; the line; kind of the account) of the corrections that wait for a later period of
    the building."""
    of_building = statement().join(BillingPeriod, BillingPeriod.id == Invoice.period_id)
    rows = of_building.with_only_columns(Correction, InvoiceLine, Account.tenure_id, Account.kind).where(
        BillingPeriod.building_id == period.building_id, BillingPeriod.bill_first < period.bill_first
    )
    for correction, line, tenure_id, kind in session.execute(rows):
        yield tenure_id, line_of(correction, line), kind


def line_of(correction: Correction, line: InvoiceLine) -> Line:
    """A line that corrects another, at its tariff."""
    return Line(
        line.charge_type_id, line.unit_id, line.key, line.first, line.last, line.days, correction.amount,
        quantity=correction.quantity, measure=line.measure, unit_price=line.unit_price if correction.quantity else None,
        vat_rate=line.vat_rate, vat_amount=correction.vat_amount if line.vat_rate is not None else None, vat_net=line.vat_net,
        readings=correction.readings, correction_id=correction.id, corrects_id=line.id,
    )  # fmt: skip
