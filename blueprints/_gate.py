"""Deny by default: every view names its audience; one that does not is closed, and a test walks the URL map.

    @public              anybody
    @signed_in           whoever is signed in
    @resident("right")   a right of the chosen home (access.Viewer.may); without a right: any home in force
    @staff("ability")    an ability of a post (access.POSTS); without an ability: any post
    @operators           whoever runs the machine
    @proved              beside one of these: whoever proved lately who they are (S14)
The single thing is then fetched through the person (access.visible_*).

Before anything else opens, whoever came with a start password chooses an own one, and staff show a second factor. Staff
who look at the portal as a resident sees it open that resident's pages, and nothing is done there.
"""

from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin

from resident import access
from resident.people import sign_in
from resident.people import viewer as viewers

from . import _errors, _messages, _proof
from ._web import address, database, from_htmx, go, reading


class Manager(LoginManager):
    """A session is a row of ours (S16): what Flask-Login would bind it to is not worked out in each request."""

    def _session_protection_failed(self):
        return False

    def _load_user_from_remember_cookie(self, cookie):
        """Nobody is remembered by a cookie of Flask-Login's, so none that somebody made up is read."""


manager = Manager()
# What stays open to whoever has still to choose a password or to show a second factor.
OPEN_BEFORE = {
    "entrance.sign_out", "entrance.language", "entrance.appearance", "entrance.choose_appearance", "entrance.health",
    "passkeys.challenge", "identification.begin_proof", "identification.back",
}  # fmt: skip
# What staff may send while they look at the portal as a resident, and which pages are for whoever is signed in.
ENDS_VIEWING = {"desk_viewing.end", "entrance.sign_out"}
VIEWED = {"home.index", "files.show", "files.small"}


class SignedIn(UserMixin):
    """What Flask-Login carries: the viewer, under the token of its session."""

    def __init__(self, token: str, viewer: access.Viewer):
        self.token, self.viewer = token, viewer

    def get_id(self) -> str:
        return self.token


def public(view):
    view.audience = ("public", None)
    return view


def signed_in(view):
    view.audience = ("signed_in", None)
    return view


def operators(view):
    view.audience = ("operators", None)
    return view


def proved(view):
    view.proved = True
    return view


def resident(right: str | None = None):
    def mark(view):
        view.audience = ("resident", right)
        return view

    return mark


def staff(ability: str | None = None):
    def mark(view):
        view.audience = ("staff", ability)
        return view

    return mark


def wire(app: Flask) -> None:
    # init_app() would also look, in each answer, after the cookie that remembers people, which there is none of.
    app.login_manager = manager
    manager.user_loader(_load)
    app.before_request(_gate)
    app.context_processor(lambda: {"viewer": g.get("viewer"), "half_in": bool(g.get("viewer") and g.get("first"))})


def _load(token: str) -> SignedIn | None:
    with reading() as session:
        row = sign_in.live(session, token)
        viewer = viewers.load(session, row) if row else None
    if viewer is None:
        return None
    sign_in.touch(database(), row)
    return SignedIn(token, viewer)


def _gate():
    g.viewer = g.first = None
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    audience, what = getattr(view, "audience", (None, None))
    user = manager._load_user() or getattr(g, "_login_user", None)
    g.viewer = user.viewer if isinstance(user, SignedIn) else None
    g.first = _first(g.viewer) if g.viewer else None
    if g.first and not _leads_on(g.first):
        if audience != "public":
            then = urlencode({"next": request.full_path.rstrip("?")}) if request.method == "GET" and request.path != "/" else ""
            return go(f"{g.first}?{then}".rstrip("?"))
        # On pages for everybody they are nobody yet.
        g.half, g.viewer = g.viewer, None
    if audience is None:
        abort(403)
    if g.viewer and g.viewer.as_party_id is not None and (refusal := _only_looking(audience)):
        return refusal
    if audience == "public":
        return None
    return _admit(audience, what, g.viewer) or _unproved(view) if g.viewer else _to_sign_in()


def _first(viewer: access.Viewer) -> str | None:
    """The page that has to be gone through before anything else opens, or None (rule 41, S14)."""
    if viewer.way == "letter":
        return _there("passwords.own")
    if viewer.second_due:
        return _there("second_factor.show")
    return None


def _there(endpoint: str) -> str | None:
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint)


def _leads_on(first: str) -> bool:
    return request.endpoint in OPEN_BEFORE or request.path == first or request.path.startswith(first + "/")


def _only_looking(audience: str | None):
    """The refusal of whatever is not a page of the resident whom staff look at, or would do something; None to go on."""
    looks = request.method in ("GET", "HEAD") and (audience in ("public", "resident") or request.endpoint in VIEWED)
    if looks or request.endpoint in ENDS_VIEWING:
        return None
    return _errors.answer(403, *_messages.only_looking())


def _unproved(view):
    return _proof.ask() if getattr(view, "proved", False) and not g.viewer.lately_proved else None


def _admit(audience: str, what: str | None, viewer: access.Viewer):
    """None to go on. An area that is not one's own is refused by name (403); a thing in it does not exist (404)."""
    allowed = {
        "signed_in": lambda: True,
        "operators": lambda: viewer.operator,
        "staff": lambda: viewer.can(what) if what else viewer.staff,
        "resident": lambda: viewer.may(what) if what else viewer.home is not None,
    }[audience]()
    if allowed:
        return None
    outside = {"operators": True, "staff": not viewer.staff, "resident": viewer.home is None}[audience]
    return abort(404 if outside or request.view_args else 403)


def _to_sign_in():
    """Sign-in, and back to the same page afterwards. To htmx: an order to go there, not a form inside a fragment.

    Who was signed in while typing is not sent away from what they typed: 401 (S19, S29)."""
    if request.method == "POST" and "_user_id" in cookie:
        abort(401)
    target = url_for("entrance.sign_in", next=safe_next(request.full_path) if request.method == "GET" else None)
    if from_htmx():
        current = address(request.headers.get("HX-Current-URL")).path
        target = url_for("entrance.sign_in", next=safe_next(current))
    return go(target)


def safe_next(path: str | None) -> str | None:
    """The path, when it is one of ours: starts with one slash and holds nothing that a browser reads as a host (S33)."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return None
    lowered = path.lower()
    if any(bad in lowered for bad in ("\\", "%5c", "%2f%2f", "\t", "\n", "\r", "%09", "%0a", "%0d")) or "//" in path.split("?")[0]:
        return None
    return path.rstrip("?")
