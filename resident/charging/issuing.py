"""One invoice by itself: numbered, made out, posted. For separate invoices, credit notes and settlements."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .. import audit
from ..homes.building import Unit
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..month import month_name
from ..people.tenure import Holding
from . import numbers, scene
from .accounts import references
from .addressing import addressees, seller_vat
from .charge import ChargeType
from .confirming import DueBeforeIssue, due_by_setting, noted, post
from .line import COLUMNS, Drafted


def issue(
    session: Session, account: Account, kind: str, drafted: Drafted, texts: Sequence[str], *, by,
    month: str | None = None, issued: date | None = None, due: date | None = None,
) -> Invoice:  # fmt: skip
    """An invoice of the lines, with a text for each, on an account. month: what it is for, the month of issue unless given; issued:
    today; due: by the setting due_after_days. DueBeforeIssue."""
    creditor = scene.creditor_of(session, account.creditor_id)
    issued = issued or creditor.today
    due = due or due_by_setting(session, creditor, issued)
    if due < issued:
        raise DueBeforeIssue(issued=issued, due=due)
    series, number = numbers.take(session, creditor.id, issued.year, 1)
    to = addressees(session, creditor, {(drafted.tenure_id, drafted.unit_id)}, issued)[drafted.tenure_id, drafted.unit_id]
    invoice = Invoice(
        creditor_id=creditor.id, account_id=account.id, series_id=series, number=number, kind=kind,
        month=month or month_name(issued), issued=issued, due=due, total=drafted.total, currency=account.currency,
        language=to.language, addressee=to.snapshot, reference=references(session, [account.id], issued).get(account.id),
        estimated=drafted.estimated, seller_vat=seller_vat(session, creditor),
    )  # fmt: skip
    session.add(invoice)
    session.flush()
    notes = _notes(session, drafted, to.language, creditor.languages.split())
    session.execute(
        insert(InvoiceLine.__table__),
        [
            {
                "invoice_id": invoice.id, "position": position, "text": text[:160],
                "note": None if line.correction_id else notes.get(line.charge_type_id),
                **{name: getattr(line, name) for name in COLUMNS},
            }
            for position, (line, text) in enumerate(zip(drafted.lines, texts, strict=True), 1)
        ],
    )  # fmt: skip
    post(session, creditor, None, series, number, by)
    facts = {"kind": kind, "total": invoice.total}
    audit.record(session, "invoice_made", by=by, organisation_id=creditor.id, thing=invoice, facts=facts)
    session.flush()
    return invoice


def _notes(session: Session, drafted: Drafted, language: str, served: list[str]) -> dict[int, str | None]:
    """By charge type: why it is charged."""
    ids = {line.charge_type_id for line in drafted.lines}
    rows = session.execute(select(ChargeType.id, ChargeType.note).where(ChargeType.id.in_(ids)))
    return {id: noted(note, language, served) for id, note in rows}


def main_unit(session: Session, tenure_id: int) -> Unit | None:
    """The unit whose address a tenure's invoices bear: its home, else what it holds first."""
    held = select(Unit).join(Holding, Holding.unit_id == Unit.id).where(Holding.tenure_id == tenure_id)
    return session.scalar(held.order_by(Unit.kind != "home", Holding.first.desc(), Unit.sort_key, Unit.id).limit(1))
