"""Paytrail: what is sent and what comes back carry an HMAC over the sorted fields `checkout-…` and the body (docs.paytrail.com).

It pays in euros; the return and the callback are the same signed address, and an answer is signed as a request is.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC

from .. import clock
from . import line
from .provider import BadSignature, ProviderAway, ProviderEvent, Redirect, Wanted

ALGORITHMS = ("sha256", "sha512")
STATES = {"new": "pending", "pending": "pending", "delayed": "pending", "ok": "paid", "fail": "failed"}
LANGUAGES = {"fi": "FI", "sv": "SV"}


def signature(secret: str, fields: Mapping[str, str], body: bytes = b"") -> str:
    """Over the fields that begin with checkout-, sorted, a line each, and then the body as it is. BadSignature."""
    algorithm = fields.get("checkout-algorithm", "")
    if algorithm not in ALGORITHMS:
        raise BadSignature(why="algorithm")
    head = "".join(f"{name}:{fields[name]}\n" for name in sorted(fields) if name.startswith("checkout-"))
    return hmac.new(secret.encode(), head.encode() + body, algorithm).hexdigest()


@dataclass(frozen=True)
class Paytrail:
    account: str
    secret: str = field(repr=False)
    address: str = "https://services.paytrail.com"

    def create(self, wanted: Wanted) -> Redirect:
        body = {
            "stamp": wanted.id,
            "reference": wanted.reference or wanted.id,
            "amount": wanted.amount,
            "currency": wanted.currency,
            "language": LANGUAGES.get(wanted.language, "EN"),
            "items": [
                {"unitPrice": wanted.amount, "units": 1, "vatPercentage": 0, "productCode": "1", "description": wanted.what[:1000]}
            ],
            "customer": {"email": wanted.email},
            "redirectUrls": {"success": wanted.back, "cancel": wanted.back},
            "callbackUrls": {"success": wanted.callback, "cancel": wanted.callback},
        }
        found = self._ask("POST", "/payments", json.dumps(body, ensure_ascii=False).encode())
        url, ref = found.get("href"), line.text(found.get("transactionId"))
        if not isinstance(url, str) or not url.startswith(("https://", "http://")) or not ref:
            raise ProviderAway(why="no payment in the answer")
        return Redirect(url, ref)

    def brought(self, args: Mapping[str, str]) -> None:
        return None

    def parse_return(self, args: Mapping[str, str]) -> ProviderEvent:
        self._check(args, b"", args.get("signature", ""))
        if args.get("checkout-account") != self.account:
            raise BadSignature(why="account")
        return self._event(
            args.get("checkout-stamp"),
            args.get("checkout-transaction-id"),
            args.get("checkout-amount"),
            "EUR",
            args.get("checkout-status"),
            args.get("checkout-provider"),
        )

    def parse_callback(self, method: str, headers: Mapping[str, str], args: Mapping[str, str], raw: bytes) -> ProviderEvent:
        return self.parse_return(args)

    def fetch_status(self, provider_ref: str) -> ProviderEvent:
        found = self._ask("GET", f"/payments/{provider_ref}", b"", {"checkout-transaction-id": provider_ref})
        if found.get("transactionId") != provider_ref:
            raise ProviderAway(why="another payment in the answer")
        names = ("stamp", "transactionId", "amount", "currency", "status", "provider")
        return self._event(*(found.get(name) for name in names))

    def _event(self, stamp, ref, amount, currency, status, method) -> ProviderEvent:
        if status not in STATES:
            raise BadSignature(why="status")
        named = (line.text(stamp), line.text(ref))
        return ProviderEvent(*named, line.whole(amount), line.text(currency, 3), STATES[status], line.text(method, 40))

    def _ask(self, method: str, path: str, body: bytes, more: Mapping[str, str] | None = None) -> dict:
        signed = {
            "checkout-account": self.account,
            "checkout-algorithm": "sha256",
            "checkout-method": method,
            "checkout-nonce": secrets.token_hex(16),
            "checkout-timestamp": clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        } | (more or {})
        headers = signed | {"signature": signature(self.secret, signed, body)}
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        _status, found, answered, raw = line.ask(method, self.address + path, body=body or None, headers=headers)
        given = {name.lower(): value for name, value in answered.items()}
        try:
            self._check(given, raw, given.get("signature", ""))
        except BadSignature as why:
            raise ProviderAway(why=f"answer not signed: {why.facts.get('why')}") from None
        return found

    def _check(self, fields: Mapping[str, str], body: bytes, given: str) -> None:
        if not hmac.compare_digest(signature(self.secret, fields, body).encode(), given.encode()):
            raise BadSignature(why="signature")
