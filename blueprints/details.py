"""One's own details: how one is reached, the password, and where one is signed in."""

import re

from flask import Blueprint, abort, g, request, url_for
from flask_login import logout_user

from resident.errors import Busy, Stale, TooMany, WrongCredentials
from resident.people import address, choice, first_password, sign_in
from resident.people import consent as consents
from resident.people import device as devices
from resident.people import password as passwords
from resident.people import person as people
from resident.people.person import Person

from . import _contact, _messages, _own_contact, _proof
from ._entrance import closed_here, go_on
from ._gate import signed_in
from ._locale import _
from ._passwords import weak
from ._web import close, database, done, page, refused, session

bp = Blueprint("details", __name__, url_prefix="/details")


@bp.get("")
@signed_in
def index():
    return page("details/index.html", **_facts())


@bp.post("")
@signed_in
def change():
    who, by = _own()
    if who is None:
        abort(404)
    # Where the mails go decides who can ask for a new password.
    if _contact.typed()["email"] != who.email and not g.viewer.lately_proved:
        return _proof.ask()
    try:
        confirming = _own_contact.change(who, _contact.typed(), _contact.version(), by)
    except people.BadContact as error:
        return _left(_contact.refusal(error), typed=_contact.typed(), version=_contact.version())
    except Stale:
        return _left({"email": _contact.stale()}, 409, typed=_contact.typed())
    except TooMany as error:
        told = _("Too many tries.") + " " + _messages.wait(error.retry_after)
        return _left({"email": told}, 429, typed=_contact.typed(), version=_contact.version())
    if confirming:
        said = _("Your details are saved. Open the link that we sent to the new address: then it holds.")
        return done(None, to=url_for(".index"), say=said)
    return done(None, to=url_for(".index"), say=_("Your details are saved."))


@bp.post("/address/withdrawal")
@signed_in
def withdraw_address():
    who, by = _own()
    if who is None:
        abort(404)
    address.drop(session, who, by=by)
    return done(None, to=url_for(".index"), say=_("Your e-mail address stays as it is."))


@bp.post("/consents/<string:kind>")
@signed_in
def consent(kind):
    """Give a consent or take it back: the button says which."""
    who, by = _own()
    if who is None or kind not in consents.KINDS:
        abort(404)
    given = request.form.get("given") == "yes"
    if given and (lacks := _own_contact.lacking(who, kind)):
        return _left(lacks)
    consents.put(session, who, kind, given, by=by)
    return done(None, to=url_for(".index") + "#consents", say=_("Saved."))


@bp.post("/choices/<string:name>")
@signed_in
def choose(name):
    """Be written to about something, or no more: the button says which."""
    who, by = _own()
    if who is None or name not in choice.NAMES:
        abort(404)
    choice.put(session, who, name, request.form.get("wanted") == "yes", by=by)
    return done(None, to=url_for(".index") + "#choices", say=_("Saved."))


@bp.post("/invoice-addresses")
@signed_in
def invoice_addresses():
    """Further addresses that get the invoices by mail."""
    who, by = _own()
    if who is None:
        abort(404)
    try:
        choice.put_addresses(session, who, request.form.get("addresses", "").replace(",", " ").split(), by=by)
    except people.BadContact:
        told = _("One of these is no e-mail address, or there are more than five. Write them with a space between them.")
        return _left({"addresses": told})
    return done(None, to=url_for(".index") + "#invoices", say=_("Saved."))


@bp.post("/password")
@signed_in
def change_password():
    current, new = request.form.get("current", "")[:1000], request.form.get("new", "")
    try:
        with database().reading() as reading:
            staff = passwords.of_staff(reading, g.viewer.login_id)
        passwords.check(new, staff=staff, names=_names())
        passwords.change(database(), g.viewer, current, new, address=request.remote_addr or "")
    except passwords.WeakPassword as error:
        return _left({"new": weak(error)})
    except WrongCredentials:
        return _left({"current": _("This is not your password now. Check it and type it again.")})
    except (TooMany, Busy) as error:
        return _left({"current": _("Too many tries.") + " " + _messages.wait(error.retry_after)}, 429)
    go_on()
    return done(None, to=url_for(".index"), say=_("Your password is changed. You are signed out everywhere else."))


