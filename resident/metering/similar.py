"""What homes like a home use: per building, medium, size of home and finished month, worked out once and kept (comparing.py)."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Quantity


class SimilarUse(Base):
    """A row stands only where enough homes are behind it. It is never worked out anew: what changed would tell whose."""

    __tablename__ = "similar_use"
    __table_args__ = (
        UniqueConstraint("building_id", "medium", "month", "size"),
        CheckConstraint("homes > 5", name="homes"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    medium: Mapped[str] = mapped_column(String(20))
    # "2026-11".
    month: Mapped[str] = mapped_column(String(7))
    # p1 … p4: so many persons, p4 for four and more; a0, a35 …: from so many square metres on.
    size: Mapped[str] = mapped_column(String(4))
    # The middle home's use a day, in millionths of the medium's unit, rounded to two figures.
    daily: Mapped[int] = mapped_column(Quantity)
    homes: Mapped[int]
    # Homes of other buildings of the organisation are among them: the building alone has too few.
    wide: Mapped[bool] = mapped_column(Boolean)
