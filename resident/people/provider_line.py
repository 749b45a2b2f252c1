"""The line to a provider: its addresses and keys, kept while the process lives, and short, bounded requests to it.

A provider that is away costs few threads little time: two ask at once, each five seconds, and after a failure nobody
asks for a while.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from ..errors import ResidentError
from ..settings import LOOPBACK
from .provider import Provider, key_set

TIMEOUT = 5
LARGEST = 256_000
# A token's header may carry a chain of certificates.
LONGEST_HEADER = 16_000
AT_ONCE, PATIENCE = 2, 2
# Seconds that addresses and keys are kept, that nobody asks a provider that was away, and between two looks for a new key.
KEPT, REST, BETWEEN = 3600, 10, 5


class ProviderAway(ResidentError):
    """The provider does not answer, or answers what no provider answers: why, for the log."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A provider's answer does not send us elsewhere."""

    def redirect_request(self, *_given):
        return None


class Line:
    def __init__(self, provider: Provider):
        self.provider = provider
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._addresses = self._keys = None
        self._known_at = self._keys_at = self._away_until = 0.0
        direct = [urllib.request.ProxyHandler({})] if urlsplit(provider.issuer).hostname in LOOPBACK else []
        self._opener = urllib.request.build_opener(_Stay, *direct)

    # ---- Addresses and keys ----

    def address(self, name: str) -> str:
        """authorization_endpoint, token_endpoint or jwks_uri. ProviderAway."""
        if self.provider.static:
            return getattr(self.provider, name)
        return self._discovered()[name]

    def names_itself(self) -> bool:
        """Does it promise to name itself in its answers (RFC 9207)?"""
        return not self.provider.static and self._discovered().get("authorization_response_iss_parameter_supported") is True

    def _discovered(self) -> dict:
        if self._addresses is None or time.monotonic() > self._known_at + KEPT:
            address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = self.fetch(address)
            if found.get("issuer") != self.provider.issuer:
                raise ProviderAway(why="discovery names another issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(found.get(name), str) or not _safe(found[name]):
                    raise ProviderAway(why=f"discovery gives no {name}")
            self._addresses, self._known_at = found, time.monotonic()
        return self._addresses

    def key(self, header: dict):
        """The provider's key that a header names; asked for anew when it is not known. KeyError, ProviderAway."""
        now = time.monotonic()
        if self._keys is None or now > self._keys_at + KEPT:
            self._load()
        found = self._find(header)
        if found is None and not self.provider.jwks and now > self._keys_at + BETWEEN:
            self._load()
            found = self._find(header)
        if found is None:
            raise KeyError("kid")
        return found

    def _find(self, header: dict):
        kid = header.get("kid")
        fit = [key for key in self._keys.keys if key.as_dict(private=False).get("use", "sig") == "sig"]
        fit = [key for key in fit if kid is None or key.kid == kid]
        return fit[0] if len(fit) == 1 else None

    def _load(self) -> None:
        provider = self.provider
        if provider.jwks:
            text = provider.jwks
        elif provider.signed_jwks_uri:
            text = self._signed(self._fetched(provider.signed_jwks_uri))
        else:
            text = self._fetched(self.address("jwks_uri")).decode("utf-8", "replace")
        keys = key_set(text)
        if keys is None:
            raise ProviderAway(why="no set of keys")
        self._keys, self._keys_at = keys, time.monotonic()

    def _signed(self, given: bytes) -> str:
        """The set of keys inside one that the provider's entity key signs (FTN)."""
        from joserfc import jws
        from joserfc.errors import JoseError

        try:
            read = registry(self.provider)
            signed = jws.extract_compact(given.strip(), registry=read)
            entity = [key for key in key_set(self.provider.entity_keys).keys if key.kid == signed.headers().get("kid")]
            found = jws.deserialize_compact(given.strip(), entity[0], registry=read)
        except (JoseError, ValueError, IndexError):
            raise ProviderAway(why="the set of keys is not signed by the entity's key") from None
        return found.payload.decode("utf-8", "replace")

    # ---- Requests ----

    def fetch(self, address: str) -> dict:
        """The object in JSON at an address. ProviderAway."""
        return _object(self._fetched(address))

    def ask(self, address: str, *, body: str, headers: dict) -> tuple[int, dict]:
        """(status, object in JSON) that a POST gets; the status is 200, or 400 to 499. ProviderAway."""
        status, given = self._request(urllib.request.Request(address, body.encode(), headers))
        return status, _object(given)

    def _fetched(self, address: str) -> bytes:
        status, given = self._request(urllib.request.Request(address, headers={"Accept": "application/json, */*"}))
        if status != 200:
            raise ProviderAway(why=f"status {status}")
        return given

    def _request(self, request: urllib.request.Request) -> tuple[int, bytes]:
        if time.monotonic() < self._away_until:
            raise ProviderAway(why="was away a moment ago")
        if not self._turns.acquire(timeout=PATIENCE):
            raise ProviderAway(why="too many ask at once")
        try:
            status, given = self._open(request)
        except (OSError, ValueError, HTTPException) as error:
            # What they quote is not passed on.
            self._away_until = time.monotonic() + REST
            raise ProviderAway(why=type(error).__name__) from None
        finally:
            self._turns.release()
        if status >= 500 or status in (301, 302, 303, 307, 308):
            raise ProviderAway(why=f"status {status}")
        return status, given

    def _open(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, _read(answer)


def _read(answer) -> bytes:
    """The body, within the time and the size that an answer may take. OSError, ValueError."""
    ends, found = time.monotonic() + TIMEOUT, b""
    while part := answer.read1(65_536):
        found += part
        if len(found) > LARGEST or time.monotonic() > ends:
            raise ValueError("long")
    return found


def _object(given: bytes) -> dict:
    try:
        found = json.loads(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderAway(why="no object in JSON")
    return found


def registry(provider: Provider):
    """What joserfc takes of a signed text: the provider's algorithms, and headers with certificates and words of its own."""
    from joserfc import jws

    found = jws.JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)
    found.max_header_length = LONGEST_HEADER
    return found


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
