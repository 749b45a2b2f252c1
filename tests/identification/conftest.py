"""The acceptance provider for the portal's tests, and a visitor who identifies there."""

import os

import pytest
from sqlalchemy import func, select

from resident.people.sign_in import LoginSession
from resident.settings import load
from tests.client import Client
from tests.provider import served

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def _provider(tmp_path_factory):
    if not served.installed():
        # Without a provider these prove nothing: CI must not be green then.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "Node 20 or newer is missing. On Debian or Ubuntu: apt-get install nodejs npm"
        )
    with served.provider(tmp_path_factory.mktemp("provider"), BASE) as found:
        yield found


@pytest.fixture
def provider(_provider):
    """The provider, without a fault before and after."""
    _provider.fault("none")
    yield _provider
    _provider.fault("none")


@pytest.fixture
def settings(url, tmp_path, provider):
    return load(
        {
            "RESIDENT_DATA_DIR": str(tmp_path / "var"),
            "RESIDENT_DATABASE_URL": url,
            "RESIDENT_IDENTIFICATION": provider.configuration(),
        }
    )


class Visitor(Client):
    """identify("plain", "mari") goes there and back; the portal's answer."""

    def __init__(self, app, provider, name=None, **given):
        super().__init__(app, name, **given)
        self.provider = provider

    def begin(self, which: str, to: str = "", **fields) -> str:
        """Sends the form; the address of the provider."""
        return self.post(f"/identify/{which}{to}", 303, **fields).headers["Location"]

    def identify(self, which: str, who: str, to: str = "", **fields):
        back = self.provider.identify(self.begin(which, to, **fields), who)
        return self.come_back(back)

    def come_back(self, back: str):
        assert back.startswith(BASE + "/identify/"), back
        return self.get(back.removeprefix(BASE), status=None)

    @property
    def signed_in(self) -> bool:
        return self.get("/details", status=None).status_code == 200


@pytest.fixture
def visitor(app, cast, provider):
    """visitor() is a stranger in front of the provider, visitor("tenant") somebody signed in."""
    return lambda name=None, **given: Visitor(app, provider, name, **given)


@pytest.fixture
def sessions(db):
    """How many sessions there are."""

    def count() -> int:
        with db.reading() as session:
            return session.scalar(select(func.count()).select_from(LoginSession))

    return count


@pytest.fixture
def key(app):
    """The key of the hashes, as the portal uses it."""
    from blueprints import _providers

    with app.app_context():
        return _providers.code_key()
