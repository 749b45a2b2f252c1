"""Stripe Checkout: the payer goes to a session's page; webhooks are signed over the moment and the raw body (docs.stripe.com).

The way back proves nothing, so the session is asked for.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from . import line
from .provider import BadSignature, ProviderAway, ProviderEvent, Redirect, Wanted

# Seconds that a webhook may be old, or ahead of our clock.
TOLERANCE = 300
VERSION = "2024-06-20"
LOCALES = ("fi", "sv", "et", "pl", "ru", "en")
# What of the webhooks is about how a session ended.
EVENTS = {
    "checkout.session.completed": None,
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.async_payment_failed": "failed",
    "checkout.session.expired": "expired",
}


def signed(secret: str, moment: str, raw: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + raw, "sha256").hexdigest()


@dataclass(frozen=True)
class Stripe:
    secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    address: str = "https://api.stripe.com"

    def create(self, wanted: Wanted) -> Redirect:
        price = "line_items[0][price_data]"
        form = {
            "mode": "payment",
            "client_reference_id": wanted.id,
            # Stripe puts the session's id where the braces stand.
            "success_url": f"{wanted.back}?session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{wanted.back}?session_id={{CHECKOUT_SESSION_ID}}",
            "locale": wanted.language if wanted.language in LOCALES else "auto",
            "line_items[0][quantity]": "1",
            f"{price}[currency]": wanted.currency.lower(),
            f"{price}[unit_amount]": str(wanted.amount),
            f"{price}[product_data][name]": wanted.what[:250],
            "payment_intent_data[description]": f"{wanted.what} {wanted.reference}"[:250],
        }
        headers = {"Idempotency-Key": wanted.id, "Content-Type": "application/x-www-form-urlencoded"}
        found = self._ask("POST", "/v1/checkout/sessions", urlencode(form).encode(), headers)
        url, ref = found.get("url"), line.text(found.get("id"))
        if not isinstance(url, str) or not url.startswith(("https://", "http://")) or not ref:
            raise ProviderAway(why="no session in the answer")
        return Redirect(url, ref)

    def brought(self, args: Mapping[str, str]) -> str:
        session = args.get("session_id", "")
        if not session or len(session) > 120 or not session.replace("_", "").isalnum():
            raise BadSignature(why="no session")
        return session

    def parse_return(self, args: Mapping[str, str]) -> ProviderEvent:
        return self.fetch_status(self.brought(args))

    def parse_callback(self, method: str, headers: Mapping[str, str], args: Mapping[str, str], raw: bytes) -> ProviderEvent | None:
        self._check(headers.get("Stripe-Signature", ""), raw)
        found = line.objects(raw) or {}
        if found.get("type") not in EVENTS:
            return None
        data = found.get("data")
        session = data.get("object") if isinstance(data, dict) else None
        if not isinstance(session, dict):
            raise BadSignature(why="no session")
        return self._event(session, EVENTS[found["type"]])

    def fetch_status(self, provider_ref: str) -> ProviderEvent:
        found = self._ask("GET", f"/v1/checkout/sessions/{quote(provider_ref, safe='')}", None, {})
        if found.get("id") != provider_ref:
            raise ProviderAway(why="another session in the answer")
        return self._event(found, None)

    def _event(self, session: dict, state: str | None) -> ProviderEvent:
        if session.get("payment_status") == "paid":
            state = "paid"
        elif state is None or state == "paid":
            # Complete and not paid: the money is on its way, as of a bank debit.
            state = "expired" if session.get("status") == "expired" else "pending"
        return ProviderEvent(
            line.text(session.get("client_reference_id")),
            line.text(session.get("id")),
            line.whole(session.get("amount_total")),
            line.text(session.get("currency"), 3).upper(),
            state,
        )

    def _check(self, header: str, raw: bytes) -> None:
        """One signature of version 1 must hold, over a moment that is near ours. BadSignature."""
        parts = [part.strip().partition("=") for part in header.split(",")]
        moment = next((value for name, _, value in parts if name == "t"), "")
        if not (moment.isascii() and moment.isdecimal()) or abs(time.time() - int(moment[:12])) > TOLERANCE:
            raise BadSignature(why="moment")
        wanted = signed(self.webhook_secret, moment, raw).encode()
        if not any(name == "v1" and hmac.compare_digest(wanted, value.encode()) for name, _, value in parts):
            raise BadSignature(why="signature")

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> dict:
        own = {"Authorization": f"Bearer {self.secret}", "Stripe-Version": VERSION}
        return line.ask(method, self.address + path, body=body, headers=own | headers)[1]
