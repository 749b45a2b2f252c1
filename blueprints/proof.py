"""Proving once more who one is, before a sensitive act (S14): by the password, a second factor, or identification."""

from flask import Blueprint, g, redirect, request

from resident.errors import Busy, TooMany, WrongCredentials
from resident.people import admission
from resident.people.passkey import BadPasskey
from resident.people.totp import WrongCode

from . import _factors, _messages
from ._entrance import browser, go_on
from ._errors import kept_fields
from ._gate import safe_next, signed_in
from ._headers import later
from ._locale import _
from ._proof import proof_page
from ._web import close, database

bp = Blueprint("proof", __name__, url_prefix="/proof")


@bp.get("")
@signed_in
def index():
    return proof_page(then=safe_next(request.args.get("next")))


@bp.post("")
@signed_in
def show():
    code = request.form.get("proof_code", "")
    try:
        if code:
            _factors.check_code(g.viewer.login_id, code)
        else:
            typed = request.form.get("proof", "")[:1000]
            admission.prove(database(), g.viewer.login_id, typed, address=request.remote_addr or "", browser=browser())
    except WrongCode:
        return _again("proof_code", _("This code is not the one that your app shows now. Wait for the next code and type that."))
    except WrongCredentials:
        return _again("proof", _("This is not your password. Check it and type it again."))
    except (TooMany, Busy) as error:
        told = _("Too many tries.") + " " + _messages.wait(error.retry_after)
        return later(_again("proof_code" if code else "proof", told, 429), error)
    go_on()
    # 307: the browser sends the form that was held up, as it is.
    return redirect(safe_next(request.form.get("then")) or "/", 307 if "goes_on" in request.form else 303)


@bp.post("/passkey")
@signed_in
def show_passkey():
    then = safe_next(request.form.get("next"))
    try:
        _factors.check_passkey("proof", g.viewer.login_id)
    except BadPasskey:
        close()
        told = _("This passkey was not accepted. Try again, or use another way.")
        return proof_page(422, then=then, errors={"passkey": told})
    go_on()
    return redirect(then or "/", 303)


def _again(field: str, sentence: str, status: int = 422):
    fields = kept_fields() if "goes_on" in request.form else None
    return proof_page(status, then=safe_next(request.form.get("then")), fields=fields, errors={field: sentence})
