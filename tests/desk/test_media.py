"""Kinds of meters that the desk adds, on their pages."""

import pytest
from sqlalchemy import select

from resident.metering.medium import Medium

NEW = {"name-fi": "Jäähdytys", "name-en": "Cooling", "measure": "MWh", "gap": "2,5"}


@pytest.fixture
def added(db, desk) -> Medium:
    office = desk("office")
    office.post("/desk/media", 303, **office.form("/desk/media") | NEW)
    with db.reading() as session:
        return session.scalars(select(Medium)).one()


def test_the_desk_adds_a_kind_and_offers_it_for_a_new_meter(added, desk, cast):
    assert (added.names, added.measure, added.gap) == ({"fi": "Jäähdytys", "en": "Cooling"}, "MWh", 2_500_000)
    office = desk("office")
    assert "Cooling" in office.get("/desk/media").text
    form = office.get(f"/desk/meters/new?unit={cast.unit_a1}&medium={added.code}").text
    assert f'<option value="{added.code}" selected>Cooling</option>' in form and 'value="MWh"' in form
    assert "Cooling" in office.get("/desk/meters").text


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name-fi": ""}, "name-fi", "Write the name"),
        ({"name-sv": "x" * 41}, "name-sv", "at most 40"),
        ({"name-fi": "jäähdytys"}, "name-fi", "already"),
        ({"measure": ""}, "measure", "Write the unit"),
        ({"gap": "much"}, "gap", "a number such as"),
    ],
)
def test_what_it_cannot_be_is_said_at_its_field(added, desk, given, field, words):
    office = desk("office")
    told = office.post("/desk/media", 422, **office.form("/desk/media") | NEW | {"name-fi": "Höyry"} | given).text
    assert f'href="#{field}"' in told and words in told and 'value="Cooling"' in told


def test_a_change_made_meanwhile_is_told(db, added, desk):
    office, url = desk("office"), f"/desk/media/{added.id}"
    form = office.form(url)
    office.post(url, 303, **form | {"name-en": "Chill"})
    told = office.post(url, 409, **form | {"name-en": "Cold"}).text
    assert "Somebody changed this" in told and 'value="Cold"' in told
    with db.reading() as session:
        assert session.get(Medium, added.id).names["en"] == "Chill"


def test_only_who_keeps_all_meters_of_the_organisation_may(added, desk):
    for name in ("accountant", "council", "provider"):
        desk(name).get("/desk/media", 403)
    desk("board").get(f"/desk/media/{added.id}", 404)
