"""Who a user name, or an e-mail address, and a password belong to (L1): checked under limits, one hash for everybody (S09, S11).

The start password of a letter is looked for in the same breath (letter.matches); whoever has none costs the same one hash.
"""

from dataclasses import dataclass

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..errors import WrongCredentials
from ..homes.organisation import Organisation
from . import credential, device, letter, limit
from .credential import Credential
from .person import Login, Person, PersonWord, name_key


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose password is right. settle() makes it count, in the transaction in which their session begins."""

    login_id: int
    # "password" or "letter".
    way: str
    key: str
    device_id: int | None
    letter_id: int | None
    renewed: str | None


def check(db: Database, name: str, password: str, *, address: str, browser: str | None = None) -> Known:
    """TooMany and Busy before anything is hashed, WrongCredentials after. browser: the cookie of the device.

    Opens its own short transactions: a failure is counted even though the request that made it ends in a refusal, and no
    lock is held while hashing.
    """
    key = name_key(name)
    with db.reading() as session:
        found = _found(session, key)
        device_id = device.known(session, found.id if found else 0, browser)
        limit.check(session, key, address, device_id)
        letter_id = letter.matches(session, found.id if found else None, password)
    secret = found.secret if found else None
    with credential.turn():
        good = credential.matches(secret, password)
        renewed = credential.hashed(password) if good and credential.outdated(secret) else None
    if not good and letter_id is None:
        with db.writing() as session:
            limit.count(session, key, address, device_id)
            audit.record(session, "sign_in_refused", login_id=found.id if found else None)
        raise WrongCredentials()
    return Known(found.id, "password" if good else "letter", key, device_id, None if good else letter_id, renewed)


def settle(session: Session, known: Known) -> None:
    """What follows from a password that was right: failures forgotten, an old hash renewed, a start password used up.
    WrongCredentials when somebody was faster with the same letter."""
    limit.forget(session, known.key, known.device_id)
    if known.renewed:
        credential.put(session, known.login_id, known.renewed)
    if known.letter_id is not None and not letter.use(session, known.letter_id):
        raise WrongCredentials()


def prove(db: Database, login_id: int, password: str, *, address: str, browser: str | None = None) -> None:
    """The password of whoever is signed in, asked once more. TooMany and Busy before anything is hashed, WrongCredentials."""
    with db.reading() as session:
        key = session.scalar(select(Login.name_key).where(Login.id == login_id))
        device_id = device.known(session, login_id, browser)
        limit.check(session, key, address, device_id)
        secret = session.scalar(select(Credential.secret).where(Credential.login_id == login_id, Credential.kind == "password"))
    with credential.turn():
        good = credential.matches(secret, password)
    with db.writing() as session:
        if good:
            limit.forget(session, key, device_id)
        else:
            limit.count(session, key, address, device_id)
        audit.record(session, "proved" if good else "sign_in_refused", login_id=login_id)
    if not good:
        raise WrongCredentials()


def _found(session: Session, key: str) -> Row | None:
    """(id, secret) of the login by that user name, else of the only one that the e-mail address leads to. Asks the same of
    the database whether or not there is one."""
    by_address = _by_address(session, key)
    one = (Login.name_key == key) if by_address is None else or_(Login.name_key == key, Login.id == by_address)
    # A login all of whose persons were erased is nobody's any more.
    person = exists().where(Person.login_id == Login.id)
    rows = session.execute(
        select(Login.id, Login.name_key, Credential.secret)
        .outerjoin(Credential, and_(Credential.login_id == Login.id, Credential.kind == "password"))
        .where(one, Login.disabled_at.is_(None), or_(~person, person.where(Person.erased_at.is_(None))))
    ).all()
    return next((row for row in rows if row.name_key == key), rows[0] if rows else None)


def _by_address(session: Session, key: str) -> int | None:
    """The login that an e-mail address leads to: that of the persons who confirmed it, else of all who have it; None when
    there are several or none."""
    rows = session.execute(
        select(Person.login_id, func.max(Person.email_confirmed_at))
        .join(PersonWord, PersonWord.person_id == Person.id)
        .join(Login, Login.id == Person.login_id)
        .where(*_of_address(key), Login.disabled_at.is_(None), Person.erased_at.is_(None))
        .group_by(Person.login_id)
    ).all()
    confirmed = [row for row in rows if row[1] is not None]
    leading = confirmed or rows
    return leading[0].login_id if len(leading) == 1 else None


def _of_address(key: str) -> tuple:
    # The organisations are named so that the index, which begins with them, is used.
    return PersonWord.organisation_id.in_(select(Organisation.id)), PersonWord.word == f"@{key}"[:200]
