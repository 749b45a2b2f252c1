"""Seeing the portal as a resident does: staff say why, look, and go back. Read only; the resident can read of it."""

from flask import Blueprint, abort, g, request, url_for

from resident.people import viewing

from .. import _audit_words
from .._gate import signed_in, staff
from .._locale import _
from .._web import close, done, page, refused, session

bp = Blueprint("desk_viewing", __name__, url_prefix="/desk/view-as")


@bp.get("/<int:id>")
@staff("register")
def ask(id):
    return page("desk/viewing/ask.html", **_facts(id), why="")


@bp.post("/<int:id>")
@staff("register")
def begin(id):
    facts, why = _facts(id), request.form.get("why", "")
    try:
        viewing.begin(session, g.viewer, facts["home"], facts["duty"], why)
    except viewing.NoReason:
        close()
        return refused(
            "desk/viewing/ask.html", **facts, why=why, errors={"why": _("Choose why you look. The resident can read it.")}
        )
    return done(None, to=url_for("home.index"))


@bp.post("/end")
@signed_in
def end():
    viewer = g.viewer
    viewing.end(session, viewer)
    to = url_for("desk_register.home", id=viewer.home.unit_id) if viewer.looks_by else url_for("desk_home.index")
    return done(None, to=to, say=_("You are back at work."))


def _facts(id: int) -> dict:
    """The home of a party that the viewer's posts let them look at as the resident does; 404 otherwise."""
    homes, duty = viewing.homes(session, id, g.viewer.duties)
    home = next((home for home in homes if home.party_id == id), None) or abort(404)
    return {"title": _("See the portal as a resident does"), "home": home, "duty": duty, "reasons": _audit_words.looks()}
