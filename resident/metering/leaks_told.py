"""Possible leaks as the desk sees them. As the home does: own_use.py."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_
from sqlalchemy.orm import Session

from .. import access, clock
from ..access import Viewer, home_label
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from .leak import Leak
from .meter import Meter

# For how long one that has ended stays on the desk's list.
SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeskLeak:
    leak: Leak
    unit_id: int
    medium: str
    serial: str
    label: str

    @property
    def litres(self) -> int:
        return self.leak.flow // 1000


def at_desk(session: Session, viewer: Viewer) -> list[DeskLeak]:
    """Those that may still run first, the oldest at the top; then those that ended lately."""
    lately = clock.now().date() - SHOWN
    statement = (
        access.visible_leaks(viewer)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(or_(Leak.ended_on.is_(None), Leak.ended_on >= lately))
        .add_columns(Meter, Unit, Building.address, Organisation.country)
        .order_by(Leak.ended_on.is_not(None), Leak.first_night, Leak.id)
        .limit(200)
    )
    return [
        DeskLeak(leak, unit.id, meter.medium, meter.serial, home_label(country, address, unit.number))
        for leak, meter, unit, address, country in session.execute(statement)
    ]
