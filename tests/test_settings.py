"""Settings: read in one place, a wrong value refused by its name."""

import stat
import sys

import pytest

from resident.errors import BadSetting
from resident.settings import load


def test_nothing_given_serves_on_loopback_from_var(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load({})
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_url == f"sqlite:///{tmp_path}/var/resident.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RESIDENT_PORT", "80a"),
        ("RESIDENT_PORT", "0"),
        ("RESIDENT_PORT", "٨٠"),
        ("RESIDENT_BASE_URL", "homes.example.org"),
        ("RESIDENT_BASE_URL", "http://homes.example.org"),
        ("RESIDENT_BASE_URL", "https://["),
        ("RESIDENT_BASE_URL", "https://homes.example.org:99999"),
        ("RESIDENT_DATABASE_URL", "mysql://x"),
        ("RESIDENT_DATABASE_URL", "postgresql://host:port/name"),
        ("RESIDENT_SECRET_KEY", "short"),
        ("RESIDENT_SMTP_URL", "mail.example.org"),
        ("RESIDENT_SMTP_URL", "smtp://"),
        ("RESIDENT_SMTP_URL", "smtp://mail.example.org:mail"),
        ("RESIDENT_TRUSTED_PROXY", "proxy.example.org"),
        ("RESIDENT_COLOUR", "blue"),
        ("RESIDENT_SECRET_KEY_FILE", "/nowhere/key"),
        ("RESIDENT_SECRET_KEY_FILE", sys.executable),
        ("RESIDENT_DATA_DIR", sys.executable),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(tmp_path, name, value):
    with pytest.raises(BadSetting) as refusal:
        load({"RESIDENT_DATA_DIR": str(tmp_path), name: value})
    assert refusal.value.name == name


def test_at_a_start_the_refusal_is_one_sentence(monkeypatch):
    from app import create_app

    monkeypatch.setenv("RESIDENT_PORT", "80a")
    with pytest.raises(SystemExit, match="^RESIDENT_PORT: a port is a whole number"):
        create_app()


@pytest.mark.parametrize(
    "command",
    [["migrate"], ["serve"], ["check"], ["rebuild"], ["demo"], ["worker"], ["import", "book.xlsx", "--organisation", "koivu"]],
)
@pytest.mark.parametrize(("password", "why"), [("pine-cone", "Connection refused"), ("pine@cone", "an @ too many")])
def test_a_database_that_does_not_answer_is_one_sentence_without_the_password(tmp_path, monkeypatch, command, password, why):
    from app import create_app

    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.xlsx").touch()
    url = f"postgresql://resident:{password}@127.0.0.1:1/resident"
    app = create_app(load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_DATABASE_URL": url}))
    said = app.test_cli_runner().invoke(args=command)
    assert said.exit_code == 1 and said.output.startswith("Error: RESIDENT_DATABASE_URL: the database cannot be used: ")
    assert said.output.count("\n") == 1 and why in said.output and "cone" not in said.output


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("k" * 40 + "\n")
    settings = load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key == "k" * 40


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = load({"RESIDENT_DATA_DIR": str(tmp_path)}).secret_key
    assert load({"RESIDENT_DATA_DIR": str(tmp_path)}).secret_key == first
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_https_makes_cookies_secure(tmp_path):
    from app import create_app
    from resident import schema

    settings = load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_BASE_URL": "https://homes.example.org"})
    app = create_app(settings)
    schema.upgrade(app.extensions["resident.db"])
    answer = app.test_client().get("/sign-in", base_url="https://homes.example.org")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-resident=") and "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Domain" not in cookie and "Path=/" in cookie
    assert app.test_client().get("/sign-in", base_url="https://evil.example").status_code == 400


def test_the_web_server_in_front_is_believed_on_loopback_or_by_its_address(tmp_path):
    given = {"RESIDENT_DATA_DIR": str(tmp_path)}
    public = given | {"RESIDENT_BASE_URL": "https://homes.example.org"}
    assert load(given).trusted_proxy == ""
    assert load(public).trusted_proxy == "127.0.0.1"
    assert load(public | {"RESIDENT_HOST": "0.0.0.0"}).trusted_proxy == ""
    assert load(public | {"RESIDENT_HOST": "0.0.0.0", "RESIDENT_TRUSTED_PROXY": "10.0.0.2"}).trusted_proxy == "10.0.0.2"
