"""Paytrail, Stripe and Montonio on loopback, as far as the portal speaks to them. Built on what the vendors publish: signatures
are made here anew and tried against the published vectors (test_vectors.py); nothing of the portal is imported.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlencode, urlsplit

ACCOUNT, SECRET = "375917", "SAIPPUAKAUPPIAS"
API_KEY, WEBHOOK_SECRET = "sk_test_standin", "whsec_test_secret"
ACCESS_KEY, SECRET_KEY = "montonio-access", "montonio-secret-of-the-stand-in-0001"


# ---- How the vendors sign --------------------------------------------------------------------------------------------


def paytrail_signature(fields: dict, body: str = "", secret: str = SECRET) -> str:
    lines = [f"{key}:{fields[key]}" for key in sorted(fields) if key.startswith("checkout-")]
    how = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}[fields["checkout-algorithm"]]
    return hmac.new(secret.encode(), "\n".join([*lines, body]).encode(), how).hexdigest()


def stripe_header(body: bytes, secret: str = WEBHOOK_SECRET, at: int | None = None) -> str:
    at = int(time.time()) if at is None else at
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def jwt(claims: dict, secret: str = SECRET_KEY, head: dict | None = None) -> str:
    parts = [json.dumps(part).encode() for part in (head or {"alg": "HS256", "typ": "JWT"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mark = base64.urlsafe_b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).rstrip(b"=")
    return (signed + b"." + mark).decode()


def opened(token: str, secret: str = SECRET_KEY) -> dict | None:
    """What a token of the shop's says; None when it is not signed as it must be, or over."""
    head, body, mark = token.split(".")
    wanted = base64.urlsafe_b64encode(hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()).rstrip(b"=")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body)]
    good = wanted.decode() == mark and read[0]["alg"] == "HS256" and read[1]["exp"] > time.time()
    return read[1] if good and read[1]["accessKey"] == ACCESS_KEY else None


# ---- The three -------------------------------------------------------------------------------------------------------


class Payment:
    """One payment at a vendor: what the shop asked for, and how it stands there."""

    def __init__(self, vendor: str, ref: str, asked: dict):
        self.vendor, self.ref, self.asked, self.state = vendor, ref, asked, "new"

    def answers(self, **changed) -> dict:
        """What the vendor says of it: paytrail's parameters, stripe's session, montonio's claims. changed: for what is forged."""
        return getattr(self, f"_{self.vendor}")(**changed)

    def _paytrail(self, **changed) -> dict:
        facts = {
            "checkout-account": ACCOUNT, "checkout-algorithm": "sha256", "checkout-amount": str(self.asked["amount"]),
            "checkout-stamp": self.asked["stamp"], "checkout-reference": self.asked["reference"],
            "checkout-transaction-id": self.ref, "checkout-provider": "nordea",
            "checkout-status": {"new": "pending", "paid": "ok", "failed": "fail", "expired": "fail"}[self.state],
        } | {f"checkout-{name}": value for name, value in changed.items()}  # fmt: skip
        return facts | {"signature": paytrail_signature(facts)}

    def _stripe(self, **changed) -> dict:
        return {
            "id": self.ref, "object": "checkout.session", "client_reference_id": self.asked["client_reference_id"],
            "amount_total": int(self.asked["line_items[0][price_data][unit_amount]"]),
            "currency": self.asked["line_items[0][price_data][currency]"],
            "status": {"new": "open", "paid": "complete", "failed": "complete", "expired": "expired"}[self.state],
            "payment_status": "paid" if self.state == "paid" else "unpaid",
        } | changed  # fmt: skip

    def _montonio(self, **changed) -> dict:
        return {
            "uuid": self.ref, "accessKey": ACCESS_KEY, "merchantReference": self.asked["merchantReference"],
            "grandTotal": self.asked["grandTotal"], "currency": self.asked["currency"], "paymentMethod": "paymentInitiation",
            "paymentProviderName": "Swedbank", "iat": int(time.time()), "exp": int(time.time()) + 600,
            "paymentStatus": {"new": "PENDING", "paid": "PAID", "failed": "VOIDED", "expired": "ABANDONED"}[self.state],
        } | changed  # fmt: skip

    def back(self, **changed) -> str:
        """Where the payer's browser is sent."""
        if self.vendor == "paytrail":
            return f"{self.asked['redirectUrls']['success']}?{urlencode(self.answers(**changed))}"
        if self.vendor == "stripe":
            return self.asked["success_url"].replace("{CHECKOUT_SESSION_ID}", changed.get("id", self.ref))
        return f"{self.asked['returnUrl']}?{urlencode({'order-token': jwt(self.answers(**changed))})}"

    def callback(self, **changed) -> dict:
        """The vendor's own word, as keywords for a test client: method, path, headers, data."""
        if self.vendor == "paytrail":
            return {"method": "GET", "path": f"{_path(self.asked['callbackUrls']['success'])}?{urlencode(self.answers(**changed))}"}
        if self.vendor == "stripe":
            kind = {"new": "completed", "paid": "completed", "failed": "async_payment_failed", "expired": "expired"}[self.state]
            body = json.dumps({"type": f"checkout.session.{kind}", "data": {"object": self.answers(**changed)}}).encode()
            return {"method": "POST", "headers": {"Stripe-Signature": stripe_header(body)}, "data": body, "path": ""}
        body = json.dumps({"orderToken": jwt(self.answers(**changed))}).encode()
        return {"method": "POST", "path": _path(self.asked["notificationUrl"]), "data": body}


