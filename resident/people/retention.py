"""The end of what was kept after an erasure: names and addresses go off invoices whose time is over (rule 38)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..homes import setting
from ..homes.organisation import Organisation
from ..money.invoice import Invoice
from .erasing import last_day
from .erasure import Erasure
from .person import ERASED, Person
from .record import own_invoices, whose


def end_due(session: Session) -> int:
    """Blank what is over, today, of every erased person; how many invoices. Harmless when done twice."""
    open_ = select(Erasure).where(Erasure.erased_at.is_not(None), Erasure.done_at.is_(None)).order_by(Erasure.id)
    return sum(_end(session, row) for row in session.scalars(open_).all())


def _end(session: Session, row: Erasure) -> int:
    organisation = session.get_one(Organisation, row.organisation_id)
    today = clock.today(organisation.tz)
    years = setting.in_force(session, organisation.id, organisation.country, today)["retention_years"]
    person = session.get_one(Person, row.person_id)
    named = session.scalars(select(Invoice).where(own_invoices(whose(session, person)))).all()
    kept = [invoice for invoice in named if invoice.addressee.get("name") != ERASED]
    over = [invoice for invoice in kept if last_day(invoice.issued, years) < today]
    for invoice in over:
        invoice.addressee = {"name": ERASED, "address": "", "home": "", "person_id": person.id}
    left = [invoice for invoice in kept if invoice not in over]
    row.until = _until(left, years)
    if not left:
        row.done_at = clock.now()
    session.flush()
    if over:
        facts = {"invoices": len(over), "left": len(left)}
        audit.record(session, "retention_ended", organisation_id=organisation.id, thing=person, facts=facts)
    session.flush()
    return len(over)


def _until(left: list[Invoice], years: int) -> date | None:
    return last_day(max(invoice.issued for invoice in left), years) if left else None
