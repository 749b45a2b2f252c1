"""Taking a confirmed period back to its drafts, before anybody has an invoice or has paid. Its invoices become void and keep their
numbers, their entries are reversed."""

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from .. import clock
from ..errors import ResidentError
from ..homes.building import Unit
from ..money import booking
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceDelivery, InvoiceLine, cause_of
from ..money.ledger import Entry, Item, Settlement
from ..money.period import BillingPeriod
from . import steps
from .correction import Correction
from .draft import Draft, DraftLine
from .line import COLUMNS
from .settlement import of_month


class AlreadyDelivered(ResidentError):
    """Somebody has the period's invoices, so it is not taken back: invoices (how many)."""


class AlreadyPaid(ResidentError):
    """Money came for the period's invoices, so it is not taken back: invoices (how many)."""


class AlreadyCorrected(ResidentError):
    """Lines of the period's invoices are corrected, so it is not taken back: corrections (how many)."""


class NotOurs(ResidentError):
    """The period's invoices were made by another program, so there is nothing to take back: name."""


def held_back(session: Session, period: BillingPeriod) -> ResidentError | None:
    """What stands against taking the period back, or None."""
    # A settlement counts on the period's advances.
    if run := of_month(session, period.building_id, period.name):
        return steps.LaterStands(name=run.last, state=run.state)
    own = select(Invoice.id).where(Invoice.period_id == period.id, Invoice.voided_at.is_(None))
    if not session.scalar(select(own.exists())):
        return NotOurs(name=period.name)
    delivered = select(func.count(InvoiceDelivery.invoice_id.distinct())).where(InvoiceDelivery.invoice_id.in_(own))
    if count := session.scalar(delivered):
        return AlreadyDelivered(invoices=count)
    if count := session.scalar(paid(own)):
        return AlreadyPaid(invoices=count)
    lines = select(InvoiceLine.id).where(InvoiceLine.invoice_id.in_(own))
    if count := session.scalar(select(func.count()).where(Correction.line_id.in_(lines))):
        return AlreadyCorrected(corrections=count)
    return None


def paid(own):
    """How many of the invoices money came for since they were posted; what settled them from credit of before does not count."""
    undo = aliased(Settlement)
    return (
        select(func.count(Item.invoice_id.distinct()))
        .join(Settlement, Settlement.item_id == Item.id)
        .join(Entry, Entry.id == Settlement.entry_id)
        .where(
            Item.invoice_id.in_(own),
            Settlement.reverses_id.is_(None),
            Entry.kind == "payment",
            Entry.id > Item.entry_id,
            ~exists().where(undo.reverses_id == Settlement.id),
        )
    )


def unconfirm(session: Session, period: BillingPeriod, *, by) -> int:
    """confirmed → allocated, with the same drafts as before; how many invoices are void now.

    WrongState, LaterStands (a settlement of its month too), AlreadyDelivered, AlreadyPaid, AlreadyCorrected, NotOurs.
    """
    steps.hold(session, period, "unconfirm")
    refusal = held_back(session, period)
    if refusal:
        raise refusal
    live = Invoice.period_id == period.id, Invoice.voided_at.is_(None)
    entries = session.scalars(select(Entry.id).where(Entry.cause.in_(_causes(session, live)))).all()
    _drafts(session, period, live)
    voided = session.execute(update(Invoice.__table__).where(*live).values(voided_at=clock.now())).rowcount
    booking.reverse_all(session, entries, by=by)
    steps.moved(session, period, "allocated", "period_taken_back", by, invoices=voided)
    return voided


def _causes(session: Session, live) -> list[str]:
    return [cause_of(id) for id in session.scalars(select(Invoice.id).where(*live))]


def _drafts(session: Session, period: BillingPeriod, live) -> None:
    """The invoices' lines as drafts again, in the order of the numbers."""
    rows = session.execute(
        select(Invoice.id, Invoice.number, Invoice.total, Invoice.estimated, Account.tenure_id, Account.kind)
        .join(Account, Account.id == Invoice.account_id)
        .where(*live)
        .order_by(Invoice.number)
    ).all()
    units = dict(session.execute(_first_units(live)).all())
    session.execute(
        insert(Draft.__table__),
        [
            {
                "period_id": period.id, "tenure_id": row.tenure_id, "account_kind": row.kind, "position": position,
                "unit_id": units.get(row.id), "total": row.total, "estimated": row.estimated,
            }
            for position, row in enumerate(rows, 1)
        ],
    )  # fmt: skip
    columns = ("position", *COLUMNS)
    first = rows[0].number
    moved = (
        select(Draft.id, *(getattr(InvoiceLine, name) for name in columns))
        .select_from(Draft)
        .join(Invoice, (Invoice.period_id == Draft.period_id) & (Invoice.number == Draft.position + (first - 1)))
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(*live)
        .order_by(InvoiceLine.id)
    )
    session.execute(insert(DraftLine.__table__).from_select(["draft_id", *columns], moved))


def _first_units(live):
    """By invoice: the unit whose address it bears is the one of the home that comes first on it."""
    place = func.row_number().over(partition_by=InvoiceLine.invoice_id, order_by=(Unit.kind != "home", Unit.sort_key, Unit.id))
    lines = (
        select(InvoiceLine.invoice_id, InvoiceLine.unit_id, place.label("place"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Unit, Unit.id == InvoiceLine.unit_id)
        .where(*live)
        .subquery()
    )
    return select(lines.c.invoice_id, lines.c.unit_id).where(lines.c.place == 1)
