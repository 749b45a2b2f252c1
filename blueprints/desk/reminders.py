"""Reminding the homes of a building or a staircase that have not sent their readings, by the desk's button (K5).

The page says before how many get what, and who cannot be reached but on paper; names stand nowhere.
"""

from flask import Blueprint, g, url_for
from sqlalchemy import select

from resident.homes.building import Unit
from resident.metering import reminding
from resident.metering.reminding import Planned
from resident.metering.window import TAKES_READINGS

from .._gate import staff
from .._locale import _, ngettext
from .._web import done, first_sending, page, refused, remember, session, settings
from . import _window

bp = Blueprint("desk_reminders", __name__, url_prefix="/desk/windows/<int:id>/reminders")
PAGE = ("desk/reminders/index.html", "desk/reminders/_plan.html")


@bp.get("")
@staff("windows")
def index(id):
    return page(*PAGE, **_facts(id))


@bp.post("")
@staff("windows")
def create(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _facts(id)
    if not facts["open"] or not facts["planned"].recipients:
        return refused(*PAGE, **facts | {"errors": {"staircase": _("Nobody here can be reminded now.")}})
    ordered = reminding.remind(session, facts["window"], facts["planned"], by=g.viewer.as_staff(facts["duty"]))
    to = url_for(".index", id=id, staircase=facts["staircase"] or None)
    remember(to)
    say = ngettext("%(n)d reminder is on its way.", "%(n)d reminders are on their way.", ordered)
    return done(None, to=to, say=say)


def _facts(id: int) -> dict:
    facts = _window.place(id, "windows")
    facts |= _window.staircase(facts["building"])
    window, period, organisation = facts["window"], facts["period"], facts["duty"].organisation
    ways = reminding.channels(settings())
    planned = reminding.plan(session, period, organisation, facts["staircase"], ways=ways)
    return facts | {
        "title": _("Remind of readings"),
        "papers": facts["media"] is None,
        "tz": organisation.tz,
        "ways": ways,
        "open": window.first <= organisation.today <= window.last and period.state in TAKES_READINGS,
        "planned": planned,
        "unreached": _numbers(planned),
        "reminded": max(reminding.last_reminded(session, id, planned.homes).values(), default=None),
    }


def _numbers(planned: Planned) -> list[str]:
    """Numbers of the homes where nobody can be reminded, in their order."""
    rows = select(Unit.number).where(Unit.id.in_(planned.unreached)).order_by(Unit.sort_key, Unit.id)
    return list(session.scalars(rows))
