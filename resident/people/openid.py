"""The code flow of OpenID Connect with one provider, without the web (S12): what is sent, and the checks of what comes back.

Authlib forms requests and checks claims, joserfc signs, verifies and decrypts. Both are loaded at the first use.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from .. import clock
from ..errors import ResidentError
from .provider import Provider, private
from .provider_line import LONGEST_HEADER, Line, ProviderAway, registry

# Clocks may differ by so many seconds; a token is taken when it was made at most so long ago.
LEEWAY = 30
YOUNG = 600
# How long what we sign for a provider is good: FTN allows ten minutes.
SIGNED_FOR = 300
# Encryption that is taken. Not RSA1_5 (padding oracles), and nothing compressed.
ENCRYPTIONS = (
    "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW",
    "A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM",
)  # fmt: skip
CANCELLED = ("user_cancel", "access_denied", "login_required", "interaction_required")
_HALVES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
_LONGEST_SUBJECT = 200


class NotIdentified(ResidentError):
    """What came back fails a check: why names the check ("issuer", "signature", "acr" …), for the log. No more is said."""


class Cancelled(ResidentError):
    """The person turned back at the provider."""


@dataclass(frozen=True, repr=False)
class Shown:
    """Who stands at the door, as the provider says. code: "" when the provider's country keeps none that we know."""

    provider: Provider
    subject: str
    country: str
    code: str
    acr: str

    @property
    def second(self) -> bool:
        """Does it count as a second factor too?"""
        return self.acr in self.provider.second_factor


# ---- There -----------------------------------------------------------------------------------------------------------


def begin(line: Line, redirect_uri: str, language: str) -> tuple[str, dict]:
    """(address to send the browser to, what must be kept for the way back: state, nonce, verifier). ProviderAway."""
    from authlib.common.urls import add_params_to_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    provider = line.provider
    kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
    asked = {
        "client_id": provider.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": create_s256_code_challenge(kept["verifier"]),
        "code_challenge_method": "S256",
        "acr_values": " ".join(provider.ask_acr),
        **provider.extra,
    }
    if provider.ui_locales:
        asked["ui_locales"] = language if language in provider.ui_locales else provider.ui_locales[0]
    if provider.signed_request:
        signed = _request_object(provider, asked)
        asked = {name: asked[name] for name in ("client_id", "response_type", "scope")} | {"request": signed}
    return add_params_to_uri(line.address("authorization_endpoint"), list(asked.items())), kept


def _request_object(provider: Provider, asked: dict) -> str:
    """The request signed by us (RFC 9101): what the browser carries cannot be changed on the way."""
    from joserfc import jwt

    now = int(clock.now().timestamp())
    own = {"iss": provider.client_id, "aud": provider.issuer, "iat": now, "nbf": now, "exp": now + SIGNED_FOR}
    header = {"alg": provider.signing_algorithm, "kid": provider.signing_kid}
    claims = asked | own | {"jti": secrets.token_urlsafe(24)}
    return jwt.encode(header, claims, private(provider.signing_key), algorithms=[provider.signing_algorithm])


# ---- Back ------------------------------------------------------------------------------------------------------------


def collect(line: Line, redirect_uri: str, kept: dict, answer: dict) -> Shown:
    """Who was identified. kept: from begin(); answer: the parameters that the browser brought back, its state compared already.

    Cancelled, ProviderAway, NotIdentified(why).
    """
    provider = line.provider
    if answer.get("iss", provider.issuer if not line.names_itself() else "") != provider.issuer:
        raise NotIdentified(why="issuer of the answer")
    if answer.get("error"):
        if answer["error"] in CANCELLED:
            raise Cancelled()
        raise ProviderAway(why="refused the request")
    if not answer.get("code"):
        raise NotIdentified(why="no code")
    tokens = _exchange(line, redirect_uri, kept, answer["code"])
    if not isinstance(tokens.get("id_token"), str):
        raise NotIdentified(why="no id_token")
    claims = _checked(line, tokens, kept)
    country, code = _code(provider, claims)
    subject = claims["sub"]
    if len(subject) > _LONGEST_SUBJECT:
        subject = "sha256:" + hashlib.sha256(subject.encode()).hexdigest()
    return Shown(provider, subject, country, code, claims["acr"])


