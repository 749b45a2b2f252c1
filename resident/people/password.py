"""Changing one's own password: what a new one must be (S01–S06), and the change itself."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..errors import ResidentError, WrongCredentials
from . import credential, limit, sign_in
from .credential import Credential
from .person import Login, words

RESIDENT_LEAST = 10
STAFF_LEAST = 12
# Long enough for any phrase; keeps hashing from being fed whole books.
MOST = 200
PRODUCT = "resident"
_LIST = Path(__file__).with_name("common_passwords.txt")


class WeakPassword(ResidentError):
    """why: "short" (least), "long" (most), "common", "name" (holds one's own, the organisation's or the product's name), "same"."""


@lru_cache(maxsize=1)
def _common() -> frozenset:
    return frozenset(_LIST.read_text(encoding="utf-8").split())


def common(password: str) -> bool:
    """Is it in the list, also when figures and signs at either end, or spaces, are taken away?"""
    folded = "".join(password.casefold().split())
    bare = folded.strip("0123456789!?.,;:-_+*/#@$%&()[]{}'\"<>|~^=")
    return folded in _common() or len(bare) < 4 or bare in _common()


def check(password: str, *, staff: bool, names: list[str]) -> None:
    """WeakPassword when a new password will not do. names: the sign-in name, the person's and the organisation's."""
    least = STAFF_LEAST if staff else RESIDENT_LEAST
    if len(password) < least:
        raise WeakPassword(why="short", least=least)
    if len(password) > MOST:
        raise WeakPassword(why="long", most=MOST)
    if common(password):
        raise WeakPassword(why="common")
    folded = "".join(words(password))
    # Words of three letters and fewer stand in other words by chance.
    parts = {PRODUCT, *(word for name in names for word in words(name) if len(word) > 3)}
    if any(part in folded for part in parts):
        raise WeakPassword(why="name")


def change(db: Database, viewer, current: str, new: str, *, address: str) -> None:
    """Give the viewer's login another password and end its other sessions.

    TooMany and Busy before anything is hashed, WrongCredentials when the current one is wrong, WeakPassword when both are
    one. Opens its own short transactions, so that no lock is held while hashing.
    """
    with db.reading() as session:
        key = session.scalar(select(Login.name_key).where(Login.id == viewer.login_id))
        limit.check(session, key, address)
        secret = session.scalar(
            select(Credential.secret).where(Credential.login_id == viewer.login_id, Credential.kind == "password")
        )
    with credential.turn():
        good = credential.matches(secret, current)
        hashed = credential.hashed(new) if good and new != current else None
    with db.writing() as session:
        if hashed:
            _replace(session, viewer, hashed)
        elif not good:
            limit.count(session, key, address)
            audit.record(session, "sign_in_refused", login_id=viewer.login_id)
    if not good:
        raise WrongCredentials()
    if not hashed:
        raise WeakPassword(why="same")


def _replace(session: Session, viewer, hashed: str) -> None:
    credential.put(session, viewer.login_id, hashed)
    sign_in.end_others(session, viewer.login_id, viewer.session_id)
    audit.record(session, "password_changed", login_id=viewer.login_id)
