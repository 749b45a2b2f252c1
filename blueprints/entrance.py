"""Signing in and out, the language, the appearance, and whether the portal is alive."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy import text, update
from wtforms import PasswordField, StringField

from resident import demo
from resident.errors import Busy, TooMany, WrongCredentials
from resident.people import sign_in as signing
from resident.people.person import Login

from . import _messages
from ._gate import SignedIn, public, safe_next
from ._locale import COOKIE, N_, YEAR, _, languages
from ._web import database, done, page, session

bp = Blueprint("entrance", __name__)
THEMES = (("device", N_("As on the device")), ("light", N_("Light")), ("dark", N_("Dark")))


class SignInForm(FlaskForm):
    username = StringField(N_("Username"))
    password = PasswordField(N_("Password"))


@bp.get("/sign-in")
@public
def sign_in():
    if g.viewer:
        return redirect(_landing(g.viewer))
    return _sign_in_page(SignInForm(formdata=None))


@bp.post("/sign-in")
@public
def enter():
    form = SignInForm()
    name, password = (form.username.data or "")[:200], (form.password.data or "")[:1000]
    if not name.strip() or not password:
        return _sign_in_page(form, _("Type your username and password."), 422)
    try:
        token = signing.sign_in(
            database(), name, password, address=request.remote_addr or "", agent=request.headers.get("User-Agent", "")
        )
    except WrongCredentials:
        told = _("The username or password is not right. Check both and try again, or ask the office for a new password.")
        return _sign_in_page(form, told, 422)
    except (TooMany, Busy) as error:
        response = _sign_in_page(form, _("Too many tries.") + " " + _messages.wait(error.retry_after), 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    cookie.clear()
    login_user(SignedIn(token, None))
    return redirect(safe_next(request.form.get("next")) or url_for("home.index"), 303)


def _sign_in_page(form, trouble=None, status=200):
    for field in (form.username, form.password):
        field.label.text = _(field.label.text)
    with database().reading() as reading:
        shown = demo.sign_ins(reading)
    body = render_template(
        "entrance/sign_in.html",
        title=_("Sign in"),
        form=form,
        trouble=trouble,
        refused=bool(trouble),
        next=safe_next(request.values.get("next")),
        demo=shown,
    )
    return make_response(body, status)


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
