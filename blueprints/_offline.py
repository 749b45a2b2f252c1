"""The shell that a phone without a line shows instead of a page, and what the page of readings leaves on the phone for it (B17).

The shell is public and the same for everybody who reads a language: it is drawn once a language and process, and its
address changes with what is in it.
"""

import hashlib
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import NamedTuple

from flask import g, render_template

from resident.metering import offline
from resident.metering.counter import Form
from resident.people.token import digest

from ._locale import language
from ._web import settings


class Kept(NamedTuple):
    """who: one's sign-in, as that browser alone knows it again; expires: until when the phone may offer the form, in
    milliseconds."""

    ticket: str
    home: str
    who: str
    expires: int


def kept(form: Form) -> Kept | None:
    """What the page of readings leaves on the phone; None while nothing can be entered."""
    held = offline.leave(g.viewer, form)
    if held is None:
        return None
    secret = settings().secret_key
    expires = datetime.combine(held.until, time.max, UTC)
    who = digest(f"phone {secret} {held.login_id}")[:16]
    return Kept(offline.sign(secret, held), g.viewer.home.label, who, int(expires.timestamp() * 1000))


def kept_of_link(token: str, label: str, form: Form) -> Kept | None:
    """The same on the page of a link: the link itself is the pass."""
    turn = form.entry.turn
    if not form.open or turn is None or turn.last is None:
        return None
    expires = datetime.combine(turn.last + offline.OUTLIVES, time.max, UTC)
    return Kept(token, label, digest(f"phone {token}")[:16], int(expires.timestamp() * 1000))


@lru_cache(maxsize=32)
def shell(_language: str) -> str:
    """The page in the language of the request that asks first."""
    return render_template("offline/shell.html")


def shell_address() -> str:
    """Where a phone fetches the shell in the language of this request."""
    return _address(language())


@lru_cache(maxsize=32)
def _address(code: str) -> str:
    return f"/offline/{code}?v={hashlib.sha256(shell(code).encode()).hexdigest()[:8]}"
