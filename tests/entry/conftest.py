import pytest

from resident.metering import entry_link
from resident.metering.entry_link import EntryLink
from tests.client import Client
from tests.metering.conftest import home, with_setting

__all__ = ["home", "with_setting", "link", "stranger"]


@pytest.fixture
def link(app, home):
    """link() is the address of A 1's link on paper for the open window; link(person=…) of one to a person."""
    secret = app.extensions["resident.settings"].secret_key

    def made(person=None, **given) -> str:
        facts = {"unit_id": home.unit, "period_id": home.period, "tenure_id": home.cast.tenure_a1, "person_id": person} | given
        return "/e/" + entry_link.token(secret, EntryLink(**facts))

    return made


@pytest.fixture
def stranger(app, home) -> Client:
    return Client(app)
