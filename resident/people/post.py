"""Staff and elected posts: a person's role in an organisation, for all of its buildings or some, by day."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key

ROLES = ("office", "manager", "accountant", "rent_control", "caretaker", "council", "provider")


class Post(Base):
    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint(f"role in {ROLES}", name="role"),
        CheckConstraint("last is null or last >= first", name="days"),
        Index(None, "person_id"),
        Index(None, "organisation_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(20))
    first: Mapped[date]
    last: Mapped[date | None]


class PostBuilding(Base):
    """A building that a post is limited to. A post without rows here covers all buildings of its organisation."""

    __tablename__ = "post_building"
    __table_args__ = (UniqueConstraint("post_id", "building_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
