"""Headers of every response (S30, S31), the size of bodies, and refusal of foreign origins (S28)."""

from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFProtect

# The desk's workbook is the largest thing that a form takes; other forms are held to SMALL_BODY by their route.
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


def wire(app: Flask) -> None:
    settings = app.extensions["resident.settings"]
    headers = [*HEADERS.items(), *([HSTS] if settings.https else [])]

    @app.before_request
    def refuse_foreign_origin():
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            abort(403)

    csrf.init_app(app)

    @app.after_request
    def personal(response):
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    # Around everything, so that static files and errors before routing carry them too.
    app.wsgi_app = _Headers(app.wsgi_app, headers)


class _Headers:
    def __init__(self, wsgi, headers):
        self.wsgi, self.headers = wsgi, headers

    def __call__(self, environ, start_response):
        def start(status, given, exc_info=None):
            names = {name.lower() for name, _ in given}
            given = [*given, *((name, value) for name, value in self.headers if name.lower() not in names)]
            return start_response(status, given, exc_info)

        return self.wsgi(environ, start)
