"""Whoever acts for somebody is told what waits for them, and counts it as unread, while they act."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.delivery import notice
from resident.jobs import Job
from resident.people import representation
from resident.people.person import Person
from tests.messages.test_residents import write


@pytest.fixture
def today():
    return clock.today("Europe/Helsinki")


@pytest.fixture
def guardian(db, cast, today):
    """The neighbour acts for the tenant until tomorrow, and wants mail; the tenant wants none."""
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.neighbour).values(notify_email=True, language="sv"))
        ward, other = session.get_one(Person, cast.tenant), session.get_one(Person, cast.neighbour)
        return representation.add(session, ward, other, "guardian", today, today + timedelta(days=1), by=None).id


def orders(db) -> list[Job]:
    with db.reading() as session:
        return session.scalars(select(Job).where(Job.kind == "mail").order_by(Job.id)).all()


def waiting(reader) -> int:
    """The number beside "Requests"."""
    found = re.search(r'<b class="n"><span aria-hidden="true">(\d+)<', reader.get("/details").text)
    return int(found[1]) if found else 0


def test_whoever_acts_is_told_by_mail_by_their_own_wish(db, cast, client, guardian, later):
    url = write(client("tenant")).location
    answered(client, url, "a")
    (order,) = orders(db)
    with db.reading() as session:
        mail = notice.of(session, order)
        assert (mail.to, mail.language, mail.path) == ("neighbour@example.org", "sv", url)
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(notify_email=True))
    answered(client, url, "b")
    assert [order.payload["person_id"] for order in orders(db)[1:]] == [cast.tenant, cast.neighbour]
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.neighbour).values(email="tenant@example.org"))
    answered(client, url, "c")
    assert len(orders(db)) == 4, "one mail to one address"


def answered(client, url, once):
    client("office").post(f"/desk{url}/answers", 303, text="Tomorrow at noon", once=once)


def test_nobody_is_told_for_whom_they_no_longer_act(db, cast, client, guardian, later):
    url = write(client("tenant")).location
    answered(client, url, "a")
    later(days=2)
    answered(client, url, "b")
    (order,) = orders(db)
    with db.reading() as session:
        assert notice.of(session, order) is None


def test_what_waits_for_the_represented_counts_as_unread(db, cast, client, guardian, later):
    url, reader = write(client("tenant")).location, client("neighbour")
    assert waiting(reader) == 0
    answered(client, url, "a")
    assert waiting(reader) == waiting(client("tenant")) == 1
    assert waiting(client("occupant")) == 0
    later(days=2)
    assert waiting(reader) == 0


def test_work_is_told_to_whoever_does_it_only(db, cast, client, today):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.neighbour).values(notify_email=True))
        worker, other = session.get_one(Person, cast.caretaker), session.get_one(Person, cast.neighbour)
        representation.add(session, worker, other, "proxy", today, by=None)
        assert notice.tell(session, cast.caretaker, "case", "/desk/faults/1", acting=False) is None
        assert not session.scalars(select(Job)).all()
