"""Interest that was posted, with the calculation that it came from (rule 34). Append-only."""

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Money
from .interest import Segment


class InterestPosting(Base):
    """One entry of kind interest, of one item, until a day. total is what had accrued until then, rounded; the entry is the
    difference to what had been posted before."""

    __tablename__ = "interest_posting"
    __table_args__ = (Index(None, "item_id", "through"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    through: Mapped[date]
    total: Mapped[int] = mapped_column(Money)
    # [first day, last day, rate in millionths, parts, base]; what each comes to follows from them, exactly.
    segments: Mapped[list] = mapped_column(Json)


def stored(parts: list[Segment]) -> list:
    return [[one.first.isoformat(), one.last.isoformat(), one.rate, one.parts, one.base] for one in parts]


def read(rows: list) -> list[Segment]:
    return [Segment(date.fromisoformat(first), date.fromisoformat(last), *rest) for first, last, *rest in rows]
