"""What the vendors publish about their signatures (standards 7): the portal's and the stand-ins' both hold it, each by itself."""

import json
import time

import pytest

from resident.paying import line, paytrail
from resident.paying.montonio import Montonio
from resident.paying.paytrail import Paytrail
from resident.paying.provider import BadSignature
from resident.paying.stripe import Stripe, signed
from tests.paying import standin

HEAD = {
    "checkout-account": "375917", "checkout-algorithm": "sha256", "checkout-method": "POST",
    "checkout-nonce": "564635208570151", "checkout-timestamp": "2018-07-06T10:01:31.904Z",
}  # fmt: skip
EMPTY = "a21294097934b5ea37794c882cdc9cda5954d8aeae774c3cf629ead8915c6439"
RETURN = {
    "checkout-account": "375917", "checkout-algorithm": "sha256", "checkout-amount": "2964", "checkout-stamp": "15336332710015",
    "checkout-reference": "192387192837195", "checkout-transaction-id": "4b300af6-9a22-11e8-9184-abb6de7fd2d0",
    "checkout-status": "ok", "checkout-provider": "nordea",
}  # fmt: skip
RETURNED = "b2d3ecdda2c04563a4638fcade3d4e77dfdc58829b429ad2c2cb422d0fc64080"


def body(vat) -> str:
    """The sample of a payment in the vendor's documentation, as compact JSON."""
    return json.dumps(
        {
            "stamp": "unique-identifier-for-merchant", "reference": "3759170", "amount": 1525, "currency": "EUR", "language": "FI",
            "items": [
                {"unitPrice": 1525, "units": 1, "vatPercentage": vat, "productCode": "#1234", "deliveryDate": "2018-09-01"}
            ],
            "customer": {"email": "test.customer@example.com"},
            "redirectUrls": {"success": "https://ecom.example.com/cart/success", "cancel": "https://ecom.example.com/cart/cancel"},
        },
        separators=(",", ":"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("vat", "wanted"),
    [
        (25.5, "9a4a7735279de4c99268e4566a5526ae887e73e6e58f2918cb2309ccac366129"),
        (24, "3708f6497ae7cc55a2e6009fc90aa10c3ad0ef125260ee91b19168750f6d74f6"),
    ],
)
def test_paytrail_signs_a_request(vat, wanted):
    assert paytrail.signature("SAIPPUAKAUPPIAS", HEAD, body(vat).encode()) == wanted
    assert standin.paytrail_signature(HEAD, body(vat)) == wanted


def test_paytrail_signs_a_request_without_a_body():
    assert paytrail.signature("SAIPPUAKAUPPIAS", HEAD) == standin.paytrail_signature(HEAD) == EMPTY


def test_paytrail_signs_the_way_back():
    assert standin.paytrail_signature(RETURN) == RETURNED
    event = Paytrail("375917", "SAIPPUAKAUPPIAS").parse_return(RETURN | {"signature": RETURNED})
    assert (event.id, event.amount, event.currency, event.state, event.method) == ("15336332710015", 2964, "EUR", "paid", "nordea")
    assert event.provider_ref == RETURN["checkout-transaction-id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"checkout-amount": "1"}, {"checkout-status": "fail"}, {"signature": ""}, {"signature": "ä"}, {"checkout-algorithm": "md5"},
        {"checkout-algorithm": "none"}, {"checkout-extra": "1"},
    ],
)  # fmt: skip
def test_paytrail_refuses_what_was_changed_on_the_way(changed):
    with pytest.raises(BadSignature):
        Paytrail("375917", "SAIPPUAKAUPPIAS").parse_return(RETURN | {"signature": RETURNED} | changed)


def test_paytrail_refuses_the_word_about_another_shop():
    with pytest.raises(BadSignature):
        Paytrail("375918", "SAIPPUAKAUPPIAS").parse_return(RETURN | {"signature": RETURNED})


STRIPE = Stripe("sk", "whsec_test_secret")
EVENT = b'{"id":"evt_test_webhook","object":"event"}'
STRIPE_SIGNED = "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"


