import pytest

from resident import clock
from tests.invoices import books


@pytest.fixture
def today():
    return clock.today("Europe/Helsinki")


@pytest.fixture
def client(client):
    """Everybody reads English here."""

    def speaking(name):
        made = client(name)
        made.get("/appearance?lang=en")
        return made

    return speaking


@pytest.fixture
def made(cast, db, today):
    return books.two_years(cast, db, cast.tenure_a1, today)
