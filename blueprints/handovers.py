"""A handover as either side sees it: the day that whoever leaves proposes; then the readings, and who has confirmed them (B9).

Each side sees the values of the meters and whether the other has confirmed them; never who the other is.
"""

from datetime import timedelta

from flask import Blueprint, abort, g, redirect, request, url_for

from resident import access
from resident.errors import Stale
from resident.moves import moving, proposal
from resident.people.handover import Handover
from resident.people.tenure import Tenure

from . import _counters, _moving, _tenancy_words
from ._days import Days
from ._gate import resident
from ._locale import _
from ._web import close, done, one_or_404, page, refused, require, session

bp = Blueprint("handovers", __name__, url_prefix="/handovers")


# ---- The day that is proposed ----------------------------------------------------------------------------------------


@bp.get("/new")
@resident("household")
def new():
    facts = _leaving()
    if facts["planned"]:
        return redirect(url_for(".show", id=facts["planned"]), 303)
    day = facts["proposed"].day if facts["proposed"] else facts["home"].ends
    return page("handovers/new.html", **facts, typed={"day": day.isoformat() if day else ""})


@bp.post("/new")
@resident("household")
def propose():
    facts, days = _leaving(), Days()
    day, home = days.wanted("day"), facts["home"]
    if days.errors:
        return _not_proposed(days.errors)
    try:
        leaving, by = session.get_one(Tenure, home.tenure_id), g.viewer.as_resident(home)
        proposal.propose(session, home.unit_id, leaving, day, home.organisation.today, by=by)
    except _moving.REFUSALS as error:
        return _not_proposed(_moving.told(error))
    return done(None, to=url_for(".new"), say=_("The day is proposed. The office plans the handover."))


@bp.post("/new/withdrawal")
@resident("household")
def withdraw():
    home = _leaving()["home"]
    proposal.withdraw(session, home.tenure_id, by=g.viewer.as_resident(home))
    return done(None, to=url_for(".new"), say=_("The proposed day is withdrawn."))


def _leaving() -> dict:
    """403 for whoever does not hold the home as its primary owner or tenant today."""
    home = g.viewer.home
    require(home.role == "primary" and home.state == "in_force")
    planned = moving.planned_for(session, home.unit_id)
    return {
        "title": _("Propose a day to leave"),
        "home": home,
        "planned": planned.id if planned and planned.leaving_id == home.tenure_id else None,
        "proposed": proposal.of_tenure(session, home.tenure_id),
    }


def _not_proposed(errors: dict):
    close()
    return refused("handovers/new.html", **_leaving(), typed=request.form, errors=errors)


# ---- The handover that is planned ------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@resident()
def show(id):
    facts = _facts(id)
    return page("handovers/show.html", **facts, typed=_moving.typed_of(facts["lines"]))


@bp.post("/<int:id>/readings")
@resident()
def read(id):
    facts = _facts(id)
    require(facts["may"])
    values, errors = _moving.values(facts["lines"])
    if errors:
        return _left(id, errors)
    try:
        home, version = facts["home"], _moving.version()
        today, by = home.organisation.today, g.viewer.as_resident(home)
        moving.put_readings(session, facts["handover"], values, today, version, facts["side"], by=by)
    except _moving.REFUSALS as error:
        return _left(id, _moving.told(error))
    except Stale:
        return _left(id, {"readings": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=_("The readings are noted, and confirmed by you."))


@bp.post("/<int:id>/confirm")
@resident()
def confirm(id):
    facts = _facts(id)
    require(facts["may"])
    try:
        by = g.viewer.as_resident(facts["home"])
        moving.confirm(session, facts["handover"], _moving.version(), facts["side"], by=by)
    except _moving.REFUSALS as error:
        return _left(id, _moving.told(error))
    except Stale:
        return _left(id, {"readings": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=_("You have confirmed the readings."))


def _facts(id: int) -> dict:
    handover = one_or_404(access.visible_handovers(g.viewer).where(Handover.id == id))
    side = moving.side_of(handover, {home.tenure_id for home in g.viewer.homes})
    home = next(home for home in g.viewer.homes if home.tenure_id == getattr(handover, f"{side}_id"))
    if handover.state in ("proposed", "cancelled") or (handover.state == "done" and home.state == "after"):
        abort(404)
    return {
        "title": _("Handover of the home"),
        "handover": handover,
        "side": side,
        # The first day of whoever comes.
        "comes": handover.day + timedelta(days=1),
        "home": home,
        # The coming side confirms from signing on, also before its rights begin.
        "may": "readings" in home.rights and handover.state == "planned",
        "today": home.organisation.today,
        "lines": moving.lines(session, handover),
        "agreed": moving.agreed(handover),
        "counters": _counters,
        "key_kinds": _moving.key_kinds(),
    }


def _left(id: int, errors: dict, status: int = 422):
    close()
    facts = _facts(id)
    typed = _moving.typed_of(facts["lines"]) if status == 409 else request.form
    return refused("handovers/show.html", status=status, **facts, typed=typed, errors=errors)
