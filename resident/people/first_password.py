"""A user name and a password of one's own, for whoever came by strong identification and has none yet (L1)."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..errors import ResidentError
from . import credential, password
from .credential import Credential
from .person import Login, by_login_name, name_key

# Letters of any alphabet, digits, dots, hyphens, underlines. Only digits would be a permanent identifier, "@" an address.
_NAME = re.compile(r"(?!\d+$)[\w.-]{3,60}")
# How the sign-ins of erased persons are called (erasing.py).
_TAKEN = "erased-"


class NameRefused(ResidentError):
    """A user name that cannot be had: of another shape, or somebody else's. Says no more on purpose."""


class HasPassword(ResidentError):
    """There is a password already: it is changed under one's own details."""


def has_password(session: Session, login_id: int) -> bool:
    """Is there a password of one's own? That of a start letter is none."""
    found = session.scalar(select(Credential.id).where(Credential.login_id == login_id, Credential.kind == "password"))
    return found is not None


def choose(db: Database, viewer, name: str, new: str, names: list[str]) -> None:
    """Give the viewer's login a password, and another user name when it is not the one it has. names: see password.check.

    NameRefused, WeakPassword, HasPassword, Busy. Opens its own short transactions, so that no lock is held while hashing.
    """
    name = name.strip()
    keeps = not name or name_key(name) == name_key(viewer.name)
    with db.reading() as session:
        _check_name(session, viewer, name, keeps)
        staff = password.of_staff(session, viewer.login_id)
    password.check(new, staff=staff, names=[name, viewer.name, *names])
    with credential.turn():
        hashed = credential.hashed(new)
    with db.writing() as session:
        # On PostgreSQL two at once meet here; on SQLite only one writes at a time.
        login = session.scalar(select(Login).where(Login.id == viewer.login_id).with_for_update())
        _check_name(session, viewer, name, keeps)
        if not keeps:
            login.name, login.name_key = name, name_key(name)
        credential.put(session, login.id, hashed)
        audit.record(session, "password_changed", login_id=login.id, facts={"name": not keeps})


def _check_name(session: Session, viewer, name: str, keeps: bool) -> None:
    if has_password(session, viewer.login_id):
        raise HasPassword()
    if keeps:
        return
    if not _NAME.fullmatch(name) or name_key(name).startswith(_TAKEN) or by_login_name(session, name) is not None:
        raise NameRefused()
