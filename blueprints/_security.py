"""Headers of every response (S30, S31), the size and letters of what is sent, and refusal of foreign origins (S28)."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache

from flask import Flask, abort, current_app, g, request
from flask import Request as FlaskRequest
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict

from ._web import address

# Octets of a form without files, and of one whose route says @takes_files: the desk's workbook is the largest.
SMALL_BODY = 1_000_000
LARGEST_BODY = 26_000_000
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
HSTS = ("Strict-Transport-Security", "max-age=63072000")
csrf = CSRFProtect()


class Typed(ImmutableMultiDict):
    """Fields of a form or an address, without NUL, which PostgreSQL refuses."""

    def __init__(self, given=()):
        pairs = given.items(multi=True) if hasattr(given, "items") else given or ()
        super().__init__([(_plain(name), _plain(value)) for name, value in pairs])


def _plain(value):
    return value.replace("\0", "") if isinstance(value, str) else value


class Request(FlaskRequest):
    parameter_storage_class = Typed


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie. What signs it is made once, and a signature is worked out once: a browser sends the same cookie
    with every request. Whether a session still holds is asked of its row each time (people/sign_in.live)."""

    @lru_cache(maxsize=8)  # noqa: B019 – there is one of these, for as long as the portal is
    def get_signing_serializer(self, app):
        return super().get_signing_serializer(app)

    def open_session(self, app, request):
        text = request.cookies.get(self.get_cookie_name(app))
        try:
            held, signed = _held(self.get_signing_serializer(app), text) if text else ({}, None)
        except BadSignature:
            return self.session_class()
        if signed and datetime.now(UTC) - signed > app.permanent_session_lifetime:
            return self.session_class()
        # What is not plain text may be changed by a request, and is its own.
        return self.session_class(held if all(isinstance(one, str | bool) for one in held.values()) else deepcopy(held))


@lru_cache(maxsize=2048)
def _held(serializer: URLSafeTimedSerializer, text: str) -> tuple[dict, datetime]:
    """(what a cookie holds, when it was signed). BadSignature."""
    return serializer.loads(text, return_timestamp=True)


def form_token() -> str:
    """The token of this browser's forms. No time counts in it, so it is signed once a browser and not once a page."""
    own = cookie.get("csrf_token")
    return _signed(own, current_app.secret_key) if own else generate_csrf()


@lru_cache(maxsize=2048)
def _signed(_own: str, _key: str) -> str:
    g.pop("csrf_token", None)
    return generate_csrf()


def takes_files(view):
    """The form that a view takes may bring files, so its body may be large."""
    view.largest_body = LARGEST_BODY
    return view


def takes_unnamed(view):
    """Forms of pages that tell their address to nobody lead to a view (_headers.unreferred): those that a key opens, and the
    choice of language, which stands on each page."""
    view.takes_unnamed = True
    return view


def _policy(app: Flask) -> str:
    """The content policy. Forms lead to us, and on to the providers of identification and of payments that are configured."""
    providers, payments = app.extensions["resident.identification"].providers, app.extensions["resident.payments"]
    allowed = {origin for one in providers.values() for origin in one.form_origins}
    allowed = sorted(allowed.union(*(one.origins for one in payments.values())))
    return HEADERS["Content-Security-Policy"].replace("form-action 'self'", " ".join(["form-action 'self'", *allowed]))


def headers(app: Flask) -> list[tuple[str, str]]:
    """What every answer carries, also one that the portal is not asked for (commands.Refusal)."""
    given = HEADERS | {"Content-Security-Policy": _policy(app)}
    return [*given.items(), *([HSTS] if app.extensions["resident.settings"].https else [])]


def wire(app: Flask) -> None:
    app.request_class = Request
    app.session_interface = Cookies()

    @app.before_request
    def known_letters():
        # PostgreSQL refuses NUL, and nothing has it in its address.
        if "\0" in request.path:
            abort(404)

    @app.before_request
    def bound_body():
        if not request.environ.get("CONTENT_LENGTH") and request.method in ("GET", "HEAD"):
            return
        view = current_app.view_functions.get(request.endpoint)
        request.max_content_length = getattr(view, "largest_body", SMALL_BODY)
        # Said at once, also to whoever never reads the form.
        if (request.content_length or 0) > request.max_content_length:
            abort(413)

    app.before_request(_refuse_foreign_origin)
    csrf.init_app(app)
    # In templates, and in what is imported from them.
    app.context_processor(lambda: {"csrf_token": form_token})
    app.jinja_env.globals["csrf_token"] = form_token

    @app.after_request
    def personal(response):
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    # Around everything, so that static files and errors before routing carry them too.
    app.wsgi_app = _Headers(app.wsgi_app, headers(app))


def _refuse_foreign_origin():
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    # A page that tells its address to nobody (S10) names no origin either: "null". There the browser's own word on the site
    # counts; where it has none (iOS before 16.4, all over plain http), the form's token does, which is bound to this browser's
    # cookie. That cookie is SameSite=Lax, so no page elsewhere, sandboxed or not, gets it sent along with its form.
    quiet = site is None and getattr(current_app.view_functions.get(request.endpoint), "takes_unnamed", False)
    unnamed = origin == "null" and (quiet or site == "same-origin")
    foreign = origin and not unnamed and address(origin).netloc != request.host
    if foreign or site not in (None, "same-origin", "none"):
        abort(403)


class _Headers:
    def __init__(self, wsgi, headers):
        self.wsgi, self.headers = wsgi, headers

    def __call__(self, environ, start_response):
        def start(status, given, exc_info=None):
            names = {name.lower() for name, _ in given}
            given = [*given, *((name, value) for name, value in self.headers if name.lower() not in names)]
            return start_response(status, given, exc_info)

        return self.wsgi(environ, start)
