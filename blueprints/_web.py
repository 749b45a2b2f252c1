"""The one protocol between routes, browsers with htmx, and browsers without.

GET:   return page("area/thing.html", part="area/_thing.html", …)   whole page, or its part to htmx
POST:  return done("area/_thing.html", to=url, say=_("Saved."), …)    commits, then 303 to `to`, or the part to htmx
       return refused("area/thing.html", part="area/_thing.html", …)  status 422, everything typed kept

A part is one file with one root element that carries its id. In htmx's answers the title comes first, and #say (the
live region of the layout) comes along out of band. `session` is the request's own: reading for GET, writing for the
rest, begun at its first use, so that hashing, images and PDFs are done before the write lock is taken.
"""

import secrets
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

from flask import Flask, abort, current_app, flash, g, make_response, redirect, render_template, request
from jinja2 import StrictUndefined
from sqlalchemy import Select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter

from resident import once
from resident.db import Database, translated
from resident.errors import Stale
from resident.settings import Settings

from ._choices import options

VARY = "HX-Request, Cookie, Accept-Language, Accept-Encoding"


def database() -> Database:
    return current_app.extensions["resident.db"]


def settings() -> Settings:
    """Of this installation, from its environment."""
    return current_app.extensions["resident.settings"]


def _session() -> Session:
    if "session" not in g:
        db = database()
        writing = request.method not in ("GET", "HEAD")
        if writing:
            db.claim()
            g.claimed = True
        g.session = db.session(writing=writing)
    return g.session


session: Session = LocalProxy(_session)


@contextmanager
def reading():
    """A session for looking things up before the route begins: the request's own where that one only reads."""
    if request.method in ("GET", "HEAD"):
        yield _session()
    else:
        with database().reading() as own:
            yield own


def write_now() -> None:
    """Let the request's session write although it is a GET: a provider of identification sends people back so."""
    close()
    database().claim()
    g.claimed = True
    g.session = database().session(writing=True)


def commit() -> None:
    """Commit the request's session and let the next writer in: nothing is announced that may still fail."""
    try:
        g.session.commit()
    except StaleDataError:
        raise Stale() from None
    except OperationalError as error:
        raise translated(error) from error
    finally:
        close()


def close() -> None:
    """End the request's session, rolling back what was not committed, and release the turn to write."""
    if "session" in g:
        g.pop("session").close()
    if g.pop("claimed", False):
        database().release()


def from_htmx() -> bool:
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def address(named: str | None) -> SplitResult:
    """An address that a browser named, in its parts; all empty when it is none."""
    try:
        return urlsplit(named or "")
    except ValueError:
        return urlsplit("")


def page(template: str, part: str | None = None, **facts):
    """A page, or its part when htmx asks."""
    if part and from_htmx():
        return _part(part, facts)
    return render_template(template, **facts)


def done(part: str | None, *, to: str, say: str | None = None, status: int = 200, **facts):
    """The answer to a change that went well. Without htmx, or without a part: 303 to `to`."""
    if "session" in g:
        commit()
    if part and from_htmx():
        # What the part shows is read anew, after the commit.
        return _part(part, facts, status=status, say=say, push=to)
    if say:
        flash(say)
    return go(to)


def go(to: str):
    """To another page, also when htmx asked for a fragment."""
    if not from_htmx():
        return redirect(to, 303)
    response = make_response("", 200)
    response.headers["HX-Redirect"] = to
    return response


def refused(template: str, part: str | None = None, status: int = 422, **facts):
    """The form again, with its errors and everything that was typed. Nothing was stored."""
    close()
    facts["refused"] = True
    if part and from_htmx():
        return _part(part, facts, status=status)
    return make_response(render_template(template, **facts), status)


def _part(part: str, facts: dict, status: int = 200, say: str | None = None, push: str | None = None):
    body = render_template("_title.html", **facts) if "title" in facts else ""
    body += render_template(part, part=True, **facts)
    if say:
        body += render_template("_say.html", say=say)
    response = make_response(body, status)
    if push:
        response.headers["HX-Push-Url"] = push
    return response


def one_or_404(statement: Select):
    """The one thing that a visible_* statement, narrowed, finds; 404 when there is none (rule 39)."""
    return session.execute(statement).unique().scalar_one_or_none() or abort(404)


def require(allowed: bool) -> None:
    """403 for what is seen but may not be done."""
    if not allowed:
        abort(403)


def first_sending(login_id: int):
    """Claim the form's one-use key (S45). None when this is the first sending, else the answer that the first one got.

    Use:  again = first_sending(g.viewer.login_id);  if again: return again
    and, when the thing is made:  remember(url_of_it)
    """
    key = request.form.get("once", "")
    if not key:
        abort(400)
    claimed = once.claim(session, login_id, request.path, key)
    if isinstance(claimed, str):
        close()
        return done(None, to=claimed)
    g.form_key = claimed
    return None


def remember(result: str) -> None:
    g.form_key.result = result


class KeyConverter(IntegerConverter):
    """<int:id> as large as a key can be; beyond that there is no such page."""

    def __init__(self, map, max=2**63 - 1, **given):
        super().__init__(map, max=max, **given)


def wire(app: Flask) -> None:
    app.url_map.converters["int"] = KeyConverter
    app.jinja_env.globals.update(once=lambda: secrets.token_urlsafe(12), options=options)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")

    app.jinja_env.undefined = StrictUndefined

    @app.context_processor
    def defaults():
        theme = request.cookies.get("theme")
        return {"refused": False, "errors": {}, "part": False, "theme": theme if theme in ("light", "dark") else None}

    @app.after_request
    def vary(response):
        # One header: whoever adds to it later, as the session does, reads the first one only.
        response.headers["Vary"] = VARY
        return response

    @app.teardown_request
    def end(_error):
        close()