@bp.post("/sessions/<int:id>/end")
@signed_in
def end_session(id):
    if id not in {row.id for row in sign_in.own_sessions(session, g.viewer.login_id)}:
        abort(404)
    sign_in.end(session, id, g.viewer.login_id)
    if id != g.viewer.session_id:
        return done(None, to=url_for(".index") + "#sessions", say=_("That device is signed out."))
    answer = done(None, to=url_for("entrance.sign_in"), say=_("You are signed out."))
    logout_user()
    return answer


@bp.post("/sessions/end")
@signed_in
def end_other_sessions():
    sign_in.end_others(session, g.viewer.login_id, g.viewer.session_id)
    return done(None, to=url_for(".index") + "#sessions", say=_("You are signed out everywhere else."))


# ---- What the page shows ---------------------------------------------------------------------------------------------


def _own():
    """(the person whom the viewer is in the chosen home's organisation, else in the first post's; who acts). None, None
    for whoever only runs the machine."""
    viewer = g.viewer
    if viewer.home:
        return session.get(Person, viewer.home.actor_id), viewer.as_resident()
    if viewer.duties:
        return session.get(Person, viewer.duties[0].person_id), viewer.as_staff(viewer.duties[0])
    return None, None


def _names() -> list[str]:
    viewer = g.viewer
    return [viewer.name, *(one.person_name for one in (*viewer.homes, *viewer.duties)), *_organisations()]


def _organisations() -> list[str]:
    return [one.organisation.name for one in (*g.viewer.homes, *g.viewer.duties)]


def _facts() -> dict:
    who, _by = _own()
    rows = sign_in.own_sessions(session, g.viewer.login_id)
    organisation = g.viewer.organisation
    return {
        "title": _("My details"),
        "who": who,
        "typed": _contact.of(who) if who else None,
        "consents": _own_contact.consents(who) if who else [],
        "log": _own_contact.log(who) if who else [],
        "choices": _own_contact.choices(who) if who and g.viewer.homes else [],
        "invoice_choices": _own_contact.invoices(who) if who and g.viewer.homes else [],
        "addresses": request.form.get("addresses", who.invoice_addresses if who else None) or "",
        "version": who.version if who else 0,
        "organisation": organisation,
        "tz": organisation.tz if organisation else "UTC",
        "sessions": [(row, _device(row.agent or "")) for row in rows],
        "new_devices": [(row, _device(row.agent or "")) for row in devices.lately_new(session, g.viewer.login_id)],
        "way": _way,
        "closed": closed_here(),
        "has_password": first_password.has_password(session, g.viewer.login_id),
        "least": passwords.STAFF_LEAST if passwords.of_staff(session, g.viewer.login_id) else passwords.RESIDENT_LEAST,
    }


def _left(errors: dict, status: int = 422, **typed):
    """The page again. Passwords are never sent back."""
    close()
    return refused("details/index.html", status=status, **{**_facts(), **typed}, errors=errors)


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("YaBrowser", "Yandex"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def _way(way: str) -> str:
    """How a session began."""
    return {
        "password": _("Signed in with a password"),
        "letter": _("Signed in with a start letter"),
        "strong": _("Signed in with strong identification"),
        "passkey": _("Signed in with a passkey"),
        "link": _("Signed in with a link"),
    }[way]


def _device(agent: str) -> str:
    """Browser and system as a person would name them."""
    known = [next((name for sign, name in signs if re.search(rf"\b{sign}\b", agent)), None) for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in known if name) or _("Unknown device")
