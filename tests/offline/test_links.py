"""A phone that was on the page of a link when the line went: the link is its pass, and what it may be told is the link's."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.metering.reading import Reading
from resident.metering.slip import Slip
from resident.people.tenure import Tenure
from tests.client import fields
from tests.entry.conftest import link, stranger
from tests.metering.counters import YEAR, move_to

__all__ = ["link", "stranger"]


@pytest.fixture
def send(app, home):
    """send("/e/…", cold="472") is what the phone sends later; it comes back with what it is told."""

    def sent(address: str, status: int = 200, key: str = "k1", **typed) -> dict:
        values = {f"m{getattr(home, name)}": text for name, text in typed.items()}
        given = {"key": key, "pass": address[3:], "day": home.organisation.today.isoformat(), "typed": values}
        given["typed_at"] = (clock.now() - timedelta(hours=3)).isoformat()
        answer = app.test_client().post("/offline/slips?lang=en", json=given)
        assert answer.status_code == status, answer.text
        return answer.json

    return sent


def test_it_is_booked_once_with_the_links_receipt(home, link, send, app, db):
    there = link()
    told = send(there, cold="472")
    assert told["state"] == "booked" and told == send(there, cold="472") and "Receipt number" in told["say"]
    assert "N-" in app.test_client().get(told["link"]).text
    with db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.via == "link")).all()
    assert len(rows) == 1 and rows[0].typed_at < rows[0].at and rows[0].person_id is None


def test_what_was_confirmed_on_the_links_page_is_not_booked_again(home, link, send, stranger):
    there = link()
    checked = stranger.post(f"{there}/check", 200, day=home.organisation.today.isoformat(), **{f"m{home.cold}": "472"})
    given = fields(checked.text)
    stranger.post(there, 303, **given)
    assert send(there, key=given["once"], cold="472")["state"] == "booked" and len(home.values(home.cold)) == 13


def test_a_question_is_asked_of_the_person_and_left_to_the_office_on_paper(home, link, send, db):
    told = send(link(person=home.cast.tenant), cold="490")
    assert told["state"] == "asks" and told["link"].startswith("/e/") and f"m{home.cold}=490" in told["link"]
    # On paper no question is asked (rule 43): a lower value is taken, waits for staff, and takes the place of what was held.
    assert send(link(), key="k2", cold="100")["state"] == "booked" and home.values(home.cold)[-1][1] == "pending"
    unread = send(link(), key="k3", cold="abc")
    assert unread["state"] == "held" and unread["say"].startswith("The office has the values")
    with db.reading() as session:
        assert session.scalars(select(Slip.why).where(Slip.state == "held")).all() == ["refused"]


def test_too_late_reaches_the_desk_and_much_too_late_does_not(home, link, send, db):
    there = link()
    move_to(YEAR, 3, 20)
    assert send(there, cold="472")["state"] == "held"
    move_to(YEAR, 5, 20)
    assert send(there, 403, key="k2", cold="472")["state"] == "refused"
    with db.reading() as session:
        assert session.scalars(select(Slip.why)).all() == ["over"]


def test_after_a_handover_it_is_for_the_desk(home, link, send, db):
    there = link()
    with db.writing() as session:
        yesterday = home.organisation.today - timedelta(days=1)
        session.execute(update(Tenure).where(Tenure.id == home.cast.tenure_a1).values(last=yesterday))
    send(there, cold="472")
    with db.reading() as session:
        assert session.scalars(select(Slip.why)).all() == ["ended"]


def test_the_page_of_the_link_leaves_its_pass(home, link, stranger):
    there = link()
    text = stranger.get(there).text
    assert f'data-pass="{there[3:]}"' in text and "/static/offline." in text
