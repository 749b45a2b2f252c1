import pytest

from tests.charging.house import House


@pytest.fixture
def house(db, cast):
    """A building of koivu's with nothing in it, in a writing session that the test ends with."""
    with db.writing() as session:
        yield House(session, cast)
