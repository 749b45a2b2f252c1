"""Browsers that a login was used in before: a cookie of their own tells them, so that a new one is announced (S11)."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import clock
from ..db import Base, Key, UTCTime


class Device(Base):
    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("login_id", "token_hash"), Index(None, "token_hash"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(120))
    first_at: Mapped[object] = mapped_column(UTCTime)
    seen_at: Mapped[object] = mapped_column(UTCTime)


@dataclass(frozen=True, slots=True)
class Met:
    """new: this browser was not seen with the login before; first: no browser was."""

    id: int
    new: bool
    first: bool


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def known(session: Session, login_id: int, token: str | None) -> int | None:
    """The id of the browser with this cookie, when the login was used in it before."""
    if not token:
        return None
    return session.scalar(select(Device.id).where(Device.login_id == login_id, Device.token_hash == digest(token)))


def meet(session: Session, login_id: int, token: str, agent: str) -> Met:
    """Remember that a login is used in the browser with this cookie."""
    now = clock.now()
    row = session.scalar(select(Device).where(Device.login_id == login_id, Device.token_hash == digest(token)))
    if row is not None:
        row.seen_at = now
        return Met(row.id, new=False, first=False)
    first = not session.scalar(select(exists().where(Device.login_id == login_id)))
    row = Device(login_id=login_id, token_hash=digest(token), agent=agent[:120], first_at=now, seen_at=now)
    session.add(row)
    session.flush()
    return Met(row.id, new=True, first=first)
