"""Passwords: argon2id at 19 MiB, t=2, p=1 (S04, M3); at most two hashes at once, the rest told to wait."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache

import argon2
from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import clock
from ..db import Base, Key, UTCTime
from ..errors import Busy

AT_ONCE = 2
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = threading.BoundedSemaphore(AT_ONCE)


def _step_back() -> None:
    # A hash takes a core for a while: whoever reads a page goes first.
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)


_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash", initializer=_step_back)


class Credential(Base):
    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("login_id", "kind"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    kind: Mapped[str] = mapped_column(String(12), default="password")
    secret: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[object] = mapped_column(UTCTime)


@contextmanager
def turn():
    """One of the two turns to look somebody up and hash. Busy(retry_after) at once when both are taken: a queue would only grow."""
    if not _turns.acquire(blocking=False):
        raise Busy(retry_after=1)
    try:
        yield
    finally:
        _turns.release()


def hashed(password: str) -> str:
    return _threads.submit(_hasher.hash, password).result()


def matches(secret: str | None, password: str) -> bool:
    """Compare exactly: no trimming, no folding, no cut (S03). An unknown name costs the same time as a known one (S09)."""
    try:
        return _threads.submit(_hasher.verify, secret or _decoy(), password).result() and secret is not None
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def outdated(secret: str) -> bool:
    """Was it hashed at lower costs than today's?"""
    return _hasher.check_needs_rehash(secret)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher.hash("nobody has this password")


def put(session: Session, login_id: int, secret: str) -> None:
    """Store a hash as the login's password."""
    row = session.scalar(select(Credential).where(Credential.login_id == login_id, Credential.kind == "password"))
    if row is None:
        session.add(Credential(login_id=login_id, kind="password", secret=secret, changed_at=clock.now()))
    else:
        row.secret, row.changed_at = secret, clock.now()
    session.flush()
