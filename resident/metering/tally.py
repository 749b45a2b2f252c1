"""How far the open windows are: homes that have submitted, of those that have something to submit. For the first page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from .. import access
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..money.period import BillingPeriod
from . import submitted
from .meter import Meter, Register
from .window import ReadingWindow

MOST = 8


@dataclass(frozen=True, slots=True)
class Tally:
    building_id: int
    address: str
    organisation: str
    # The billing period's name: "2026-11".
    period: str
    last: date
    submitted: int
    homes: int


def tallies(session: Session, viewer: access.Viewer, today: date) -> list[Tally]:
    """Open windows, those that end first before the others, at most MOST. Two statements. What submitted means:
    submitted.py."""
    columns = (BillingPeriod.id, BillingPeriod.name, Building.id, Building.address, Organisation.name, ReadingWindow.last)
    rows = session.execute(
        access.visible_windows(viewer, "progress")
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(ReadingWindow.first <= today, ReadingWindow.last >= today)
        .with_only_columns(*columns)
        .order_by(ReadingWindow.last, Building.address)
        .limit(MOST)
    ).all()
    counts = _counts(session, viewer, [row[0] for row in rows]) if rows else {}
    found = []
    for period_id, name, building_id, address, organisation, last in rows:
        homes, lacking = counts.get(period_id, (0, 0))
        found.append(Tally(building_id, address, organisation, name, last, homes - lacking, homes))
    return found


def _counts(session: Session, viewer: access.Viewer, period_ids: list[int]) -> dict[int, tuple[int, int]]:
    """period id: (homes that have something to submit, those of them that have not)."""
    lacking = case((~submitted.sent(BillingPeriod), Unit.id))
    rows = session.execute(
        select(BillingPeriod.id, func.count(Unit.id.distinct()), func.count(lacking.distinct()))
        .select_from(BillingPeriod)
        .join(Building, Building.id == BillingPeriod.building_id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Meter, Meter.unit_id == Unit.id)
        .join(Register, Register.meter_id == Meter.id)
        .where(BillingPeriod.id.in_(period_ids), submitted.asked(BillingPeriod))
        .where(submitted.there(BillingPeriod))
        .where(access.reach_meters(viewer, "progress"))
        .group_by(BillingPeriod.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
