"""Providers of strong identification, as the installation's configuration names them (docs/identification.md).

One TOML text, RESIDENT_IDENTIFICATION. A wrong value is refused by its name when the portal starts.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..provider_list import providers, refuse
from ..settings import LOOPBACK
from .personal_code import COUNTRIES, CodeKey

SETTING = "RESIDENT_IDENTIFICATION"
PROFILES = ("plain", "ftn", "tara")
AUTHS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
# Signatures by a key that the provider alone holds. "none" and those with a shared secret cannot be configured.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Parameters of a request that the configuration cannot give.
OWN_PARAMETERS = {
    "client_id", "redirect_uri", "response_type", "response_mode", "state", "nonce", "scope", "code_challenge",
    "code_challenge_method", "request", "request_uri", "acr_values", "ui_locales", "iss", "aud", "exp", "iat", "jti",
}  # fmt: skip
_FTN_LEVELS = ("http://ftn.ficora.fi/2017/loa2", "http://ftn.ficora.fi/2017/loa3")
# Buttons, as the schemes are called in the languages of their users; others read English.
NAMES = {
    "plain": {
        "en": "Strong identification", "fi": "Vahva tunnistautuminen", "sv": "Stark autentisering", "et": "Isiku tuvastamine",
        "pl": "Potwierdzenie tożsamości", "ru": "Подтверждение личности",
    },
    "ftn": {
        "en": "Bank or mobile certificate", "fi": "Pankki tai mobiilivarmenne", "sv": "Bank eller mobilcertifikat",
        "et": "Pank või mobiilisertifikaat", "pl": "Bank lub certyfikat mobilny", "ru": "Банк или мобильный сертификат",
    },
    "tara": {
        "en": "ID card, Mobile-ID or Smart-ID", "fi": "Henkilökortti, Mobiil-ID tai Smart-ID",
        "sv": "Id-kort, Mobiil-ID eller Smart-ID", "et": "ID-kaart, Mobiil-ID või Smart-ID",
        "pl": "Karta ID, Mobiil-ID lub Smart-ID", "ru": "ID-карта, Mobiil-ID или Smart-ID",
    },
}  # fmt: skip
# What a profile gives where the configuration says nothing.
DEFAULTS = {
    "plain": {"name": NAMES["plain"], "scope": "openid"},
    "ftn": {
        "name": NAMES["ftn"],
        "auth": "private_key_jwt",
        "scope": "openid profile personal_identity_code",
        "country": "FI",
        "code_claim": "personal_identity_code",
        "acr": _FTN_LEVELS,
        "second_factor": _FTN_LEVELS,
        "stable_subject": False,
        "signed_request": True,
        "encrypted": True,
    },
    "tara": {
        "name": NAMES["tara"],
        "auth": "client_secret_basic",
        "scope": "openid idcard mid smartid",
        "issuer": "https://tara.ria.ee",
        "code_claim": "sub",
        "code_prefixed": True,
        "ask_acr": ("substantial",),
        "acr": ("substantial", "high"),
        "second_factor": ("substantial", "high"),
        "ui_locales": ("et", "en", "ru"),
    },
}


@dataclass(frozen=True)
class Provider:
    """One provider. Texts of keys and secrets are not shown by repr.

    acr: the levels that are accepted; ask_acr: what is asked for (the same, when not given); second_factor: the levels
    that count as a second factor. code_prefixed: the code's claim begins with its country ("EE60001019906").
    origins: further origins that a browser is led through on its way there, beside the authorization endpoint's.
    """

    id: str
    profile: str
    name: dict
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    auth: str = "client_secret_basic"
    scope: str = "openid"
    country: str = ""
    code_claim: str = ""
    code_prefixed: bool = False
    stable_subject: bool = True
    ask_acr: tuple = ()
    acr: tuple = ()
    second_factor: tuple = ()
    algorithms: tuple = ("RS256",)
    signed_request: bool = False
    encrypted: bool = False
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    signed_jwks_uri: str = ""
    jwks: str = field(default="", repr=False)
    entity_keys: str = field(default="", repr=False)
    signing_key: str = field(default="", repr=False)
    signing_kid: str = ""
    signing_algorithm: str = "RS256"
    decryption_key: str = field(default="", repr=False)
    extra: dict = field(default_factory=dict)
    ui_locales: tuple = ()
    origins: tuple = ()

    def called(self, language: str) -> str:
        return self.name.get(language) or self.name[""]

    @property
    def static(self) -> bool:
        """Are its addresses configured, so that nothing is discovered?"""
        return bool(self.authorization_endpoint)

    @property
    def signs(self) -> bool:
        """Does the portal sign anything that it sends?"""
        return self.auth == "private_key_jwt" or self.signed_request

    @property
    def form_origins(self) -> set[str]:
        """Origins that a form which begins an identification leads through."""
        parts = urlsplit(self.authorization_endpoint or self.issuer)
        return {f"{parts.scheme}://{parts.netloc}", *self.origins}

    def redirect_uri(self, base_url: str) -> str:
        return f"{base_url}/identify/{self.id}/back"


@dataclass(frozen=True)
class Identification:
    """All of it: providers by id, and whether Finnish codes of test persons are taken."""

    providers: dict
    test_codes: bool = False


def parse(text: str, folder: Path) -> Identification:
    """folder: where the files that the text names lie. BadSetting(name, why)."""
    found, given = providers(SETTING, text, folder, _provider, also=("test_codes",))
    test_codes = given.get("test_codes", False)
    if not isinstance(test_codes, bool):
        _refuse("test_codes", "it is true or false")
    return Identification(found, test_codes)


_refuse = partial(refuse, SETTING)


def code_key(settings) -> CodeKey:
    """The key by which personal codes are hashed in an installation, and whether test persons' are taken."""
    return CodeKey(settings.identity_key, parse(settings.identification, settings.data_dir).test_codes)


