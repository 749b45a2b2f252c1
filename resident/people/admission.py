"""Who a user name, or an e-mail address, and a password belong to (L1): checked under limits, one hash for everybody (S09, S11).

The start password of a letter is looked for in the same breath (letter.matches); whoever has none costs the same one hash.
"""

from dataclasses import dataclass

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database, plain
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
    with credential.turn():
        with db.reading() as session:
            devices = device.known(session, browser)
            found = _found(session, name_key(name))
            # Tries by user name and by e-mail address are tries at one account; what nobody has is an account of its own.
            key = found.name_key if found else name_key(name)
            device_id = devices.get(found.id) if found else None
            limit.check(session, key, address, device_id)
            letter_id = letter.matches(session, found.id if found else None, password)
        secret = found.secret if found else None
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
        device_id = device.known(session, browser).get(login_id)
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
    """(id, name_key, secret) of the login by that user name, else of the only one that the e-mail address leads to. Asks the
    same of the database whether or not there is one."""
    rows = plain(session, _BY_ADDRESS, {"word": f"@{key}"[:200]}).all()
    leading = [row for row in rows if row[1] is not None] or rows
    by_address = leading[0][0] if len(leading) == 1 else 0
    rows = plain(session, _LOGIN, {"key": key, "by_address": by_address}).all()
    return next((row for row in rows if row.name_key == key), rows[0] if rows else None)


_login, _person, _word = Login.__table__, Person.__table__, PersonWord.__table__
_credential = Credential.__table__
# The login of each who has the address, and when it was confirmed. The organisations are named so that the index of
# words, which begins with them, is used.
_BY_ADDRESS = (
    select(_person.c.login_id, func.max(_person.c.email_confirmed_at))
    .join_from(_word, _person, _person.c.id == _word.c.person_id)
    .join(_login, _login.c.id == _person.c.login_id)
    .where(
        _word.c.organisation_id.in_(select(Organisation.__table__.c.id)),
        _word.c.word == bindparam("word"),
        _login.c.disabled_at.is_(None),
        _person.c.erased_at.is_(None),
    )
    .group_by(_person.c.login_id)
)
# A login all of whose persons were erased is nobody's any more.
_has_person = exists().where(_person.c.login_id == _login.c.id)
_LOGIN = (
    select(_login.c.id, _login.c.name_key, _credential.c.secret)
    .outerjoin(_credential, and_(_credential.c.login_id == _login.c.id, _credential.c.kind == "password"))
    .where(
        or_(_login.c.name_key == bindparam("key"), _login.c.id == bindparam("by_address")),
        _login.c.disabled_at.is_(None),
        or_(~_has_person, _has_person.where(_person.c.erased_at.is_(None))),
    )
)
