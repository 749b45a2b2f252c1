"""Reminders of an open window to homes that have not submitted (K5): one a person, window and kind, whoever asks twice."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class ReadingReminder(Base):
    __tablename__ = "reading_reminder"
    __table_args__ = (UniqueConstraint("window_id", "person_id", "unit_id", "kind"), Index(None, "unit_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("reading_window.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # "opened", "ends" (days before the last), or "asked-1" … for those that the desk orders.
    kind: Mapped[str] = mapped_column(String(12))
    # mail | sms
    channel: Mapped[str] = mapped_column(String(6))
    at: Mapped[object] = mapped_column(UTCTime)
