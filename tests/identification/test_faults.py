"""What a provider, or somebody between, may get wrong: each is refused, and nobody is signed in (S12, S13)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from resident.people import personal_code
from resident.people.identification import Identity
from resident.people.person import Login, Person

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)

# fault: what the log says of it, so that each is refused for what it is.
IN_THE_TOKEN = {
    "nonce": "nonce", "no-nonce": "nonce", "audience": "aud", "audiences": "azp", "azp": "azp", "issuer": "iss",
    "no-subject": "sub", "expired": "exp", "no-expiry": "exp", "old": "iat", "ahead": "iat", "no-acr": "acr",
    "low-acr": "acr", "none-algorithm": "algorithm", "hs256": "algorithm", "key": "BadSignature", "own-key": "BadSignature",
    "unknown-key": "KeyError", "signature": "BadSignature", "no-token": "no id_token",
}  # fmt: skip


@pytest.fixture
def expected(db, cast, key):
    """The former resident, without a sign-in, is expected under mari's codes: every refusal below would sign her in."""
    with db.writing() as session:
        person = session.get(Person, cast.former)
        person.login_id = None
        personal_code.expect(session, person, "FI", "131052-308T", key)
        personal_code.expect(session, person, "EE", "60001019906", key)
    return person


@pytest.fixture
def nothing(db, sessions):
    """Nothing was made: no session, no pairing, no sign-in."""
    with db.reading() as session:
        before = session.scalar(select(func.count()).select_from(Login))
    yield
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Identity)) == 0
        assert session.scalar(select(func.count()).select_from(Login)) == before
    assert sessions() == 0


def test_without_a_fault_she_is_signed_in(visitor, provider, expected, sessions):
    assert visitor().identify("plain", "mari").status_code == 303
    assert sessions() == 1


@pytest.mark.parametrize("fault,why", IN_THE_TOKEN.items())
def test_a_fault_in_the_token(visitor, provider, expected, nothing, caplog, fault, why):
    provider.fault(fault)
    stranger = visitor()
    answer = stranger.identify("plain", "mari")
    assert answer.status_code == 400 and "did not succeed" in answer.text
    assert not stranger.signed_in and why in caplog.text


@pytest.mark.parametrize("which,fault", [("tara", "at-hash"), ("tara", "low-acr"), ("plain", "at-hash"), ("ftn", "unencrypted")])
def test_a_fault_against_a_profile(visitor, provider, expected, nothing, which, fault):
    provider.fault(fault)
    assert visitor().identify(which, "mari").status_code == 400


@pytest.mark.parametrize("fault", ["nonce", "audience", "key", "expired", "low-acr"])
def test_a_fault_inside_an_encrypted_token(visitor, provider, expected, nothing, fault):
    provider.fault(fault)
    assert visitor().identify("ftn", "mari").status_code == 400


def test_keys_not_signed_by_the_entity(visitor, provider, expected, nothing):
    provider.fault("entity")
    assert visitor().identify("ftn", "mari").status_code == 503


def test_another_state(visitor, provider, expected, nothing):
    stranger = visitor()
    back = provider.identify(stranger.begin("plain"), "mari")
    for spoiled in (re.sub(r"state=[^&]+", "state=another", back), re.sub(r"&state=[^&]+", "", back)):
        answer = stranger.come_back(spoiled)
        assert answer.status_code == 400 and "over" in answer.text


def test_another_issuer_in_the_answer(visitor, provider, expected, nothing):
    for spoil in (
        lambda back: re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", back),
        lambda back: re.sub(r"&iss=[^&]+", "", back),
    ):
        stranger = visitor()
        assert stranger.come_back(spoil(provider.identify(stranger.begin("plain"), "mari"))).status_code == 400


def test_an_answer_of_one_provider_given_to_another(visitor, provider, expected, nothing):
    stranger = visitor()
    back = provider.identify(stranger.begin("plain"), "mari")
    assert stranger.come_back(back.replace("/plain/", "/tara/")).status_code == 400


def test_an_answer_that_nobody_here_asked_for(visitor, provider, expected, nothing):
    """Somebody's own answer, laid under another's browser (login CSRF)."""
    back = provider.identify(visitor().begin("plain"), "mari")
    victim = visitor()
    answer = victim.come_back(back)
    assert answer.status_code == 400 and not victim.signed_in
    assert visitor().get("/identify/plain/back", 400)


