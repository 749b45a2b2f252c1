"""Changing one's own password: what a new one must be (S01–S06), and the change itself."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..delivery import notice
from ..errors import ResidentError, WrongCredentials
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from . import credential, letter, limit, link, sign_in
from .credential import Credential
from .person import Login, Person, words
from .post import Post
from .tenure import Holding, Party

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
    if any(part in folded for part in {PRODUCT, *_stems(names)}):
        raise WeakPassword(why="name")


def _stems(names: list[str]) -> Iterator[str]:
    """The words of names, and long ones without what declining puts at their end: "koivukallion" is "koivukallio" too."""
    for word in (word for name in names for word in words(name)):
        # Words of three letters and fewer stand in other words by chance.
        if len(word) > 3:
            yield word
        if len(word) > 6:
            yield from (word[:-1], word[: max(6, len(word) - 2)])


def names_of(session: Session, login_id: int) -> list[str]:
    """What a password of this login may not have in it: its user name, its persons, their organisations, the streets of their
    homes (S02)."""
    rows = session.execute(
        select(Login.name, Person.name, Organisation.name, Organisation.slug, Building.address)
        .select_from(Login)
        .outerjoin(Person, Person.login_id == Login.id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(Party, Party.person_id == Person.id)
        .outerjoin(Holding, Holding.tenure_id == Party.tenure_id)
        .outerjoin(Unit, Unit.id == Holding.unit_id)
        .outerjoin(Building, Building.id == Unit.building_id)
        .where(Login.id == login_id)
        .limit(200)
    )
    return sorted({name for row in rows for name in row if name})


def of_staff(session: Session, login_id: int) -> bool:
    """Does the longer password apply: a post, whenever it is, or the machine?"""
    posts = select(Post.id).join(Person, Person.id == Post.person_id).where(Person.login_id == login_id)
    return bool(session.scalar(posts.limit(1)) or session.scalar(select(Login.operator).where(Login.id == login_id)))


def put(session: Session, login_id: int, hashed: str, *, keep: int = 0) -> None:
    """Another password for a login: its other sessions end (keep: the one that goes on), links and letters that lead to a
    password die, and its owner is told by mail."""
    credential.put(session, login_id, hashed)
    sign_in.end_others(session, login_id, keep)
    link.end(session, "reset", login_id=login_id)
    letter.activated(session, login_id)
    audit.record(session, "password_changed", login_id=login_id)
    notice.warn(session, login_id, "password", "/reset")


def choose(db: Database, login_id: int, session_id: int, new: str) -> None:
    """The own password of whoever came with a start password: the session goes on, all others end. WeakPassword, Busy. Opens
    its own short transactions, so that no lock is held while hashing."""
    with db.reading() as session:
        check(new, staff=of_staff(session, login_id), names=names_of(session, login_id))
    with credential.turn():
        hashed = credential.hashed(new)
    with db.writing() as session:
        put(session, login_id, hashed, keep=session_id)


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
            put(session, viewer.login_id, hashed, keep=viewer.session_id)
        elif not good:
            limit.count(session, key, address)
            audit.record(session, "sign_in_refused", login_id=viewer.login_id)
    if not good:
        raise WrongCredentials()
    if not hashed:
        raise WeakPassword(why="same")
