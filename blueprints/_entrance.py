"""Letting somebody in: the one place where a session begins, whatever the way, and where it goes on under a new id (S18)."""

import secrets

from flask import current_app, g, redirect, request, url_for
from flask import session as cookie
from flask_login import login_user

from resident.people import device, sign_in

from ._gate import SignedIn, safe_next
from ._locale import YEAR
from ._web import commit, session


def enter(login_id: int, way: str, second: bool = False, to: str | None = None):
    """Begin a session in the request's transaction, commit, and answer 303 to `to`, the form's next, or home.

    way: one of sign_in.WAYS; second: what was shown counts as the second factor too.
    """
    agent = request.headers.get("User-Agent", "")
    browser = request.cookies.get(device_cookie()) or secrets.token_urlsafe(32)
    met = device.meet(session, login_id, browser, agent)
    if g.viewer:
        sign_in.end(session, g.viewer.session_id, g.viewer.login_id)
    token = sign_in.begin(
        session, login_id, way=way, address=request.remote_addr or "", agent=agent, second=second, device_id=met.id
    )
    commit()
    _carry(token)
    answer = redirect(to or safe_next(request.form.get("next")) or url_for("home.index"), 303)
    answer.set_cookie(device_cookie(), browser, max_age=YEAR, secure=_https(), httponly=True, samesite="Lax", path="/")
    return answer


def go_on(*, second: bool = False, way: str | None = None) -> None:
    """The viewer's session goes on under a new id in the request's transaction, which is committed: the person proved who
    they are, showed the second factor (second), or chose an own password (way="password"). Answer with a 303 afterwards."""
    token = sign_in.renew(session, g.viewer.session_id, second=second, way=way)
    commit()
    _carry(token)


def device_cookie() -> str:
    return "__Host-resident-device" if _https() else "resident-device"


def _https() -> bool:
    return current_app.extensions["resident.settings"].https


def _carry(token: str) -> None:
    cookie.clear()
    login_user(SignedIn(token, None))
