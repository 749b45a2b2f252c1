from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.desk.house import House
from tests.metering.counters import YEAR, move_to


@pytest.fixture
def desk(client):
    """desk("office") is a client of that login that reads English."""

    def english(login: str):
        made = client(login)
        made.get("/appearance?lang=en")
        return made

    return english


@pytest.fixture
def asked(db):
    """with asked() as statements: … lists every SELECT in between."""

    @contextmanager
    def listen():
        seen = []

        def heard(_connection, _cursor, statement, *_rest):
            if statement.lstrip().upper().startswith("SELECT"):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", heard)
        yield seen
        event.remove(db.engine, "before_cursor_execute", heard)

    return listen


@pytest.fixture
def house(db, cast, later) -> House:
    move_to(YEAR, 2, 27)
    return House(db, cast)
