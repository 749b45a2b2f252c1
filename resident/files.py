"""Attachments: rows here, bytes in the data folder under random names, served only through a check of rights.

The bytes are written, synced and renamed before the row is committed; a file without a row is swept (S51).
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, Key, UTCTime


class Attachment(Base):
    """Belongs to one message or one event of a case. name is what the sender called it, never a path."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("kind in ('image','pdf')", name="kind"),
        CheckConstraint("(message_id is null) <> (event_id is null)", name="owner"),
        Index(None, "message_id"),
        Index(None, "event_id"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"))
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    kind: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(120))
    stored: Mapped[str] = mapped_column(String(40), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    at: Mapped[object] = mapped_column(UTCTime)
