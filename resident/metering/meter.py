"""Meters and their registers (day, night …). A counter's value is in millionths of the meter's unit (SCALE)."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import SCALE, Base, Key, Quantity

# Media that every organisation has: the unit in which their counters count, when the meter does not say otherwise. Those
# that an organisation adds: medium.py.
MEDIA = {"cold_water": "m³", "hot_water": "m³", "heating": "kWh", "electricity": "kWh", "gas": "m³"}
WATER = ("cold_water", "hot_water")
_PLACES = {medium: place for place, medium in enumerate(MEDIA)}


class Meter(Base):
    __tablename__ = "meter"
    __table_args__ = (
        CheckConstraint("(unit_id is null) <> (building_id is null)", name="place"),
        # Rule 8: identity is (organisation, medium, serial) among live meters.
        Index(
            "uq_meter_live",
            "organisation_id",
            "medium",
            "serial",
            unique=True,
            sqlite_where=text("removed is null"),
            postgresql_where=text("removed is null"),
        ),
        Index(None, "unit_id"),
        Index(None, "building_id"),
        Index(None, "main_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    medium: Mapped[str] = mapped_column(String(20))
    serial: Mapped[str] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(10))
    # One meter for several homes: each gets use × coefficient (rule 19), in millionths.
    coefficient: Mapped[int] = mapped_column(Quantity, default=1_000_000)
    installed: Mapped[date]
    removed: Mapped[date | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("meter.id"))
    verified_until: Mapped[date | None]
    remote: Mapped[bool] = mapped_column(Boolean, default=False)
    # The main meter that this one stands behind; None for one that nothing is measured before.
    main_id: Mapped[int | None] = mapped_column(ForeignKey("meter.id"))
    # The day on which home and desk were last told that its verification ends (rule 12).
    reminded_on: Mapped[date | None]


class Register(Base):
    __tablename__ = "register"
    __table_args__ = (
        UniqueConstraint("meter_id", "name"),
        CheckConstraint("digits between 1 and 12", name="digits"),
        CheckConstraint("decimals between 0 and 6", name="decimals"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    # "" for the only register; "day", "night" … for several (rule 10).
    name: Mapped[str] = mapped_column(String(20), default="")
    digits: Mapped[int] = mapped_column(default=5)
    decimals: Mapped[int] = mapped_column(default=3)
    # What it showed on the day of installation; may be above zero (rule 7).
    initial: Mapped[int] = mapped_column(Quantity, default=0)
    # What files of remote reading call this register, where that is not the meter's serial.
    feed_key: Mapped[str | None] = mapped_column(String(80), index=True)


def medium_order(medium: str) -> tuple[int, str]:
    """What lists of media are sorted by: those that everybody has as above, then those that an organisation has added."""
    return _PLACES.get(medium, len(_PLACES)), medium


def share_of(amount: int, coefficient: int) -> int:
    """A home's part of what a counter counts (rule 19), both in millionths; what is less than a millionth is left out.

    Use is the difference of the shares of two values of the counter, so that any division of the days adds up.
    """
    return amount * coefficient // SCALE
