"""Invitations into a household: a link with an end, for somebody whose code is not at hand (K2)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime


class Invitation(Base):
    """What whoever follows the link becomes. called: the name that the inviting party gave. Its link is in people.link."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role in ('co_owner','occupant')", name="role"),
        CheckConstraint("last is null or last >= first", name="days"),
        Index(None, "tenure_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("link.id"), unique=True)
    called: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(10))
    rights: Mapped[list | None] = mapped_column(Json)
    first: Mapped[date]
    last: Mapped[date | None]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)
    # The party that came of it.
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    withdrawn_at: Mapped[object | None] = mapped_column(UTCTime)
