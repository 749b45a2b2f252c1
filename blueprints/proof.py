"""Proving once more who one is, before a sensitive act (S14): by the password, a second factor, or identification."""

from flask import Blueprint, g, redirect, request

from resident.errors import Busy, TooMany, WrongCredentials
from resident.people import admission

from . import _messages
from ._entrance import browser, go_on
from ._errors import kept_fields
from ._gate import safe_next, signed_in
from ._locale import _
from ._proof import proof_page
from ._web import database

bp = Blueprint("proof", __name__, url_prefix="/proof")


@bp.get("")
@signed_in
def index():
    return proof_page(then=safe_next(request.args.get("next")))


@bp.post("")
@signed_in
def show():
    typed = request.form.get("proof", "")[:1000]
    try:
        admission.prove(database(), g.viewer.login_id, typed, address=request.remote_addr or "", browser=browser())
    except WrongCredentials:
        return _again(_("This is not your password. Check it and type it again."))
    except (TooMany, Busy) as error:
        response = _again(_("Too many tries.") + " " + _messages.wait(error.retry_after), 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    go_on()
    # 307: the browser sends the form that was held up, as it is.
    return redirect(safe_next(request.form.get("then")) or "/", 307 if "goes_on" in request.form else 303)


def _again(trouble: str, status: int = 422):
    fields = kept_fields() if "goes_on" in request.form else None
    return proof_page(status, then=safe_next(request.form.get("then")), fields=fields, trouble=trouble)
