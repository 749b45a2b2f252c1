"""Reminders of readings (K5): to those who asked for them, by the channel that they chose, once each, with a link of their own."""

import re
import threading
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_string

import pytest
from sqlalchemy import func, select, update

from blueprints._mail_words import renderer
from resident import audit, clock, jobs, worker
from resident.metering import reminding
from resident.metering.reminder import ReadingReminder
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod
from resident.people.person import Login, Person
from resident.people.representation import Representation
from resident.people.tenure import Party, Tenure
from tests.delivery.conftest import box, gateway
from tests.metering.counters import YEAR, typed

__all__ = ["box", "gateway"]


def wants(db, person: int, **more) -> None:
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == person).values(**{"notify_email": True, **more}))


def planned(db, home, staircase="", ways=reminding.CHANNELS):
    with db.reading() as session:
        return reminding.plan(session, session.get_one(BillingPeriod, home.period), home.organisation, staircase, ways=ways)


def window(db) -> int:
    with db.reading() as session:
        return session.scalar(select(ReadingWindow.id))


def told(db, home, ways=reminding.CHANNELS) -> set:
    return {(one.unit_id, one.person_id, one.channel) for one in planned(db, home, ways=ways).recipients}


def order(db, home, kind="opened"):
    with db.writing() as session:
        return reminding.order_due(session, window(db), kind, ways=reminding.CHANNELS)


def reminders(db) -> list:
    with db.reading() as session:
        return session.scalars(select(ReadingReminder).order_by(ReadingReminder.id)).all()


def at_hour(hour: int) -> None:
    """The clock of this process at an hour of Helsinki's present day."""
    clock.shift(clock._offset + timedelta(hours=hour - clock.now().astimezone(clock.zone("Europe/Helsinki")).hour))


@pytest.fixture
def run(app, db, settings, box, gateway):
    told = replace(settings, smtp_url=f"smtp://127.0.0.1:{box.port}", sms_url=gateway.url)
    return lambda: worker.work(db, told, renderer(app), threading.Event(), once=True)


# ---- To whom ---------------------------------------------------------------------------------------------------------


def test_only_those_who_asked_for_it_by_the_channel_they_chose(home, db, cast):
    assert told(db, home) == set() and planned(db, home).unreached == [cast.unit_a1]
    wants(db, cast.tenant)
    wants(db, cast.occupant, notify_email=False, notify_sms=True)
    assert told(db, home) == {(cast.unit_a1, cast.tenant, "mail"), (cast.unit_a1, cast.occupant, "sms")}
    assert told(db, home, ways=["mail"]) == {(cast.unit_a1, cast.tenant, "mail")}
    assert told(db, home, ways=["sms"]) == {(cast.unit_a1, cast.occupant, "sms")}
    assert told(db, home, ways=[]) == set() and planned(db, home, ways=[]).unreached == [cast.unit_a1]
    wants(db, cast.tenant, remind_readings=False)
    wants(db, cast.occupant, phone="", notify_email=False, notify_sms=True)
    assert told(db, home) == set()


def test_whoever_chose_both_gets_a_mail(home, db, cast):
    wants(db, cast.tenant, notify_sms=True)
    assert told(db, home) == {(cast.unit_a1, cast.tenant, "mail")}
    # Where no mail can be sent, a message reaches them all the same.
    assert told(db, home, ways=["sms"]) == {(cast.unit_a1, cast.tenant, "sms")}


def test_nobody_of_a_home_that_has_sent_or_of_another_staircase(home, db, cast):
    wants(db, cast.tenant)
    assert planned(db, home, "B").homes == [] and planned(db, home, "A").homes == [cast.unit_a1]
    home.submit(typed(**{f"r{home.cold}": "472"}))
    assert planned(db, home).homes == [cast.unit_a1]
    home.submit(typed(**{f"r{home.hot}": "248"}))
    assert planned(db, home).homes == [] and told(db, home) == set()


@pytest.mark.parametrize("change", ["left", "right", "disabled", "erased", "company"])
def test_nobody_who_may_not_send_readings(home, db, cast, change):
    wants(db, cast.tenant)
    with db.writing() as session:
        session.execute(
            {
                "left": update(Party).where(Party.id == cast.party_tenant).values(last=home.organisation.today - timedelta(days=1)),
                "right": update(Party).where(Party.id == cast.party_tenant).values(rights=["talk"]),
                "disabled": update(Login).where(Login.id == cast.logins["tenant"]).values(disabled_at=clock.now()),
                "erased": update(Person).where(Person.id == cast.tenant).values(erased_at=clock.now()),
                "company": update(Person).where(Person.id == cast.tenant).values(kind="legal"),
            }[change]
        )
    assert told(db, home) == set()


def test_whoever_acts_for_the_holder_by_their_own_wish_and_as_long_as_they_do(home, db, cast):
    today = home.organisation.today
    with db.writing() as session:
        session.add(
            Representation(
                organisation_id=cast.koivu, person_id=cast.neighbour, of_person_id=cast.tenant, ground="guardian", first=today
            )
        )
    assert told(db, home) == set()
    wants(db, cast.neighbour)
    assert told(db, home) == {(cast.unit_a1, cast.neighbour, "mail")}
    with db.writing() as session:
        session.execute(update(Representation).values(first=today - timedelta(days=9), last=today - timedelta(days=1)))
    assert told(db, home) == set()


