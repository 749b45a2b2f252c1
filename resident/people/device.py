"""Browsers that a login was used in before: a cookie of their own tells them, so that a new one is announced (S11)."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
