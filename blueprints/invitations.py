"""Following an invitation into a household: what it is, and joining with a sign-in that one has or makes here (K2).

Opening the link changes nothing (mail scanners do); a button does. A link that does not hold says the same, whatever is
the matter with it.
"""

from flask import Blueprint, flash, g, make_response, redirect, request, url_for

from resident.errors import Busy
from resident.moves import inviting
from resident.people import credential, identifier, password, ways
from resident.people.password import WeakPassword
from resident.people.person import Login

from . import _messages, _passwords, _terms
from ._entrance import enter
from ._gate import public
from ._locale import _, language
from ._web import close, commit, database, page, refused, session

bp = Blueprint("invitations", __name__, url_prefix="/invitation")


@bp.get("/<string:token>")
@public
def show(token):
    facts = _facts(token)
    return _quiet(page("invitations/show.html", **facts)) if facts else _over()


@bp.post("/<string:token>")
@public
def join(token):
    """Whoever is signed in joins."""
    if g.viewer is None:
        return _quiet(redirect(url_for("entrance.sign_in", next=url_for(".show", token=token)), 303))
    try:
        inviting.accept(session, token, session.get_one(Login, g.viewer.login_id))
    except inviting.Over:
        return _over()
    commit()
    flash(_("You have joined the household."))
    return _quiet(redirect(url_for("homes.index"), 303))


@bp.post("/<string:token>/new")
@public
def begin(token):
    """Whoever has no sign-in yet gets a permanent identifier, chooses a password and joins."""
    facts, new = _facts(token), request.form.get("new", "")
    if not facts or not facts["new"] or g.viewer:
        return _over()
    try:
        password.check(new, staff=False, names=[facts["shown"].called, facts["shown"].organisation])
        with credential.turn():
            hashed = credential.hashed(new)
        login = identifier.new(session, language=language())
        credential.put(session, login.id, hashed)
        inviting.accept(session, token, login)
    except WeakPassword as error:
        return _quiet(refused("invitations/show.html", **facts, errors={"new": _passwords.weak(error)}))
    except Busy as error:
        return _quiet(refused("invitations/show.html", 429, **facts, errors={"new": _messages.wait(error.retry_after)}))
    except inviting.Over:
        return _over()
    # Entering begins the cookie anew: what is to be said comes after it.
    answer = enter(login.id, "password", to=url_for("home.index"))
    name = identifier.shown(login.name)
    flash(_("You have joined the household. Your username is %(name)s. Keep it with your password.", name=name))
    return _quiet(answer)


def _facts(token: str) -> dict | None:
    """What the page shows; None for a link that does not hold."""
    with database().reading() as reading:
        found = inviting.find(reading, token)
        offered = ways.offered(reading, found[1].organisation_id) if found else frozenset()
    if found is None:
        return None
    shown = found[1]
    return {
        "title": _("Invitation"),
        "shown": shown,
        "token": token,
        "role": _terms.role(shown.role, shown.tenure_kind),
        "days": _terms.days(shown.first, shown.last),
        "new": "password" in offered,
        "least": password.RESIDENT_LEAST,
    }


def _over():
    close()
    return _quiet(make_response(page("invitations/over.html", title=_("Invitation")), 404))


def _quiet(answer):
    """The address is a key: nobody keeps it, no other origin is told it. Our own is: without Origin and Referer a browser's
    form could not be told from a foreign one."""
    answer = make_response(answer)
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
