"""The end of what was kept for a time: names and addresses go off invoices of erased people (rule 38), and slips of readings
that were settled long ago go away."""

from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..homes import setting
from ..homes.organisation import Organisation
from ..metering.slip import Slip
from ..money.invoice import Invoice
from ..people.person import ERASED, Person
from .erasing import last_day
from .erasure import Erasure
from .record import own_invoices, whose

# What a phone, a link or a machine sent is kept for so long after it was booked or decided about: a year's readings can be asked
# about, and no window that anything could be sent twice for is open so long.
SLIPS = timedelta(days=365)
# Slips of one transaction.
CHUNK = 500


def end_slips(session: Session) -> int:
    """Remove slips that were booked, settled or dismissed more than SLIPS ago, at most CHUNK of them; how many. What is held
    stays until somebody has decided. One audit event for an organisation."""
    since = func.coalesce(Slip.decided_at, Slip.at)
    over = select(Slip.organisation_id, Slip.id).where(Slip.state != "held", since < clock.now() - SLIPS)
    rows = session.execute(over.order_by(Slip.organisation_id, Slip.id).limit(CHUNK)).all()
    for organisation_id, own in groupby(rows, key=lambda row: row.organisation_id):
        ids = [row.id for row in own]
        session.execute(delete(Slip).where(Slip.id.in_(ids)))
        audit.record(session, "retention_ended", organisation_id=organisation_id, facts={"slips": len(ids)})
    session.flush()
    return len(rows)


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