def test_the_same_answer_a_second_time(visitor, provider, expected, sessions):
    stranger = visitor()
    back = provider.identify(stranger.begin("plain"), "mari")
    assert stranger.come_back(back).status_code == 303
    stranger.post("/sign-out", 303)
    assert stranger.come_back(back).status_code == 400 and not stranger.signed_in
    assert sessions() == 1


def test_a_code_that_was_used_before(visitor, provider, expected, sessions):
    first, second = visitor(), visitor()
    used = provider.identify(first.begin("plain"), "mari")
    assert first.come_back(used).status_code == 303
    fresh = provider.identify(second.begin("plain"), "mari")
    code = parse_qs(urlsplit(used).query)["code"][0]
    assert second.come_back(re.sub(r"code=[^&]+", f"code={code}", fresh)).status_code == 400
    assert not second.signed_in and sessions() == 1


def test_a_code_of_somebody_elses_request(visitor, provider, expected, nothing):
    """A stolen code under the thief's own state: the provider misses the verifier (PKCE)."""
    victim, thief = visitor(), visitor()
    stolen = provider.identify(victim.begin("plain"), "mari")
    own = provider.identify(thief.begin("plain"), "stranger")
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    assert thief.come_back(re.sub(r"code=[^&]+", f"code={code}", own)).status_code == 400


def test_an_answer_after_ten_minutes(visitor, provider, expected, nothing, monkeypatch):
    stranger = visitor()
    back = provider.identify(stranger.begin("plain"), "mari")
    from blueprints import _providers

    monkeypatch.setattr(_providers, "ENDS", -1)
    assert stranger.come_back(back).status_code == 400


def test_several_tabs_each_come_back_once(visitor, provider, expected, sessions):
    stranger = visitor()
    first, second = (provider.identify(stranger.begin("plain"), who) for who in ("stranger", "mari"))
    assert stranger.come_back(first).status_code == 403
    assert stranger.come_back(second).status_code == 303
    assert sessions() == 1


@pytest.mark.parametrize("fault", ["down", "nonsense", "discovery"])
def test_a_provider_that_is_down_when_one_sets_out(visitor, provider, expected, nothing, fault):
    provider.fault(fault)
    answer = visitor().post("/identify/plain")
    assert answer.status_code == 503 and "does not answer" in answer.text and 'href="/sign-in"' in answer.text


@pytest.mark.parametrize("fault", ["down", "nonsense", "slow"])
def test_a_provider_that_is_down_when_one_comes_back(visitor, provider, expected, nothing, fault):
    stranger = visitor()
    back = provider.identify(stranger.begin("plain"), "mari")
    provider.fault(fault)
    answer = stranger.come_back(back)
    assert answer.status_code == 503 and "nothing was stored" in answer.text


def test_a_provider_that_renews_its_keys(visitor, provider, expected, sessions, monkeypatch):
    from resident.people import provider_line

    monkeypatch.setattr(provider_line, "BETWEEN", 0)
    assert visitor().identify("plain", "mari").status_code == 303
    provider.fault("new-key")
    assert visitor().identify("plain", "mari").status_code == 303
    assert sessions() == 2


def test_turning_back(visitor, expected, nothing):
    for which in ("plain", "tara"):
        answer = visitor().identify(which, "cancel")
        assert answer.status_code == 200 and "turned back" in answer.text and 'href="/sign-in"' in answer.text


@pytest.mark.parametrize("which,fault", [("plain", "wrong-code"), ("tara", "wrong-code"), ("tara", "foreign-code")])
def test_a_code_that_is_none(visitor, provider, expected, nothing, which, fault):
    provider.fault(fault)
    assert visitor().identify(which, "mari").status_code == 403


def test_codes_and_tokens_are_not_in_the_log(visitor, provider, expected, caplog):
    for fault in ("none", "wrong-code", "nonce", "key"):
        provider.fault(fault)
        visitor().identify("plain", "mari")
    assert caplog.records
    assert not re.search(r"\d{6}[-+A-Y]\d{3}|eyJ", caplog.text)
