"""Start letters: a permanent identifier and a password of one use on paper (S1, R1, rule 41, S06–S08)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime
from .identification import METHODS


class StartLetter(Base):
    """One issued letter. secret: salted SHA-256 of the start password (docs/decisions), emptied at its use, its end, or when a
    newer letter comes.

    batch: letters of one run (a staircase) share it. issued_by_id: None from the shell.
    """

    __tablename__ = "start_letter"
    __table_args__ = (
        CheckConstraint(f"method in {METHODS}", name="method"),
        Index(None, "person_id"),
        Index(None, "login_id"),
        Index(None, "organisation_id", "batch"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    method: Mapped[str] = mapped_column(String(20))
    batch: Mapped[str | None] = mapped_column(String(24))
    secret: Mapped[str | None] = mapped_column(String(300))
    issued_on: Mapped[date]
    issued_at: Mapped[object] = mapped_column(UTCTime)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
    # The own password was chosen.
    activated_at: Mapped[object | None] = mapped_column(UTCTime)
