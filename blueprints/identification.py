"""Strong identification: to a provider and back, what becomes of it, and one's own identities (L1, rule 42)."""

from flask import Blueprint, abort, g, make_response, render_template, request, url_for
from sqlalchemy import select

from resident import clock
from resident.errors import Busy
from resident.people import arrival, first_password, identifier
from resident.people import password as passwords
from resident.people.arrival import LastWay, NobodyHere, PairedElsewhere
from resident.people.first_password import HasPassword, NameRefused
from resident.people.identification import Identity
from resident.people.openid import Cancelled, NotIdentified
from resident.people.password import WeakPassword
from resident.people.provider_line import ProviderAway
from resident.people.ways import WayClosed

from . import _messages, _providers
from ._entrance import enter, go_on
from ._gate import proved, public, safe_next, signed_in
from ._locale import _, language
from ._passwords import weak
from ._web import close, database, done, one_or_404, page, refused, session, write_now

bp = Blueprint("identification", __name__)


# ---- There and back --------------------------------------------------------------------------------------------------


@bp.post("/identify/<provider:which>")
@public
def begin(which):
    return _send(which, "enter", next=safe_next(request.form.get("next")))


@bp.post("/identify/<provider:which>/add")
@signed_in
@proved
def begin_adding(which):
    return _send(which, "add", login=g.viewer.login_id)


@bp.post("/identify/<provider:which>/prove")
@signed_in
def begin_proof(which):
    return _send(which, "prove", login=g.viewer.login_id, next=safe_next(request.form.get("next")))


def _send(which, purpose, **facts):
    try:
        return _providers.send(which, purpose, **facts)
    except ProviderAway as why:
        _providers.told(which, why)
        return _away()


@bp.get("/identify/<provider:which>/back")
@public
def back(which):
    """The provider's answer. Cold, for the second time, or too late: a page, and nothing happens (S13)."""
    if which not in _providers.configured():
        abort(404)
    kept = _providers.take(which, request.args.get("state", ""))
    if kept is None:
        return _cold()
    try:
        shown = _providers.collect(which, kept, request.args)
        write_now()
        return {"enter": _enter, "add": _add, "prove": _prove}[kept["for"]](shown, kept)
    except Cancelled:
        return _cancelled()
    except ProviderAway as why:
        _providers.told(which, why)
        return _away()
    except NotIdentified as why:
        _providers.told(which, why)
        return _not_believed()
    except (NobodyHere, PairedElsewhere) as why:
        _providers.told(which, why)
        return _nobody(kept["for"])
    except WayClosed:
        return _closed()


def _enter(shown, kept):
    came = arrival.arrive(session, shown, _providers.code_key())
    return enter(came.login_id, "strong", second=shown.second, to=url_for(".welcome") if came.new else kept["next"])


def _add(shown, kept):
    if g.viewer is None or g.viewer.login_id != kept["login"]:
        return _cold()
    arrival.add(session, g.viewer.login_id, shown, _providers.code_key())
    return done(None, to=url_for(".index"), say=_("Strong identification is added. From now on you can sign in with it."))


def _prove(shown, kept):
    if g.viewer is None or g.viewer.login_id != kept["login"]:
        return _cold()
    if not arrival.proves(session, g.viewer.login_id, shown, _providers.code_key()):
        raise NobodyHere()
    go_on(second=shown.second)
    return done(None, to=kept["next"] or url_for("home.index"))


# ---- What is said when it does not work -------------------------------------------------------------------------------


def _sorry(status, title, *sentences):
    close()
    # The address holds a code that works once: whoever changes the language here is led to the entrance.
    facts = {"title": title, "sentences": sentences, "refused": status == 400, "back_to": url_for("entrance.sign_in")}
    body = render_template("identification/sorry.html", **facts)
    return make_response(body, status)


def _cold():
    return _sorry(
        400,
        _("This identification is over"),
        _("It was finished in another tab, or more than ten minutes ago, or it did not begin here. Nobody was signed in."),
        _("Begin again with the button below."),
    )


def _not_believed():
    return _sorry(
        400,
        _("The identification did not succeed"),
        _("What came back from the identification service did not pass our checks. Nobody was signed in, and nothing was stored."),
        _("Try again, or sign in another way. If it happens again, tell the office of your building."),
    )