def test_stripe_signs_the_moment_and_the_raw_body(monkeypatch):
    assert signed("whsec_test_secret", "1700000000", EVENT) == STRIPE_SIGNED
    assert standin.stripe_header(EVENT, at=1700000000) == f"t=1700000000,v1={STRIPE_SIGNED}"
    monkeypatch.setattr(time, "time", lambda: 1700000299)
    header = f"t=1700000000,v1=00,v1={STRIPE_SIGNED},v0=x"
    assert STRIPE.parse_callback("POST", {"Stripe-Signature": header}, {}, EVENT) is None


@pytest.mark.parametrize("at", [1700000301, 1699999699])
def test_stripe_takes_nothing_that_is_old_or_ahead(monkeypatch, at):
    monkeypatch.setattr(time, "time", lambda: at)
    with pytest.raises(BadSignature):
        STRIPE.parse_callback("POST", {"Stripe-Signature": f"t=1700000000,v1={STRIPE_SIGNED}"}, {}, EVENT)


@pytest.mark.parametrize("header", ["", "t=1700000000", f"v1={STRIPE_SIGNED}", f"t=x,v1={STRIPE_SIGNED}", "t=1700000000,v1=é"])
def test_stripe_takes_nothing_without_a_signature(monkeypatch, header):
    monkeypatch.setattr(time, "time", lambda: 1700000000)
    with pytest.raises(BadSignature):
        STRIPE.parse_callback("POST", {"Stripe-Signature": header}, {}, EVENT)


MONTONIO = Montonio(standin.ACCESS_KEY, standin.SECRET_KEY)
# A token that another library made: HS256 over what RFC 7519 calls an unsecured header's neighbour, fields in their order.
CLAIMS = {
    "uuid": "u1", "accessKey": standin.ACCESS_KEY, "merchantReference": "m1", "grandTotal": 12.3, "currency": "EUR",
    "paymentStatus": "PAID",
}  # fmt: skip


def claims(**changed) -> dict:
    return CLAIMS | {"exp": int(time.time()) + 600} | changed


def test_montonio_opens_its_own_tokens_and_counts_in_minor_units():
    event = MONTONIO.parse_return({"order-token": standin.jwt(claims())})
    assert (event.id, event.provider_ref, event.amount, event.currency, event.state) == ("m1", "u1", 1230, "EUR", "paid")


@pytest.mark.parametrize(
    "token",
    [
        "", "a.b.c", standin.jwt(claims(), "another secret of thirty-two signs"), standin.jwt(claims(accessKey="other")),
        standin.jwt(claims(exp=1)), standin.jwt(claims(exp="never")), standin.jwt(claims(paymentStatus="WHAT")),
        standin.jwt(claims(), head={"alg": "none"}), standin.jwt(claims(), head={"alg": "HS512"}),
    ],
)  # fmt: skip
def test_montonio_refuses_other_tokens(token):
    with pytest.raises(BadSignature):
        MONTONIO.parse_callback("POST", {}, {}, json.dumps({"orderToken": token}).encode())


def test_montonio_says_that_all_of_it_went_back():
    assert MONTONIO.parse_return({"order-token": standin.jwt(claims(paymentStatus="REFUNDED"))}).state == "refunded"


def test_montonio_tells_of_refunds_which_are_not_ours():
    assert MONTONIO.parse_callback("POST", {}, {}, b'{"refundToken": "x"}') is None


@pytest.mark.parametrize(
    ("given", "minor"),
    [
        ("12", 1200),
        ("12.3", 1230),
        ("12.34", 1234),
        ("0.07", 7),
        ("12.345", -1),
        ("1e30", -1),
        ('"12"', -1),
        ("true", -1),
        ("null", -1),
    ],
)
def test_amounts_of_major_units_become_minor_ones_exactly(given, minor):
    assert line.hundredths(line.objects(f'{{"a": {given}}}'.encode())["a"]) == minor


@pytest.mark.parametrize(
    ("given", "minor"), [("2964", 2964), (2964, 2964), ("-1", -1), (29.64, -1), (True, -1), ("١", -1), (None, -1)]
)
def test_amounts_of_minor_units_are_whole(given, minor):
    assert line.whole(given) == minor
