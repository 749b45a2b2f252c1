"""A resident's passkeys and second factors at the desk: removed for whoever has lost them, once their identity was checked.

Those of staff, and of a sign-in that opens more than the desk looks after, are removed at the shell (flask login reset-factors).
"""

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.people import disabling, factor, identification, second_factor, sign_in
from resident.people.person import Login, Person

from .. import _identified
from .._gate import proved, staff
from .._locale import _
from .._web import close, done, one_or_404, page, refused, require, session

bp = Blueprint("desk_factors", __name__, url_prefix="/desk/people/<int:id>/factors")


@bp.get("")
@staff("tenures")
@proved
def index(id):
    return page("desk/factors/index.html", **_facts(*_found(id)))


@bp.post("/removal")
@staff("tenures")
@proved
def remove(id):
    who, login, by = _found(id)
    require(_kept(login, by) is None)
    method = request.form.get("method")
    if method not in identification.SHOWN_TO_STAFF:
        close()
        told = _("Choose how you checked who it is. Without a check nothing is removed.")
        return refused("desk/factors/index.html", **_facts(*_found(id)), errors={"method": told})
    identification.check(session, who, method, by=by)
    second_factor.reset(session, login.id, by=by)
    said = _("All are removed, and the sign-in is signed out everywhere.")
    return done(None, to=url_for("desk_register.person", id=id), say=said)


def _found(id: int):
    """(the person, their login, who acts); 404 for whoever has no sign-in."""
    who = one_or_404(access.visible_persons(g.viewer, "tenures").where(Person.id == id))
    login = session.get(Login, who.login_id) if who.login_id else abort(404)
    return who, login, g.viewer.as_staff(g.viewer.duty("tenures", who.organisation_id))


def _kept(login: Login, by) -> str | None:
    """Why the desk cannot remove them, or None: "own", "operator", "elsewhere", "post"."""
    within = access.reach_persons(g.viewer, Person.organisation_id, Person.id, "tenures")
    return disabling.trouble(session, login, within, by) or ("post" if sign_in.holds_post(session, login.id) else None)


def _facts(who: Person, login: Login, by) -> dict:
    kinds = [row.kind for row in factor.held(session, login.id)]
    return {
        "title": _("Passkeys and second step of %(name)s", name=who.name),
        "who": who,
        "login": login,
        "passkeys": kinds.count("passkey"),
        "apps": kinds.count("totp"),
        "kept": _kept(login, by),
        "methods": _identified.methods(),
        "chosen": request.form.get("method"),
    }
