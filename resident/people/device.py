"""Browsers that a login was used in before: a cookie of their own tells them, so that a new one is announced (S11)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, UTCTime, plain
from ..delivery import notice
from .token import digest

SHOWN_AS_NEW = timedelta(days=30)


class Device(Base):
    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("login_id", "token_hash"), Index(None, "token_hash"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(120))
    first_at: Mapped[object] = mapped_column(UTCTime)
    seen_at: Mapped[object] = mapped_column(UTCTime)


_KNOWN = select(Device.__table__.c.login_id, Device.__table__.c.id).where(Device.__table__.c.token_hash == bindparam("token"))


@dataclass(frozen=True, slots=True)
class Met:
    """new: this browser was not seen with the login before; first: no browser was."""

    id: int
    new: bool
    first: bool


def known(session: Session, token: str | None) -> dict[int, int]:
    """login: the id of the browser with this cookie, for each login that was used in it before."""
    return dict(plain(session, _KNOWN, {"token": digest(token)}).all()) if token else {}


def meet(session: Session, login_id: int, token: str, agent: str) -> Met:
    """Remember that a login is used in the browser with this cookie. A new one is told to the login's owner, unless it is the
    very first."""
    now = clock.now()
    row = session.scalar(select(Device).where(Device.login_id == login_id, Device.token_hash == digest(token)))
    if row is not None:
        row.seen_at = now
        return Met(row.id, new=False, first=False)
    first = not session.scalar(select(exists().where(Device.login_id == login_id)))
    row = Device(login_id=login_id, token_hash=digest(token), agent=agent[:120], first_at=now, seen_at=now)
    session.add(row)
    session.flush()
    if not first:
        audit.record(session, "device_new", login_id=login_id, thing=row)
        notice.tell_login(session, login_id, "device", "/details#sessions")
    return Met(row.id, new=True, first=first)


def lately_new(session: Session, login_id: int) -> list[Device]:
    """Browsers that a login was used in for the first time during the last thirty days, save its very first; newest first."""
    very_first = select(func.min(Device.id)).where(Device.login_id == login_id).scalar_subquery()
    since = clock.now() - SHOWN_AS_NEW
    rows = select(Device).where(Device.login_id == login_id, Device.first_at > since, Device.id > very_first)
    return list(session.scalars(rows.order_by(Device.id.desc()).limit(10)))
