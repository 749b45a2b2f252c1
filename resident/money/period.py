"""Billing periods: one sequence per building, with own days for use and for billing."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Key
from ..errors import ResidentError
from ..homes.building import Building
from ..month import month_of

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


class BadPeriodName(ResidentError):
    """A period is named by the month billed, "2026-12": name."""


class PeriodExists(ResidentError):
    """The building has a period of this name already: name."""


class UseOverlaps(ResidentError):
    """The days of use belong to another period of the building already: building_id, name (the other's)."""


def month(name: str) -> tuple[date, date]:
    """First and last day of the month "2026-12"."""
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", name):
        raise BadPeriodName(name=name)
    return month_of(date(int(name[:4]), int(name[5:]), 1))


def usual_days(name: str, behind: bool = True) -> dict[str, date]:
    """Days of use and of billing of the month named; behind: what is billed is the use of the month before (K7)."""
    bill_first, bill_last = month(name)
    use_first, use_last = month_of(bill_first - timedelta(days=1)) if behind else (bill_first, bill_last)
    return {"use_first": use_first, "use_last": use_last, "bill_first": bill_first, "bill_last": bill_last}


def plan(session: Session, building_id: int, name: str, *, by, behind: bool = True, **days: date) -> BillingPeriod:
    """Make a building's period, in state planned. days override those of usual_days().

    PeriodExists; UseOverlaps when some of the days of use are another period's; BadPeriodName.
    """
    lock_buildings(session, [building_id])
    if session.scalar(select(BillingPeriod.id).where(BillingPeriod.building_id == building_id, BillingPeriod.name == name)):
        raise PeriodExists(name=name)
    days = usual_days(name, behind) | days
    for error in overlaps(session, [building_id], days["use_first"], days["use_last"]).values():
        raise error
    period = BillingPeriod(building_id=building_id, name=name, **days)
    session.add(period)
    session.flush()
    audit.record(session, "period_planned", by=by, thing=period, facts={"building": building_id, "name": name})
    return period


def lock_buildings(session: Session, building_ids: Iterable[int]) -> None:
    """Rules across a building's periods hold while its row is locked (PostgreSQL; SQLite has one writer)."""
    session.execute(select(Building.id).where(Building.id.in_(sorted(building_ids))).order_by(Building.id).with_for_update())


def overlaps(session: Session, building_ids: Iterable[int], use_first: date, use_last: date) -> dict[int, UseOverlaps]:
    """By building: the refusal where another period has some of these days of use."""
    rows = session.execute(
        select(BillingPeriod.building_id, BillingPeriod.name).where(
            BillingPeriod.building_id.in_(building_ids), BillingPeriod.use_first <= use_last, BillingPeriod.use_last >= use_first
        )
    )
    return {building_id: UseOverlaps(building_id=building_id, name=name) for building_id, name in rows}
