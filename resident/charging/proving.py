"""What must hold of periods, drafts and invoices, and does not (rules 22, 27, 35). Beside money/balances.py check()."""

from collections.abc import Iterator

from sqlalchemy import Select, String, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ..money.balances import SHOWN, Finding
from ..money.invoice import Invoice, InvoiceLine
from ..money.ledger import Entry
from ..money.period import BillingPeriod
from ..money.settling import summed
from .charge import ChargeType
from .cost import Cost
from .draft import Draft, DraftLine
from .settlement import SettlementPart, SettlementRun


def check(session: Session) -> list[Finding]:
    """Everything of billing that should hold and does not; at most 20 findings of a kind. thing: the id of a period
    (then its name and the charge type), draft, invoice, line or settlement."""
    found = []
    for what, statement in _proofs():
        found.extend(Finding(what, str(thing), *figures) for thing, *figures in session.execute(statement.limit(SHOWN)))
    return found


def _proofs() -> Iterator[tuple[str, Select]]:
    """(name, statement that finds what breaks it: thing, what is, what should be)."""
    yield "allocated_cost", _wrong_costs(DraftLine, ("allocated",))
    yield "invoiced_cost", _wrong_costs(InvoiceLine, ("confirmed", "closed"))
    yield "settled_cost", _wrong_settlements()
    yield "draft_total", _wrong_drafts()
    yield "stray_draft", _stray_drafts()
    yield "unposted_invoice", _unposted()
    yield "void_invoice", _posted_void()
    yield "line_vat", _wrong_vat()
    yield "carried_twice", _carried_twice()


def _shared(table):
    """(period, charge type, sum of the shares of a divided cost) of drafts, or of invoices that are not void."""
    share = case((table.vat_net, table.amount - func.coalesce(table.vat_amount, 0)), else_=table.amount)
    own = table.cost.is_not(None), table.correction_id.is_(None)
    whose, link = (Draft, table.draft_id) if table is DraftLine else (Invoice, table.invoice_id)
    if whose is Invoice:
        own = *own, Invoice.voided_at.is_(None), Invoice.period_id.is_not(None)
    joined = select(whose.period_id, table.charge_type_id, summed(share).label("shared")).join(whose, whose.id == link)
    return joined.where(*own).group_by(whose.period_id, table.charge_type_id).subquery()


def _wrong_costs(table, states: tuple[str, ...]) -> Select:
    """What was divided among homes is what was entered (rule 22)."""
    entered = (
        select(Cost.period_id, Cost.charge_type_id, summed(Cost.amount).label("amount"))
        .group_by(Cost.period_id, Cost.charge_type_id)
        .subquery()
    )
    shared = _shared(table)
    is_ = func.coalesce(shared.c.shared, 0)
    return (
        select(cast(BillingPeriod.id, String) + " " + BillingPeriod.name + " " + ChargeType.code, is_, entered.c.amount)
        .join(entered, entered.c.period_id == BillingPeriod.id)
        .join(ChargeType, ChargeType.id == entered.c.charge_type_id)
        .outerjoin(shared, (shared.c.period_id == entered.c.period_id) & (shared.c.charge_type_id == entered.c.charge_type_id))
        .where(BillingPeriod.state.in_(states), ChargeType.billed == "period", is_ != entered.c.amount)
    )


def _wrong_settlements() -> Select:
    """What a settlement divided among homes is what was entered for its months."""
    share = case((InvoiceLine.vat_net, InvoiceLine.amount - func.coalesce(InvoiceLine.vat_amount, 0)), else_=InvoiceLine.amount)
    shared = (
        select(SettlementPart.run_id, summed(share).label("shared"))
        .join(InvoiceLine, InvoiceLine.invoice_id == SettlementPart.invoice_id)
        .where(InvoiceLine.cost.is_not(None), InvoiceLine.correction_id.is_(None))
        .group_by(SettlementPart.run_id)
        .subquery()
    )
    is_ = func.coalesce(shared.c.shared, 0)
    rows = select(SettlementRun.id, is_, SettlementRun.cost).outerjoin(shared, shared.c.run_id == SettlementRun.id)
    return rows.where(SettlementRun.state == "confirmed", is_ != SettlementRun.cost)


def _wrong_drafts() -> Select:
    lines = select(DraftLine.draft_id, summed(DraftLine.amount).label("amount")).group_by(DraftLine.draft_id).subquery()
    is_ = func.coalesce(lines.c.amount, 0)
    return select(Draft.id, is_, Draft.total).outerjoin(lines, lines.c.draft_id == Draft.id).where(is_ != Draft.total)


def _stray_drafts() -> Select:
    """Drafts belong to periods that are allocated."""
    return (
        select(BillingPeriod.id, func.count(), 0)
        .join(Draft, Draft.period_id == BillingPeriod.id)
        .where(BillingPeriod.state != "allocated")
        .group_by(BillingPeriod.id)
    )


def _entries(ours):
    """Invoices of ours beside the entries made for them. The cause is joined from the invoice, so that its index serves."""
    return ours.outerjoin(Entry, Entry.cause == literal("invoice:") + cast(Invoice.id, String))


def _unposted() -> Select:
    """A numbered invoice is in the ledger with its total, and nothing else is; it stands there unless it is void."""
    undo = aliased(Entry)
    is_ = case((undo.id.is_not(None), 0), else_=func.coalesce(Entry.amount, 0))
    rows = _entries(select(Invoice.id, is_, Invoice.total)).outerjoin(undo, undo.reverses_id == Entry.id)
    gone = undo.id.is_not(None) & Invoice.voided_at.is_(None)
    wrong = or_(Entry.id.is_(None), Entry.amount != Invoice.total, gone)
    return rows.where(Invoice.series_id.is_not(None), Invoice.total != 0, wrong)


def _posted_void() -> Select:
    """What was posted for a void invoice is reversed."""
    undo = aliased(Entry)
    rows = _entries(select(Invoice.id, Entry.amount, 0)).outerjoin(undo, undo.reverses_id == Entry.id)
    return rows.where(Invoice.voided_at.is_not(None), Entry.id.is_not(None), undo.id.is_(None))


def _wrong_vat() -> Select:
    """A line that bears VAT says how much, and no other does."""
    rows = select(InvoiceLine.id, InvoiceLine.vat_amount, InvoiceLine.vat_rate)
    return rows.where(InvoiceLine.charge_type_id.is_not(None), InvoiceLine.vat_rate.is_(None) != InvoiceLine.vat_amount.is_(None))


def _carried_twice() -> Select:
    """A correction is on one invoice that is not void (rule 26). thing: the last line that carries it."""
    lines = select(func.max(InvoiceLine.id), func.count(), 1).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    live = lines.where(InvoiceLine.correction_id.is_not(None), Invoice.voided_at.is_(None))
    return live.group_by(InvoiceLine.correction_id).having(func.count() > 1)
