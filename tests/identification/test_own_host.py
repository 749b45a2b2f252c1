"""An organisation's own host: strong identification and passkeys are bound to the portal's own address, and lead there."""

import pytest

from app import create_app
from blueprints import _hosts
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.people import passkey
from resident.settings import load
from tests.cast import Cast

OWN, BELOW = "http://koti.example.net", "http://koivu.portal.example.org"
HOSTS = "koti.example.net koivu.portal.example.org"


@pytest.fixture
def settings(url, tmp_path, provider):
    return load(
        {
            "RESIDENT_DATA_DIR": str(tmp_path / "var"),
            "RESIDENT_DATABASE_URL": url,
            "RESIDENT_BASE_URL": "https://portal.example.org",
            "RESIDENT_HOSTS": HOSTS,
            "RESIDENT_IDENTIFICATION": provider.configuration(),
        }
    )


@pytest.fixture
def page(settings):
    """page(address, path) is what a stranger reads there."""
    app = create_app(settings)
    cast = Cast(app.extensions["resident.db"])
    with app.extensions["resident.db"].writing() as session:
        setting.give_hosts(session, session.get_one(Organisation, cast.koivu), HOSTS.split())
        setting.put(session, cast.koivu, "ways_in", ["strong", "password", "passkey"])

    def page(address: str, path: str) -> str:
        return app.test_client().get(path, base_url=address, headers={"Cookie": "lang=en"}).text

    page.app = app
    return page


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_at_its_own_host_the_page_leads_over_to_the_portal_s_address(page):
    there = page(OWN, "/sign-in?next=/readings")
    assert 'href="https://portal.example.org/sign-in/koivu?next=/readings"' in there and "formaction" not in there
    assert 'href="https://portal.example.org/sign-in"' in there and "data-passkey" not in there
    here = page("https://portal.example.org", "/sign-in/koivu?next=/readings")
    assert 'formaction="/identify/ftn"' in here and "data-passkey" in here and "https://portal.example.org/sign-in" not in here


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_host_below_the_portal_s_takes_its_passkeys(page):
    there = page(BELOW, "/sign-in")
    assert "data-passkey" in there and "formaction" not in there
    with page.app.test_request_context("/", base_url=BELOW):
        assert _hosts.site() == passkey.Site(
            "portal.example.org", ("https://portal.example.org", "https://koivu.portal.example.org")
        )
