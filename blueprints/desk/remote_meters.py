"""The meters of a building and medium marked as read remotely, or by hand, at once at the desk."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.homes.building import Building
from resident.metering import remote_marking
from resident.metering.remote_marking import Which

from .. import _terms
from .._gate import staff
from .._locale import _, ngettext
from .._typed import whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session

bp = Blueprint("desk_remote_meters", __name__, url_prefix="/desk/remote-meters")
PAGE, PART = "desk/remote_meters/index.html", "desk/remote_meters/_list.html"
# More buildings than this are not chosen from a list.
LISTED_BUILDINGS = 500


@bp.get("")
@staff("meters")
def index():
    return page(PAGE, PART, **_facts(request.args))


@bp.post("")
@staff("meters")
def mark():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _facts(request.form)
    building, which = facts["building"], facts["which"]
    by = g.viewer.as_staff(g.viewer.duty("meters", building.organisation_id, building.id))
    try:
        count = remote_marking.mark(session, g.viewer, building, which, request.form.get("seen", ""), by=by)
    except Stale:
        close()
        told = _("The meters have changed since you looked, so nothing was changed. Here they are as they are now.")
        return refused(PAGE, PART, status=409, **_facts(request.form) | {"errors": {"meters": told}})
    to = url_for("desk_meters.index", building=building.id, medium=which.medium)
    remember(to)
    return done(None, to=to, say=_said(which.remote, count))


def _said(remote: bool, count: int) -> str:
    if remote:
        return ngettext("%(n)d meter is now read remotely.", "%(n)d meters are now read remotely.", count)
    return ngettext("%(n)d meter is now read by hand.", "%(n)d meters are now read by hand.", count)


def _facts(given) -> dict:
    """The building, medium and way of reading asked for, or the first ones; and which meters would change."""
    visible = access.visible_buildings(g.viewer, "meters")
    listed = visible.order_by(Building.organisation_id, Building.code).with_only_columns(Building.id, Building.address)
    buildings = session.execute(listed.limit(LISTED_BUILDINGS)).all()
    facts = {"title": _("How meters are read"), "buildings": buildings, "building": None, "words": _terms.medium_name}
    wanted = whole(given, "building") or (buildings[0].id if buildings else None)
    if wanted is None:
        return facts
    building = one_or_404(visible.where(Building.id == wanted))
    media = _terms.media(building.organisation_id)
    medium = given.get("medium", "")
    of = given.get("of", "")
    which = Which(
        building.id,
        medium if medium in media else next(iter(media)),
        given.get("to") != "hand",
        of if of in ("home", "building") else "",
    )
    rows = remote_marking.changing(session, g.viewer, which)
    return facts | {"building": building, "media": media, "which": which, "rows": rows, "seen": remote_marking.seen(rows)}
