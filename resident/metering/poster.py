"""A poster's way to a home (rule 43): whoever reads it shows that they stand before the meter, by its serial number."""

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..homes.building import Building, Unit, door_of
from ..homes.organisation import Organisation
from ..identity import Controller
from ..people import limit, residence
from ..people.token import digest
from . import entry_link, window
from .entry_link import EntryLink, Over
from .meter import Meter


@dataclass(frozen=True, slots=True)
class House:
    """A poster's house, with the period whose window is open today."""

    building_id: int
    address: str
    organisation: Controller
    turn: window.Turn


def house(session: Session, building_id: int) -> House:
    """Over when no window is open."""
    row = session.execute(
        select(*residence.CONTROLLER, Building.address)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(Building.id == building_id)
    ).first()
    if row is None:
        raise Over(why="unknown")
    organisation = Controller(*row[:-1])
    today = organisation.today
    turns = window.turns(session, today, building_id=building_id)
    turn = next((one for one in turns if one.open_on(today) and one.takes_readings), None)
    if turn is None:
        raise Over(why="over")
    return House(building_id, row[-1], organisation, turn)


def check(session: Session, found: House, address: str) -> None:
    """TooMany(retry_after) when too many guesses were wrong."""
    limit.check_poster(session, digest(f"poster {found.building_id}"), address)


def missed(session: Session, found: House, address: str) -> None:
    """One wrong guess more."""
    limit.count_poster(session, digest(f"poster {found.building_id}"), address)


def link(session: Session, found: House, number: str, serial: str) -> EntryLink | None:
    """The link of the one home of this number with a live meter of this serial; None for everything else, whatever it is."""
    today, wanted = found.organisation.today, _folded(serial)
    rows = session.execute(
        select(Unit.id, Unit.number, Meter.serial)
        .join(Meter, Meter.unit_id == Unit.id)
        .where(Unit.building_id == found.building_id, Unit.door == door_of(number), func.coalesce(Meter.removed, today) >= today)
    ).all()
    homes = {row.id for row in rows if wanted and _folded(row.serial) == wanted and _names(number, row.number)}
    holders = entry_link.holders(session, homes, today) if len(homes) == 1 else {}
    return next((EntryLink(unit_id, found.turn.period_id, tenure_id) for unit_id, tenure_id in holders.items()), None)


def _names(typed: str, number: str) -> bool:
    """Is the home meant? All of its number, or its last part alone: "B 23" and "23"."""
    return _folded(typed) in (_folded(number), door_of(number))


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
