"""How far a viewer reaches, as conditions of SQL: by post, organisation and building; by medium for a supplier; by right at home.

What access.py's statements are made of, and part of it: whoever asks takes both from there.
"""

from collections.abc import Iterable

from sqlalchemy import and_, false, or_, true

from .homes.building import Building
from .identity import POSTS, Duty, Home, Viewer
from .metering.meter import Meter


def reach(viewer: Viewer, ability: str, organisation_column, building_column):
    """The SQL condition "inside what the viewer's posts cover" for an ability."""
    return covered((duty for duty in viewer.duties if ability in POSTS[duty.role]), organisation_column, building_column)


def covered(duties: Iterable[Duty], organisation_column, building_column):
    """The SQL condition "inside what these duties cover"."""
    parts = []
    for duty in duties:
        part = organisation_column == duty.organisation.id
        parts.append(part if duty.buildings is None else and_(part, building_column.in_(duty.buildings)))
    return or_(*parts) if parts else false()


def homes_with(viewer: Viewer, right: str) -> list[Home]:
    """The viewer's homes in which they hold a right now: in force, or ended and not settled (then "invoices" alone)."""
    return [home for home in viewer.homes if home.may(right)]


def reach_meters(viewer: Viewer, ability: str):
    """The SQL condition "a meter that the viewer's posts cover", beside Meter and Building: a supplier, those of its medium."""
    duties = [duty for duty in viewer.duties if ability in POSTS[duty.role]]
    return or_(
        false(),
        *(
            and_(covered([duty], Building.organisation_id, Building.id), Meter.medium == duty.medium if duty.medium else true())
            for duty in duties
        ),
    )


def media(viewer: Viewer, ability: str, organisation_id: int, building_id: int) -> frozenset | None:
    """Media whose meters the viewer's posts reach in a building: None for all, a supplier's own otherwise."""
    covering = (d for d in viewer.duties if ability in POSTS[d.role] and d.organisation.id == organisation_id)
    found = {duty.medium for duty in covering if duty.buildings is None or building_id in duty.buildings}
    return None if None in found else frozenset(found)
