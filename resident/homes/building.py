"""Buildings, the units in them (homes, business premises, parking, storage), and dated facts about units."""

import re
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from ..db import Base, Json, Key, Quantity


class Building(Base):
    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # The organisation's own short name of the building; the register import knows it by this.
    code: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(160))
    postcode: Mapped[str | None] = mapped_column(String(12))
    city: Mapped[str | None] = mapped_column(String(80))
    # Year, material, heating … (L11): {"year": 1974, …}
    facts: Mapped[dict] = mapped_column(Json, default=dict)


class Unit(Base):
    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("kind in ('home','business','parking','storage')", name="kind"),
        UniqueConstraint("building_id", "kind", "number"),
        Index("ix_unit_order", "building_id", "sort_key", "id"),
        Index("ix_unit_door", "building_id", "door"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    kind: Mapped[str] = mapped_column(String(10), default="home")
    number: Mapped[str] = mapped_column(String(20))
    staircase: Mapped[str | None] = mapped_column(String(20))
    floor: Mapped[int | None]
    # "A 2" before "A 10": natural order, kept beside the number so that paging can use an index.
    sort_key: Mapped[str] = mapped_column(String(80))
    # What people type when they look for a home: "23" of "B 23". Follows from the number by itself; see door_of().
    door: Mapped[str] = mapped_column(String(20), default=lambda context: door_of(context.get_current_parameters()["number"]))
    first: Mapped[date | None]
    last: Mapped[date | None]

    @validates("number")
    def _door_follows(self, _key, number: str) -> str:
        self.door = door_of(number)
        return number


# More people live in no home; a figure above it is a slip of the pen.
MOST_OCCUPANTS = 30


class UnitFact(Base):
    """A dated fact: occupants, area, heated_area, share … The value is in millionths (SCALE)."""

    __tablename__ = "unit_fact"
    __table_args__ = (UniqueConstraint("unit_id", "kind", "first"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[int] = mapped_column(Quantity)
    first: Mapped[date]


def natural(*parts: str | None) -> str:
    """A key that sorts "A 2" before "A 10": digits padded, letters folded."""
    text = " ".join(part or "" for part in parts).casefold()
    return re.sub(r"\d+", lambda digits: digits.group().zfill(6), text)[:80]


def door_of(number: str) -> str:
    """The last figure of a home's number with what follows it, folded: "B 23" is 23, "12 A" is 12a, "I" is i."""
    folded = number.strip().casefold()
    last = re.search(r"\d+\s*[^\W\d_]*$", folded)
    return re.sub(r"\s", "", last.group() if last else folded)[:20]
