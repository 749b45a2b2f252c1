"""A resident's first page: what waits, what it costs, whom to call."""

from flask import Blueprint, g, redirect, render_template, url_for

from resident.homes import waiting
from resident.money.standing import standing

from ._gate import signed_in
from ._locale import _
from ._web import session

bp = Blueprint("home", __name__)


@bp.get("/")
@signed_in
def index():
    home = g.viewer.home
    if home is None:
        return redirect(url_for("desk_home.index")) if g.viewer.staff else render_template("home/none.html", title=_("No home now"))
    today = home.organisation.today
    return render_template(
        "home/index.html",
        title=home.label,
        home=home,
        today=today,
        window=waiting.window(session, home) if g.viewer.may("readings") else None,
        money=standing(session, home.tenure_id, today) if g.viewer.may("invoices") else None,
        talk=waiting.talk(session, home) if g.viewer.may("talk") else [],
    )
