"""Beginning a real installation: sign-ins and posts, entered from the shell."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation
from . import credential
from .person import Login, Person, index_words, name_key, search_key

# 15 of these 31 letters are 74 bits; those that are taken for one another are left out.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 3, 5


class NameTaken(ResidentError):
    """Somebody signs in by that name already: name."""


class BadName(ResidentError):
    """A username cannot be so: field, value."""


def start_password() -> str:
    """A password to begin with, of at least 64 random bits, easy to copy from paper."""
    groups, letters = _GROUPS
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(letters)) for _ in range(groups))


def add_login(session: Session, name: str, secret: str, *, language: str | None = None, operator: bool = False) -> Login:
    """A new sign-in. secret: the hash of its password (credential.hashed), worked out before the lock is taken.

    BadName, NameTaken.
    """
    key = name_key(name)
    if not 0 < len(key) <= 80:
        raise BadName(field="name", value=name)
    if session.scalar(select(Login.id).where(Login.name_key == key)):
        raise NameTaken(name=name)
    login = Login(name=name.strip(), name_key=key, language=language, operator=operator, created_at=clock.now())
    session.add(login)
    session.flush()
    credential.put(session, login.id, secret)
    audit.record(session, "login_added", login_id=login.id, thing=login, facts={"operator": operator})
    session.flush()
    return login


def person_of(session: Session, organisation: Organisation, login: Login, name: str) -> Person:
    """The person whom a login is in an organisation; made when there is none."""
    person = session.scalar(select(Person).where(Person.organisation_id == organisation.id, Person.login_id == login.id))
    if person is None:
        person = Person(organisation_id=organisation.id, login_id=login.id, name=name, search_key=search_key(name))
        session.add(person)
        session.flush()
        index_words(session, person)
    return person