def _exchange(line: Line, redirect_uri: str, kept: dict, code: str) -> dict:
    """The answer of the token endpoint to a code, which works once."""
    from authlib.oauth2.auth import ClientAuth
    from authlib.oauth2.rfc6749.parameters import prepare_token_request

    provider, address = line.provider, line.address("token_endpoint")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = prepare_token_request("authorization_code", "", redirect_uri=redirect_uri, code=code, code_verifier=kept["verifier"])
    how = _assertion(provider) if provider.auth == "private_key_jwt" else provider.auth
    address, headers, body = ClientAuth(provider.client_id, provider.client_secret, how).prepare("POST", address, headers, body)
    status, tokens = line.ask(address, body=body, headers=headers)
    if status != 200:
        raise NotIdentified(why="the code was refused")
    return tokens


def _assertion(provider: Provider):
    """private_key_jwt with kid and jti (RFC 7523), as a way for Authlib's ClientAuth."""
    from authlib.common.urls import add_params_to_qs
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    def prepare(client, _method, address, headers, body):
        header = {"kid": provider.signing_kid}
        signed = private_key_jwt_sign(
            private(provider.signing_key),
            client.client_id,
            address,
            provider.signing_algorithm,
            header=header,
            expires_in=SIGNED_FOR,
        )
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        given = [("client_id", client.client_id), ("client_assertion_type", kind), ("client_assertion", signed)]
        return address, headers, add_params_to_qs(body, given)

    return prepare


def _checked(line: Line, tokens: dict, kept: dict) -> dict:
    """The claims of the ID token, when every check holds: signature, issuer, audience, days, nonce, at_hash, level."""
    from joserfc.errors import JoseError

    provider = line.provider
    try:
        token = _verified(line, _decrypted(provider, tokens["id_token"]))
        _validate(provider, token, tokens, kept)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        # What a library says may quote the token: the kind of error only.
        raise NotIdentified(why=f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()) from None
    claims = token.claims
    if claims.get("acr") not in provider.acr:
        raise NotIdentified(why="acr")
    if provider.profile == "tara" and claims.get("state", kept["state"]) != kept["state"]:
        raise NotIdentified(why="state of the token")
    return claims


def _decrypted(provider: Provider, text: str) -> str:
    """The signed token inside an encrypted one. A provider that encrypts is not believed when it does not."""
    if not provider.encrypted:
        return text
    from joserfc import jwe

    # Providers put iss and aud in the header, which nothing there may rely on.
    read = jwe.JWERegistry(algorithms=list(ENCRYPTIONS), strict_check_header=False)
    read.max_protected_header_length = LONGEST_HEADER
    return jwe.decrypt_compact(text, private(provider.decryption_key), registry=read).plaintext.decode()


def _verified(line: Line, text: str):
    """The token, its signature verified with a key of the provider and an algorithm of the list."""
    from joserfc import jws, jwt

    read = registry(line.provider)
    header = jws.extract_compact(text.encode(), registry=read).headers()
    if header.get("alg") not in line.provider.algorithms:
        raise NotIdentified(why="algorithm")
    return jwt.decode(text, line.key(header), registry=read)


def _validate(provider: Provider, token, tokens: dict, kept: dict) -> None:
    from authlib.oidc.core import CodeIDToken

    class Claims(CodeIDToken):
        def validate_at_hash(self):
            given = self.get("at_hash")
            if given is not None and not _hashes(given, tokens.get("access_token"), self.header["alg"], provider.profile):
                raise NotIdentified(why="at_hash")

    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": provider.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": kept["nonce"]},
        "acr": {"essential": True},
    }
    now = int(clock.now().timestamp())
    claims = Claims(token.claims, token.header, options, {"nonce": kept["nonce"], "client_id": provider.client_id})
    claims.validate(now, LEEWAY)
    if claims["iat"] < now - YOUNG or not isinstance(claims["sub"], str):
        raise NotIdentified(why="iat or sub")


def _hashes(given, access_token, algorithm: str, profile: str) -> bool:
    """at_hash: base64url of the left half of the access token's hash. TARA writes it in standard Base64, padded."""
    if not isinstance(given, str) or not isinstance(access_token, str):
        return False
    digest = _HALVES[algorithm[-3:]](access_token.encode()).digest()
    half = digest[: len(digest) // 2]
    forms = [base64.urlsafe_b64encode(half).rstrip(b"=").decode()]
    if profile == "tara":
        forms.append(base64.b64encode(half).decode())
    return any([secrets.compare_digest(given.encode(), form.encode()) for form in forms])


def _code(provider: Provider, claims: dict) -> tuple[str, str]:
    """(country, personal code) as the provider writes them; code "" when there is none."""
    text = claims.get(provider.code_claim)
    text = text.strip() if isinstance(text, str) else ""
    if provider.code_prefixed:
        return text[:2].upper(), text[2:].removeprefix("-")
    return provider.country, text
