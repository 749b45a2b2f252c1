"""Who acts for whom by day: a guardian for a ward, an executor for an estate, an officer for a company."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key

GROUNDS = ("guardian", "estate", "company", "proxy")


class Representation(Base):
    __tablename__ = "representation"
    __table_args__ = (
        CheckConstraint(f"ground in {GROUNDS}", name="ground"),
        CheckConstraint("last is null or last >= first", name="days"),
        CheckConstraint("person_id <> of_person_id", name="other"),
        UniqueConstraint("person_id", "of_person_id", "first"),
        Index(None, "of_person_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    of_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ground: Mapped[str] = mapped_column(String(10))
    first: Mapped[date]
    last: Mapped[date | None]