def _cancelled():
    return _sorry(
        200,
        _("You turned back"),
        _("The identification was not finished. Nobody was signed in, and nothing was stored."),
        _("You can identify yourself again, or sign in another way."),
    )


def _away():
    response = _sorry(
        503,
        _("The identification service does not answer"),
        _("It is not your fault, and nothing was stored."),
        _("Try again in a few minutes, or sign in another way."),
    )
    response.headers["Retry-After"] = "60"
    return response


def _nobody(purpose):
    if purpose == "enter":
        return _sorry(
            403,
            _("We do not know you here yet"),
            _("You were identified, but no home here is waiting for you under this identity. Nothing about you was stored."),
            _("Ask the office or the board of your building to add you, and then identify yourself again."),
            _("Do you have a username here already? Sign in with it, and add strong identification under My details."),
        )
    return _sorry(
        403,
        _("This identity does not belong to your sign-in"),
        _("You were identified, but the identity cannot be used with the sign-in that is open here. Nothing was changed."),
        _("If the identity is yours, ask the office of your building to check what is stored about you."),
    )


def _closed():
    return _sorry(
        403,
        _("Sign in another way"),
        _("Your organisation does not offer strong identification. Use your username and password."),
        _("If you have none, ask the office of your building."),
    )


# ---- One's own -------------------------------------------------------------------------------------------------------


@bp.get("/identify")
@signed_in
@proved
def index():
    facts = {
        "identities": [(one, _called(one)) for one in arrival.identities(session, g.viewer.login_id)],
        "has_password": first_password.has_password(session, g.viewer.login_id),
        "day": lambda at: clock.day(at, g.viewer.organisation.tz if g.viewer.organisation else "UTC"),
        "title": _("Strong identification"),
    }
    return page("identification/index.html", **facts)


def _called(identity) -> str:
    found = [id for id, one in _providers.configured().items() if one.issuer == identity.issuer]
    return _providers.configured()[found[0]].called(language()) if found else _("A service that is not in use any more")


@bp.post("/identify/<int:id>/remove")
@signed_in
@proved
def remove(id):
    identity = one_or_404(select(Identity).where(Identity.id == id, Identity.login_id == g.viewer.login_id))
    try:
        arrival.remove(session, identity)
    except LastWay:
        close()
        told = _("It is your only way to sign in. Choose a password first, then remove it.")
        return done(None, to=url_for(".index"), say=told)
    return done(None, to=url_for(".index"), say=_("Removed. You can no longer sign in with it."))


@bp.get("/welcome")
@signed_in
@proved
def welcome():
    return page("identification/welcome.html", **_welcome(g.viewer.name))


@bp.post("/welcome")
@signed_in
@proved
def choose():
    """A username and password of one's own, beside strong identification, for whoever has no password yet."""
    name, password = request.form.get("username", "")[:200], request.form.get("password", "")[:1000]
    try:
        first_password.choose(database(), g.viewer, name, password, _names())
    except HasPassword:
        return done(None, to=url_for("details.index"))
    except NameRefused:
        return _not_chosen(name, username=_name_refused())
    except WeakPassword as why:
        return _not_chosen(name, password=weak(why))
    except Busy as why:
        return _not_chosen(name, password=_messages.wait(why.retry_after))
    return done(None, to=url_for("home.index"), say=_("Saved. Next time you can sign in either way."))


def _names() -> list[str]:
    """What a password may not hold: names of one's persons and of their organisations."""
    known = (*g.viewer.homes, *g.viewer.duties)
    return [*(one.person_name for one in known), *(one.organisation.name for one in known)]


def _name_refused() -> str:
    return _("Choose another username: 3 to 60 letters, digits, dots or hyphens, and not only digits.")


def _not_chosen(name, **errors):
    return refused("identification/welcome.html", **_welcome(name, errors))


def _welcome(name, errors=None):
    with database().reading() as own:
        has = first_password.has_password(own, g.viewer.login_id)
        staff = passwords.of_staff(own, g.viewer.login_id)
    return {
        "title": _("Welcome"),
        "name": name,
        "shown": identifier.shown(g.viewer.name),
        "has_password": has,
        "least": passwords.STAFF_LEAST if staff else passwords.RESIDENT_LEAST,
        "errors": errors or {},
    }
