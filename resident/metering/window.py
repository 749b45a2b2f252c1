"""The days on which a billing period's readings may be sent in (K6, K7, rules 2, 3, 18)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class ReadingWindow(Base):
    """One a billing period. first…last are days in the organisation's time zone, both included."""

    __tablename__ = "reading_window"
    __table_args__ = (CheckConstraint("last >= first", name="days"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"), unique=True)
    first: Mapped[date]
    last: Mapped[date]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[object] = mapped_column(UTCTime)
    note: Mapped[str | None] = mapped_column(String(200))
