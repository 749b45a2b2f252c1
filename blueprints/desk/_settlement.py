"""The settlement of advances that a page of the desk is about, with its building."""

from flask import g
from sqlalchemy import select

from resident import access
from resident.charging.settlement import SettlementRun
from resident.homes.building import Building

from .. import _settlement_words as words
from .._locale import _
from .._web import one_or_404, session


def place(id: int, ability: str = "money") -> dict:
    """404 for one that the ability does not reach."""
    reached = access.visible_buildings(g.viewer, ability).with_only_columns(Building.id)
    run = one_or_404(select(SettlementRun).where(SettlementRun.id == id, SettlementRun.building_id.in_(reached)))
    building = session.get_one(Building, run.building_id)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    return {
        "title": _("Settlement of advances"),
        "run": run,
        "span": words.span(run.first, run.last),
        "building": building,
        "organisation": duty.organisation,
        "by": g.viewer.as_staff(duty),
    }
