"""Verification that ends: home and desk are told ahead, each meter once per threshold (rule 12)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.homes.organisation import Organisation
from resident.jobs import Job
from resident.metering import expiry
from resident.metering.meter import Meter
from resident.month import plus_months
from resident.people.person import Person
from tests.metering.counters import YEAR, meter, move_to


def ends(home, serial: str, until: date) -> None:
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == serial)).one().verified_until = until


def remind(home, cast, on: date | None = None) -> tuple[int, set]:
    """(meters, persons told in all so far) of a run on a day."""
    with home.db.writing() as session:
        done = expiry.remind(session, session.get_one(Organisation, cast.koivu), on or home.organisation.today)
        told = [job.payload["person_id"] for job in session.scalars(select(Job).where(Job.kind == "mail"))]
    return done, told


@pytest.fixture
def willing(home, cast) -> None:
    with home.db.writing() as session:
        for id in (cast.tenant, cast.occupant, cast.neighbour):
            session.get_one(Person, id).notify_email = True


def test_each_threshold_tells_the_home_once_and_several_meters_at_once(home, cast, willing):
    until = date(YEAR, 8, 20)
    ends(home, "21-1", until)
    ends(home, "21-2", until)
    everybody = [cast.tenant, cast.occupant]
    assert remind(home, cast, date(YEAR, 2, 19)) == (0, [])
    assert remind(home, cast, date(YEAR, 2, 20)) == (2, everybody)
    assert remind(home, cast, date(YEAR, 2, 21)) == (0, everybody)
    assert remind(home, cast, date(YEAR, 7, 19)) == (0, everybody)
    assert remind(home, cast, date(YEAR, 7, 25)) == (2, everybody * 2)
    assert remind(home, cast, until) == (0, everybody * 2)
    assert remind(home, cast, until + timedelta(days=1)) == (0, everybody * 2)
    with home.db.reading() as session:
        facts = [event.facts for event in session.scalars(select(AuditEvent).where(AuditEvent.act == "expiry_reminded"))]
    assert [len(fact["meters"]) for fact in facts] == [2, 2]


def test_a_meter_that_comes_in_late_is_told_of_at_its_nearest_threshold_only(home, cast, willing):
    ends(home, "21-1", home.organisation.today + timedelta(days=10))
    assert remind(home, cast) == (1, [cast.tenant, cast.occupant])
    assert remind(home, cast)[0] == 0


def test_whoever_has_no_right_or_wants_no_mail_is_not_told(home, cast, willing):
    from resident.people.tenure import Party

    with home.db.writing() as session:
        session.get_one(Party, cast.party_occupant).rights = ["talk"]
        session.get_one(Person, cast.tenant).notify_email = False
    ends(home, "21-1", home.organisation.today + timedelta(days=10))
    assert remind(home, cast) == (1, [])


def test_with_no_threshold_nobody_is_told(home, cast, willing, with_setting):
    with_setting(expiry_reminders=[])
    ends(home, "21-1", home.organisation.today + timedelta(days=10))
    assert remind(home, cast) == (0, [])


def test_the_worker_looks_after_every_organisation_and_all_its_meters(home, cast, willing, monkeypatch):
    monkeypatch.setattr(expiry, "CHUNK", 2)
    soon = home.organisation.today + timedelta(days=20)
    with home.db.writing() as session:
        for number in range(5):
            meter(session, cast, cast.unit_a2, "electricity", f"E-{number}", place=str(number), verified_until=soon)
    expiry.remind_all(home.db)
    with home.db.reading() as session:
        assert len(session.scalars(select(Meter.id).where(Meter.reminded_on == home.organisation.today)).all()) == 5


def test_the_desk_sees_what_ends_on_its_first_page_and_in_the_list(home, cast, client):
    ends(home, "21-1", home.organisation.today + timedelta(days=100))
    ends(home, "21-2", home.organisation.today - timedelta(days=5))
    office = client("office")
    first = office.get("/desk/").text
    before = plus_months(home.organisation.today, 6)
    assert "Verifications of meters that end" in first and f"/desk/meters?ends={before}" in first
    listed = office.get(f"/desk/meters?ends={before}").text
    assert ">21-1</a>" in listed and ">21-2</a>" in listed
    assert "Verifications of meters that end" not in client("council").get("/desk/").text


def test_after_the_last_day_staff_still_record(home, cast, with_setting):
    from resident.metering.submission import Typed, Unanswered

    with_setting(expired_meter="refused")
    ends(home, "21-1", home.organisation.today - timedelta(days=1))
    with pytest.raises(Unanswered):
        home.submit({home.cold: Typed("471")})
    home.submit({home.cold: Typed("471")}, by=home.office)
    assert home.values(home.cold)[-1] == (471.0, "accepted", True)


def test_the_mail_says_nothing_of_the_meter(app, home):
    from blueprints._mail_words import renderer
    from resident.delivery.notice import Notice

    move_to(YEAR, 2, 27)
    subject, text = renderer(app).mail(Notice(1, "aino@example.org", "Koivu", "verification", "/readings", "en"))
    assert subject == "The verification of a meter in your home ends" and "/readings" in text and "21-1" not in text
