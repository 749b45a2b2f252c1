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


def place(session: Session, ability: str, proposed: Callable[[list[Row], object], Row | None] = roster.current) -> dict:
    """By ?building= and ?period=; without them the first building that posts with the ability cover, and the proposed one of
    its periods (roster.periods) on the organisation's day. building is None where there is none; 404 for what is not theirs."""
    reached = access.visible_buildings(g.viewer, ability).order_by(Building.organisation_id, Building.code)
    buildings = session.execute(reached.with_only_columns(Building.id, Building.address).limit(500)).all()
    if request.values.get("building"):
        reached = reached.where(Building.id == whole(request.values, "building"))
    building = session.scalars(reached.limit(1)).first()
    if building is None:
        return {"building": None} if not request.values.get("building") else abort(404)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    rows, name = roster.periods(session, building.id), request.values.get("period")
    row = proposed(rows, duty.organisation.today)
    if name:
        row = next((row for row in rows if row.BillingPeriod.name == name), None) or abort(404)
    return {
        "building": building,
        "buildings": buildings,
        "duty": duty,
        "organisation": duty.organisation,
        "period_choices": [(row.BillingPeriod.name, fmt().month(row.BillingPeriod.name)) for row in rows],
        "period": row.BillingPeriod if row else None,
        "window": row.ReadingWindow if row else None,
        "media": access.media(g.viewer, ability, building.organisation_id, building.id),
    }
