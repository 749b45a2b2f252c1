"""The home that a page of the desk about tenures or a handover stands on."""

from flask import g

from resident import access
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation

from .. import _terms
from .._web import session


def of(unit: Unit, ability: str = "register") -> dict:
    """Facts for the page, and `by`, the actor with the ability there. unit: one the viewer has been let see."""
    building = session.get_one(Building, unit.building_id)
    organisation = session.get_one(Organisation, building.organisation_id)
    return {
        "unit": unit,
        "building": building,
        "organisation": organisation,
        "home": access.home_label(organisation.country, building.address, unit.number),
        "today": _terms.today_of(organisation.id),
        "by": g.viewer.as_staff(g.viewer.duty(ability, organisation.id, building.id)),
        "terms": _terms,
    }