def _path(url: str) -> str:
    return urlsplit(url).path


class Vendors:
    """All three at one address. fault: what is wrong with every answer; payments by the vendors' references."""

    def __init__(self):
        self.payments: dict[str, Payment] = {}
        self.refused: list[str] = []
        self.fault = None
        self.address = ""

    @property
    def last(self) -> Payment:
        return list(self.payments.values())[-1]

    def configuration(self, creditor: str = "koivu") -> str:
        """RESIDENT_PAYMENTS for a creditor that has a contract with all three."""
        with_all = {
            "paytrail": {"account": ACCOUNT, "secret": SECRET},
            "stripe": {"secret": API_KEY, "webhook_secret": WEBHOOK_SECRET},
            "montonio": {"access_key": ACCESS_KEY, "secret": SECRET_KEY},
        }
        text = ""
        for name, given in with_all.items():
            values = given | {"address": f"{self.address}/{name}", "kind": name, "id": name}
            text += "[[provider]]\n" + "".join(f'{key} = "{value}"\n' for key, value in values.items())
            text += f'creditors = ["{creditor}"]\norigins = ["{self.address}"]\n'
        return text

    def clear(self) -> None:
        self.payments.clear()
        self.refused.clear()
        self.fault = None


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_given):
        pass

    def do_GET(self):
        self._answer(b"")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, body: bytes):
        path = urlsplit(self.path).path
        if "/page/" in path:
            self._page(path)
            return
        if self.server.vendors.fault == "silent":
            time.sleep(3)
        if self.server.vendors.fault in ("500", "nonsense", "list"):
            octets = {"nonsense": b"<html>", "list": b"[]", "500": b"{}"}[self.server.vendors.fault]
            self._send(500 if self.server.vendors.fault == "500" else 200, octets, {})
            return
        vendor = path.split("/")[1]
        try:
            status, facts = getattr(self, f"_{vendor}")(path.removeprefix(f"/{vendor}"), body)
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            self.server.vendors.refused.append(f"{path}: {error!r}")
            status, facts = 400, {"status": "error"}
        octets = json.dumps(facts).encode()
        self._send(status, octets, self._signed(octets) if vendor == "paytrail" else {})

    def _signed(self, octets: bytes) -> dict:
        fields = {"checkout-account": ACCOUNT, "checkout-algorithm": "sha256", "checkout-method": self.command}
        secret = "another" if self.server.vendors.fault == "unsigned" else SECRET
        return fields | {"signature": paytrail_signature(fields, octets.decode(), secret)}

    def _page(self, path: str):
        """What a payer sees: how it shall end. A browser goes through it in the journey."""
        payment = self.server.vendors.payments[path.rsplit("/", 1)[1]]
        state = urlsplit(self.path).query.removeprefix("end=")
        if state:
            payment.state = state
            self._send(303, b"", {"Location": payment.back()})
            return
        links = "".join(f'<p><a id="{end}" href="?end={end}">{end}</a></p>' for end in ("paid", "failed"))
        self._send(200, f"<!doctype html><title>Stand-in</title>{links}".encode(), {"Content-Type": "text/html"})

    def _send(self, status: int, octets: bytes, headers: dict):
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def _made(self, vendor: str, ref: str, asked: dict) -> str:
        """The page's address. The shop's own name makes one payment of many tries."""
        self.server.vendors.payments.setdefault(ref, Payment(vendor, ref, asked))
        return f"{self.server.vendors.address}/{vendor}/page/{ref}"

    def _paytrail(self, path: str, body: bytes):
        fields = {name.lower(): value for name, value in self.headers.items()}
        assert hmac.compare_digest(paytrail_signature(fields, body.decode()), fields["signature"]), "signature"
        assert fields["checkout-account"] == ACCOUNT and fields["checkout-method"] == self.command, "account or method"
        assert len(fields["checkout-nonce"]) >= 16 and fields["checkout-timestamp"].endswith("Z"), "nonce or timestamp"
        if self.command == "GET":
            payment = self.server.vendors.payments[path.removeprefix("/payments/")]
            assert fields["checkout-transaction-id"] == payment.ref, "transaction"
            said = payment.answers()
            names = {"stamp": "stamp", "reference": "reference", "status": "status", "provider": "provider"}
            facts = {name: said[f"checkout-{field}"] for name, field in names.items()}
            return 200, facts | {"transactionId": payment.ref, "amount": payment.asked["amount"], "currency": "EUR"}
        asked = json.loads(body)
        assert path == "/payments" and asked["currency"] == "EUR" and asked["language"] in ("FI", "SV", "EN"), "body"
        assert isinstance(asked["amount"], int) and asked["amount"] == sum(i["unitPrice"] * i["units"] for i in asked["items"])
        assert asked["customer"]["email"] and len(asked["stamp"]) <= 200 and asked["callbackUrls"]["success"], "body"
        ref = str(uuid.uuid5(uuid.NAMESPACE_URL, asked["stamp"]))
        return 201, {"transactionId": ref, "href": self._made("paytrail", ref, asked), "reference": asked["reference"]}

    def _stripe(self, path: str, body: bytes):
        assert self.headers["Authorization"] == f"Bearer {API_KEY}", "key"
        if self.command == "GET":
            return 200, self.server.vendors.payments[path.rsplit("/", 1)[1]].answers()
        asked = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        assert path == "/v1/checkout/sessions" and asked["mode"] == "payment", "mode"
        assert asked["line_items[0][price_data][unit_amount]"].isdigit() and self.headers["Idempotency-Key"], "sum or key"
        ref = "cs_test_" + hashlib.sha256(self.headers["Idempotency-Key"].encode()).hexdigest()[:24]
        return 200, {"id": ref, "object": "checkout.session", "url": self._made("stripe", ref, asked)}

    def _montonio(self, path: str, body: bytes):
        if self.command == "GET":
            assert opened(self.headers["Authorization"].removeprefix("Bearer ")), "token"
            return 200, self.server.vendors.payments[path.rsplit("/", 1)[1]].answers()
        asked = opened(json.loads(body)["data"])
        assert path == "/orders" and asked and asked["payment"]["method"] == "paymentInitiation", "token"
        assert asked["grandTotal"] == asked["payment"]["amount"] and asked["notificationUrl"], "sum"
        ref = str(uuid.uuid5(uuid.NAMESPACE_URL, asked["merchantReference"]))
        return 201, {"uuid": ref, "paymentUrl": self._made("montonio", ref, asked), "paymentStatus": "PENDING"}


@contextmanager
def served():
    """The three, listening on loopback until the block ends."""
    vendors = Vendors()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.vendors = vendors
    vendors.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield vendors
    server.shutdown()
    server.server_close()
    thread.join()


def query(url: str) -> str:
    """Path and query of an address, as a test client wants them."""
    parts = urlsplit(url)
    return quote(parts.path) + (f"?{parts.query}" if parts.query else "")
