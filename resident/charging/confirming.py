"""Confirming a period: drafts become invoices with numbers, and what is owed is posted.

One transaction: a process that dies midway leaves drafts, and no number is taken.
"""

from datetime import date

from sqlalchemy import Integer, String, and_, case, column, exists, func, insert, literal, or_, select, union_all, values
from sqlalchemy.orm import Session

from ..db import Key
from ..errors import ResidentError
from ..homes.building import Unit
from ..homes.organisation import lock_organisation
from ..identity import Controller
from ..money.invoice import InvoiceLine
from ..money.period import BillingPeriod
from ..money.settling import batched
from . import invoicing, scene, steps, waiting
from .accounts import accounts
from .charge import ChargeType, called, noted
from .correction import Correction
from .draft import Draft, DraftLine
from .invoicing import Head
from .line import COLUMNS

# Drafts whose lines are moved by one statement.
CHUNK = 1000


class CarriedElsewhere(ResidentError):
    """A draft carries a correction that another invoice carries by now, or that was withdrawn."""


def confirm(session: Session, period: BillingPeriod, *, by, issued: date | None = None, due: date | None = None) -> int:
    """allocated → confirmed; how many invoices. issued: today unless given; due: by the setting due_after_days unless given.

    Of two who confirm at once one does, the other finds it done: WrongState. invoicing.DueBeforeIssue, CarriedElsewhere.
    """
    steps.hold(session, period, "confirm")
    if waiting.out_of_date(session, period):
        raise CarriedElsewhere()
    creditor = scene.controller(session, period.building_id)
    issued, due = invoicing.days(session, creditor, issued, due)
    drafts = session.execute(select(*_DRAFT).where(Draft.period_id == period.id).order_by(Draft.position)).all()
    if drafts:
        _invoice(session, period, creditor, drafts, issued, due, by)
        steps.throw_away(session, period)
    total = sum(row.total for row in drafts)
    steps.moved(session, period, "confirmed", "period_confirmed", by, invoices=len(drafts), total=total)
    return len(drafts)


def _has(condition):
    return exists().where(DraftLine.draft_id == Draft.id, condition).correlate(Draft)


# What is nothing but corrections is a credit note, or asked for afterwards; nothing but metered lines, an invoice by readings.
_KIND = case(
    (~_has(DraftLine.correction_id.is_(None)), "correction"),
    (~_has(and_(DraftLine.correction_id.is_(None), DraftLine.key != "meter")), "reading"),
    else_="period",
)
_DRAFT = (
    Draft.id, Draft.position, Draft.tenure_id, Draft.account_kind, Draft.unit_id, Draft.total, Draft.estimated,
    _KIND.label("kind"),
)  # fmt: skip


def _invoice(session: Session, period: BillingPeriod, creditor: Controller, drafts, issued: date, due: date, by) -> None:
    """Invoices, their lines, entries."""
    # Two buildings of one organisation may be confirmed at once, and a tenure hold something in both: one opens its account.
    lock_organisation(session, creditor.id)
    found = accounts(session, creditor, period.building_id, ((row.tenure_id, row.account_kind) for row in drafts), issued)
    heads = [
        Head(found[row.tenure_id, row.account_kind], row.tenure_id, row.unit_id, row.kind, row.total, row.estimated)
        for row in drafts
    ]
    made = invoicing.number(session, creditor, heads, issued, due, held=period.bill_last, month=period.name, period_id=period.id)
    words = _words(session, period, creditor)
    # By draft: what its lines need to know of the invoice; 0 for no unit.
    pairs = [
        (row.id, id, language, int(row.tenure_id is None), row.unit_id or 0)
        for row, id, language in zip(drafts, made.ids, made.languages, strict=True)
    ]
    for chunk in batched(pairs, CHUNK):
        _lines(session, chunk, words)
    invoicing.post(session, creditor, made, by)


def _lines(session: Session, drafts: list[tuple], words) -> None:
    """Draft lines become invoice lines, each in its invoice's language, without leaving the database. What PostgreSQL knows of its
    tables may be older than the invoices, so it is told which draft became which, and how many they are."""
    columns = (("id", Key), ("invoice_id", Key), ("language", String), ("vacant", Integer), ("unit_id", Key))
    known = values(*(column(name, kind) for name, kind in columns), name="known", literal_binds=True).data(drafts)
    pairs = known.cte("pairs").c
    named = func.coalesce(Correction.text, words.c.text)
    # Of several units on one invoice each line says which it is for.
    several = or_(pairs.vacant == 1, and_(pairs.unit_id != 0, DraftLine.unit_id != pairs.unit_id))
    told = case((and_(several, Unit.number.is_not(None)), named + ", " + Unit.number), else_=named)
    # A correction says in its text why it is there.
    note = case((Correction.id.is_(None), words.c.note))
    columns = ("quantity", "measure", "unit_price", "amount", "vat_rate", "estimated")
    made = [name for name in COLUMNS if name not in columns]
    # No planner shall begin with the words: by its draft each line is found, never all lines of a charge or of a language.
    charge, language = DraftLine.charge_type_id + 0, pairs.language.concat("")
    moved = (
        select(
            pairs.invoice_id, DraftLine.position, func.substr(told, 1, 160), note,
            *(getattr(DraftLine, name) for name in (*columns, *made)),
        )
        .join(DraftLine, DraftLine.draft_id == pairs.id)
        .join(words, and_(words.c.charge_type_id == charge, words.c.language == language))
        .outerjoin(Unit, Unit.id == DraftLine.unit_id)
        .outerjoin(Correction, Correction.id == DraftLine.correction_id)
        .order_by(pairs.invoice_id, DraftLine.position)
    )  # fmt: skip
    into = ["invoice_id", "position", "text", "note", *columns, *made]
    session.execute(insert(InvoiceLine.__table__).from_select(into, moved))


def _words(session: Session, period: BillingPeriod, creditor: Controller):
    """What each charge type of the period is called in each language that the organisation serves, and why it is charged: the best
    there is."""
    served = creditor.languages.split()
    used = select(DraftLine.charge_type_id).join(Draft, Draft.id == DraftLine.draft_id).where(Draft.period_id == period.id)
    columns = ChargeType.id, ChargeType.code, ChargeType.name, ChargeType.note
    rows = session.execute(select(*columns).where(ChargeType.id.in_(used))).all()
    return union_all(
        *(
            select(
                literal(id, Key).label("charge_type_id"),
                literal(language, String).label("language"),
                literal(called(name, code, language, served), String).label("text"),
                literal(noted(note, language, served), String).label("note"),
            )
            for id, code, name, note in rows
            for language in served
        )
    ).subquery("words")
