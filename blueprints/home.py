"""A resident's first page: what waits, what it costs, whom to call."""

from flask import Blueprint, g, redirect, render_template, url_for

from resident.homes import register, waiting
from resident.money.standing import standing_in
from resident.people import ways

from . import _providers, _terms
from ._gate import signed_in
from ._locale import _
from ._web import session

bp = Blueprint("home", __name__)


@bp.get("/")
@signed_in
def index():
    home = g.viewer.home
    if home is None:
        return redirect(url_for("desk_home.index")) if g.viewer.staff else _nowhere()
    today = home.organisation.today
    handover, leaks = waiting.beside(session, home) if home.state != "after" else (None, [])
    return render_template(
        "home/index.html",
        title=home.label,
        home=home,
        today=today,
        handover=handover,
        window=waiting.window(session, home) if g.viewer.may("readings") else None,
        leaks=leaks if home.in_force and g.viewer.may("readings") else [],
        medium_name=_terms.medium_name,
        money=standing_in(session, home) if g.viewer.may("invoices") else None,
        talk=waiting.talk(session, home) if g.viewer.may("talk") else [],
        withheld=_terms.listed_rights(home.withheld),
        strong=bool(home.withheld and _providers.configured()) and "strong" in ways.offered(session, home.organisation.id),
    )


def _nowhere():
    """Nobody's home now: whom of those that know the person to ask."""
    known = session.execute(register.known_to(g.viewer.login_id)).all()
    return render_template("home/none.html", title=_("No home now"), known=known)
