"""Consents to messages by mail and SMS, and to copies of alerts: given and taken back, with day and way (L15, R2)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime

KINDS = ("email", "sms", "alert_copies")


class Consent(Base):
    """One change; the newest of a kind holds."""

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint(f"kind in {KINDS}", name="kind"), Index(None, "person_id", "kind"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    given: Mapped[bool]
    at: Mapped[object] = mapped_column(UTCTime)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
