"""Billing periods: one sequence per building, with own days for use and for billing."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key

STATES = ("planned", "open", "allocated", "confirmed", "closed")


class BillingPeriod(Base):
    """name is the month billed ("2026-12"). Use in month M may be billed in M+1 (rule 3): use_* and bill_* differ then."""

    __tablename__ = "billing_period"
    __table_args__ = (
        UniqueConstraint("building_id", "name"),
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("use_last >= use_first and bill_last >= bill_first", name="days"),
        Index("ix_billing_period_state", "building_id", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    name: Mapped[str] = mapped_column(String(10))
    use_first: Mapped[date]
    use_last: Mapped[date]
    bill_first: Mapped[date]
    bill_last: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="planned")
