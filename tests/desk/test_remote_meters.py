"""The meters of a building and medium marked as read remotely or by hand, all at once, at the desk."""

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.metering.meter import Meter
from tests.client import fields
from tests.desk.test_meters import main_of
from tests.metering.conftest import Home
from tests.metering.counters import LONG_AGO, YEAR, meter, move_to


@pytest.fixture
def home(db, cast, later) -> Home:
    move_to(YEAR, 2, 27)
    made = Home(db, cast)
    main_of(made, cast)
    with db.writing() as session:
        meter(session, cast, cast.unit_a2, "cold_water", "C-2")
        meter(session, cast, cast.unit_a2, "cold_water", "C-3", remote=True, place="bath")
        meter(session, cast, cast.unit_b10, "cold_water", "C-0", removed=LONG_AGO)
    return made


def remote(home) -> set[str]:
    with home.db.reading() as session:
        return set(session.scalars(select(Meter.serial).where(Meter.remote)))


def events(home) -> list[dict]:
    with home.db.reading() as session:
        return list(session.scalars(select(AuditEvent.facts).where(AuditEvent.act == "meters_marked").order_by(AuditEvent.id)))


def test_a_preview_says_how_many_and_one_event_tells_of_all(home, desk, cast):
    office, url = desk("office"), f"/desk/remote-meters?building={cast.building}&medium=cold_water"
    text = office.get(url).text
    assert "3 meters that are read by hand would be read remotely" in text and ">C-2<" in text and ">C-3<" not in text
    assert "2 meters that" in office.get(f"{url}&of=home").text and "1 meter that" in office.get(f"{url}&of=building").text
    form = fields(office.get(f"{url}&of=home", htmx=True).text)
    assert remote(home) == {"C-3"}, "looking changes nothing"
    office.post("/desk/remote-meters", 303, **form)
    assert remote(home) == {"C-3", "21-1", "C-2"}
    (facts,) = events(home)
    assert (facts["medium"], facts["remote"], len(facts["meters"])) == ("cold_water", True, 2)
    assert "No meter of this kind is read by hand here" in office.get(f"{url}&of=home").text
    # And back.
    assert "3 meters that are read remotely would be read by hand" in office.get(f"{url}&to=hand").text
    office.post("/desk/remote-meters", 303, **fields(office.get(f"{url}&to=hand", htmx=True).text))
    assert remote(home) == set() and len(events(home)) == 2


def test_meters_that_came_meanwhile_are_looked_at_first(home, desk, cast):
    office = desk("office")
    form = fields(office.get(f"/desk/remote-meters?building={cast.building}&medium=cold_water", htmx=True).text)
    with home.db.writing() as session:
        meter(session, cast, cast.unit_b10, "cold_water", "C-9")
    told = office.post("/desk/remote-meters", 409, **form).text
    assert "have changed since you looked" in told and ">C-9<" in told and remote(home) == {"C-3"} and events(home) == []
    office.post("/desk/remote-meters", 303, **fields(told))
    assert remote(home) == {"C-3", "C-9", "C-2", "21-1", "M-1"}


def test_who_does_not_keep_meters_marks_none(home, desk, cast):
    url = f"/desk/remote-meters?building={cast.building}&medium=cold_water"
    form = fields(desk("office").get(url, htmx=True).text)
    del form["csrf_token"]
    for login in ("council", "provider", "caretaker"):
        desk(login).get(url, 403)
        desk(login).post("/desk/remote-meters", 403, **form)
    desk("board").get(url, 404)
    assert remote(home) == {"C-3"}