def _provider(id: str, given: dict) -> Provider:
    profile = given.get("profile", "plain")
    if profile not in PROFILES:
        _refuse(f"{id}.profile", f"it is one of {', '.join(PROFILES)}")
    values = {"profile": profile, **DEFAULTS[profile], **given, "id": id}
    kinds = {one.name: one for one in fields(Provider)}
    for name, value in values.items():
        if name not in kinds:
            _refuse(f"{id}.{name}", "there is no such setting")
        values[name] = _of_kind(f"{id}.{name}", value, kinds[name])
    values["ask_acr"] = values.get("ask_acr") or values.get("acr", ())
    for name in ("issuer", "client_id"):
        values.setdefault(name, "")
    one = Provider(**values)
    _check(one)
    return one


def _of_kind(name: str, value, kind):
    if kind.name == "name":
        value = {"": value} if isinstance(value, str) else value
        if not isinstance(value, dict) or not all(isinstance(one, str) and one for one in value.values()) or not value:
            _refuse(name, "it is a text, or a table of texts by language")
        return {"": value.get("en") or next(iter(value.values())), **value}
    if kind.name == "extra":
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            _refuse(name, "it is a table of texts")
        return value
    if kind.type is tuple:
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            _refuse(name, "it is a list of texts")
        return tuple(value)
    if not isinstance(value, kind.type):
        _refuse(name, "it is true or false" if kind.type is bool else "it is a text")
    return value.strip() if isinstance(value, str) else value


# (field, is it wrong?, why): what must hold between the values of a provider. The first that is wrong is told.
_RULES = (
    ("issuer", lambda one: not 0 < len(one.issuer) <= 200, "it is missing"),
    ("client_id", lambda one: not one.client_id, "it is missing"),
    ("code_claim", lambda one: not one.code_claim, "it is missing"),
    ("acr", lambda one: not one.acr, "it is missing"),
    (
        "country",
        lambda one: bool(one.country) == one.code_prefixed or one.country not in ("", *COUNTRIES),
        f"it is one of {', '.join(COUNTRIES)}, or the code begins with it (code_prefixed)",
    ),
    (
        "algorithms",
        lambda one: not one.algorithms or set(one.algorithms) - set(ALGORITHMS),
        f"they are among {', '.join(ALGORITHMS)}",
    ),
    ("second_factor", lambda one: set(one.second_factor) - set(one.acr), "it holds levels that are among acr only"),
    ("scope", lambda one: "openid" not in one.scope.split(), "it holds openid"),
    ("extra", lambda one: set(one.extra) & OWN_PARAMETERS, "it holds a parameter that the portal sets itself"),
    ("auth", lambda one: one.auth not in AUTHS, f"it is one of {', '.join(AUTHS)}"),
    ("client_secret", lambda one: one.auth != "private_key_jwt" and not one.client_secret, "it is missing"),
    (
        "token_endpoint",
        lambda one: one.static and not (one.token_endpoint and (one.jwks or one.jwks_uri or one.signed_jwks_uri)),
        "with an authorization_endpoint go a token_endpoint and a set of keys",
    ),
    ("entity_keys", lambda one: one.signed_jwks_uri and not one.entity_keys, "a signed set of keys wants the key that signs it"),
    ("signing_algorithm", lambda one: one.signing_algorithm not in ALGORITHMS, f"it is one of {', '.join(ALGORITHMS)}"),
    ("signing_kid", lambda one: one.signs and not one.signing_kid, "it is missing"),
    ("signing_key", lambda one: one.signs and not private(one.signing_key), "it is a private key in PEM or as a JWK"),
    ("decryption_key", lambda one: one.encrypted and not private(one.decryption_key), "it is a private key in PEM or as a JWK"),
    ("jwks", lambda one: one.jwks and not key_set(one.jwks), "it is a set of keys (JWKS) in JSON"),
    ("entity_keys", lambda one: one.entity_keys and not key_set(one.entity_keys), "it is a set of keys (JWKS) in JSON"),
)


def _check(one: Provider) -> None:
    for name, wrong, why in _RULES:
        if wrong(one):
            _refuse(f"{one.id}.{name}", why)
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "signed_jwks_uri"):
        if getattr(one, name):
            _check_address(f"{one.id}.{name}", getattr(one, name))
    for origin in one.origins:
        _check_origin(f"{one.id}.origins", origin)


def _check_address(name: str, text: str) -> None:
    parts = urlsplit(text)
    if (
        not parts.hostname
        or parts.fragment
        or (parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK))
    ):
        _refuse(name, "it is an address that begins with https://")


def _check_origin(name: str, text: str) -> None:
    """An origin as the content policy writes it: scheme, host, port; the host may begin with "*."."""
    if not re.fullmatch(r"https://(\*\.)?[a-z0-9.-]+(:\d+)?|http://(127\.0\.0\.1|localhost)(:\d+)?", text):
        _refuse(name, "it is scheme and host, as in https://bank.example")


def private(text: str):
    """A private key of ours for joserfc, from PEM or from a JWK in JSON; None when it is none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, JWKRegistry, RSAKey

    for kind in (JWKRegistry,) if text.startswith("{") else (RSAKey, ECKey):
        # What a library says of a key may quote it: nothing of it is passed on.
        with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            key = kind.import_key(json.loads(text) if kind is JWKRegistry else text)
            if key.is_private:
                return key
    return None


def key_set(text: str):
    """A set of public keys for joserfc, from JSON; None when it is none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
        return KeySet.import_key_set(json.loads(text))
    return None
