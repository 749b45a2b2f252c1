"""Erasure (S58, rule 38): contact data and files go, what bookkeeping must keep stays until a day, then goes too."""

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime


class Erasure(Base):
    """Asked for by the person (asked_at), or begun by the office; erased_at and by_person_id when it was done.

    kept: what stays, {"invoices": 12, …}; until: its last day. done_at: nothing stays any more.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "until"), Index(None, "organisation_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    asked_at: Mapped[object | None] = mapped_column(UTCTime)
    erased_at: Mapped[object | None] = mapped_column(UTCTime)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kept: Mapped[dict] = mapped_column(Json, default=dict)
    until: Mapped[date | None]
    done_at: Mapped[object | None] = mapped_column(UTCTime)
