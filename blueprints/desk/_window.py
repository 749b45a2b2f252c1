"""The reading window that a page of the desk is about, and the staircase that was chosen there."""

from flask import g, request

from resident import access
from resident.homes import register
from resident.homes.building import Building
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod

from .._web import one_or_404, session


def place(id: int, ability: str) -> dict:
    """The window with its period and building, and the duty by which the viewer has the ability there; 404 without one. media:
    those whose readings the viewer reaches, None for all."""
    window = one_or_404(access.visible_windows(g.viewer, ability).where(ReadingWindow.id == id))
    period = session.get_one(BillingPeriod, window.period_id)
    building = session.get_one(Building, period.building_id)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    return {
        "window": window,
        "period": period,
        "building": building,
        "duty": duty,
        "today": duty.organisation.today,
        "media": access.media(g.viewer, "readings", building.organisation_id, building.id),
    }


def staircase(building: Building) -> dict:
    """By ?staircase=; "" for the whole building."""
    there, asked = register.staircases(session, building.id), request.values.get("staircase")
    return {"staircases": there, "staircase": asked if asked in there else ""}
