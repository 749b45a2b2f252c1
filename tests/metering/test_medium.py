"""Media that an organisation adds: what they may be, and where they show beside those that everybody has."""

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.errors import Stale
from resident.homes.organisation import Organisation
from resident.metering import medium, submission
from resident.metering.meter import MEDIA, Meter
from tests.metering.counters import actor, meter, reading


@pytest.fixture
def office(cast):
    return actor(cast, "office", cast.office, cast.koivu, "office")


def added(db, cast, office, names=None, measure="MWh", gap=2_000_000):
    with db.writing() as session:
        koivu = session.get_one(Organisation, cast.koivu)
        return medium.add(session, koivu, names or {"fi": " Kauko\u00a0jäähdytys ", "en": "Cooling"}, measure, gap, by=office)


def test_an_own_medium_stands_after_those_that_everybody_has_and_is_its_organisations_only(db, cast, office):
    row = added(db, cast, office)
    with db.reading() as session:
        known = medium.known(session, cast.koivu)
        assert list(known) == [*MEDIA, row.code]
        assert known[row.code] == medium.Measured(row.code, "MWh", 2_000_000, {"fi": "Kauko jäähdytys", "en": "Cooling"})
        assert known["cold_water"].gap == 1_000_000
        assert list(medium.known(session, cast.tamm)) == list(MEDIA)
        assert [event.act for event in session.scalars(select(AuditEvent).where(AuditEvent.thing == "medium"))] == ["medium_added"]


@pytest.mark.parametrize(
    ("names", "measure", "field", "why"),
    [
        ({"en": "Cooling"}, "MWh", "name-fi", "missing"),
        ({"fi": " "}, "MWh", "name-fi", "missing"),
        ({"fi": "x" * 41}, "MWh", "name-fi", "long"),
        ({"fi": "HÖYRY"}, "t", "name-fi", "taken"),
        ({"fi": "Jäähdytys"}, " ", "measure", "missing"),
        ({"fi": "Jäähdytys"}, "kilowatthours", "measure", "long"),
    ],
)
def test_what_a_medium_cannot_be(db, cast, office, names, measure, field, why):
    added(db, cast, office, {"fi": "Höyry"})
    with pytest.raises(medium.BadMedium) as refused:
        added(db, cast, office, names, measure)
    assert refused.value.facts == {"field": field, "why": why}


def test_a_change_is_told_apart_from_one_made_meanwhile(db, cast, office):
    row = added(db, cast, office)
    seen = medium.mark(row)
    with db.writing() as session:
        koivu = session.get_one(Organisation, cast.koivu)
        medium.change(session, koivu, session.get_one(medium.Medium, row.id), {"fi": "Kylmä"}, "kWh", 0, seen, by=office)
    with db.writing() as session, pytest.raises(Stale):
        medium.change(session, koivu, session.get_one(medium.Medium, row.id), {"fi": "Viileä"}, "kWh", 0, seen, by=office)
    with db.reading() as session:
        assert medium.known(session, cast.koivu)[row.code].names == {"fi": "Kylmä"}


def test_a_resident_reads_its_name_and_its_least_difference_is_what_is_asked_by(home, client, cast):
    row = added(home.db, cast, home.office, {"fi": "Jäähdytys"}, gap=100_000_000)
    with home.db.writing() as session:
        (register,) = meter(session, cast, home.unit, row.code, "J-1", measure="MWh")
        for month, value in ((11, "10"), (12, "11")):
            reading(session, register, home.organisation.today.replace(year=home.organisation.today.year - 1, month=month), value)
    # Without the gap of 100 a use of 60 in two months would be far from usual.
    (said,) = home.check({register: submission.Typed(black="71")})
    assert (said.kind, said.why) == ("good", None)
    shown = client("tenant").get("/readings").text
    assert "Jäähdytys" in shown and "#i-counter" in shown
    assert [row.medium for row in home.form().counters][-1] == row.code


def test_a_supplier_of_an_own_medium_sees_that_one_only(home, cast, client):
    from resident.homes import mandating

    row = added(home.db, cast, home.office)
    with home.db.writing() as session:
        meter(session, cast, home.unit, row.code, "J-1", measure="MWh")
        koivu, vesi = (session.get_one(Organisation, id) for id in (cast.koivu, cast.vesi))
        first = home.organisation.today
        mandating.give(session, koivu, vesi, "supply", first, None, medium=row.code, building_id=None, by=home.office)
        with pytest.raises(mandating.BadMandate):
            mandating.give(session, koivu, vesi, "supply", first, None, medium="own-999", building_id=None, by=home.office)
    page = client("provider").get(f"/desk/readings/homes/{home.unit}").text
    assert "Cooling" in page and "Cold water" in page and "Hot water" not in page


def test_settings_ask_for_its_least_difference_and_search_finds_its_meters(home, cast, client):
    row, office = added(home.db, cast, home.office), client("office")
    with home.db.writing() as session:
        meter(session, cast, home.unit, row.code, "J-77", measure="MWh")
    form = office.form("/desk/settings/unusual_gap")
    assert form[row.code] == "2"
    office.post("/desk/settings/unusual_gap", 303, **form | {row.code: "3,5"})
    assert home.form().settings["unusual_gap"][row.code] == 3_500_000
    assert "J-77" in office.get("/desk/search?q=J-77", None, follow_redirects=True).text
    with home.db.reading() as session:
        assert session.scalar(select(Meter.medium).where(Meter.serial == "J-77")) == row.code