# ---- When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hour", "kinds"),
    [
        (date(YEAR, 2, 24), 10, []),
        (date(YEAR, 2, 25), 7, []),
        (date(YEAR, 2, 25), 8, ["opened"]),
        (date(YEAR, 2, 27), 19, ["opened"]),
        (date(YEAR, 2, 27), 20, []),
        (date(YEAR, 2, 28), 10, []),
        (date(YEAR, 3, 2), 10, []),
        (date(YEAR, 3, 3), 10, ["ends"]),
        (date(YEAR, 3, 5), 10, ["ends"]),
        (date(YEAR, 3, 6), 10, []),
    ],
)
def test_when_a_window_opens_and_some_days_before_its_end_by_day(home, db, day, hour, kinds):
    clock.shift(clock._offset + (day - home.organisation.today))
    at_hour(hour)
    with db.reading() as session:
        assert [kind for _, kind in reminding.due(session)] == kinds


def test_an_organisation_sets_both(home, db, with_setting):
    with_setting(remind_opening=False, remind_before=0)
    for days in range(8):
        clock.shift(clock._offset + timedelta(days=bool(days)))
        at_hour(10)
        with db.reading() as session:
            assert reminding.due(session) == []


# ---- Once, and only while it has something to say --------------------------------------------------------------------


def test_ordered_once_however_often_it_is_due(home, db, cast):
    wants(db, cast.tenant)
    assert [order(db, home), order(db, home), order(db, home, "ends")] == [1, 0, 1]
    wants(db, cast.occupant)
    assert [order(db, home), order(db, home)] == [1, 0]
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(jobs.Job.kind == reminding.JOB)) == 3
        acts = session.scalars(select(audit.AuditEvent.facts).where(audit.AuditEvent.act == "readings_reminded")).all()
    assert acts[0] == {"kind": "opened", "mail": 1, "sms": 0} and len(acts) == 3


def test_the_desks_orders_are_reminders_of_their_own(home, db, cast):
    wants(db, cast.tenant)
    for _turn in (1, 2):
        with db.writing() as session:
            row = session.get_one(ReadingWindow, window(db))
            plan = reminding.plan(session, session.get_one(BillingPeriod, home.period), home.organisation, ways=reminding.CHANNELS)
            assert reminding.remind(session, row, plan, by=home.office) == 1
    assert [row.kind for row in reminders(db)] == ["asked-1", "asked-2"]


def test_the_mail_has_a_link_that_opens_the_home_and_nothing_personal(home, db, cast, run, box, client):
    wants(db, cast.tenant)
    at_hour(10)
    run()
    run()
    ((to, mail),) = box.mails
    assert to == ["tenant@example.org"]
    text = message_from_string(mail).get_payload(decode=True).decode()
    path = re.search(r"http://127\.0\.0\.1:8000(/e/[\w.-]+)", text)[1]
    for secret in ("Aino", "Virta", "Pihlajakuja", "A 1", "466"):
        assert secret not in text
    assert "00466" in client().get(path).text
    with db.reading() as session:
        assert path[3:] not in str(session.scalars(select(jobs.Job.payload)).all())


def test_the_message_ends_with_the_link(home, db, cast, run, gateway):
    wants(db, cast.tenant, notify_email=False, notify_sms=True)
    order(db, home)
    run()
    (sent,) = gateway.messages
    assert sent["to"] == "+358405550100" and re.search(r" http://127\.0\.0\.1:8000/e/[\w.-]+$", sent["text"])
    assert "Virta" not in sent["text"] and "Pihlajakuja" not in sent["text"] and "\u00a0" not in sent["text"]


def test_a_gateway_that_fails_is_tried_again_and_a_refusal_ends_it(home, db, cast, run, gateway, later):
    wants(db, cast.tenant, notify_email=False, notify_sms=True)
    order(db, home)
    gateway.answers = [503]
    run()
    assert gateway.messages == []
    clock.shift(clock._offset + timedelta(minutes=5))
    run()
    run()
    assert len(gateway.messages) == 1
    order(db, home, "asked-1")
    gateway.answers = [400]
    run()
    clock.shift(clock._offset + timedelta(hours=1))
    run()
    assert len(gateway.messages) == 1


@pytest.mark.parametrize("meanwhile", ["sent", "unwanted", "moved", "over"])
def test_nothing_goes_out_that_has_nothing_to_say_any_more(home, db, cast, run, box, meanwhile):
    wants(db, cast.tenant)
    order(db, home)
    if meanwhile == "sent":
        home.submit(typed(**{f"r{home.cold}": "472", f"r{home.hot}": "248"}))
    if meanwhile == "unwanted":
        wants(db, cast.tenant, remind_readings=False)
    if meanwhile == "moved":
        with db.writing() as session:
            session.execute(update(Tenure).where(Tenure.id == cast.tenure_a1).values(last=date(YEAR, 2, 26)))
    if meanwhile == "over":
        clock.shift(clock._offset + timedelta(days=8))
    run()
    assert box.mails == []
