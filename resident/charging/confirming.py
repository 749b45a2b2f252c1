"""Confirming a period: drafts become invoices with numbers, and what is owed is posted.

One transaction: a process that dies midway leaves drafts, and no number is taken.
"""

from datetime import date, timedelta

from sqlalchemy import Integer, String, and_, case, column, exists, func, insert, literal, or_, select, union_all, values
from sqlalchemy.orm import Session

from ..db import Key
from ..errors import ResidentError
from ..homes import setting
from ..homes.building import Unit
from ..identity import Controller
from ..money import booking
from ..money.booking import Booking
from ..money.holiday import effective_due
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..money.settling import batched
from . import numbers, scene, steps, waiting
from .accounts import accounts, references
from .addressing import addressees, seller_vat
from .charge import ChargeType
from .correction import Correction
from .draft import Draft, DraftLine
from .line import COLUMNS

# Drafts whose lines are moved by one statement.
CHUNK = 1000


class DueBeforeIssue(ResidentError):
    """An invoice cannot be due before its day of issue: issued, due."""


class CarriedElsewhere(ResidentError):
    """A draft carries a correction that another invoice carries by now, or that was withdrawn."""


def confirm(session: Session, period: BillingPeriod, *, by, issued: date | None = None, due: date | None = None) -> int:
    """allocated → confirmed; how many invoices. issued: today unless given; due: by the setting due_after_days unless given.

    Of two who confirm at once one does, the other finds it done: WrongState. DueBeforeIssue, CarriedElsewhere.
    """
    steps.hold(session, period, "confirm")
    if waiting.out_of_date(session, period):
        raise CarriedElsewhere()
    creditor = scene.controller(session, period.building_id)
    issued = issued or creditor.today
    due = due or due_by_setting(session, creditor, issued)
    if due < issued:
        raise DueBeforeIssue(issued=issued, due=due)
    drafts = session.execute(select(*_DRAFT).where(Draft.period_id == period.id).order_by(Draft.position)).all()
    total = 0
    if drafts:
        total = _invoice(session, period, creditor, drafts, issued, due, by)
        steps.throw_away(session, period)
    steps.moved(session, period, "confirmed", "period_confirmed", by, invoices=len(drafts), total=total)
    return len(drafts)


def due_by_setting(session: Session, creditor: Controller, issued: date) -> date:
    days = setting.in_force(session, creditor.id, creditor.country, issued)["due_after_days"]
    return issued + timedelta(days=days)


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


def _invoice(session: Session, period: BillingPeriod, creditor: Controller, drafts, issued: date, due: date, by) -> int:
    """Invoices, their lines, entries; the sum of them."""
    series, first = numbers.take(session, creditor.id, issued.year, len(drafts))
    found = accounts(session, creditor, period.building_id, ((row.tenure_id, row.account_kind) for row in drafts), issued)
    named = addressees(session, creditor, {(row.tenure_id, row.unit_id) for row in drafts}, period.bill_last)
    vat_number = seller_vat(session, creditor)
    refers = references(session, found.values(), issued)
    rows = []
    for number, row in enumerate(drafts, first):
        account, to = found[row.tenure_id, row.account_kind], named[row.tenure_id, row.unit_id]
        rows.append(
            {
                "creditor_id": creditor.id, "account_id": account, "series_id": series, "number": number,
                "kind": row.kind, "month": period.name, "issued": issued, "due": due,
                "total": row.total, "currency": creditor.currency, "language": to.language, "addressee": to.snapshot,
                "reference": refers.get(account), "estimated": row.estimated, "period_id": period.id,
                "seller_vat": vat_number,
            }
        )  # fmt: skip
    made = insert(Invoice.__table__).returning(Invoice.__table__.c.id, sort_by_parameter_order=True)
    ids, words = session.scalars(made, rows), _words(session, period, creditor)
    # By draft: what its lines need to know of the invoice; 0 for no unit.
    pairs = [
        (row.id, id, to["language"], int(row.tenure_id is None), row.unit_id or 0)
        for row, id, to in zip(drafts, ids, rows, strict=True)
    ]
    for chunk in batched(pairs, CHUNK):
        _lines(session, chunk, words)
    post(session, creditor, period.id, series, first, by)
    return sum(row["total"] for row in rows)


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


def called(name: dict, code: str, language: str, served: list[str]) -> str:
    """A charge type's name in a language, else in the organisation's first one that it has, else its code."""
    return name.get(language) or next((name[one] for one in served if name.get(one)), None) or next(iter(name.values()), code)


def noted(note: dict | None, language: str, served: list[str]) -> str | None:
    """Why a charge type is charged, in a language, else in the organisation's first one in which it is said."""
    note = note or {}
    found = note.get(language) or next((note[one] for one in served if note.get(one)), None) or next(iter(note.values()), "")
    return found[:300] or None


def post(session: Session, creditor: Controller, period_id: int | None, series: int, first: int, by) -> None:
    """Book what the invoices from a number of a series on are owed, and bring their accounts up to date. Due days are moved by the
    country's holiday rule."""
    rows = session.execute(
        select(Invoice.id, Invoice.account_id, Invoice.kind, Invoice.total, Invoice.issued, Invoice.due).where(
            Invoice.series_id == series, Invoice.number >= first, Invoice.period_id == period_id
        )
    ).all()
    if not rows:
        return
    rules = setting.in_force(session, creditor.id, creditor.country, rows[0].issued)
    last_day = effective_due(rows[0].due, creditor.country, rules)
    booking.book_all(
        session,
        (
            Booking(
                row.account_id, "correction" if row.kind == "correction" else "invoice", row.total, row.issued,
                f"invoice:{row.id}", row.due, last_day, row.id,
            )
            for row in rows
            if row.total
        ),
        by=by,
    )  # fmt: skip
    booking.refresh(session, {row.account_id for row in rows})
