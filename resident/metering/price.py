"""What a medium costs, by day, and how cold the months were: for the cost so far and the consumption information (EED)."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Quantity


class MediumPrice(Base):
    """In force from its first day until the next one's, in the whole organisation or in one building (which goes before)."""

    __tablename__ = "medium_price"
    __table_args__ = (Index("ix_medium_price_which", "organisation_id", "medium", "first"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    medium: Mapped[str] = mapped_column(String(20))
    first: Mapped[date]
    # Taxes included: millionths of the currency's major unit for one unit of the medium, and for a home and month.
    price: Mapped[int] = mapped_column(Quantity)
    monthly: Mapped[int] = mapped_column(Quantity, default=0)
    # For the consumption information, where given: {"taxes": millionths of the price, "emissions": millionths of a kilogram
    # of CO2 for one unit, "mix": {language: text}}.
    about: Mapped[dict] = mapped_column(Json, default=dict)


class DegreeDays(Base):
    """Heating degree days of a month where the building stands: how cold it was (climate correction, EED annex VIIa)."""

    __tablename__ = "degree_days"
    __table_args__ = (UniqueConstraint("organisation_id", "building_id", "month"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: for all buildings that have no figure of their own.
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    # "2026-11".
    month: Mapped[str] = mapped_column(String(7))
    value: Mapped[int] = mapped_column(Quantity)
