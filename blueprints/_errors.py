"""Errors as pages, in the reader's language, with an id for the log and somebody to call (S60). Never a trace."""

import logging
import secrets

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from resident.db import translated
from resident.errors import NotSaved, ResidentError, Stale

from . import _messages
from ._locale import _
from ._web import close, from_htmx

log = logging.getLogger("resident")


def wire(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def http(error):
        if error.code is None or error.code < 400:
            return error
        return answer(error.code, *_messages.http(error.code))

    @app.errorhandler(SecurityError)
    def foreign_host(_error):
        # No page: without a host of ours no address can be built.
        return Response("This is not an address of the portal.\n", 400, mimetype="text/plain")

    @app.errorhandler(CSRFError)
    def forgery(_error):
        return answer(400, _("This form has been open too long"), _("Go back, load the page again and send the form once more."))

    @app.errorhandler(ResidentError)
    def refusal(error):
        status = 503 if isinstance(error, NotSaved) else 409 if isinstance(error, Stale) else 422
        return answer(status, *_messages.refusal(error))

    @app.errorhandler(OperationalError)
    def store(error):
        told = translated(error)
        if isinstance(told, NotSaved):
            return answer(503, *_messages.refusal(told))
        return unknown(error)

    @app.errorhandler(Exception)
    def unknown(error):
        number = secrets.token_hex(4)
        log.exception("error %s on %s %s", number, request.method, request.path, exc_info=error)
        return answer(500, *_messages.http(500), number=number)


def answer(status: int, title: str, text: str, number: str | None = None):
    """The error's page; to htmx a notice that goes into #say and leaves the form as it is."""
    close()
    if from_htmx():
        response = make_response(render_template("_trouble.html", title=title, text=text, number=number), status)
        response.headers["HX-Retarget"] = "#say"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    facts = {"title": title, "text": text, "number": number, "viewer": g.get("viewer")}
    return make_response(render_template("errors/error.html", **facts), status)
