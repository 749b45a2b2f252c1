"""Erasure (S58, rule 38): contact data and files go, what bookkeeping must keep stays until a day, then goes too."""

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime


class Erasure(Base):
    """kept: what stays and why, {"invoices": 12, …}; until: the day after which the retention job removes it."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "until"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    kept: Mapped[dict] = mapped_column(Json, default=dict)
    until: Mapped[date | None]
    done_at: Mapped[object | None] = mapped_column(UTCTime)
