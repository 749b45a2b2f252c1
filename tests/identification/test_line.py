"""The line to a provider: what is kept, what is asked for anew, what it costs when nobody answers (oidc-provider-mock)."""

import json
import socket
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import oidc_provider_mock
import pytest

from resident.people import openid, provider_line
from resident.people.provider import Provider
from resident.people.provider_line import Line, ProviderAway

BACK = "http://127.0.0.1:8000/identify/mock/back"


@pytest.fixture(scope="module")
def issuer():
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def provider(issuer: str, **given) -> Provider:
    return Provider(
        id="mock", profile="plain", name={"": "Mock"}, issuer=issuer, client_id="resident", client_secret="secret", country="FI",
        code_claim="sub", acr=("high",), ask_acr=("high",), **given,
    )  # fmt: skip


def test_a_request_says_all_that_it_must(issuer):
    from urllib.parse import parse_qs, urlsplit

    line = Line(provider(issuer, ui_locales=("et", "en"), extra={"ftn_spname": "Koivu"}))
    address, kept = openid.begin(line, BACK, "fi")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(issuer + "/") and asked["redirect_uri"] == BACK and asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256" and asked["acr_values"] == "high" and asked["ftn_spname"] == "Koivu"
    assert asked["ui_locales"] == "et" and asked["state"] == kept["state"] and asked["nonce"] == kept["nonce"]
    assert kept["verifier"] not in address and len(kept["nonce"]) >= 22 and len({*kept.values()}) == 3


def test_addresses_are_kept_and_keys_asked_for_once(issuer, monkeypatch):
    line, asked = Line(provider(issuer)), []
    monkeypatch.setattr(line, "_fetched", lambda address, real=line._fetched: asked.append(address) or real(address))
    for _ in range(3):
        assert line.address("token_endpoint").startswith(issuer)
        for kid in ("unknown", "another"):
            with pytest.raises(KeyError):
                line.key({"kid": kid, "alg": "RS256"})
    assert len(asked) == 2, asked


def test_another_issuer_in_the_discovery_is_not_believed(issuer):
    with pytest.raises(ProviderAway):
        Line(provider(issuer + "/")).address("token_endpoint")


def test_a_machine_that_is_not_there_is_not_asked_again_at_once():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        line = Line(provider(f"http://127.0.0.1:{probe.getsockname()[1]}"))
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(ProviderAway):
            openid.begin(line, BACK, "en")
    assert time.monotonic() - began < 1


@pytest.fixture
def answering():
    """answering(status, body, **headers) is the address of a machine that answers everything so."""
    servers = []

    def start(status, body, **headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_given):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "status,body,headers",
    [
        (200, b"<html>", {}), (200, b"[]", {}), (200, b"{}", {}), (500, b"{}", {}), (404, b"", {}), (200, b"\xff" * 10, {}),
        (302, b"", {"Location": "http://169.254.169.254/"}), (200, b'{"a": "' + b"x" * 300_000 + b'"}', {}),
    ],
)  # fmt: skip
def test_nonsense(answering, status, body, headers):
    with pytest.raises(ProviderAway):
        Line(provider(answering(status, body, **headers))).address("token_endpoint")


def test_addresses_without_encryption_are_not_taken(answering):
    issuer = "http://127.0.0.1"
    found = {"issuer": issuer, **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), "http://broker.example/x")}
    address = answering(200, json.dumps(found).encode())
    line = Line(provider(address))
    line.provider = replace(line.provider, issuer=address)
    with pytest.raises(ProviderAway):
        line.address("token_endpoint")


def test_two_at_once_are_enough(monkeypatch):
    monkeypatch.setattr(provider_line, "PATIENCE", 0.05)
    line, going = Line(provider("http://127.0.0.1:9")), threading.Event()
    monkeypatch.setattr(line, "_open", lambda _request: (going.wait(5), (200, b"{}"))[1])
    threads = [threading.Thread(target=line._fetched, args=("http://127.0.0.1:9/",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    with pytest.raises(ProviderAway) as why:
        line._fetched("http://127.0.0.1:9/")
    assert why.value.why == "too many ask at once"
    going.set()
    for thread in threads:
        thread.join()
