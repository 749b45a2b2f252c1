"""The code on a staircase's poster: the number of a home and of one of its meters, then as by a link on paper (rule 43).

Before both are right nothing is told of any home; after some wrong tries the page waits.
"""

from flask import Blueprint, g, redirect, request, url_for

from resident import signed
from resident.errors import TooMany
from resident.metering import entry_link, poster
from resident.metering.entry_link import Over
from resident.metering.poster import House

from . import _messages
from ._gate import public
from ._headers import later, private
from ._locale import _
from ._security import takes_unnamed
from ._web import close, commit, page, reading, refused, session, settings

bp = Blueprint("posters", __name__, url_prefix="/p")


@bp.context_processor
def here():
    return {"here": g.get("organisation_here")}


@bp.before_request
def nobody():
    g.viewer = None


bp.after_request(private)


@bp.errorhandler(Over)
def over(_error):
    close()
    return page("entry/over.html", title=_("Submit readings"), held=False), 404


@bp.get("/<string:token>")
@public
def show(token):
    return page("posters/show.html", **_facts(token))


@bp.post("/<string:token>")
@public
@takes_unnamed
def find(token):
    facts = _facts(token)
    house, who = facts["house"], request.remote_addr or ""
    try:
        poster.check(session, house, who)
    except TooMany as error:
        return later(_again(token, "home", _("Too many tries.") + " " + _messages.wait(error.retry_after), 429), error)
    link = poster.link(session, house, request.form.get("home", "")[:40], request.form.get("serial", "")[:60])
    if link is None:
        poster.missed(session, house, who)
        commit()
        told = _("No home with these numbers was found. Check both: the number of the home, and that on the meter.")
        return _again(token, "home", told)
    close()
    return redirect(url_for("entry.show", token=entry_link.token(_key(), link)), 303)


def _again(token: str, field: str, sentence: str, status: int = 422):
    typed = {name: request.form.get(name, "")[:60] for name in ("home", "serial")}
    return refused("posters/show.html", status=status, **_facts(token) | {"typed": typed, "errors": {field: sentence}})


def _facts(token: str) -> dict:
    house = _house(token)
    g.organisation_here = house.organisation
    return {"title": _("Submit readings"), "house": house, "token": token, "typed": {}}


def _house(token: str) -> House:
    facts = signed.read(_key(), "poster", token)
    if not isinstance(facts, list) or len(facts) != 1 or not isinstance(facts[0], int) or not 0 < facts[0] < 2**63:
        raise Over(why="unknown")
    with reading() as looking:
        return poster.house(looking, facts[0])


def _key() -> str:
    return settings().secret_key
