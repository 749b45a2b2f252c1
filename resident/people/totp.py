"""Codes of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, 30 seconds, one step of drift either way.

The secret is kept encrypted; the keys are derived (HKDF, RFC 5869) from the installation's identity key, and bound to the login.
"""

import base64
import hmac
import secrets
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from .. import clock
from ..errors import ResidentError
from .factor import LONGEST_NAME, Factor, added

# The demo's secret. Everybody knows it, so its codes are taken again and again: several try the demo at once.
PUBLISHED = "KASTANJAPIHLAJAKOIVUTAMMVESI2345"
STEP = 30
DRIFT = 1
# How long somebody may take between seeing a new secret and typing its first code.
PATIENCE = timedelta(minutes=30)
_ISSUER = "Resident"


class WrongCode(ResidentError):
    """A code that no factor gives now, or that was taken before; nothing more is said."""


class Overdue(ResidentError):
    """A secret that was shown too long ago, or to somebody else: a new one is needed."""


# ---- At rest ---------------------------------------------------------------------------------------------------------


# HMAC-SHA-256 as a pseudo-random function in counter mode, then a MAC over all of it: encrypt-then-MAC with two keys, proved
# sound, out of the standard library. AES of the cryptography package costs every process 8 MB for secrets of 32 octets.
_NONCE, _TAG = 16, 32


def _keys(key: str, purpose: str) -> list[bytes]:
    """HKDF: one key to encrypt and one to authenticate, for one purpose."""
    drawn = hmac.digest(bytes(32), key.encode(), "sha256")
    return [hmac.digest(drawn, f"resident {purpose} {use} 1".encode() + b"\x01", "sha256") for use in ("encrypt", "mac")]


def _mixed(key: bytes, nonce: bytes, text: bytes) -> bytes:
    """The text under the stream of a key and a nonce; the same again gives it back."""
    blocks = range(-(-len(text) // 32))
    stream = b"".join(hmac.digest(key, nonce + block.to_bytes(4, "big"), "sha256") for block in blocks)
    return bytes(one ^ other for one, other in zip(text, stream, strict=False))


def _mark(key: bytes, login_id: int, nonce: bytes, mixed: bytes) -> bytes:
    return hmac.digest(key, login_id.to_bytes(8, "big") + nonce + mixed, "sha256")


def seal(text: str, key: str, purpose: str, login_id: int) -> str:
    """Encrypted for one purpose and one login. purpose: "totp" at rest, "setting up" in a form."""
    (hides, vouches), nonce = _keys(key, purpose), secrets.token_bytes(_NONCE)
    mixed = _mixed(hides, nonce, text.encode())
    return base64.urlsafe_b64encode(nonce + _mark(vouches, login_id, nonce, mixed) + mixed).decode()


def unseal(sealed: str, key: str, purpose: str, login_id: int) -> str | None:
    """The text; None when it was not sealed so, under another key or for another login, or was changed since."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
    except ValueError:
        return None
    hides, vouches = _keys(key, purpose)
    nonce, tag, mixed = raw[:_NONCE], raw[_NONCE : _NONCE + _TAG], raw[_NONCE + _TAG :]
    if not hmac.compare_digest(tag, _mark(vouches, login_id, nonce, mixed)):
        return None
    return _mixed(hides, nonce, mixed).decode()


# ---- Codes -----------------------------------------------------------------------------------------------------------


def code(secret: str, step: int | None = None) -> str:
    """The six digits of a step of 30 seconds; of the present one unless said otherwise."""
    import pyotp

    return pyotp.TOTP(secret).generate_otp(_now() if step is None else step)


def _now() -> int:
    return int(clock.now().timestamp()) // STEP


def step_of(secret: str, typed: str) -> int | None:
    """The step whose code was typed, within the drift; spaces do not count."""
    digits = "".join(typed.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    near = [_now() + shift for shift in (0, *(sign * n for n in range(1, DRIFT + 1) for sign in (-1, 1)))]
    return next((step for step in near if hmac.compare_digest(code(secret, step), digits)), None)


def take(session: Session, login_id: int, typed: str, key: str) -> Factor | None:
    """The factor whose code was typed, taken for good: of two uses at once only one succeeds. None when there is none."""
    for row in session.scalars(select(Factor).where(Factor.login_id == login_id, Factor.kind == "totp").order_by(Factor.id)):
        secret = unseal(row.secret, key, "totp", login_id)
        step = step_of(secret, typed) if secret else None
        if step is None:
            continue
        later = or_(Factor.last_step.is_(None), Factor.last_step < step) if secret != PUBLISHED else Factor.id == row.id
        taken = session.execute(
            update(Factor).where(Factor.id == row.id, later).values(last_step=step, used_at=clock.now()),
            execution_options={"synchronize_session": False},
        )
        if taken.rowcount == 1:
            return row
    return None


def demo_code(session: Session, login_id: int, key: str) -> str | None:
    """The present code of a login whose secret is the published one; None for every real login."""
    rows = session.scalars(select(Factor.secret).where(Factor.login_id == login_id, Factor.kind == "totp"))
    return code(PUBLISHED) if any(unseal(sealed, key, "totp", login_id) == PUBLISHED for sealed in rows) else None


# ---- Setting one up --------------------------------------------------------------------------------------------------


def offer(login_id: int, key: str) -> str:
    """A new secret, sealed for the form that brings it back with its first code. Nothing is stored yet."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    return seal(f"{int(clock.now().timestamp())} {secret}", key, "setting up", login_id)


def offered(sealed: str, login_id: int, key: str) -> str:
    """The secret in an offer; Overdue when it is too old or not one that was made for this login."""
    text = unseal(sealed, key, "setting up", login_id)
    at, _, secret = (text or "0 ").partition(" ")
    if int(at) + PATIENCE.total_seconds() < clock.now().timestamp():
        raise Overdue()
    return secret


def address(secret: str, login_name: str) -> str:
    """What the QR code holds, and what a telephone opens in its app."""
    return f"otpauth://totp/{_ISSUER}:{quote(login_name)}?secret={secret}&issuer={_ISSUER}"


def add(session: Session, login_id: int, name: str, secret: str, typed: str, key: str) -> Factor:
    """Add an app, once a code shows that it has the secret. WrongCode."""
    step = step_of(secret, typed)
    if step is None:
        raise WrongCode()
    row = Factor(
        login_id=login_id, kind="totp", name=name[:LONGEST_NAME], secret=seal(secret, key, "totp", login_id),
        last_step=step, added_at=clock.now(), used_at=clock.now(),
    )  # fmt: skip
    return added(session, row)
