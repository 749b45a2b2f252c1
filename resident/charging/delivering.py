"""Invoices on their way to people (K5): who gets which, by which way; ordered once, and each recorded. Those of a period together,
when the desk says so; one that was made by itself at once: a mail is ordered, a paper waits for a file of such papers.

Whoever holds the home's invoices chooses for themselves: on paper, by e-mail, both, or in the portal alone. An invoice is made
out to the primary holder; others of the tenure who have the right to see invoices get copies where they chose so (rule 28).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, insert, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from .. import audit, clock, jobs
from ..db import lasts
from ..homes import setting
from ..homes.building import Unit
from ..identity import Controller
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceDelivery, Series, number_text
from ..money.period import BillingPeriod, lock_buildings
from ..people.person import Person
from ..people.tenure import Holding, Party
from ..people.token import digest
from . import scene

KIND = "invoice_mail"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One invoice for one person; way: paper | email; to: the addresses of a mail."""

    invoice_id: int
    person_id: int
    way: str
    copy: bool
    to: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """to_print, to_mail: what is not ordered yet; printed, mailed: what is; portal: invoices that nobody gets on paper or by mail;
    hidden: what is not printed because the name and address of whom it goes or is made out to are not for whoever asks."""

    to_print: list[Wanted]
    to_mail: list[Wanted]
    printed: int
    mailed: int
    portal: int
    hidden: int = 0


def plan(session: Session, period: BillingPeriod, creditor: Controller, *, undisclosed: bool = True) -> Plan:
    """undisclosed: may whoever asks see persons under non-disclosure with their address?"""
    invoices = list(session.scalars(_live(period, creditor).order_by(Invoice.number)))
    wanted, concealed = _wanted(session, creditor, _live(period, creditor))
    known = select(InvoiceDelivery.invoice_id, InvoiceDelivery.person_id, InvoiceDelivery.way)
    ordered = {tuple(row) for row in session.execute(known.where(InvoiceDelivery.invoice_id.in_(invoices)))}
    open_ = [one for one in wanted if (one.invoice_id, one.person_id, one.way) not in ordered]
    told = {one.invoice_id for one in wanted} | {invoice for invoice, *_ in ordered}
    to_print = [one for one in open_ if one.way == "paper" and (undisclosed or (one.invoice_id, one.person_id) not in concealed)]
    papers = sum(1 for one in open_ if one.way == "paper")
    return Plan(
        to_print,
        [one for one in open_ if one.way == "email"],
        sum(1 for *_, way in ordered if way == "paper"),
        sum(1 for *_, way in ordered if way == "email"),
        len(invoices) - len(told),
        papers - len(to_print),
    )


def _live(period: BillingPeriod, creditor: Controller):
    """The period's invoices, and what was invoiced beside periods for its month in its building: separate invoices, settlements,
    credit notes."""
    held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id == period.building_id)
    beside = select(Invoice.id).join(Account, Account.id == Invoice.account_id).where(
        Invoice.creditor_id == creditor.id, Invoice.month == period.name, Invoice.period_id.is_(None),
        Invoice.series_id.is_not(None), Account.tenure_id.in_(held),
    )  # fmt: skip
    return select(Invoice.id).where(or_(Invoice.period_id == period.id, Invoice.id.in_(beside)), Invoice.voided_at.is_(None))


