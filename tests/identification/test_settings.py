"""The configuration of providers: what it gives, and that a wrong value is refused by its name."""

import json
import re
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from app import create_app
from resident.errors import BadSetting
from resident.people import provider
from resident.settings import load

DOCS = (Path(__file__).parents[2] / "docs/identification.md").read_text()
PLAIN = """
[[provider]]
id = "bank"
issuer = "https://broker.example"
client_id = "x"
client_secret = "y"
country = "FI"
code_claim = "hetu"
acr = ["high"]
"""


def test_a_plain_provider(tmp_path):
    one = provider.parse(PLAIN, tmp_path).providers["bank"]
    assert (one.called("fi"), one.called("xx")) == ("Vahva tunnistautuminen", "Strong identification")
    assert one.ask_acr == ("high",) and one.second_factor == () and one.stable_subject
    assert one.redirect_uri("https://homes.example") == "https://homes.example/identify/bank/back"
    assert "y" not in re.findall(r"client_secret='?(\w*)", repr(one))


@pytest.mark.parametrize(
    "change,name",
    [
        ('id = "bank"', "provider.id"), ('issuer = "https://broker.example"', "bank.issuer"), ('client_id = "x"', "bank.client_id"),
        ('client_secret = "y"', "bank.client_secret"), ('acr = ["high"]', "bank.acr"), ('country = "FI"', "bank.country"),
        ('code_claim = "hetu"', "bank.code_claim"),
    ],
)  # fmt: skip
def test_what_is_missing(tmp_path, change, name):
    refused(PLAIN.replace(change, ""), tmp_path, name)


@pytest.mark.parametrize(
    "more,name",
    [
        ('algorithms = ["none"]', "bank.algorithms"), ('algorithms = ["HS256"]', "bank.algorithms"),
        ('profile = "x"', "bank.profile"),
        ('second_factor = ["low"]', "bank.second_factor"), ('scope = "profile"', "bank.scope"), ("signed = true", "bank.signed"),
        ('stable_subject = "no"', "bank.stable_subject"), ('extra = { state = "x" }', "bank.extra"), ("scope = 3", "bank.scope"),
        ('auth = "private_key_jwt"', "bank.signing_kid"), ('origins = ["bank.example"]', "bank.origins"),
        ('origins = ["https://a.example; script-src *"]', "bank.origins"), ("encrypted = true", "bank.decryption_key"),
        ('jwks_uri = "http://broker.example/keys"', "bank.jwks_uri"), ('jwks = "[]"', "bank.jwks"), ("name = {}", "bank.name"),
        ('signing_key_file = "/nowhere"', "bank.signing_key_file"),
        ('authorization_endpoint = "https://a.example"', "bank.token_endpoint"),
        ('signed_jwks_uri = "https://a.example"', "bank.entity_keys"),
        ('auth = "private_key_jwt"\nsigning_kid = "k"\nsigning_key = "x"', "bank.signing_key"),
    ],
)  # fmt: skip
def test_what_cannot_be_so(tmp_path, more, name):
    refused(PLAIN + more, tmp_path, name)


@pytest.mark.parametrize(
    "text,name",
    [
        ("x", ""),
        ("colour = 1", "colour"),
        (PLAIN + PLAIN, "bank.id"),
        ("provider = 1", "provider"),
        ("test_codes = 1", "test_codes"),
    ],
)
def test_a_text_that_is_no_configuration(tmp_path, text, name):
    refused(text, tmp_path, name)


def refused(text, folder, name):
    with pytest.raises(BadSetting) as refusal:
        provider.parse(text, folder)
    assert refusal.value.name == f"RESIDENT_IDENTIFICATION {name}".strip() and refusal.value.why


def test_the_examples_of_the_documentation_hold(tmp_path):
    """Each with its files in place."""
    key = RSAKey.generate_key(2048, private=True)
    files = {"secret": "s", "pem": key.as_pem(private=True).decode(), "json": json.dumps({"keys": [key.as_dict(private=False)]})}
    examples = re.findall(r"```toml\n(.*?)```", DOCS, re.S)
    assert len(examples) == 3
    for example in examples:
        for name in re.findall(r"/etc/resident/([\w.-]+)", example):
            (tmp_path / name).write_text(files[name.rsplit(".", 1)[-1]])
        assert provider.parse(example.replace("/etc/resident/", ""), tmp_path).providers


def test_every_setting_is_documented():
    from dataclasses import fields

    assert not [one.name for one in fields(provider.Provider) if f"`{one.name}`" not in DOCS]


def test_a_wrong_configuration_stops_the_start(tmp_path):
    with pytest.raises(SystemExit) as told:
        create_app(load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_IDENTIFICATION": PLAIN.replace('"high"', "3")}))
    assert str(told.value).startswith("RESIDENT_IDENTIFICATION bank.acr: ")


def test_forms_lead_to_the_providers_and_nowhere_else(tmp_path):
    given = PLAIN + 'origins = ["https://*.bank.example"]'
    for text, allowed in ((given, "'self' https://*.bank.example https://broker.example"), ("", "'self'")):
        app = create_app(load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_IDENTIFICATION": text}))
        policy = app.test_client().get("/static/nothing").headers["Content-Security-Policy"]
        assert f"form-action {allowed};" in policy


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_without_a_configuration_there_is_no_dead_button(url, tmp_path):
    app = create_app(load({"RESIDENT_DATA_DIR": str(tmp_path / "var"), "RESIDENT_DATABASE_URL": url}))
    page = app.test_client().get("/sign-in?lang=en").text
    assert "/identify" not in page and "Identify yourself" not in page
    app.extensions["resident.db"].engine.dispose()
