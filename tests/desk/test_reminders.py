"""The desk reminds a building or a staircase: first how many get what, then each once (K5)."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from resident import audit
from resident.jobs import Job
from resident.metering.reminder import ReadingReminder
from resident.metering.window import ReadingWindow
from resident.people.person import Person
from tests.metering.counters import YEAR, move_to


@pytest.fixture
def at(app, settings, house, db) -> str:
    app.extensions["resident.settings"] = replace(settings, smtp_url="smtp://localhost:1")
    with db.writing() as session:
        session.execute(update(Person).where(Person.id.in_([house.cast.tenant, house.cast.neighbour])).values(notify_email=True))
        id = session.scalar(select(ReadingWindow.id))
    return f"/desk/windows/{id}/reminders"


def figures(text: str) -> list[str]:
    return re.findall(r"<dd>(\d+)</dd>", text)


def counts(db) -> list[int]:
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(thing)) for thing in (ReadingReminder, Job)]


def test_how_many_get_what_stands_there_before_and_no_name(desk, house, at):
    text = desk("office").get(at).text
    assert "3 homes have not sent their readings" in text and figures(text) == ["2", "1"] and "<small>B 10</small>" in text
    assert "Aino" not in text and "Virta" not in text and "example.org" not in text
    assert figures(desk("office").get(f"{at}?staircase=B").text) == ["0", "1"]
    assert "<html" not in desk("office").get(f"{at}?staircase=A", htmx=True).text
    assert "so no e-mails are sent" not in text


def test_without_a_mail_server_nobody_is_reached_by_mail_and_the_page_says_so(app, settings, desk, house, at, db):
    app.extensions["resident.settings"] = settings
    office = desk("office")
    text = office.get(at).text
    assert "so no e-mails are sent" in text and figures(text) == ["3"] and "<small>A 1, A 2, B 10</small>" in text
    assert "Remind" not in text.split('id="plan"')[1]
    office.post(at, 422, once="x", staircase="")
    assert counts(db) == [0, 0]
    # With messages set up, whoever chose them is reached by them.
    app.extensions["resident.settings"] = replace(settings, sms_url="http://localhost:1")
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == house.cast.tenant).values(notify_sms=True, phone="+358405550100"))
    assert figures(office.get(at).text) == ["1", "2"]


def test_each_is_reminded_once_by_one_form(desk, house, at, db):
    office = desk("office")
    form = office.form(at) | {"staircase": "A"}
    for _turn in range(2):
        office.post(at, 303, **form)
    assert counts(db) == [2, 2]
    with db.reading() as session:
        (event,) = session.scalars(select(audit.AuditEvent).where(audit.AuditEvent.act == "readings_reminded")).all()
    assert event.person_id == house.cast.office and event.facts == {"homes": 2, "mail": 2, "sms": 0}
    assert "Last reminded" in office.get(at).text


def test_nobody_is_reminded_where_nobody_can_be_or_the_window_is_over(desk, house, at, db):
    office = desk("office")
    form = office.form(at)
    office.post(at, 422, **form | {"staircase": "B"})
    move_to(YEAR, 3, 6)
    office = desk("office")
    office.post(at, 422, once="another")
    assert "The reading window is not open today" in office.get(at).text and counts(db)[0] == 0


def test_it_is_for_whoever_opens_windows(desk, house, at):
    for login in ("council", "accountant", "provider", "board", "tenant"):
        assert desk(login).http.get(at).status_code == 404, login
