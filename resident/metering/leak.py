"""Possible leaks: water that flowed through whole nights, where hourly data exist. A possibility, not a verdict."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Quantity, UTCTime


class Leak(Base):
    """One a register at a time; it ends with the first night in which the counter stood still."""

    __tablename__ = "leak"
    __table_args__ = (
        CheckConstraint("last_night >= first_night", name="nights"),
        Index(None, "register_id", "ended_on"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    # The days on which the nights ended.
    first_night: Mapped[date]
    last_night: Mapped[date]
    # The least use of an hour in these nights, in millionths of the meter's unit.
    flow: Mapped[int] = mapped_column(Quantity)
    told_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_on: Mapped[date | None]
