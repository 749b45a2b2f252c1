"""Errors as pages, in the reader's language, with an id for the log and somebody to call (S60). Never a trace.

What was typed is given back with a button to send it again, where nothing but the moment was wrong with it (S29, S53).
"""

import errno
import logging
import secrets
import traceback
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError, Unauthorized

from resident.db import translated
from resident.errors import NotSaved, ResidentError, Stale

from . import _messages
from ._locale import _
from ._web import close, from_htmx

log = logging.getLogger("resident")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
SECRET = ("password", "current", "new")
# Fields that nobody typed: they go along, but are not shown.
UNSEEN = ("csrf_token", "once", "version", "next", "from", "up_to", "event")
# The page has a token of its own; what proved who somebody is (see _proof) and personal codes are never sent back.
NOT_KEPT = ("csrf_token", "proof", "proof_code", "then", "goes_on", "personal_code")
AGAIN = 30


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not taken: fields to send again, their text to read, names of files that must be chosen anew."""

    fields: list[tuple[str, str]]
    text: str
    files: list[str]


def wire(app: Flask) -> None:
    handlers = {
        HTTPException: http, SecurityError: foreign_host, CSRFError: forgery, Unauthorized: signed_out, ResidentError: refusal,
        StaleDataError: overtaken, OperationalError: store, OSError: disk, Exception: unknown,
    }  # fmt: skip
    for kind, handler in handlers.items():
        app.register_error_handler(kind, handler)


def http(error):
    if error.code is None or error.code < 400:
        return error
    if error.code == 404 and (meant := _without_slash()):
        return redirect(meant, 308)
    return answer(error.code, *_messages.http(error.code))


def _without_slash() -> str | None:
    """The page that an address means which somebody ended with a slash; None when it means none."""
    if request.url_rule or request.method not in ("GET", "HEAD") or not request.path.endswith("/"):
        return None
    pages = current_app.url_map.bind("", url_scheme="http")
    try:
        endpoint, given = pages.match(request.path.rstrip("/"), "GET")
    except HTTPException:
        return None
    return url_for(endpoint, **given) + (f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else "")


def foreign_host(_error):
    # No page: without a host of ours no address can be built.
    return Response("This is not an address of the portal.\n", 400, mimetype="text/plain")


def forgery(_error):
    told = _("This form has been open too long"), _("Go back, load the page again and send the form once more.")
    # A form that no page of ours sent is not offered for sending: the browser has to vouch for it.
    from_here = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return answer(400, *told, kept=kept() if from_here else None)


def signed_out(_error):
    return answer(401, *_messages.http(401), kept=kept())


def refusal(error):
    if isinstance(error, NotSaved):
        return not_saved(error)
    return answer(409 if isinstance(error, Stale) else 422, *_messages.refusal(error))


def overtaken(_error):
    # The database noticed first that somebody else had changed the row.
    return refusal(Stale())


def store(error):
    told = translated(error)
    return not_saved(told, error) if isinstance(told, NotSaved) else unknown(error)


def disk(error):
    return not_saved(NotSaved(why="full"), error) if error.errno in FULL else unknown(error)


def unknown(error):
    return answer(500, *_messages.http(500), number=_logged(error), kept=kept())


def not_saved(told: NotSaved, cause: Exception | None = None):
    """503: whoever typed something gets it back, whoever only reads gets a number to ask with."""
    number = _logged(cause or told)
    if request.method in ("GET", "HEAD"):
        response = answer(503, *_messages.http(503), number=number)
    else:
        response = answer(503, *_messages.refusal(told), kept=kept())
    response.headers["Retry-After"] = str(AGAIN)
    return response


def _logged(error: Exception) -> str:
    """Write the error to the log; its number there. A database's own words quote the row: they are left out (S57)."""
    number = secrets.token_hex(4)
    told, where = repr(error), "".join(traceback.format_tb(error.__traceback__))
    if isinstance(error, DBAPIError):
        # Without a statement there is no row: then it says why there is no connection.
        what = error.statement or error.orig
        told = f"{type(error).__name__}, {type(error.orig).__name__} {getattr(error.orig, 'sqlstate', '')}: {what}"
    log.error("error %s on %s %s: %s\n%s", number, request.method, _where(), told, where)
    return number


def _where() -> str:
    """The address for the log: as a pattern where a text stands in it, which may be a key, or hold a line of its own."""
    texts = any(isinstance(value, str) for value in (request.view_args or {}).values())
    return str(request.url_rule) if texts or not request.url_rule else request.path


def kept() -> Kept | None:
    """What the form held, to be sent again; None when there is nothing, or a password, which is never sent back."""
    fields = kept_fields()
    if fields is None:
        return None
    text = "\n\n".join(value for name, value in fields if name not in UNSEEN and value.strip())
    files = [file.filename for file in request.files.values() if file.filename]
    return Kept(fields, text, files) if text or files else None


def kept_fields() -> list[tuple[str, str]] | None:
    """The fields of a form as they go along when it is sent again; None when it is none, or holds a password."""
    if request.method != "POST" or any(name in request.form for name in SECRET):
        return None
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]


def answer(status: int, title: str, text: str, number: str | None = None, kept: Kept | None = None):
    """The error's page; to htmx a notice that goes into #say and leaves the form as it is; to machines JSON."""
    close()
    if request.path.startswith("/api/"):
        return make_response({"error": f"http_{status}", "message": f"{title}. {text}", "number": number}, status)
    if from_htmx():
        response = make_response(render_template("_trouble.html", title=title, text=text, number=number), status)
        response.headers["HX-Retarget"] = "#say"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    facts = {"title": title, "text": text, "number": number, "viewer": g.get("viewer"), "kept": kept}
    return make_response(render_template("errors/error.html", **facts), status)
