"""Invoices beside periods: numbered, made out, posted. For separate invoices, credit notes and settlements."""

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .. import audit
from ..homes.building import Unit
from ..identity import Controller
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.settling import batched
from ..people.tenure import MAIN_FIRST, Holding
from . import invoicing, scene
from .charge import ChargeType, noted
from .invoicing import Head, Numbered
from .line import COLUMNS, Drafted

CHUNK = 2000
_VALUES = attrgetter(*COLUMNS)


class Bill(NamedTuple):
    """What becomes an invoice on an account; texts: for each of its lines, in a language."""

    account_id: int
    drafted: Drafted
    texts: Callable[[str], Sequence[str]]


def issue(
    session: Session, account: Account, kind: str, drafted: Drafted, texts: Sequence[str], *, by,
    month: str | None = None, issued: date | None = None, due: date | None = None,
) -> Invoice:  # fmt: skip
    """An invoice of the lines, with a text for each, on an account. month: what it is for, the month of issue unless given; issued:
    today; due: by the setting due_after_days. invoicing.DueBeforeIssue."""
    creditor = scene.creditor_of(session, account.creditor_id)
    bill = Bill(account.id, drafted, lambda _language: texts)
    (id,) = issue_all(session, creditor, kind, [bill], by=by, month=month, issued=issued, due=due)
    invoice = session.get_one(Invoice, id)
    facts = {"kind": kind, "total": invoice.total}
    audit.record(session, "invoice_made", by=by, organisation_id=creditor.id, thing=invoice, facts=facts)
    session.flush()
    return invoice


def issue_all(
    session: Session, creditor: Controller, kind: str, bills: Sequence[Bill], *, by,
    month: str | None = None, issued: date | None = None, due: date | None = None,
) -> list[int]:  # fmt: skip
    """Invoices as issue() makes them, in their order, with a few statements for all; ids. Whoever calls it writes the audit event
    of the run. invoicing.DueBeforeIssue."""
    issued, due = invoicing.days(session, creditor, issued, due)
    if not bills:
        return []
    heads = [Head(account, row.tenure_id, row.unit_id, kind, row.total, row.estimated) for account, row, _texts in bills]
    made = invoicing.number(session, creditor, heads, issued, due, held=issued, month=month)
    _lines(session, creditor, bills, made)
    invoicing.post(session, creditor, made, by)
    return made.ids


def _lines(session: Session, creditor: Controller, bills: Sequence[Bill], made: Numbered) -> None:
    notes, served = _notes(session, bills), creditor.languages.split()
    rows = (
        {
            "invoice_id": id, "position": position, "text": text[:160],
            "note": None if line.correction_id else noted(notes.get(line.charge_type_id), language, served),
            **dict(zip(COLUMNS, _VALUES(line), strict=True)),
        }
        for bill, id, language in zip(bills, made.ids, made.languages, strict=True)
        for position, (line, text) in enumerate(zip(bill.drafted.lines, bill.texts(language), strict=True), 1)
    )  # fmt: skip
    for chunk in batched(rows, CHUNK):
        session.execute(insert(InvoiceLine.__table__), chunk)


def _notes(session: Session, bills: Sequence[Bill]) -> dict[int, dict | None]:
    """By charge type: why it is charged, by language."""
    ids = {line.charge_type_id for bill in bills for line in bill.drafted.lines}
    return dict(session.execute(select(ChargeType.id, ChargeType.note).where(ChargeType.id.in_(ids))).all())


def main_unit(session: Session, tenure_id: int) -> Unit | None:
    """The unit whose address a tenure's invoices bear."""
    held = select(Unit).join(Holding, Holding.unit_id == Unit.id).where(Holding.tenure_id == tenure_id)
    return session.scalar(held.order_by(*MAIN_FIRST).limit(1))
