"""Who looked at what is a person's, and who changed it: the audit events about one person in one organisation (B6, S57)."""

from datetime import date, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import AuditEvent
from ..homes.organisation import Organisation
from ..metering.reading import Reading, Receipt
from ..money.account import Account
from ..money.invoice import Invoice
from ..people.agreement import AgreementFile, AgreementTerm
from ..people.handover import Handover
from ..people.identification import IdentityCheck, PersonalCode
from ..people.invitation import Invitation
from ..people.letter import StartLetter
from ..people.person import Person
from ..people.post import Post
from ..people.representation import Representation
from ..people.tenure import Holding, Party, Tenure
from ..talk.case import Case
from ..talk.thread import Message, Thread
from .record import Whose


def about(session: Session, of: Whose) -> Select:
    """select(AuditEvent) of what the person did in the organisation, and of what others did to things that are theirs.

    Things are asked for first: lists of keys let both databases use the index over (thing, thing_id).
    """
    own = and_(AuditEvent.login_id == of.login_id, or_(AuditEvent.organisation_id == of.organisation_id, _of_nobody()))
    things = (and_(AuditEvent.thing == thing, AuditEvent.thing_id.in_(ids)) for thing, ids in _things(session, of).items() if ids)
    there = or_(AuditEvent.organisation_id == of.organisation_id, AuditEvent.organisation_id.is_(None))
    return select(AuditEvent).where(or_(own, *(and_(thing, there) for thing in things), *_visits(session, of)))


def _of_nobody():
    """Signing in and out belongs to the human, whatever the organisation."""
    return AuditEvent.organisation_id.is_(None)


def _things(session: Session, of: Whose) -> dict[str, list[int]]:
    """thing: the keys of those that are the person's."""
    receipts = _receipts(session, of)
    accounts = select(Account.id).where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id)
    mine = {
        thing: select(thing.id).where(thing.person_id == of.person_id)
        for thing in (Thread, Case, Party, Post, IdentityCheck, PersonalCode, StartLetter)
    } | {
        Message: select(Message.id).join(Thread, Thread.id == Message.thread_id).where(Thread.person_id == of.person_id),
        Invoice: select(Invoice.id).where(Invoice.account_id.in_(accounts)),
        Reading: select(Reading.id).where(Reading.receipt_id.in_(receipts)),
        Invitation: select(Invitation.id).where(Invitation.by_person_id == of.person_id),
        Representation: select(Representation.id).where(
            or_(Representation.person_id == of.person_id, Representation.of_person_id == of.person_id)
        ),
        Handover: select(Handover.id).where(or_(Handover.leaving_id.in_(of.papers), Handover.coming_id.in_(of.papers))),
    }
    mine |= {thing: select(thing.id).where(thing.tenure_id.in_(of.papers)) for thing in (AgreementFile, AgreementTerm)}
    found = {thing.__tablename__: list(session.scalars(statement)) for thing, statement in mine.items()}
    return found | {"person": [of.person_id], "tenure": list(of.papers), "receipt": receipts}


def _days(session: Session, of: Whose) -> list[tuple[int, date, date | None, str]]:
    """(unit, first, last, tz) of the days in which the person had a part in each home."""
    columns = (
        Holding.unit_id, Party.first, Tenure.first, Holding.first, Party.last, Tenure.last, Holding.last, Organisation.tz,
    )  # fmt: skip
    joined = select(*columns).join(Tenure, Tenure.id == Party.tenure_id).join(Holding, Holding.tenure_id == Tenure.id)
    joined = joined.join(Organisation, Organisation.id == Tenure.organisation_id)
    rows = session.execute(joined.where(Party.person_id == of.person_id, Tenure.organisation_id == of.organisation_id))
    return [(row[0], max(row[1:4]), min((day for day in row[4:7] if day), default=None), row[7]) for row in rows]


def _within(column, days: tuple):
    _, first, last, tz = days
    since = column >= clock.begins(first, tz)
    return since if last is None else and_(since, column < clock.begins(last + timedelta(days=1), tz))


def _receipts(session: Session, of: Whose) -> list[int]:
    """Of readings for the person's homes, in their days, whoever entered them."""
    found = [and_(Receipt.unit_id == days[0], _within(Receipt.at, days)) for days in _days(session, of)]
    return list(session.scalars(select(Receipt.id).where(or_(*found)))) if found else []


def _visits(session: Session, of: Whose) -> list:
    """Looks at the page of a home, and changes of it, in the person's days there."""
    unit = AuditEvent.thing == "unit"
    return [and_(unit, AuditEvent.thing_id == days[0], _within(AuditEvent.at, days)) for days in _days(session, of)]


# ---- Who it was ------------------------------------------------------------------------------------------------------


def names(session: Session, events: list[AuditEvent]) -> dict[int, str]:
    """person id: name, of everybody who acts in the events."""
    ids = {event.person_id for event in events} - {None}
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def posts(session: Session, events: list[AuditEvent]) -> dict[int, tuple[str, str]]:
    """event id: (role, employer) of whoever acted in a post that they held on that day. Others acted as residents."""
    ids = {event.person_id for event in events} - {None}
    if not ids:
        return {}
    columns = (Post.person_id, Post.role, Post.first, Post.last, Organisation.name, Organisation.tz)
    held = {}
    for row in session.execute(
        select(*columns).join(Organisation, Organisation.id == Post.organisation_id).where(Post.person_id.in_(ids))
    ):
        held.setdefault(row.person_id, []).append(row)
    found = {}
    for event in events:
        for row in held.get(event.person_id, ()):
            day = clock.day(event.at, row.tz)
            if row.first <= day and (row.last is None or row.last >= day):
                found[event.id] = (row.role, row.name)
    return found
