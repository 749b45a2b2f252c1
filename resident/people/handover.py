"""A home changes hands on a day (B9): readings of that day, keys, one access ended and the other begun."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Quantity, UTCTime

# "proposed": whoever leaves has named a day, and nothing follows from it until staff plan on from it.
STATES = ("proposed", "planned", "done", "cancelled")


class Handover(Base):
    """day: the last day of the leaving tenure. coming_id: the tenure that begins on the day after; None for a home left empty.

    Readings are confirmed by both sides, or by staff. before: the last days that the fixed day took the place of
    (last_day.py), None when none is fixed. keys: [{"kind", "number", "count", "returned"}].
    """

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        Index(None, "unit_id"),
        Index(None, "leaving_id"),
        Index(None, "coming_id"),
        Index(None, "organisation_id", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    leaving_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    coming_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    keys: Mapped[list] = mapped_column(Json, default=list)
    before: Mapped[dict | None] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(String(500))
    leaving_agreed_at: Mapped[object | None] = mapped_column(UTCTime)
    coming_agreed_at: Mapped[object | None] = mapped_column(UTCTime)
    staff_agreed_at: Mapped[object | None] = mapped_column(UTCTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)
    done_at: Mapped[object | None] = mapped_column(UTCTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class HandoverReading(Base):
    """What a counter showed on the day, as proposed; reading_id when it has become a reading."""

    __tablename__ = "handover_reading"
    __table_args__ = (UniqueConstraint("handover_id", "register_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    value: Mapped[int] = mapped_column(Quantity)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
