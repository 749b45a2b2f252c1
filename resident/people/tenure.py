"""What a home is held by: tenures (ownership or lease), the units held, and the parties with their days."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key
from ..homes.building import Unit


class Tenure(Base):
    __tablename__ = "tenure"
    __table_args__ = (
        CheckConstraint("kind in ('ownership','lease')", name="kind"),
        CheckConstraint("last is null or last >= first", name="days"),
        UniqueConstraint("organisation_id", "external_key"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    external_key: Mapped[str | None] = mapped_column(String(60))
    signed: Mapped[date | None]
    first: Mapped[date]
    last: Mapped[date | None]


class Holding(Base):
    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint("last is null or last >= first", name="days"),
        UniqueConstraint("tenure_id", "unit_id", "first"),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    first: Mapped[date]
    last: Mapped[date | None]


# By which of its units a tenure is called: its home, else what it came to hold last. An order for units joined to holdings.
MAIN_FIRST = (Unit.kind != "home", Holding.first.desc(), Unit.sort_key, Unit.id)


class Party(Base):
    """A person in a tenure. rights is None for the organisation's defaults of the role, else a list that replaces them."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("role in ('primary','co_owner','occupant')", name="role"),
        CheckConstraint("last is null or last >= first", name="days"),
        UniqueConstraint("tenure_id", "person_id", "role", "first"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(10))
    rights: Mapped[list | None] = mapped_column(Json)
    # The name that whoever added this person typed: all that the household sees until the person has come in.
    called: Mapped[str | None] = mapped_column(String(120))
    # The person who added this one; no foreign key: SQLite would copy the table to add or drop it.
    added_by_id: Mapped[int | None] = mapped_column(Key)
    first: Mapped[date]
    last: Mapped[date | None]
