"""Registering after the office has looked at a document (L2): e-mail address and password, a link by mail, the password once more.

The page answers the same to everybody; whether the office knows an address is told by mail only (S09).
"""

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from resident.errors import Busy, TooMany, WrongCredentials
from resident.people import password as passwords
from resident.people import registration
from resident.people.identifier import shown
from resident.people.link import LinkOver
from resident.people.password import WeakPassword
from resident.people.person import is_email

from . import _messages
from ._gate import public
from ._headers import later, unreferred
from ._locale import _, language
from ._passwords import weak
from ._web import close, database, done, page, refused, session

bp = Blueprint("registration", __name__)


@bp.get("/register")
@public
def new():
    return page("registration/new.html", **_facts(""))


@bp.post("/register")
@public
def create():
    email, new = request.form.get("email", "").strip()[:200], request.form.get("new", "")
    if not is_email(email):
        return _again(email, {"email": _("Type your e-mail address whole, such as name@example.org.")})
    try:
        registration.ask(database(), email, new, language=language(), address=request.remote_addr or "")
    except WeakPassword as error:
        return _again(email, {"new": weak(error)})
    except (TooMany, Busy) as error:
        return later(_again(email, {"email": _("Too many tries.") + " " + _messages.wait(error.retry_after)}, 429), error)
    return redirect(url_for(".sent"), 303)


def _again(email: str, errors: dict[str, str], status: int = 422):
    return refused("registration/new.html", status=status, **_facts(email), errors=errors)


def _facts(email: str) -> dict:
    return {"title": _("Register"), "email": email, "least": passwords.RESIDENT_LEAST}


@bp.get("/register/sent")
@public
def sent():
    return page("registration/sent.html", title=_("Look into your mail"))


@bp.get("/activate/<string:token>")
@public
@unreferred
def confirm(token):
    return _page(token)


@bp.post("/activate/<string:token>")
@public
@unreferred
def activate(token):
    try:
        login = registration.activate(database(), token, request.form.get("password", "")[:1000], address=request.remote_addr or "")
    except LinkOver:
        return _page(token)
    except WrongCredentials:
        return _page(token, _("This is not the password that you registered with. Type it once more."))
    except WeakPassword as error:
        told = weak(error) + " " + _("Then register again with it.")
        return _page(token, told)
    except (TooMany, Busy) as error:
        told = _("Too many tries.") + " " + _messages.wait(error.retry_after)
        return later(_page(token, told, 429), error)
    said = _("Your sign-in works now. Sign in with your e-mail address, or with your username %(name)s.", name=shown(login.name))
    return done(None, to=url_for("entrance.sign_in"), say=said)


def _page(token: str, told: str = "", status: int = 422):
    """The form, or the calm sentence when the link leads nowhere: the same for every reason."""
    there = registration.waiting(session, token) is not None
    close()
    if not there:
        return make_response(render_template("registration/over.html", title=_("This link no longer works")), 410)
    facts = {"title": _("Confirm your registration"), "errors": {"password": told} if told else {}}
    return (
        refused("registration/confirm.html", status=status, **facts)
        if told
        else make_response(page("registration/confirm.html", **facts))
    )
