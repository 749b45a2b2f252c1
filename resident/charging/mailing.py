"""An invoice by mail: a link, or the PDF itself where the person chose so (rule 48). Sent by the worker, each once."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock, jobs
from ..db import Database
from ..delivery.notice import Notice
from ..homes import setting
from ..homes.organisation import Organisation
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceDelivery
from ..money.sheet import Sheet, sheet
from ..people.person import Person
from ..people.token import digest
from .delivering import addresses


@dataclass(frozen=True, slots=True)
class Letter:
    """to: addresses; paper: the invoice to be attached, None for a link alone; notes: setting.invoice_notes()."""

    to: tuple[str, ...]
    organisation: str
    language: str
    path: str
    paper: Sheet | None
    notes: tuple[dict, ...]


def letter(session: Session, delivery_id: int) -> Letter | None:
    """None when it is void, or the person wants no mail any more: looked up again at sending."""
    delivery = session.get(InvoiceDelivery, delivery_id)
    if delivery is None:
        return None
    invoice, person = session.get_one(Invoice, delivery.invoice_id), session.get_one(Person, delivery.person_id)
    if invoice.voided_at is not None or person.erased_at is not None or not person.invoice_email or not person.email:
        return None
    organisation = session.get_one(Organisation, invoice.creditor_id)
    values = setting.in_force(session, organisation.id, organisation.country, clock.today(organisation.tz))
    paper = (
        sheet(session, select(Invoice).join(Account, Account.id == Invoice.account_id), invoice.id)
        if person.invoice_attached
        else None
    )
    served = organisation.languages.split()
    language = next((one for one in (person.invoice_language, person.language) if one in served), served[0])
    return Letter(addresses(person), organisation.name, language, f"/invoices/{invoice.id}", paper, setting.invoice_notes(values))


def carry_out(db: Database, job: jobs.Job, words, post: Callable) -> str | None:
    """One invoice to one address of one person; recorded when a server has taken it for the first of them. words.paper(sheet,
    notes): (name, PDF); post(notice, papers): None, or why it went nowhere."""
    with db.reading() as session:
        found = letter(session, job.payload["delivery_id"])
    to = next((one for one in found.to if digest(one) == job.payload["to"]), None) if found else None
    if to is None:
        return "not wanted any more"
    papers = (words.paper(found.paper, found.notes),) if found.paper else ()
    said = post(Notice(str(job.id), to, found.organisation, "invoice", found.path, found.language), papers)
    if said is None:
        with db.writing() as session:
            delivery = session.get_one(InvoiceDelivery, job.payload["delivery_id"], with_for_update=True)
            delivery.delivered_at = delivery.delivered_at or clock.now()
    return said
