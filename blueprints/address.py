"""The page that a link to a new e-mail address leads to: it confirms the address, and signs nobody in (S10)."""

from flask import Blueprint, make_response, url_for

from resident.people import address
from resident.people.link import LinkOver

from ._gate import public
from ._headers import unreferred
from ._locale import _
from ._web import close, done, page, session

bp = Blueprint("address", __name__, url_prefix="/address")


@bp.get("/<string:token>")
@public
@unreferred
def show(token):
    person = address.wanted(session, token)
    if person is None:
        return _over()
    return page("address/show.html", title=_("Your new e-mail address"), email=person.email_wanted, token=token)


@bp.post("/<string:token>")
@public
@unreferred
def confirm(token):
    try:
        address.confirm(session, token)
    except LinkOver:
        return _over()
    return done(None, to=url_for("details.index"), say=_("Your new e-mail address is confirmed."))


def _over():
    close()
    return make_response(page("address/show.html", title=_("Your new e-mail address"), email=None, token=""), 404)
