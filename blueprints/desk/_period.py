"""The building and the billing period that a page of the desk is about, and the others to choose from."""

from collections.abc import Callable

from flask import abort, g, request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from resident import access
from resident.homes.building import Building
from resident.metering import roster

from .._locale import fmt
from .._typed import whole


def house(session: Session, ability: str) -> dict:
    """By ?building=, else the first building that posts with the ability cover; with the duty that does, and media as in
    access.media(). building is None where there is none; 404 for one that is not theirs."""
    reached = access.visible_buildings(g.viewer, ability).order_by(Building.organisation_id, Building.code)
    buildings = session.execute(reached.with_only_columns(Building.id, Building.address).limit(500)).all()
    if request.values.get("building"):
        reached = reached.where(Building.id == whole(request.values, "building"))
    building = session.scalars(reached.limit(1)).first()
    if building is None:
        return {"building": None} if not request.values.get("building") else abort(404)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    media = access.media(g.viewer, ability, building.organisation_id, building.id)
    return {"building": building, "buildings": buildings, "duty": duty, "organisation": duty.organisation, "media": media}


def place(session: Session, ability: str, proposed: Callable[[list[Row], object], Row | None] = roster.current) -> dict:
    """As house(), and by ?period=, else the proposed one of its periods (roster.periods) on the organisation's day."""
    facts = house(session, ability)
    if facts["building"] is None:
        return facts
    rows, name = roster.periods(session, facts["building"].id), request.values.get("period")
    row = proposed(rows, facts["organisation"].today)
    if name:
        row = next((row for row in rows if row.BillingPeriod.name == name), None) or abort(404)
    return facts | {
        "period_choices": [(row.BillingPeriod.name, fmt().month(row.BillingPeriod.name)) for row in rows],
        "period": row.BillingPeriod if row else None,
        "window": row.ReadingWindow if row else None,
    }
