"""A resident's homes, over all organisations, and which of them the portal shows."""

from flask import Blueprint, abort, g, request, url_for

from resident.people import sign_in

from . import _terms
from ._gate import resident
from ._locale import _
from ._typed import whole
from ._web import done, page, session

bp = Blueprint("homes", __name__, url_prefix="/homes")


@bp.get("")
@resident()
def index():
    return page("homes/index.html", title=_("My homes"), role=_terms.role)


@bp.post("/choice")
@resident()
def choose():
    if not sign_in.choose_home(session, g.viewer, whole(request.form, "party_id")):
        abort(404)
    return done(None, to=url_for("home.index"))
