"""The permanent identifier: a user name of nine digits for whoever gets in by a letter, at the office or by identification.

Digits can be typed on any telephone and in any alphabet. It says nothing about its holder and is never given to another.
"""

import secrets

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .. import audit, clock
from .person import Login, NoSignIn, Person

_DIGITS, _GROUP = 9, 3


def give(session: Session, person: Person, *, by=None) -> Login:
    """The person's sign-in; a new one, with a permanent identifier and without a password, when there is none yet. NoSignIn."""
    session.flush()
    # On PostgreSQL two at once meet here; on SQLite only one writes at a time.
    session.refresh(person, with_for_update=True)
    if person.login_id:
        return session.get_one(Login, person.login_id)
    if person.kind == "legal":
        raise NoSignIn()
    login = new(session, language=person.language)
    person.login_id = login.id
    audit.record(session, "login_added", by=by, organisation_id=person.organisation_id, login_id=login.id, thing=login)
    session.flush()
    return login


def new(session: Session, *, language: str | None = None) -> Login:
    """A sign-in that belongs to nobody yet."""
    name = spare(session)
    login = Login(name=name, name_key=name, language=language, created_at=clock.now())
    session.add(login)
    session.flush()
    return login


def spare(session: Session) -> str:
    """A permanent identifier that nobody has."""
    return _names(session, 1)[0]


def many(session: Session, languages: list[str | None]) -> list[int]:
    """The same for many at once: a login for each language, in their order; their ids."""
    names = _names(session, len(languages))
    rows = [
        {"name": name, "name_key": name, "language": language, "operator": False, "created_at": clock.now()}
        for name, language in zip(names, languages, strict=True)
    ]
    return list(session.scalars(insert(Login).returning(Login.id, sort_by_parameter_order=True), rows))


def _names(session: Session, count: int) -> list[str]:
    """So many that nobody has."""
    names: set[str] = set()
    while len(names) < count:
        drawn = {str(secrets.randbelow(9 * 10 ** (_DIGITS - 1)) + 10 ** (_DIGITS - 1)) for _ in range(count - len(names))}
        names |= drawn.difference(session.scalars(select(Login.name_key).where(Login.name_key.in_(drawn))))
    return list(names)


def shown(name: str) -> str:
    """As it stands on paper and on screens: "482 190 755". Any other user name as it is."""
    if len(name) != _DIGITS or not name.isascii() or not name.isdigit():
        return name
    return " ".join(name[at : at + _GROUP] for at in range(0, _DIGITS, _GROUP))
