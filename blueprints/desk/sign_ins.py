"""Somebody's sign-in at the desk: where it stands, ending its sessions, closing and opening it."""

from flask import Blueprint, abort, g, url_for

from resident import access
from resident.homes.organisation import Organisation
from resident.people import disabling, sign_in
from resident.people.person import Login, Person

from .._gate import proved, staff
from .._locale import _
from .._web import done, one_or_404, page, require, session

bp = Blueprint("desk_sign_ins", __name__, url_prefix="/desk/people/<int:id>/sign-in")


@bp.get("")
@staff("tenures")
def index(id):
    who, login, by = _found(id)
    within = access.reach_persons(g.viewer, Person.organisation_id, Person.id, "tenures")
    return page(
        "desk/sign_ins/index.html",
        title=_("Sign-in of %(name)s", name=who.name),
        who=who,
        login=login,
        sessions=sign_in.own_sessions(session, login.id),
        tz=session.get_one(Organisation, who.organisation_id).tz,
        kept_open=disabling.trouble(session, login, within, by),
    )


@bp.post("/end")
@staff("tenures")
def end(id):
    _who, login, by = _found(id)
    sign_in.end_all(session, login.id, "staff", by=by)
    return done(None, to=url_for(".index", id=id), say=_("Signed out everywhere."))


@bp.post("/disable")
@staff("tenures")
@proved
def disable(id):
    return _change(id, disabling.disable, _("The sign-in is closed. Nobody can use it any more."))


@bp.post("/enable")
@staff("tenures")
@proved
def enable(id):
    return _change(id, disabling.enable, _("The sign-in is open again."))


def _change(id: int, verb, say: str):
    _who, login, by = _found(id)
    try:
        verb(session, login, access.reach_persons(g.viewer, Person.organisation_id, Person.id, "tenures"), by=by)
    except disabling.NotToClose:
        abort(403)
    return done(None, to=url_for(".index", id=id), say=say)


def _found(id: int):
    """(the person, their login, who acts); 404 without a sign-in. That of staff is for whoever gives posts: not under a
    mandate, so that no firm closes the sign-in of the board that may end it, and not for some buildings only."""
    who = one_or_404(access.visible_persons(g.viewer, "tenures").where(Person.id == id))
    login = session.get(Login, who.login_id) if who.login_id else abort(404)
    require(access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=who.non_disclosure))
    duties = [duty for duty in access.governing_duties(g.viewer) if duty.organisation.id == who.organisation_id]
    if not sign_in.holds_post(session, login.id):
        duties = [g.viewer.duty("tenures", who.organisation_id)]
    require(duties)
    return who, login, g.viewer.as_staff(duties[0])
