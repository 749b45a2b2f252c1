"""What the pages of second factors and passkeys share, and what a proof (S14) asks of them: check_code, check_passkey."""

import time

from flask import request, url_for
from flask import session as cookie

from resident.people import passkey, second_factor
from resident.people.passkey import BadPasskey

from . import _hosts
from ._locale import _
from ._messages import wait
from ._web import database, session, settings

# What a challenge is for: signing in with nothing else, the second step, a proof, a new key.
PURPOSES = ("entry", "step", "proof", "new")
# Seconds between asking a browser for a key and its answer.
PATIENCE = 300
# An answer of a browser is about one kilobyte.
_LONGEST = 20_000


def key() -> str:
    """What secrets at rest are encrypted under."""
    return settings().identity_key


def check_code(login_id: int, typed: str, on_paper: bool = False) -> None:
    """Take a code of a login's app, or a recovery code. TooMany, totp.WrongCode. In a transaction of its own: call it before
    `session` is touched."""
    second_factor.show_code(database(), login_id, typed[:100], key(), on_paper=on_paper)


def new_challenge(purpose: str) -> str:
    """A challenge for the browser that asks, kept in its cookie; the one before it is void."""
    made = passkey.challenge()
    cookie["passkey"] = [purpose, made, int(time.time())]
    return made


def challenge(purpose: str) -> str:
    """The challenge that the form answers, taken out of the cookie. BadPasskey when there is none, or it is too old."""
    kept = cookie.pop("passkey", None)
    if not kept or kept[0] != purpose or not 0 <= time.time() - kept[2] <= PATIENCE:
        raise BadPasskey()
    return kept[1]


def credential() -> str:
    return request.form.get("credential", "")[:_LONGEST]


def check_passkey(purpose: str, login_id: int | None = None) -> passkey.Shown:
    """Check the key that the form brings, in the request's transaction: one of a login's, or anybody's. BadPasskey."""
    return passkey.show(session, credential(), challenge(purpose), _hosts.site(), key(), login_id)


def asking(purpose: str, action: str, text: str, next: str | None = None) -> dict:
    """What templates/second_factor/_passkey.html is drawn from: the form that a script brings to light."""
    return {
        "purpose": purpose,
        "action": action,
        "text": text,
        "next": next,
        "site": _hosts.site().id,
        "elsewhere": without + request.path if (without := _hosts.without_passkeys()) else None,
        "ask": url_for("passkeys.challenge"),
        "trouble": _("The passkey was not shown. Try again, or choose another way."),
    }


def at_entry(offered: frozenset, next: str | None) -> dict | None:
    """The form of the sign-in page, where passkeys are among the ways in."""
    if "passkey" not in offered:
        return None
    return asking("entry", url_for("passkeys.entry"), _("Sign in with a passkey"), next)


def too_many(error) -> str:
    return _("Too many tries.") + " " + wait(error.retry_after)
