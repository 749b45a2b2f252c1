"""The balance of a building at the desk: main meter less homes, who did not report, what it costs a home (B5)."""

from flask import Blueprint, abort, request

from resident.metering import balance

from .. import _balance, _house_use, _terms
from .._gate import staff
from .._locale import _, fmt
from .._web import page, session
from . import _period

bp = Blueprint("desk_balance", __name__, url_prefix="/desk/balance")


@bp.get("")
@staff("readings")
def index():
    return page("desk/balance/index.html", "desk/balance/_branches.html", **_facts(), balances=_balance)


@bp.get("/use")
@staff("readings")
def use():
    """What a building uses month by month, by its main meters; a supplier sees its own medium."""
    facts = _period.house(session, "readings")
    building, found, shown = facts["building"], [], None
    if building is not None:
        found, shown = _house_use.shown(session, facts["organisation"], building.id, facts["media"])
    facts |= {"title": _("Consumption of a building"), "terms": _terms, "media": found, "use": shown}
    return page("desk/balance/use.html", **facts)


def _facts() -> dict:
    facts = _period.house(session, "readings") | {"title": _("Balance of a building"), "period": None}
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
    return facts | {"shown": _balance.shown(session, organisation, building.id, periods, period, facts["media"])}
