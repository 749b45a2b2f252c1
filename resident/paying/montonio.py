"""Montonio (Stargate): each message is a token, JWT with HS256 under the secret key; the same on the way back and in webhooks
(docs.montonio.com). Sums are decimals of the major unit."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote

from . import line
from .provider import BadSignature, ProviderAway, ProviderEvent, Redirect, Wanted

LASTS, LEEWAY = 600, 60
STATES = {
    "PENDING": "pending", "AUTHORIZED": "pending", "PAID": "paid", "VOIDED": "failed", "ABANDONED": "expired",
    "PARTIALLY_REFUNDED": "paid", "REFUNDED": "refunded",
}  # fmt: skip
LOCALES = ("fi", "et", "pl", "ru", "en")


@dataclass(frozen=True)
class Montonio:
    access_key: str
    secret: str = field(repr=False)
    address: str = "https://stargate.montonio.com/api"
    # Which banks are offered first.
    country: str = "EE"

    def create(self, wanted: Wanted) -> Redirect:
        # The sum is written as it is, without a float in between.
        sum_ = f"{wanted.amount // 100}.{wanted.amount % 100:02d}"
        body = {
            "merchantReference": wanted.id,
            "returnUrl": wanted.back,
            "notificationUrl": wanted.callback,
            "currency": wanted.currency,
            "locale": wanted.language if wanted.language in LOCALES else "en",
            "payment": {
                "method": "paymentInitiation",
                "methodDisplay": wanted.what[:120],
                "methodOptions": {
                    "preferredCountry": self.country,
                    "paymentDescription": f"{wanted.what} {wanted.reference}".strip()[:140],
                    "paymentReference": wanted.reference if wanted.reference.isdigit() else "",
                },
                "currency": wanted.currency,
            },
        }
        text = json.dumps({**self._head(), **body}, ensure_ascii=False)
        # Twice: of the order, and of how it is paid.
        text = text.replace('"merchantReference"', f'"grandTotal": {sum_}, "merchantReference"', 1)
        text = text.replace('"method": "paymentInitiation"', f'"amount": {sum_}, "method": "paymentInitiation"', 1)
        sent = json.dumps({"data": self._token(text.encode())}).encode()
        found = line.ask("POST", f"{self.address}/orders", body=sent, headers={"Content-Type": "application/json"})[1]
        url, ref = found.get("paymentUrl"), line.text(found.get("uuid"))
        if not isinstance(url, str) or not url.startswith(("https://", "http://")) or not ref:
            raise ProviderAway(why="no order in the answer")
        return Redirect(url, ref)

    def brought(self, args: Mapping[str, str]) -> None:
        return None

    def parse_return(self, args: Mapping[str, str]) -> ProviderEvent:
        return self._event(self._opened(args.get("order-token", "")))

    def parse_callback(self, method: str, headers: Mapping[str, str], args: Mapping[str, str], raw: bytes) -> ProviderEvent | None:
        found = line.objects(raw) or {}
        if "refundToken" in found:
            return None
        return self._event(self._opened(found.get("orderToken", "")))

    def fetch_status(self, provider_ref: str) -> ProviderEvent:
        token = self._token(json.dumps(self._head()).encode())
        headers = {"Authorization": f"Bearer {token}"}
        found = line.ask("GET", f"{self.address}/orders/{quote(provider_ref, safe='')}", headers=headers)[1]
        if found.get("uuid") != provider_ref:
            raise ProviderAway(why="another order in the answer")
        return self._event(found)

    def _head(self) -> dict:
        now = int(time.time())
        return {"accessKey": self.access_key, "iat": now, "exp": now + LASTS}

    def _token(self, payload: bytes) -> str:
        # Ten megabytes that only an installation with this provider needs.
        from joserfc import jws

        return jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, payload, self._key, algorithms=["HS256"])

    @property
    def _key(self):
        from joserfc.jwk import OctKey

        return OctKey.import_key(self.secret)

    def _opened(self, token) -> dict:
        """What a token of theirs says. BadSignature when it is not theirs, not for us, or over."""
        from joserfc import jws
        from joserfc.errors import JoseError

        try:
            opened = jws.deserialize_compact(token.encode() if isinstance(token, str) else b"", self._key, algorithms=["HS256"])
        except (JoseError, ValueError):
            raise BadSignature(why="signature") from None
        found = line.objects(opened.payload)
        if found is None or found.get("accessKey") != self.access_key:
            raise BadSignature(why="key")
        ends = found.get("exp")
        if not isinstance(ends, int | Decimal) or ends < time.time() - LEEWAY:
            raise BadSignature(why="over")
        return found

    def _event(self, found: dict) -> ProviderEvent:
        if found.get("paymentStatus") not in STATES:
            raise BadSignature(why="status")
        return ProviderEvent(
            line.text(found.get("merchantReference")),
            line.text(found.get("uuid")),
            line.hundredths(found.get("grandTotal")),
            line.text(found.get("currency"), 3),
            STATES[found["paymentStatus"]],
            line.text(found.get("paymentProviderName") or found.get("paymentMethod"), 40),
        )
