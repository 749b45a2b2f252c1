"""Text messages through a gateway: what it gets, what its answers mean, and that nobody else is ever called (S44)."""

from base64 import b64decode

import pytest

from resident.delivery import sms
from resident.delivery.sms import NoNumber, NotSent, Sms
from resident.errors import BadSetting
from resident.settings import load

MESSAGE = Sms("job-7", "+358405550100", "Kotitalo: ilmoita lukemat → https://example.org/e/x")


def test_the_gateway_gets_the_message_as_json_with_its_key_and_password(gateway):
    sms.send(MESSAGE, gateway.url)
    assert gateway.messages == [{"id": "job-7", "to": "+358405550100", "text": MESSAGE.text}]
    assert gateway.headers["Idempotency-Key"] == "job-7"
    assert b64decode(gateway.headers["Authorization"].removeprefix("Basic ")) == b"portal:a secret"


@pytest.mark.parametrize(("status", "error"), [(500, NotSent), (503, NotSent), (429, NotSent), (400, NoNumber), (404, NoNumber)])
def test_what_the_answers_mean(gateway, status, error):
    gateway.answers = [status]
    with pytest.raises(error):
        sms.send(MESSAGE, gateway.url)


def test_no_redirect_is_followed_and_no_proxy_is_used(gateway, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    gateway.answers, gateway.elsewhere = [307], "http://127.0.0.1:1/elsewhere"
    with pytest.raises(NotSent):
        sms.send(MESSAGE, gateway.url)
    assert gateway.messages == []


def test_a_gateway_that_is_away_is_tried_again(gateway):
    gateway.stop()
    with pytest.raises(NotSent):
        sms.send(MESSAGE, gateway.url)


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("040 555 0100", "FI", "+358405550100"),
        ("+358 (40) 555-0100", "EE", "+358405550100"),
        ("00372 555 0117", "FI", "+3725550117"),
        ("555 0117", "EE", "+3725550117"),
        ("601 555 010", "PL", "+48601555010"),
        ("8 921 555-01-00", "RU", "+79215550100"),
        ("12", "FI", None),
        ("call me", "FI", None),
        ("+0", "FI", None),
        ("040 555 0100 / 050 555 0100 111", "FI", None),
    ],
)
def test_numbers_in_international_form(typed, country, number):
    assert sms.international(typed, country) == number


@pytest.mark.parametrize("url", ["ftp://x", "http://gateway.example.org/", "https://", "gateway"])
def test_an_address_that_cannot_be_is_refused_by_its_name(tmp_path, url):
    with pytest.raises(BadSetting) as refusal:
        load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_SMS_URL": url})
    assert refusal.value.name == "RESIDENT_SMS_URL"
