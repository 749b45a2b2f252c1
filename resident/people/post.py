"""Staff and elected posts: a person's role in an organisation, for all of its buildings or some, by day."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, and_, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key
from ..homes.organisation import Mandate
from .person import Person

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


def caretakers(organisation_id: int, building_id: int, day: date) -> Select:
    """(person_id, name, organisation_id): who does the repairs of a building on a day, by a post of its own or a mandate."""
    mandated = select(Mandate.agent_id).where(
        Mandate.principal_id == organisation_id,
        Mandate.purpose == "maintain",
        or_(Mandate.building_id.is_(None), Mandate.building_id == building_id),
        Mandate.first <= day,
        or_(Mandate.last.is_(None), Mandate.last >= day),
    )
    limited = exists().where(PostBuilding.post_id == Post.id)
    here = exists().where(PostBuilding.post_id == Post.id, PostBuilding.building_id == building_id)
    own = and_(Post.organisation_id == organisation_id, or_(~limited, here))
    return (
        select(Person.id.label("person_id"), Person.name, Post.organisation_id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Post.role == "caretaker",
            Post.first <= day,
            or_(Post.last.is_(None), Post.last >= day),
            or_(own, Post.organisation_id.in_(mandated)),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
