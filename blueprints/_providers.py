"""Providers of strong identification at the door: the way there and back, kept in the signed cookie (S12, S13).

What is kept for the way back holds ten minutes, works once, and is one for each tab.
"""

import logging
import time
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect
from flask import session as cookie
from werkzeug.routing import BaseConverter

from resident.people import openid
from resident.people.openid import Shown
from resident.people.personal_code import CodeKey
from resident.people.provider import Provider
from resident.people.provider_line import Line, ProviderAway

from . import _hosts
from ._locale import language
from ._web import close, settings

log = logging.getLogger("resident")
KEPT = "identify"
# Seconds until somebody must have come back, and how many tabs may be on the way at once.
ENDS, TABS = 600, 4


class ProviderConverter(BaseConverter):
    regex = "[a-z0-9][a-z0-9-]{0,30}"


def configured() -> dict[str, Provider]:
    return current_app.extensions["resident.identification"].providers


def offered() -> list[tuple[str, str]]:
    """(id, name) of each provider, for buttons; empty where none is configured, and at an organisation's host (_hosts)."""
    return [] if _hosts.elsewhere() else [(one.id, one.called(language())) for one in configured().values()]


def code_key() -> CodeKey:
    """The key by which personal codes are hashed in this installation."""
    known = current_app.extensions["resident.identification"]
    return CodeKey(settings().identity_key, known.test_codes)


def _line(which: str) -> Line:
    lines = current_app.extensions["resident.lines"]
    return lines.get(which) or abort(404)


def _redirect_uri(which: str) -> str:
    return configured()[which].redirect_uri(settings().base_url)


def send(which: str, purpose: str, **facts):
    """Off to a provider: 303, with what the way back needs in the cookie. purpose: "enter", "add" or "prove"; facts are given
    back by take(). ProviderAway, 404."""
    line = _line(which)
    address, kept = openid.begin(line, _redirect_uri(which), language())
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" not in line.provider.form_origins:
        log.error("identification by %s: its forms lead to %s, which `origins` must name", which, parts.netloc)
        raise ProviderAway(why="origin")
    under_way = dict(sorted(_under_way().items(), key=lambda one: one[1]["at"])[-(TABS - 1) :])
    state = kept.pop("state")
    under_way[state] = {**kept, "by": which, "for": purpose, "at": int(time.time()), **facts}
    cookie[KEPT] = under_way
    return redirect(address, 303)


def _under_way() -> dict:
    """What is kept and has not ended, by state."""
    oldest = int(time.time()) - ENDS
    return {state: kept for state, kept in (cookie.get(KEPT) or {}).items() if kept["at"] >= oldest}


def take(which: str, state: str) -> dict | None:
    """What was kept for this state and provider, which works once; None when nothing was, or it is over."""
    under_way = _under_way()
    kept = under_way.get(state)
    if kept is None or kept["by"] != which:
        return None
    del under_way[state]
    cookie[KEPT] = under_way
    return kept | {"state": state}


def collect(which: str, kept: dict, answer) -> Shown:
    """Who was identified. Nothing of the database is held meanwhile. Cancelled, ProviderAway, NotIdentified."""
    close()
    return openid.collect(_line(which), _redirect_uri(which), kept, answer)


def told(which: str, trouble) -> None:
    """One line in the log for whoever runs the machine; no code and no token."""
    log.warning("identification by %s: %s %s", which, type(trouble).__name__, trouble.facts.get("why", ""))


def wire(app: Flask) -> None:
    app.url_map.converters["provider"] = ProviderConverter
    app.extensions["resident.lines"] = {one.id: Line(one) for one in app.extensions["resident.identification"].providers.values()}
    app.jinja_env.globals["providers"] = offered
    app.jinja_env.globals["identified_elsewhere"] = lambda: _hosts.elsewhere() if configured() else None
