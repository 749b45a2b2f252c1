"""Meters marked as read remotely (rule 15), or by hand again: all of a medium in a building at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, update
from sqlalchemy.orm import Session

from .. import access, audit
from ..access import Actor
from ..errors import Stale
from ..homes.building import Building, Unit
from ..homes.setting import digest
from ..money.period import lock_buildings
from .meter import Meter


@dataclass(frozen=True, slots=True)
class Which:
    """Live meters of a medium in a building, and what they are to be. of: home | building, "" for both."""

    building_id: int
    medium: str
    remote: bool
    of: str = ""


def changing(session: Session, viewer: access.Viewer, which: Which) -> Sequence[Row]:
    """Those that are not so yet, by home: id, serial, place, number (of the home, None for the building's own). One SELECT."""
    belongs = {"home": (Meter.unit_id.is_not(None),), "building": (Meter.building_id.is_not(None),)}.get(which.of, ())
    meters = (Building.id == which.building_id, Meter.medium == which.medium, Meter.removed.is_(None))
    statement = access.visible_any_meters(viewer, "meters").where(*meters, Meter.remote.is_not(which.remote), *belongs)
    statement = statement.with_only_columns(Meter.id, Meter.serial, Meter.place, Unit.number)
    return session.execute(statement.order_by(func.coalesce(Unit.sort_key, ""), Meter.id)).all()


def seen(rows: Sequence[Row]) -> str:
    """A short mark of the meters that a preview has shown."""
    return digest([row.id for row in rows])


def mark(session: Session, viewer: access.Viewer, building: Building, which: Which, shown: str, *, by: Actor) -> int:
    """Mark them all; how many. One audit event. Stale when they are others than were shown (seen())."""
    lock_buildings(session, [building.id])
    rows = changing(session, viewer, which)
    if not rows or seen(rows) != shown:
        raise Stale()
    ids = [row.id for row in rows]
    session.execute(update(Meter).where(Meter.id.in_(ids)).values(remote=which.remote))
    facts = {"medium": which.medium, "remote": which.remote, "meters": ids}
    audit.record(session, "meters_marked", by=by, organisation_id=building.organisation_id, thing=building, facts=facts)
    session.flush()
    return len(ids)
