"""Correcting what was confirmed (rule 26): a signed line in the next period, or a credit note at once, at the line's tariff."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..audit import AuditEvent
from ..errors import ResidentError
from ..homes.organisation import lock_organisation
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import lock_buildings
from . import waiting
from .confirmed import Confirmed, invoices_of
from .correction import Correction
from .dividing import price
from .issuing import issue
from .line import Drafted
from .settlement import SettlementRun
from .vat import within


class NotCorrectable(ResidentError):
    """The line is not one of ours, or its invoice is void, or it is a correction itself: why (foreign | void | correction |
    moved)."""


class NoChange(ResidentError):
    """The correction comes to nothing."""


class NoTariff(ResidentError):
    """The line has no unit price, so a quantity says nothing about it: give the sum."""


class Carried(ResidentError):
    """An invoice carries the correction already."""


class InDraft(ResidentError):
    """A draft carries the correction, and would charge it once more."""


class Worth(NamedTuple):
    """What a correction of a line comes to on an invoice, and the VAT in it; minor units, signed."""

    amount: int
    vat: int


class Found(NamedTuple):
    """A line that was wrong: by how much its quantity (millionths, signed; None where its sum was), and what that is worth."""

    line: InvoiceLine
    worth: Worth
    quantity: int | None = None
    readings: list | None = None


# What a correction says on the invoice, of all or of each.
Text = str | Callable[[Found], str]


def worth(line: InvoiceLine, *, quantity: int | None = None, amount: int | None = None) -> Worth:
    """One of: by how much the line's quantity was wrong, or its sum as prices are. At the line's own tariff and VAT. NoTariff."""
    if quantity is not None:
        if line.unit_price is None:
            raise NoTariff()
        amount = price(line.unit_price, quantity)
    vat = within(amount, line.vat_rate, bool(line.vat_net)) if line.vat_rate is not None else 0
    return Worth(amount + (vat if line.vat_net else 0), vat)


def correct(
    session: Session, line: InvoiceLine, text: str, *, by, quantity: int | None = None, amount: int | None = None, readings=None
) -> Correction:
    """One of: by how much the line's quantity was wrong (millionths, signed), or its sum as prices are (minor units, signed).

    The tariff and VAT are the line's own. It waits for the next allocation of the building, or for credit_note().
    NotCorrectable, NoTariff, NoChange.
    """
    invoice = session.get_one(Invoice, line.invoice_id)
    lock_buildings(session, waiting.buildings(session, invoice))
    lock_organisation(session, invoice.creditor_id)
    # Somebody may have taken its period back while this one waited.
    session.refresh(invoice)
    _correctable(line, invoice)
    found = Found(line, worth(line, quantity=quantity, amount=amount), quantity, readings)
    if not found.worth.amount:
        raise NoChange()
    made = _made(found, text, by)
    session.add(made)
    session.flush()
    facts = {"invoice": invoice.id, "line": line.id}
    audit.record(session, "correction_made", by=by, organisation_id=invoice.creditor_id, thing=made, facts=facts)
    session.flush()
    return made


def correct_many(session: Session, confirmed: Confirmed, found: Sequence[Found], text: Text, act: str, *, by) -> list[Correction]:
    """Corrections of many lines of a period's or settlement's invoices, with one audit event of it. The caller holds the locks of
    the building and the organisation. What comes to nothing is left; NoChange when all of it does."""
    made = [_made(one, text(one) if callable(text) else text, by) for one in found if one.worth.amount]
    if not made:
        raise NoChange()
    session.add_all(made)
    session.flush()
    facts = _named(confirmed) | {"corrections": len(made), "total": sum(one.amount for one in made)}
    audit.record(session, act, by=by, thing=confirmed, facts=facts)
    session.flush()
    return made


def _named(confirmed: Confirmed) -> dict:
    if isinstance(confirmed, SettlementRun):
        return {"first": confirmed.first, "last": confirmed.last}
    return {"name": confirmed.name}


def _made(found: Found, text: str, by) -> Correction:
    return Correction(
        line_id=found.line.id, quantity=found.quantity, amount=found.worth.amount, vat_amount=found.worth.vat,
        text=text.strip()[:160], readings=found.readings, made_by=getattr(by, "person_id", None), made_at=clock.now(),
    )  # fmt: skip


def withdraw(session: Session, correction: Correction, *, by) -> None:
    """Take back a correction that still waits. Carried, InDraft; NotCorrectable (moved) for one that goes with days that changed
    hands: those go back with the days."""
    if correction.moved:
        raise NotCorrectable(why="moved")
    line = session.get_one(InvoiceLine, correction.line_id)
    invoice = session.get_one(Invoice, line.invoice_id)
    lock_buildings(session, waiting.buildings(session, invoice))
    if session.scalar(waiting.statement().where(Correction.id == correction.id).with_only_columns(Correction.id)) is None:
        raise Carried()
    if waiting.in_draft(session, [correction.id]):
        raise InDraft()
    facts = {"invoice": invoice.id, "line": line.id}
    audit.record(session, "correction_withdrawn", by=by, organisation_id=invoice.creditor_id, thing=correction, facts=facts)
    session.delete(correction)
    session.flush()


def credit_note(session: Session, invoice: Invoice, *, by, issued: date | None = None, due: date | None = None) -> Invoice:
    """An invoice of kind correction of all that waits for one invoice's lines and its holder, at once. NoChange when nothing
    waits, InDraft."""
    lock_buildings(session, waiting.buildings(session, invoice))
    lock_organisation(session, invoice.creditor_id)
    rows = session.execute(waiting.own(invoice).with_only_columns(Correction, InvoiceLine)).all()
    if not rows:
        raise NoChange()
    if waiting.in_draft(session, [correction.id for correction, _ in rows]):
        raise InDraft()
    account = session.get_one(Account, invoice.account_id)
    lines = [waiting.line_of(correction, line) for correction, line in rows]
    texts = [correction.text for correction, _ in rows]
    unit_id = next((line.unit_id for line in lines if line.unit_id), None)
    drafted = Drafted(account.tenure_id, account.kind, unit_id, lines)
    return issue(session, account, "correction", drafted, texts, by=by, month=invoice.month, issued=issued, due=due)


def credit_notes(session: Session, confirmed: Confirmed, *, by) -> list[Invoice]:
    """One for each invoice of a period or settlement that has corrections waiting, in the order of numbers. NoChange when none has,
    InDraft."""
    lock_buildings(session, [confirmed.building_id])
    waits = select(InvoiceLine.invoice_id).join(Correction, Correction.line_id == InvoiceLine.id)
    waits = waits.where(Correction.id.in_(waiting.own_account().with_only_columns(Correction.id).order_by(None)))
    invoices = session.scalars(select(Invoice).where(invoices_of(confirmed), Invoice.id.in_(waits)).order_by(Invoice.number)).all()
    if not invoices:
        raise NoChange()
    return [credit_note(session, invoice, by=by) for invoice in invoices]


def by_hand(line_id) -> Exists:
    """A condition: the desk corrected the line of this id itself, and not with all others of its cost, readings or facts."""
    made = AuditEvent.thing == Correction.__tablename__, AuditEvent.thing_id == Correction.id, AuditEvent.act == "correction_made"
    return exists().where(Correction.line_id == line_id, Correction.moved.is_(None), *made)


def _correctable(line: InvoiceLine, invoice: Invoice) -> None:
    if line.charge_type_id is None:
        raise NotCorrectable(why="foreign")
    if invoice.voided_at is not None:
        raise NotCorrectable(why="void")
    if line.correction_id is not None:
        raise NotCorrectable(why="correction")
