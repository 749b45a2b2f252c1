"""A resident's homes and posts, over all organisations, and which of the homes the portal shows (K4, S2)."""

from flask import Blueprint, abort, g, request, url_for

from resident.people import sign_in

from . import _terms
from ._entrance import closed_here
from ._gate import resident
from ._locale import _
from ._typed import whole
from ._web import done, page, session

bp = Blueprint("homes", __name__, url_prefix="/homes")
# A firm's post acts in hundreds of organisations: the page names the first ones.
MOST_POSTS = 20


@bp.get("")
@resident()
def index():
    duties = {(duty.organisation.id, duty.role): duty for duty in g.viewer.duties}
    posts = [(_terms.post(duty.role), duty.organisation.name) for duty in duties.values()]
    facts = {"posts": posts[:MOST_POSTS], "more": len(posts) - MOST_POSTS, "role": _terms.role, "closed": closed_here()}
    return page("homes/index.html", title=_("My homes"), **facts)


@bp.post("/choice")
@resident()
def choose():
    if not sign_in.choose_home(session, g.viewer, whole(request.form, "party_id")):
        abort(404)
    return done(None, to=url_for("home.index"))
