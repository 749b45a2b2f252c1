"""Reminding the homes of a building or a staircase that have not sent their readings, by the desk's button (K5).

The page says before how many get what, and who cannot be reached but on paper; names stand nowhere.
"""

from flask import Blueprint, current_app, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.homes import register
from resident.homes.building import Building, Unit
from resident.metering import reminding
from resident.metering.reminding import Planned
from resident.metering.window import TAKES_READINGS, ReadingWindow
from resident.money.period import BillingPeriod

from .._gate import staff
from .._locale import _, ngettext
from .._web import done, first_sending, one_or_404, page, refused, remember, session

bp = Blueprint("desk_reminders", __name__, url_prefix="/desk/windows/<int:id>/reminders")
PAGE = ("desk/reminders/index.html", "desk/reminders/_plan.html")


@bp.get("")
@staff("windows")
def index(id):
    return page(*PAGE, **_facts(id, request.args))


@bp.post("")
@staff("windows")
def create(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _facts(id, request.form)
    if not facts["open"] or not facts["planned"].recipients:
        return refused(*PAGE, **facts | {"errors": [("staircase", _("Nobody here can be reminded now."))]})
    duty = g.viewer.duty("windows", facts["building"].organisation_id, facts["building"].id)
    ordered = reminding.remind(session, facts["window"], facts["planned"], by=g.viewer.as_staff(duty))
    to = url_for(".index", id=id, staircase=facts["staircase"] or None)
    remember(to)
    say = ngettext("%(n)d reminder is on its way.", "%(n)d reminders are on their way.", ordered)
    return done(None, to=to, say=say)


def _facts(id: int, given) -> dict:
    window = one_or_404(access.visible_windows(g.viewer).where(ReadingWindow.id == id))
    period = session.get_one(BillingPeriod, window.period_id)
    building = session.get_one(Building, period.building_id)
    organisation = g.viewer.duty("windows", building.organisation_id, building.id).organisation
    stairs = register.staircases(session, building.id)
    staircase = given.get("staircase") if given.get("staircase") in stairs else ""
    texts = bool(current_app.extensions["resident.settings"].sms_url)
    planned = reminding.plan(session, period, organisation, staircase, texts=texts)
    return {
        "title": _("Remind of readings"),
        "window": window,
        "period": period,
        "building": building,
        "papers": access.media(g.viewer, "readings", building.organisation_id, building.id) is None,
        "today": organisation.today,
        "tz": organisation.tz,
        "staircases": stairs,
        "staircase": staircase,
        "texts": texts,
        "open": window.first <= organisation.today <= window.last and period.state in TAKES_READINGS,
        "planned": planned,
        "unreached": _numbers(planned),
        "reminded": max(reminding.last_reminded(session, id, planned.homes).values(), default=None),
        "errors": [],
    }


def _numbers(planned: Planned) -> list[str]:
    """Numbers of the homes where nobody can be reminded, in their order."""
    rows = select(Unit.number).where(Unit.id.in_(planned.unreached)).order_by(Unit.sort_key, Unit.id)
    return list(session.scalars(rows))
