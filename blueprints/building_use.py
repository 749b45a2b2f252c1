"""What the resident's building uses, beside one's own use; and, where the organisation lets it be seen, its balance (L13, B5)."""

from flask import Blueprint, g

from resident.homes import setting
from resident.metering import balance

from . import _balance, _house_use, _terms
from ._gate import resident
from ._locale import _
from ._web import page, session

bp = Blueprint("building_use", __name__, url_prefix="/consumption/building")


@bp.get("")
@resident("readings")
def index():
    home = g.viewer.home
    media, use = _house_use.shown(session, home.organisation, home.building_id)
    facts = {"title": _("Consumption of the building"), "home": home, "media": media, "use": use, "terms": _terms}
    return page("building_use/index.html", "building_use/_use.html", **facts, balances=_balance, shown=_balances(home))


def _balances(home) -> list:
    """That of the latest period whose window is over, figures of the house only; none when the organisation keeps it to its
    staff."""
    organisation = home.organisation
    if not setting.in_force(session, organisation.id, organisation.country, organisation.today)["balance_open"]:
        return []
    today = organisation.today
    periods = balance.collected(session, balance.periods(session, home.building_id, today), today)
    found = _balance.shown(session, organisation, home.building_id, periods, periods[0]) if periods else []
    return [one for one in found if one.line.went_in is not None]
