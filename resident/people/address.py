"""A new e-mail address of one's own: it holds when the link sent to it was followed, and the old one is told (L15, S14)."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..delivery import notice
from ..homes.organisation import Organisation
from . import limit, link
from .link import LinkMail, LinkOver
from .person import BadContact, Login, Person, index_words, is_email, remember_address

KIND = "address"
LASTS = timedelta(days=2)


def ask(session: Session, person: Person, wanted: str, *, by) -> None:
    """Order the mail to the new address, and a warning to the one that holds meanwhile. BadContact, TooMany."""
    if not is_email(wanted):
        raise BadContact(field="email", why="shape")
    limit.take_mail(session, wanted.casefold(), f"login {by.login_id}")
    link.end(session, KIND, person_id=person.id, by=by)
    person.email_wanted = wanted
    if person.login_id:
        notice.warn(session, person.login_id, "address", "/details")
    jobs.add(session, KIND, {"person_id": person.id})
    audit.record(session, "email_asked", by=by, organisation_id=person.organisation_id, thing=person)
    session.flush()


def drop(session: Session, person: Person, *, by) -> None:
    """The wish is taken back; its links open nothing any more."""
    link.end(session, KIND, person_id=person.id, by=by)
    person.email_wanted = None
    session.flush()


def prepare(session: Session, order: dict) -> list[LinkMail]:
    """The mail of an order, with a link made now; none when the wish was taken back."""
    person = session.get(Person, order["person_id"])
    if person is None or not person.email_wanted:
        return []
    organisation = session.get_one(Organisation, person.organisation_id)
    chosen = session.scalar(select(Login.language).where(Login.id == person.login_id)) if person.login_id else None
    link.end(session, KIND, person_id=person.id)
    token = link.make(session, KIND, lasts=LASTS, organisation_id=organisation.id, person_id=person.id)
    language = chosen or person.language or organisation.default_language
    return [LinkMail(person.email_wanted, language, organisation.name, ((organisation.name, token),))]


def wanted(session: Session, token: str) -> Person | None:
    """Whose address a link confirms, while it holds."""
    row = link.find(session, KIND, token)
    person = session.get(Person, row.person_id) if row else None
    return person if person and person.email_wanted else None


def confirm(session: Session, token: str) -> None:
    """The new address holds from now on. LinkOver."""
    person = wanted(session, token)
    if person is None:
        raise LinkOver()
    link.use(session, KIND, token)
    remember_address(person, person.email)
    person.email, person.email_wanted, person.email_confirmed_at = person.email_wanted, None, clock.now()
    index_words(session, person)
    facts = {"fields": ["email"], "confirmed": True}
    audit.record(
        session, "person_changed", organisation_id=person.organisation_id, login_id=person.login_id, thing=person, facts=facts
    )
    session.flush()
