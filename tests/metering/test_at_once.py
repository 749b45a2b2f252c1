"""Two who do something with the same meter in the same moment: the second waits for the first, and sees what it did."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.errors import Stale
from resident.homes.building import Building
from resident.metering import changing, feed_setup, fitting, machine, submission
from resident.metering.device_key import DeviceKey
from resident.metering.feed import Feed
from resident.metering.feed_mapping import Mapping
from resident.metering.fitting import Facts, Shown
from resident.metering.meter import Meter
from resident.metering.reading import Reading
from resident.metering.submission import Typed
from resident.people import residence
from tests.at_once import meanwhile
from tests.metering.counters import YEAR, millionths


def test_no_reading_is_left_on_a_meter_that_is_taken_out_meanwhile(home, db):
    today, day = home.organisation.today, date(YEAR, 2, 20)

    def take_out(session):
        meter = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        changing.take_out(session, meter, day, {home.cold: millionths("470")}, today, by=home.office)

    with meanwhile(db, take_out) as (session, errors):
        submission.submit(session, home.unit, home.organisation, {home.cold: Typed("472")}, today, by=home.tenant)
    assert [error.why for error in errors] == ["before_last"]
    assert home.values(home.cold)[-1] == (472.0, "accepted", True)


@pytest.mark.parametrize("decide", [submission.accept, submission.reject])
def test_a_correction_waits_for_the_decision_about_what_it_corrects(home, db, decide):
    home.submit({home.cold: Typed("460", answer="shows")})

    def correct(session):
        submission.submit(session, home.unit, home.organisation, {home.cold: Typed("472")}, home.organisation.today, by=home.tenant)

    with meanwhile(db, correct) as (session, errors):
        decide(session, session.scalars(select(Reading).where(Reading.state == "pending")).one(), by=home.office)
    assert errors == []
    decided = "accepted" if decide is submission.accept else "rejected"
    assert home.values(home.cold)[-2:] == [(460.0, decided, False), (472.0, "accepted", True)]


def test_a_meters_number_is_taken_once_in_all_buildings_of_an_organisation(db, cast, home):
    with db.writing() as session:
        known = session.get_one(Building, cast.building)
        copied = {name: getattr(known, name) for name in ("organisation_id", "address", "postcode", "city")}
        session.add(Building(code="other", **copied))

    def add(session, code="other"):
        building = session.scalars(select(Building).where(Building.code == code)).one()
        facts = Facts("77-1", None, "m³", date(YEAR, 1, 1), None, False, 1_000_000, None, (Shown(None, "", 5, 3, 0),))
        fitting.add(session, building, None, "cold_water", facts, home.organisation.today, by=home.office)

    with meanwhile(db, add) as (session, errors):
        add(session, session.get_one(Building, cast.building).code)
    assert [getattr(error, "why", error) for error in errors] == ["taken"]


def test_a_feeds_name_is_taken_once(db, cast, home):
    def make(session):
        feed_setup.make(session, cast.koivu, "Kamstrup", Mapping(), by=home.office)

    with meanwhile(db, make) as (session, errors):
        make(session)
    assert [getattr(error, "why", error) for error in errors] == ["taken"]


def test_of_two_who_save_a_feed_the_second_is_told(db, cast, home):
    def change(session):
        feed = session.scalars(select(Feed)).one()
        feed_setup.change(session, feed, "Kamstrup", Mapping(unit="l"), True, 1, by=home.office)

    with db.writing() as session:
        feed_setup.make(session, cast.koivu, "Kamstrup", Mapping(), by=home.office)
    with meanwhile(db, change) as (session, errors):
        change(session)
    assert [type(error) for error in errors] == [Stale]


def test_no_more_keys_than_there_may_be(home, db):
    with db.reading() as session:
        (mine,) = residence.of_login(session, home.cast.logins["tenant"])

    def make(session):
        machine.make(session, mine, home.cast.logins["tenant"], "Gateway", by=home.tenant)

    with db.writing() as session:
        for _ in range(machine.MOST - 1):
            make(session)
    with meanwhile(db, make) as (session, errors):
        make(session)
    with db.reading() as session:
        assert len(session.scalars(select(DeviceKey.id)).all()) == machine.MOST
    assert [type(error) for error in errors] == [machine.TooManyKeys]
