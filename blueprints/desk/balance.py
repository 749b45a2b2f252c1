"""The balance of a building at the desk: main meter less homes, who did not report, what it costs a home (B5)."""

from flask import Blueprint, abort, g, request

from resident import access
from resident.homes.building import Building
from resident.metering import balance

from .. import _balance, _house_use, _terms
from .._gate import staff
from .._locale import _, fmt
from .._typed import whole
from .._web import page, session

bp = Blueprint("desk_balance", __name__, url_prefix="/desk/balance")


@bp.get("")
@staff("readings")
def index():
    return page("desk/balance/index.html", "desk/balance/_branches.html", **_facts(), balances=_balance)


@bp.get("/use")
@staff("readings")
def use():
    """What a building uses month by month, by its main meters; a supplier sees its own medium."""
    facts = _place() | {"title": _("Consumption of a building"), "terms": _terms, "media": [], "use": None}
    building = facts["building"]
    if building is not None:
        organisation = facts["organisation"]
        media = access.media(g.viewer, "readings", organisation.id, building.id)
        found, shown = _house_use.shown(session, organisation, building.id, media)
        facts |= {"media": found, "use": shown}
    return page("desk/balance/use.html", **facts)


def _place() -> dict:
    """The building asked for, else the first; 404 for one that is not the viewer's."""
    reached = access.visible_buildings(g.viewer, "readings").order_by(Building.organisation_id, Building.code)
    buildings = session.execute(reached.with_only_columns(Building.id, Building.address).limit(500)).all()
    if request.args.get("building"):
        reached = reached.where(Building.id == whole(request.args, "building"))
    building = session.scalars(reached.limit(1)).first()
    if building is None:
        return {"building": None} if not request.args.get("building") else abort(404)
    organisation = g.viewer.duty("readings", building.organisation_id, building.id).organisation
    return {"building": building, "buildings": buildings, "organisation": organisation}


def _facts() -> dict:
    facts = _place() | {"title": _("Balance of a building"), "period": None}
    building = facts["building"]
    if building is None:
        return facts
    organisation = facts["organisation"]
    periods, asked = balance.periods(session, building.id, organisation.today), request.args.get("period")
    period = next((one for one in periods if one.name == asked), None) if asked else next(iter(periods), None)
    if asked and period is None:
        abort(404)
    facts |= {"choices": [(one.name, fmt().month(one.name)) for one in periods], "period": period}
    if period is None:
        return facts
    media = access.media(g.viewer, "readings", organisation.id, building.id)
    return facts | {"shown": _balance.shown(session, organisation, building.id, periods, period, media)}
