"""A period's costs: what suppliers want for a building, to be divided among its homes."""

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db import Base, Key, Money, UTCTime
from ..money.settling import summed


class Cost(Base):
    """In minor units, below zero for what a supplier gives back. Several of one charge type are divided as one sum."""

    __tablename__ = "cost"
    __table_args__ = (Index(None, "period_id", "charge_type_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"))
    charge_type_id: Mapped[int] = mapped_column(ForeignKey("charge_type.id"))
    amount: Mapped[int] = mapped_column(Money)
    text: Mapped[str | None] = mapped_column(String(200))
    # The supplier's invoice.
    document: Mapped[str | None] = mapped_column(String(60))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[object] = mapped_column(UTCTime)


def totals(session: Session, period_id: int) -> dict[int, int]:
    """By charge type: the sum to be divided in the period."""
    rows = select(Cost.charge_type_id, summed(Cost.amount)).where(Cost.period_id == period_id)
    return dict(session.execute(rows.group_by(Cost.charge_type_id)).all())
