"""Signing in and out, the language, the appearance, and whether the portal is alive."""

from flask import Blueprint, abort, g, redirect, request, url_for
from flask_login import logout_user
from sqlalchemy import text, update

from resident.errors import Busy, TooMany, WrongCredentials
from resident.people import admission
from resident.people import sign_in as signing
from resident.people.person import Login

from . import _messages
from ._entrance import browser, known_address, sign_in_page
from ._entrance import enter as let_in
from ._gate import public, safe_next
from ._headers import later
from ._locale import COOKIE, N_, YEAR, _, languages
from ._security import takes_unnamed
from ._web import database, done, page, session

bp = Blueprint("entrance", __name__)
THEMES = (("device", N_("As on the device")), ("light", N_("Light")), ("dark", N_("Dark")))


@bp.get("/sign-in")
@public
def sign_in():
    if g.viewer and "again" not in request.args:
        return redirect(_landing(g.viewer))
    return sign_in_page()


@bp.get("/sign-in/<string:slug>")
@public
def sign_in_at(slug):
    """The organisation's own address."""
    return sign_in() if known_address(slug) else abort(404)


@bp.post("/sign-in/<string:slug>")
@public
def enter_at(slug):
    return enter() if known_address(slug) else abort(404)


@bp.post("/sign-in")
@public
def enter():
    name, password = request.form.get("username", "")[:200], request.form.get("password", "")[:1000]
    if not name.strip():
        return sign_in_page({"username": _("Type your username or e-mail address.")}, 422)
    if not password:
        return sign_in_page({"password": _("Type your password.")}, 422, name=name)
    try:
        known = admission.check(database(), name, password, address=request.remote_addr or "", browser=browser())
        admission.settle(session, known)
    except WrongCredentials:
        return sign_in_page({"username": _wrong()}, 422, name=name)
    except (TooMany, Busy) as error:
        return later(sign_in_page({"username": _too_many(error)}, 429, name=name), error)
    return let_in(known.login_id, known.way)


def _wrong() -> str:
    return _("The username or password is not right. Check both and try again, or ask the office for a new password.")


def _too_many(error) -> str:
    return _("Too many tries.") + " " + _messages.wait(error.retry_after)


def _landing(viewer) -> str:
    return url_for("home.index") if viewer.home else url_for("desk_home.index")


@bp.post("/sign-out")
@public
def sign_out():
    if g.viewer:
        signing.end(session, g.viewer.session_id, g.viewer.login_id)
    answer = done(None, to=url_for(".sign_in"), say=_("You are signed out."))
    logout_user()
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.post("/language")
@public
@takes_unnamed
def language():
    chosen = request.form.get("language", "")
    answer = redirect(safe_next(request.form.get("next")) or "/", 303)
    if chosen in languages():
        if g.viewer:
            session.execute(update(Login).where(Login.id == g.viewer.login_id).values(language=chosen))
            answer = done(None, to=answer.location)
        answer.set_cookie(COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return answer


@bp.get("/appearance")
@public
def appearance():
    return page("entrance/appearance.html", title=_("Appearance"), choices=[(value, _(name)) for value, name in THEMES])


@bp.post("/appearance")
@public
def choose_appearance():
    chosen = request.form.get("theme")
    answer = done(None, to=url_for(".appearance"), say=_("Saved."))
    if chosen in ("light", "dark"):
        answer.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    else:
        answer.delete_cookie("theme")
    return answer


@bp.get("/healthz")
@public
def health():
    """Alive, and the database answers. No personal data."""
    session.execute(text("select 1"))
    return {"status": "ok"}
