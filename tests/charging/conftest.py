import pytest

from tests.charging.house import House


@pytest.fixture
def house(db, cast):
    """A building of koivu's with nothing in it, in a writing session that the test ends with."""
    with db.writing() as session:
        yield House(session, cast)


@pytest.fixture
def two(house) -> House:
    """Homes of 40 and 60 m², owned by Kask and Tamm, and March open."""
    house.home("1", "40", "1", share="100", heated_area="30")
    house.home("2", "60", "3", share="300", heated_area="30")
    house.hold("Kask", "1")
    house.hold("Tamm", "2")
    house.period("2026-03")
    return house
