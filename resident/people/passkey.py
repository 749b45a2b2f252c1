"""Passkeys and security keys (WebAuthn, level 3): asking for one, and checking what the browser answers.

The site that a key belongs to comes from the base URL, never from a request. A challenge is good once: once.py keeps the
used ones of a login. Browsers know no passkeys for bare IP addresses, so an installation on loopback is "localhost".
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import clock, once
from ..errors import ResidentError
from ..settings import LOOPBACK
from .factor import LONGEST_NAME, Factor, added, held
from .person import Login

# The column's width: an identifier may be longer, no maker's is.
_LONGEST = 400
_FORM = "passkey"


class BadPasskey(ResidentError):
    """What the browser answered does not hold: another challenge, site or key, a copied key, or no answer at all."""


class KnownPasskey(ResidentError):
    """This key is stored already."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whom a key is for, and the addresses of the pages that may ask for it."""

    id: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """verified: the owner's finger, face or PIN was checked too, so that it counts as two factors."""

    login_id: int
    factor_id: int
    verified: bool


def site(base_url: str) -> Site:
    """What keys are bound to. On loopback it is localhost: browsers know no keys for bare addresses."""
    parts = urlsplit(base_url)
    if parts.hostname not in LOOPBACK:
        return Site(parts.hostname, (f"{parts.scheme}://{parts.netloc}",))
    port = f":{parts.port}" if parts.port else ""
    return Site("localhost", (f"{parts.scheme}://localhost{port}",))


def challenge() -> str:
    return secrets.token_urlsafe(32)


def _handle(login_id: int, key: str) -> bytes:
    """What a key keeps to tell whose it is: the same for all keys of a login, and says nothing to others."""
    return hmac.new(key.encode(), f"resident passkey 1 {login_id}".encode(), hashlib.sha256).digest()


# ---- Asking ----------------------------------------------------------------------------------------------------------


def asking_to_add(session: Session, login_id: int, challenge: str, site: Site, key: str) -> str:
    """JSON of the options with which a browser makes a key for a login."""
    import webauthn
    from webauthn.helpers import structs

    name = session.scalar(select(Login.name).where(Login.id == login_id))
    wanted = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.PREFERRED,
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=site.id, rp_name="Resident", user_name=name, user_id=_handle(login_id, key), challenge=challenge.encode(),
        authenticator_selection=wanted, exclude_credentials=_known(session, login_id), timeout=300_000,
    )  # fmt: skip
    return webauthn.options_to_json(options)


def asking_to_show(session: Session, login_id: int | None, challenge: str, site: Site) -> str:
    """JSON of the options with which a browser shows a key: one of a login's; or, to sign in with nothing but the key, any
    that checks its owner."""
    import webauthn
    from webauthn.helpers import structs

    need = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=site.id, challenge=challenge.encode(), timeout=300_000,
        allow_credentials=_known(session, login_id) if login_id else [],
        user_verification=need.PREFERRED if login_id else need.REQUIRED,
    )  # fmt: skip
    return webauthn.options_to_json(options)


def _known(session: Session, login_id: int) -> list:
    from webauthn.helpers import base64url_to_bytes, structs

    keys = held(session, login_id, "passkey")
    return [structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in keys]


# ---- What is answered ------------------------------------------------------------------------------------------------


def add(session: Session, login_id: int, name: str, answer: str, challenge: str, site: Site) -> Factor:
    """Store the key that a browser made. BadPasskey, KnownPasskey."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url

    _used_once(session, login_id, challenge)
    made = _checked(
        webauthn.verify_registration_response,
        credential=answer,
        expected_challenge=challenge.encode(),
        expected_rp_id=site.id,
        expected_origin=list(site.origins),
    )
    credential = bytes_to_base64url(made.credential_id)
    if len(credential) > _LONGEST:
        raise BadPasskey()
    row = Factor(
        login_id=login_id, kind="passkey", name=name[:LONGEST_NAME], credential=credential,
        public_key=made.credential_public_key, sign_count=made.sign_count, added_at=clock.now(),
    )  # fmt: skip
    try:
        with session.begin_nested():
            return added(session, row)
    except IntegrityError:
        raise KnownPasskey() from None


def show(session: Session, answer: str, challenge: str, site: Site, key: str, login_id: int | None = None) -> Shown:
    """Check the key that a browser shows: one of a login's, or, without login_id, anybody's whose owner was checked by it.

    BadPasskey. The key's counter must have grown (unless it has none), so that a copied key is noticed.
    """
    import webauthn

    given = _checked(webauthn.helpers.parse_authentication_credential_json, answer)
    keys = select(Factor, Login.disabled_at).join(Login).where(Factor.credential == given.id, Factor.kind == "passkey")
    row, disabled_at = session.execute(keys.with_for_update()).first() or (None, None)
    if row is None or disabled_at or login_id not in (None, row.login_id):
        raise BadPasskey()
    handle = given.response.user_handle
    if handle and not hmac.compare_digest(handle, _handle(row.login_id, key)):
        raise BadPasskey()
    _used_once(session, row.login_id, challenge)
    found = _checked(
        webauthn.verify_authentication_response,
        credential=given,
        expected_challenge=challenge.encode(),
        expected_rp_id=site.id,
        expected_origin=list(site.origins),
        credential_public_key=row.public_key,
        credential_current_sign_count=row.sign_count,
        require_user_verification=login_id is None,
    )
    row.sign_count, row.used_at = found.new_sign_count, clock.now()
    session.flush()
    return Shown(row.login_id, row.id, found.user_verified)


def _used_once(session: Session, login_id: int, challenge: str) -> None:
    if isinstance(once.claim(session, login_id, _FORM, challenge), str):
        raise BadPasskey()


def _checked(verify, *given, **named):
    try:
        return verify(*given, **named)
    except Exception:
        # Whatever a browser sends: the library meets odd octets with errors of many kinds, all of which mean no.
        raise BadPasskey() from None
