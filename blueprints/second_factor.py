"""The second step of signing in: showing the factor, and setting up the first one where one is needed (S14)."""

from flask import Blueprint, flash, g, redirect, request, url_for

from resident.errors import TooMany
from resident.people import factor, passkey, recovery, totp
from resident.people.passkey import BadPasskey, KnownPasskey
from resident.people.totp import Overdue, WrongCode

from . import _entrance, _factors, _hosts, _proof, _qr
from ._gate import safe_next, signed_in
from ._headers import later
from ._locale import _
from ._web import close, done, first_sending, page, refused, remember, session

bp = Blueprint("second_factor", __name__, url_prefix="/second-factor")


# ---- Showing it ------------------------------------------------------------------------------------------------------


@bp.get("")
@signed_in
def index():
    if not g.viewer.second_due:
        return redirect(_next(), 303)
    if not factor.has(session, g.viewer.login_id):
        return redirect(url_for(".new", next=_given_next()), 303)
    return page("second_factor/index.html", **_step())


@bp.post("")
@signed_in
def show():
    """A code of the app, or one from the paper."""
    typed, on_paper = request.form.get("code", ""), request.form.get("recovery", "").strip()
    field = "recovery" if on_paper else "code"
    try:
        _factors.check_code(g.viewer.login_id, on_paper or typed, on_paper=bool(on_paper))
    except WrongCode:
        return _not_shown(field, _wrong(bool(on_paper)))
    except TooMany as error:
        return later(_not_shown(field, _factors.too_many(error), 429), error)
    _entrance.go_on(second=True)
    if on_paper:
        flash(_("That recovery code is used up. If you have lost your telephone, add the new one here and remove the old one."))
        return redirect(url_for("factors.index"), 303)
    return redirect(_next(), 303)


@bp.post("/passkey")
@signed_in
def show_passkey():
    try:
        _factors.check_passkey("step", g.viewer.login_id)
    except BadPasskey:
        return _not_shown("passkey", _("This passkey was not accepted. Try again, or use another way."))
    _entrance.go_on(second=True)
    return redirect(_next(), 303)


def _wrong(on_paper: bool) -> str:
    if on_paper:
        return _("This recovery code cannot be used. Each one works once, and a new set ends the old one. Try the next one.")
    return _("This code is not the one that your app shows now. Wait for the next code and type that.")


def _not_shown(field: str, sentence: str, status: int = 422):
    close()
    return refused("second_factor/index.html", status=status, **_step(), errors={field: sentence})


def _step() -> dict:
    login, then = g.viewer.login_id, _given_next()
    rows = factor.held(session, login)
    asking = _factors.asking("step", url_for(".show_passkey"), _("Use a passkey"), then)
    return {
        "title": _("Second step"),
        "next": then,
        "app": any(row.kind == "totp" for row in rows),
        "passkey": asking if any(row.kind == "passkey" for row in rows) else None,
        "papers": recovery.left(session, login),
        "demo": (totp.PUBLISHED, totp.demo_code(session, login, _factors.key())),
    }


# ---- Adding one ------------------------------------------------------------------------------------------------------


@bp.get("/new")
@signed_in
def new():
    if refusal := _closed():
        return refusal
    if not g.viewer.lately_proved:
        # Before the second step nothing else can be proved than by signing in anew.
        return page("second_factor/again.html", title=_("Set up the second step")) if g.viewer.second_due else _proof.ask()
    return page("second_factor/new.html", **_offered(totp.offer(g.viewer.login_id, _factors.key())))


@bp.post("/new/app")
@signed_in
def add_app():
    """Who brings an offer back has proved who they are when they got it."""
    if refusal := _closed() or first_sending(g.viewer.login_id):
        return refusal
    login, offer, name = g.viewer.login_id, request.form.get("offer", "")[:1000], request.form.get("name", "").strip()
    try:
        secret = totp.offered(offer, login, _factors.key())
        row = totp.add(session, login, name or _("Authenticator app"), secret, request.form.get("code", "")[:20], _factors.key())
    except WrongCode:
        return _not_added("code", _wrong(False), offer)
    except Overdue:
        told = _("The picture was open too long. Scan the new one and type the code that your app shows then.")
        return done(None, to=url_for(".new", next=_given_next()), say=told)
    return _added(row)


@bp.post("/new/passkey")
@signed_in
def add_passkey():
    """Who answers a challenge has proved who they are when they got it."""
    if refusal := _closed() or first_sending(g.viewer.login_id):
        return refusal
    login, name = g.viewer.login_id, request.form.get("name", "").strip()
    try:
        challenge = _factors.challenge("new")
        row = passkey.add(session, login, name or _("Passkey"), _factors.credential(), challenge, _hosts.site())
    except KnownPasskey:
        return _not_taken(_("This passkey is in your list already."))
    except BadPasskey:
        return _not_taken(_("This passkey was not taken. Try again, or use an authenticator app."))
    return _added(row)


def _closed():
    """Where a factor is needed and one is there, it is shown before another is added: the answer that says so."""
    if g.viewer.second_due and factor.has(session, g.viewer.login_id):
        return redirect(url_for(".index", next=_given_next()), 303)
    return None


def _added(row: factor.Factor):
    """The session goes on with more rights, under a new id. With the first factor that is asked for after the password come
    recovery codes, shown this once; a passkey of one's own choice takes nothing from the password."""
    login, then = g.viewer.login_id, _next() if g.viewer.second_due else url_for("factors.index")
    asked_for = g.viewer.needs_second or row.kind == "totp"
    codes = recovery.make(session, login) if asked_for and not recovery.left(session, login) else None
    remember(url_for("factors.index"))
    _entrance.go_on(second=True)
    if codes:
        return page("second_factor/codes.html", title=_("Your recovery codes"), codes=codes, next=then)
    return done(None, to=then, say=_("It is added. You can confirm your sign-in with it from now on."))


def _not_taken(sentence: str):
    close()
    if not g.viewer.lately_proved:
        return done(None, to=url_for(".new", next=_given_next()), say=sentence)
    return _not_added("passkey", sentence, totp.offer(g.viewer.login_id, _factors.key()))


def _not_added(field: str, sentence: str, offer: str):
    close()
    return refused("second_factor/new.html", **_offered(offer), errors={field: sentence})


def _offered(offer: str) -> dict:
    secret = totp.offered(offer, g.viewer.login_id, _factors.key())
    address = totp.address(secret, g.viewer.name)
    return {
        "title": _("Set up the second step") if g.viewer.second_due else _("Add a way to confirm your sign-in"),
        "needed": g.viewer.second_due,
        "next": _given_next(),
        "offer": offer,
        "name": request.form.get("name", "")[: factor.LONGEST_NAME],
        "address": address,
        "picture": _qr.data(address),
        "groups": [secret[place : place + 4] for place in range(0, len(secret), 4)],
        "passkey": _factors.asking("new", url_for(".add_passkey"), _("Add a passkey"), _given_next()),
    }


def _given_next() -> str | None:
    return safe_next(request.values.get("next"))


def _next() -> str:
    return _given_next() or url_for("home.index")
