"""Links of one use that come by mail or on paper: at least 128 bits, hashed at rest, with an end (S10)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime

KINDS = ("reset", "activation", "invitation", "address")


class Link(Base):
    """reset: a new password; activation: a registration at the office (L2); invitation: into a household (K2); address:
    a new e-mail address confirmed. facts hold no secret and no address."""

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        Index(None, "person_id"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
    # Ended before its use: a newer one was made, the password changed, or it was taken back.
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
    facts: Mapped[dict] = mapped_column(Json, default=dict)
