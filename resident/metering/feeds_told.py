"""What the desk's pages tell about feeds: the last file of each, counters that seem to have been changed, names of homes."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..access import Viewer, home_label, reach_meters
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from .feed import Feed, FeedRun
from .feed_judge import EVIDENCE, FALL
from .feed_meters import Found
from .held_sample import HeldSample
from .meter import Meter, Register


def with_last_run(feeds: Select) -> Select:
    """(Feed, its newest FeedRun or None), by name."""
    newest = select(func.max(FeedRun.id)).where(FeedRun.feed_id == Feed.id).correlate(Feed).scalar_subquery()
    return feeds.add_columns(FeedRun).outerjoin(FeedRun, FeedRun.id == newest).order_by(Feed.name, Feed.id)


@dataclass(frozen=True, slots=True)
class Changed:
    """A counter below its last value for several samples: changed, or reset. at: seconds of the first of them."""

    meter_id: int
    unit_id: int | None
    medium: str
    serial: str
    measure: str
    label: str
    tz: str
    at: int
    value: int
    before: int


def changed(session: Session, viewer: Viewer) -> list[Changed]:
    """Those that wait for the desk, the oldest first: until a change of meter is entered, their rows come back."""
    held = (
        select(
            HeldSample.register_id, func.min(HeldSample.at).label("at"), func.min(HeldSample.value).label("value"),
            func.max(HeldSample.before).label("before"),
        )
        .where(HeldSample.before - HeldSample.value > FALL)
        .group_by(HeldSample.register_id)
        .having(func.count() >= EVIDENCE)
        .subquery()
    )  # fmt: skip
    statement = (
        select(Meter, Unit, Building, Organisation, held.c.at, held.c.value, held.c.before)
        .join(Register, Register.id == held.c.register_id)
        .join(Meter, Meter.id == Register.meter_id)
        .outerjoin(Unit, Unit.id == Meter.unit_id)
        .join(Building, Building.id == func.coalesce(Meter.building_id, Unit.building_id))
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(Meter.removed.is_(None), reach_meters(viewer, "readings"))
        .order_by(held.c.at)
        .limit(100)
    )
    return [
        Changed(
            meter.id, meter.unit_id, meter.medium, meter.serial, meter.measure, _label(organisation, building, unit),
            organisation.tz, at, value, before,
        )
        for meter, unit, building, organisation, at, value, before in session.execute(statement)
    ]  # fmt: skip


def _label(organisation: Organisation, building: Building, unit: Unit | None) -> str:
    return home_label(organisation.country, building.address, unit.number) if unit else building.address


def homes(session: Session, organisation: Organisation, registers: Iterable[Found]) -> dict[int, str]:
    """By register: the home, or the building, that its meter is in."""
    by_register = {one.id: one for one in registers}
    if not by_register:
        return {}
    statement = (
        select(Register.id, Unit, Building)
        .join(Meter, Meter.id == Register.meter_id)
        .outerjoin(Unit, Unit.id == Meter.unit_id)
        .join(Building, Building.id == func.coalesce(Meter.building_id, Unit.building_id))
        .where(Register.id.in_(by_register))
    )
    return {register: _label(organisation, building, unit) for register, unit, building in session.execute(statement)}


def register_names(session: Session, organisation_id: int) -> list[str]:
    """What the registers of an organisation's meters are called."""
    statement = select(Register.name).join(Meter, Meter.id == Register.meter_id).where(Meter.organisation_id == organisation_id)
    return list(session.scalars(statement.distinct().order_by(Register.name)))
