"""Corrections that no invoice carries yet, as lines for the next one (rule 26)."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..homes.building import Unit
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..money.settling import summed
from .correction import Correction
from .draft import Draft, DraftLine
from .line import Line
from .settlement import SettlementPart, SettlementRun


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


def own(invoice: Invoice) -> Select:
    """Those of an invoice's lines that its own account carries."""
    return own_account().where(InvoiceLine.invoice_id == invoice.id)


def own_account() -> Select:
    """Those that the account of the line itself carries: not what went to others with the days of a line."""
    return statement().where(Correction.moved.is_(None) | (Correction.moved == "from"))


def moved(session: Session, tenure_id: int) -> tuple[int, int, int]:
    """How many corrections wait for a tenure because billed days changed hands, and what they come to: below zero where what was
    billed to it went to others; how many of them are of rent or advances."""
    own = Correction.unit_id.is_(None) | (Correction.moved == "to")
    rows = statement().order_by(None).where(Correction.moved.is_not(None), own, tenure_id == CARRIER)
    agreed = func.count().filter(InvoiceLine.key == "amount")
    return tuple(session.execute(rows.with_only_columns(func.count(), summed(Correction.amount), agreed)).one())


def lines(session: Session, period: BillingPeriod) -> Iterator[tuple[int | None, Line, str]]:
    """(tenure, None for the vacancy account; the line; kind of the account) of the corrections that wait for a later period of
    the building. What no period made, a separate invoice or a settlement, is corrected by any period."""
    rows = (
        statement()
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .with_only_columns(Correction, InvoiceLine, CARRIER, Account.kind)
        .where(period.building_id == _BUILDING)
        .where(or_(BillingPeriod.id.is_(None), BillingPeriod.bill_first < period.bill_first))
    )
    for correction, line, tenure_id, kind in session.execute(rows):
        yield tenure_id, line_of(correction, line), kind


# The tenure on whose invoice a correction goes (None: the vacancy account): the line's own, or that which its days went to.
CARRIER = case((Correction.moved == "to", Correction.tenure_id), else_=Account.tenure_id)
# Whose period carries a correction: the building of the invoice's period, else of the line's unit, the account, the settlement.
_BUILDING = func.coalesce(
    select(BillingPeriod.building_id).where(BillingPeriod.id == Invoice.period_id).correlate(Invoice).scalar_subquery(),
    select(Unit.building_id).where(Unit.id == InvoiceLine.unit_id).correlate(InvoiceLine).scalar_subquery(),
    Account.building_id,
    select(SettlementRun.building_id)
    .join(SettlementPart, SettlementPart.run_id == SettlementRun.id)
    .where(SettlementPart.invoice_id == Invoice.id)
    .correlate(Invoice)
    .scalar_subquery(),
)


def buildings(session: Session, invoice: Invoice) -> Iterable[int]:
    """Whose periods carry corrections of the invoice's lines."""
    lines = select(_BUILDING).select_from(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    found = session.scalars(lines.join(Account, Account.id == Invoice.account_id).where(Invoice.id == invoice.id).distinct())
    return [building for building in found if building is not None]


def in_draft(session: Session, corrections: Iterable[int]) -> bool:
    """Does a draft carry one of them?"""
    return session.scalar(select(DraftLine.id).where(DraftLine.correction_id.in_(list(corrections))).limit(1)) is not None


def out_of_date(session: Session, period: BillingPeriod) -> bool:
    """Does a draft of the period carry a correction that waits no more: an invoice carries it, or it was withdrawn?"""
    drafted = select(DraftLine.correction_id).join(Draft, Draft.id == DraftLine.draft_id).where(Draft.period_id == period.id)
    carried = set(session.scalars(drafted.where(DraftLine.correction_id.is_not(None))))
    waits = statement().with_only_columns(Correction.id).where(Correction.id.in_(carried))
    return bool(carried) and carried != set(session.scalars(waits))


def _unit(correction: Correction, line: InvoiceLine) -> int | None:
    return correction.unit_id if correction.moved == "to" and correction.unit_id else line.unit_id


def line_of(correction: Correction, line: InvoiceLine) -> Line:
    """A line that corrects another, at its tariff."""
    return Line(
        line.charge_type_id, _unit(correction, line), line.key, line.first, line.last, line.days, correction.amount,
        quantity=correction.quantity, measure=line.measure, unit_price=line.unit_price if correction.quantity else None,
        vat_rate=line.vat_rate, vat_amount=correction.vat_amount if line.vat_rate is not None else None, vat_net=line.vat_net,
        readings=correction.readings, correction_id=correction.id, corrects_id=line.id,
    )  # fmt: skip
