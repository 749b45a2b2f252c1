"""A new password by mail (S10), and the own one that a start password leads to (S06).

What is answered to whoever asks for a mail is the same for everybody (S09); a link that is unknown, used or too old gets one
calm sentence. Addresses with a link in them are told to no other site.
"""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for

from resident.errors import Busy, TooMany
from resident.people import password as passwords
from resident.people import reset
from resident.people.identifier import shown
from resident.people.link import LinkOver
from resident.people.password import WeakPassword

from . import _messages
from ._entrance import go_on
from ._gate import public, safe_next, signed_in
from ._headers import later, unreferred
from ._locale import _
from ._passwords import weak
from ._web import close, database, done, page, refused, session

bp = Blueprint("passwords", __name__)


@bp.get("/reset")
@public
def ask():
    return page("passwords/ask.html", title=_("Forgotten password"), typed="")


@bp.post("/reset")
@public
def send():
    typed = request.form.get("username", "")[:200].strip()
    try:
        if not typed:
            return _ask_again(_("Type your username or e-mail address."), typed)
        reset.ask(database(), typed, address=request.remote_addr or "")
    except TooMany as error:
        return later(_ask_again(_("Too many tries.") + " " + _messages.wait(error.retry_after), typed, 429), error)
    return redirect(url_for(".sent"), 303)


def _ask_again(sentence: str, typed: str, status: int = 422):
    return refused("passwords/ask.html", status=status, title=_("Forgotten password"), typed=typed, errors={"username": sentence})


@bp.get("/reset/sent")
@public
def sent():
    return page("passwords/sent.html", title=_("Look into your mail"))


@bp.get("/reset/<string:token>")
@public
@unreferred
def new(token):
    return _new(reset.holder(session, token), {})


@bp.post("/reset/<string:token>")
@public
@unreferred
def change(token):
    try:
        reset.carry_out(database(), token, request.form.get("new", ""))
    except LinkOver:
        return _new(None, {})
    except WeakPassword as error:
        return _new(reset.holder(session, token), {"new": weak(error)})
    except Busy as error:
        return later(_new(reset.holder(session, token), {"new": _messages.wait(error.retry_after)}, 429), error)
    return done(None, to=url_for("entrance.sign_in"), say=_("Your password is changed. Sign in with it."))


def _new(login, errors: dict, status: int = 422):
    """The form for the new password; the calm sentence when the link leads nowhere, the same for every reason."""
    if login is None:
        close()
        return make_response(render_template("passwords/over.html", title=_("This link no longer works")), 410)
    facts = {"title": _("Choose a new password"), "name": shown(login.name), "errors": errors}
    facts["least"] = passwords.STAFF_LEAST if passwords.of_staff(session, login.id) else passwords.RESIDENT_LEAST
    close()
    if errors:
        return refused("passwords/new.html", status=status, **facts)
    return make_response(page("passwords/new.html", **facts))


# ---- The own password after a start password -------------------------------------------------------------------------


@bp.get("/own-password")
@signed_in
def own():
    if g.viewer.way != "letter":
        return redirect(url_for("details.index"), 303)
    return page("passwords/own.html", **_own())


@bp.post("/own-password")
@signed_in
def choose():
    if g.viewer.way != "letter":
        return redirect(url_for("details.index"), 303)
    try:
        passwords.choose(database(), g.viewer.login_id, g.viewer.session_id, request.form.get("new", ""))
    except WeakPassword as error:
        return refused("passwords/own.html", **_own(), errors={"new": weak(error)})
    except Busy as error:
        facts = _own() | {"errors": {"new": _messages.wait(error.retry_after)}}
        return later(refused("passwords/own.html", status=429, **facts), error)
    go_on(way="password")
    to = safe_next(request.form.get("next")) or url_for("home.index")
    return done(None, to=to, say=_("Your password is saved. From now on you sign in with it."))


def _own() -> dict:
    with database().reading() as reading:
        staff = passwords.of_staff(reading, g.viewer.login_id)
    return {
        "title": _("Choose a password of your own"),
        "name": shown(g.viewer.name),
        "least": passwords.STAFF_LEAST if staff else passwords.RESIDENT_LEAST,
        "next": safe_next(request.values.get("next")),
    }