def _wanted(session: Session, creditor: Controller, invoices: Select) -> tuple[list[Wanted], set[tuple[int, int]]]:
    """What people chose for a creditor's invoices, in the order of numbers; and (invoice, person) where the person, or whoever it
    is made out to, is under non-disclosure. Whoever it is made out to gets it after they left too; others only while they are
    there."""
    rights = setting.in_force(session, creditor.id, creditor.country, creditor.today)["rights"]
    rows = session.execute(
        select(
            Invoice.id, Invoice.addressee, Party.role, Party.rights, Person.id.label("person_id"), Person.invoice_paper,
            Person.invoice_email, Person.email, Person.invoice_addresses, lasts(Party, Invoice.issued).label("there"),
        )
        .join(Account, Account.id == Invoice.account_id)
        .join(Party, Party.tenure_id == Account.tenure_id)
        .join(Person, Person.id == Party.person_id)
        .where(Invoice.id.in_(invoices), Person.erased_at.is_(None))
        .where(or_(Person.invoice_paper, Person.invoice_email))
        .order_by(Invoice.number, Party.id)
    ).all()  # fmt: skip
    found: dict[tuple, Wanted] = {}
    for row in rows:
        own = row.addressee.get("person_id") == row.person_id
        held = row.rights if row.rights is not None else rights.get(row.role, [])
        if not own and not (row.there and "invoices" in held):
            continue
        ways = [way for way, chosen in (("paper", row.invoice_paper), ("email", row.invoice_email and row.email)) if chosen]
        for way in ways:
            to = addresses(row) if way == "email" else ()
            found.setdefault((row.id, row.person_id, way), Wanted(row.id, row.person_id, way, not own, to))
    hidden = _undisclosed(session, creditor.id)
    concealed = {(row.id, row.person_id) for row in rows if hidden & {row.person_id, row.addressee.get("person_id")}}
    return list(found.values()), concealed


def addresses(person) -> tuple[str, ...]:
    """Where a person's invoices go, each once. person: anything with email and invoice_addresses."""
    return tuple(dict.fromkeys([person.email, *(person.invoice_addresses or "").split()]))


def order_mails(session: Session, period: BillingPeriod, creditor: Controller, *, by) -> int:
    """Order a mail to everybody who wants one and has none yet; how many. They are sent by the worker, each once: a job to an
    address, so that one which cannot be reached keeps no other waiting."""
    lock_buildings(session, [period.building_id])
    wanted = plan(session, period, creditor).to_mail
    _order(session, wanted)
    facts = {"name": period.name, "way": "email", "invoices": len(wanted)}
    audit.record(session, "invoices_delivered", by=by, thing=period, facts=facts)
    session.flush()
    return len(wanted)


class AtOnce(NamedTuple):
    """How many mails are on their way, how many papers wait, and how many mails are wanted where the portal sends none."""

    mails: int
    papers: int
    unsent: int = 0


def at_once(session: Session, invoice: Invoice, *, mails: bool, by) -> AtOnce:
    """Deliver an invoice that was made by itself, by what its readers chose. mails: does the portal send any? Where it does not,
    those who want them are left for the month that the invoice is for. Twice is once."""
    creditor = scene.creditor_of(session, invoice.creditor_id)
    known = select(InvoiceDelivery.person_id, InvoiceDelivery.way).where(InvoiceDelivery.invoice_id == invoice.id)
    ordered = {tuple(row) for row in session.execute(known)}
    wanted, _ = _wanted(session, creditor, select(Invoice.id).where(Invoice.id == invoice.id, Invoice.voided_at.is_(None)))
    wanted = [one for one in wanted if (one.person_id, one.way) not in ordered]
    unsent = 0 if mails else sum(1 for one in wanted if one.way == "email")
    wanted = [one for one in wanted if mails or one.way == "paper"]
    if wanted:
        _order(session, wanted)
        facts = {"ways": sorted({one.way for one in wanted}), "invoices": len(wanted)}
        audit.record(session, "invoices_delivered", by=by, organisation_id=creditor.id, thing=invoice, facts=facts)
        session.flush()
    papers = sum(1 for one in wanted if one.way == "paper")
    return AtOnce(len(wanted) - papers, papers, unsent)


def _order(session: Session, wanted: list[Wanted]) -> None:
    for id, one in zip(record(session, wanted), wanted, strict=True):
        for to in one.to:
            # No address of anybody stays in the order.
            jobs.add(session, KIND, {"delivery_id": id, "to": digest(to)})


