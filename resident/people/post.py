"""Staff and elected posts: a person's role in an organisation, for all of its buildings or some, by day."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, and_, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, lasts
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


def caretakers(organisations: Iterable[int], day: date, building_id: int | None = None) -> Select:
    """(person_id, name): who does repairs for organisations on a day, by a post there or under a mandate; of one building
    when it is given."""
    agents = select(Mandate.agent_id).where(
        Mandate.principal_id.in_(list(organisations)),
        Mandate.purpose == "maintain",
        lasts(Mandate, day),
    )
    own = [Post.organisation_id.in_(list(organisations))]
    if building_id is not None:
        agents = agents.where(or_(Mandate.building_id.is_(None), Mandate.building_id == building_id))
        limited = exists().where(PostBuilding.post_id == Post.id)
        own.append(or_(~limited, limited.where(PostBuilding.building_id == building_id)))
    return (
        select(Person.id.label("person_id"), Person.name)
        .join(Post, Post.person_id == Person.id)
        .where(Post.role == "caretaker", lasts(Post, day), or_(and_(*own), Post.organisation_id.in_(agents)))
        .distinct()
        .order_by(Person.name, Person.id)
    )
