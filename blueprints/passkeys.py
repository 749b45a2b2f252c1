"""Signing in with a passkey, and the challenges that a browser's script fetches for every use of one."""

from flask import Blueprint, Response, abort, g, request

from resident.errors import TooMany
from resident.people import limit, passkey, second_factor
from resident.people.passkey import BadPasskey

from . import _entrance, _factors, _hosts
from ._gate import public
from ._headers import later
from ._locale import _
from ._web import close, database

bp = Blueprint("passkeys", __name__, url_prefix="/passkeys")


@bp.post("/challenge")
@public
def challenge():
    """JSON of what the browser is to be asked; nothing in it tells whether somebody exists."""
    purpose = request.form.get("for")
    if purpose not in _factors.PURPOSES or (purpose != "entry" and g.viewer is None):
        abort(400)
    if purpose == "new" and not g.viewer.lately_proved:
        abort(403)
    made, login_id = _factors.new_challenge(purpose), None if purpose == "entry" else g.viewer.login_id
    with database().reading() as reading:
        if purpose == "new":
            asked = passkey.asking_to_add(reading, login_id, made, _hosts.site(), _factors.key())
        else:
            asked = passkey.asking_to_show(reading, login_id, made, _hosts.site())
    return Response(asked, mimetype="application/json")


@bp.post("/entry")
@public
def entry():
    """Sign in with nothing but a passkey that has checked its owner."""
    address = request.remote_addr or ""
    try:
        with database().reading() as reading:
            limit.check(reading, f"passkey from {address}", address)
        shown = _factors.check_passkey("entry")
    except BadPasskey:
        close()
        second_factor.passkey_refused(database(), address)
        told = _("This passkey does not open anything here. Try again, or choose another way to sign in.")
        return _entrance.sign_in_page({"username": told}, 422)
    except TooMany as error:
        return later(_entrance.sign_in_page({"username": _factors.too_many(error)}, 429), error)
    return _entrance.enter(shown.login_id, "passkey", second=shown.verified)
