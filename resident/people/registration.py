"""Registration at the office (L2): staff check a document, the resident registers with an e-mail address and a password, gets a
link, and activates by giving the password once more.

The page of registration answers the same to everybody: whether the office knows the address is found out by the worker, and
told by mail only (S09). Until then the password waits as a hash, in the order and then as a credential that opens nothing.
"""

from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..errors import ResidentError, WrongCredentials
from ..homes import setting
from ..homes.organisation import Organisation
from . import credential, identification, letter, limit, link, password
from .credential import Credential
from .identification import SHOWN_TO_STAFF, IdentityCheck
from .link import LinkMail, LinkOver
from .person import BadContact, Login, Person, PersonWord, index_words, is_email, name_key, remember_address

KIND = "registration"
LASTS = timedelta(days=2)
PENDING = "pending"


class NotOffered(ResidentError):
    """The organisation does not offer registration at the office, or not to this person: why ("way", "active")."""


def admit(session: Session, person: Person, method: str, email: str, *, by) -> None:
    """Staff have looked at a document: the person may register with this address within the days that a letter is good for.

    method: one of SHOWN_TO_STAFF, letter.NoLetter(why="method") otherwise, and why="post" as for a letter; NotOffered; BadContact.
    """
    if method not in SHOWN_TO_STAFF:
        raise letter.NoLetter(why="method")
    today = clock.today(session.get_one(Organisation, person.organisation_id).tz)
    if letter.of_a_firm(session, person, by) and letter.holds_post(session, person.id, today, letter.GOVERNS):
        raise letter.NoLetter(why="post")
    if "office" not in _rules(session, person.organisation_id)["ways_in"]:
        raise NotOffered(why="way")
    if letter.is_active(session, person.login_id):
        raise NotOffered(why="active")
    email = email.strip()
    if not is_email(email):
        raise BadContact(field="email", why="shape")
    if person.email != email:
        remember_address(person, person.email)
        person.email, person.email_confirmed_at, person.email_wanted = email, None, None
        index_words(session, person)
        facts = {"fields": ["email"]}
        audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)
    identification.check(session, person, method, by=by)


def _rules(session: Session, organisation_id: int) -> dict:
    organisation = session.get_one(Organisation, organisation_id)
    return setting.in_force(session, organisation.id, organisation.country, clock.today(organisation.tz))


def ask(db: Database, email: str, new: str, *, language: str, address: str) -> None:
    """Order a registration, whether or not the office knows the address. WeakPassword, TooMany, Busy."""
    key = name_key(email)[:200]
    with db.reading() as session:
        # What everybody may know: the same for every address.
        names = [email.split("@")[0], *session.scalars(select(Organisation.name).order_by(Organisation.id).limit(200))]
    password.check(new, staff=False, names=names)
    with db.writing() as session:
        limit.take_mail(session, key, address)
    with credential.turn():
        hashed = credential.hashed(new)
    with db.writing() as session:
        jobs.add(session, KIND, {"email": key, "secret": hashed, "language": language})


def prepare(session: Session, order: dict) -> list[LinkMail]:
    """The mail that an order leads to: a link for each person whom the office admitted with this address."""
    links, organisations = [], set()
    for person in session.scalars(_admitted(order["email"])).all():
        rules = _rules(session, person.organisation_id)
        since = clock.now() - timedelta(days=rules["letter_days"])
        if "office" in rules["ways_in"] and not letter.is_active(session, person.login_id) and _checked(session, person.id, since):
            links.append((person.name, _link(session, person, order["secret"])))
            organisations.add(session.get_one(Organisation, person.organisation_id).name)
    if not links:
        return []
    return [LinkMail(order["email"], order["language"], organisations.pop() if len(organisations) == 1 else None, tuple(links))]


def _admitted(key: str):
    found = select(PersonWord.person_id).where(
        PersonWord.organisation_id.in_(select(Organisation.id)), PersonWord.word == f"@{key}"[:200]
    )
    disabled = exists().where(Login.id == Person.login_id, Login.disabled_at.is_not(None))
    return (
        select(Person)
        .where(Person.id.in_(found), Person.erased_at.is_(None), Person.kind == "natural", ~disabled)
        .order_by(Person.id)
    )


def _checked(session: Session, person_id: int, since) -> bool:
    checks = select(IdentityCheck.id).where(
        IdentityCheck.person_id == person_id, IdentityCheck.method.in_(SHOWN_TO_STAFF), IdentityCheck.at > since
    )
    return session.scalar(checks.limit(1)) is not None


def _link(session: Session, person: Person, secret: str) -> str:
    login = letter.own_login(session, person, None)
    _forget(session, login.id)
    session.add(Credential(login_id=login.id, kind=PENDING, secret=secret, changed_at=clock.now()))
    link.end(session, "activation", person_id=person.id)
    of = {"organisation_id": person.organisation_id, "login_id": login.id, "person_id": person.id}
    return link.make(session, "activation", lasts=LASTS, **of)


def _forget(session: Session, login_id: int) -> None:
    session.execute(delete(Credential).where(Credential.login_id == login_id, Credential.kind == PENDING))
    session.flush()


def waiting(session: Session, token: str) -> link.Link | None:
    """The link of a registration that waits for its password, while it holds."""
    row = link.find(session, "activation", token)
    return row if row and not letter.is_active(session, row.login_id) else None


def activate(db: Database, token: str, typed: str, *, address: str) -> Login:
    """The password once more: the sign-in works from now on, and the address is confirmed.

    LinkOver; TooMany and Busy before anything is hashed; WrongCredentials; WeakPassword when it holds the person's own name.
    """
    with db.reading() as session:
        row = waiting(session, token)
        if row is None:
            raise LinkOver()
        key = f"activation {row.id}"
        limit.check(session, key, address)
        secret = session.scalar(select(Credential.secret).where(Credential.login_id == row.login_id, Credential.kind == PENDING))
        staff, names = password.of_staff(session, row.login_id), password.names_of(session, row.login_id)
    with credential.turn():
        good = credential.matches(secret, typed)
    if not good:
        with db.writing() as session:
            limit.count(session, key, address)
        raise WrongCredentials()
    password.check(typed, staff=staff, names=names)
    with db.writing() as session:
        return _activated(session, token, secret)


def _activated(session: Session, token: str, secret: str) -> Login:
    row = link.use(session, "activation", token)
    person = session.get_one(Person, row.person_id)
    credential.put(session, row.login_id, secret)
    _forget(session, row.login_id)
    letter.activated(session, row.login_id)
    person.email_confirmed_at = clock.now()
    audit.record(session, "registered", organisation_id=row.organisation_id, login_id=row.login_id, thing=person)
    session.flush()
    return session.get_one(Login, row.login_id)