class Paper(NamedTuple):
    """A paper that waits to be printed. delivery_id; addressee: whom the invoice is made out to, and the rest of it."""

    delivery_id: int
    invoice_id: int
    number: str
    addressee: dict
    copy: bool
    issued: date
    total: int
    currency: str


def _waits(delivery):
    # A literal, so that both databases see that the index of what waits fits.
    return and_(delivery.way == literal_column("'paper'"), delivery.run_id.is_(None))


_few = aliased(InvoiceDelivery)
# Said once more by id for SQLite, which else begins with all invoices.
_WAITS = and_(_waits(InvoiceDelivery), InvoiceDelivery.id.in_(select(_few.id).where(_waits(_few))))


def papers(session: Session, creditor_id: int, within, *, undisclosed: bool) -> tuple[list[Paper], int]:
    """Papers of a creditor that were ordered and are in no file, in the order of numbers; and how many more there are whose
    names are not for whoever asks. within: the condition on Account of whoever prints them."""
    columns = (
        InvoiceDelivery.id, Invoice.id, Series.year, Invoice.number, Invoice.foreign_number, Series.prefix, Invoice.addressee,
        InvoiceDelivery.copy, Invoice.issued, Invoice.total, Invoice.currency, InvoiceDelivery.person_id,
    )  # fmt: skip
    rows = (
        select(*columns)
        .join(Invoice, Invoice.id == InvoiceDelivery.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(_WAITS, Invoice.creditor_id == creditor_id, Invoice.voided_at.is_(None), within)
        .order_by(Series.year, Invoice.number, InvoiceDelivery.id)
    )
    found = session.execute(rows).all()
    hidden = set() if undisclosed else _undisclosed(session, creditor_id)
    shown = [row for row in found if not hidden & {row.person_id, row.addressee.get("person_id")}]
    return [Paper(row[0], row[1], number_text(*row[2:5], row[5] or ""), *row[6:11]) for row in shown], len(found) - len(shown)


def papers_since(within) -> Select:
    """Since when papers wait that are in no file, the oldest first. within: as papers()."""
    rows = select(InvoiceDelivery.ordered_at).join(Invoice, Invoice.id == InvoiceDelivery.invoice_id)
    rows = rows.join(Account, Account.id == Invoice.account_id).where(_WAITS, Invoice.voided_at.is_(None), within)
    return rows.order_by(InvoiceDelivery.ordered_at)


def _undisclosed(session: Session, organisation_id: int) -> set[int]:
    return set(session.scalars(select(Person.id).where(Person.organisation_id == organisation_id, Person.non_disclosure)))


def record(session: Session, wanted: Iterable[Wanted]) -> list[int]:
    """Write what is ordered; ids in the same order."""
    now, table = clock.now(), InvoiceDelivery.__table__
    rows = [
        {"invoice_id": one.invoice_id, "person_id": one.person_id, "way": one.way, "copy": one.copy, "ordered_at": now}
        for one in wanted
    ]
    made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.scalars(made, rows)) if rows else []


class Delivered(NamedTuple):
    """One way of an invoice to a person. in_file: of a paper, is it in a file to print? name: None where it is not for whoever
    asks."""

    way: str
    copy: bool
    name: str | None
    ordered_at: datetime
    delivered_at: datetime | None
    in_file: bool


def of_invoice(session: Session, invoice_id: int, *, undisclosed: bool) -> list[Delivered]:
    """In the order in which they were ordered. undisclosed: may whoever asks see persons under non-disclosure?"""
    rows = session.execute(
        select(InvoiceDelivery, Person.name, Person.non_disclosure)
        .outerjoin(Person, Person.id == InvoiceDelivery.person_id)
        .where(InvoiceDelivery.invoice_id == invoice_id)
        .order_by(InvoiceDelivery.id)
    )
    return [
        Delivered(
            one.way, one.copy, None if hidden and not undisclosed else name, one.ordered_at, one.delivered_at, bool(one.run_id)
        )
        for one, name, hidden in rows
    ]
