"""The desk changes a home's area, share or number of people from a day on, sees their history, and is asked about invoiced days."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from resident.charging import settling
from resident.charging.correction import Correction
from resident.homes.building import UnitFact
from tests.charging.house import House

DAY = "2026-03-15"


@pytest.fixture
def page(cast) -> str:
    return f"/desk/homes/{cast.unit_a1}/facts"


@pytest.fixture
def invoiced(db, cast) -> str:
    """The page of home 1, whose March is invoiced at 2.00 a m² for 50 m²."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1")
        house.hold("Kask", "1")
        house.charge("CARE", "tariff", "area")
        house.price("CARE", "2.00")
        house.period("2026-03")
        house.bill("2026-03")
        return f"/desk/homes/{house.units['1']}/facts"


def values(db, kind: str) -> list:
    with db.reading() as session:
        return session.execute(
            select(UnitFact.first, UnitFact.value).where(UnitFact.kind == kind).order_by(UnitFact.first.desc())
        ).all()


def put(client, page, status=303, **given):
    return client.post(page, status, **client.form(page) | {"once": uuid4().hex, "first": DAY} | given)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("54,75", 54_750_000), ("54.75", 54_750_000), ("1 054,5", 1_054_500_000), ("1\N{NO-BREAK SPACE}054", 1_054_000_000)],
)
def test_a_value_is_typed_as_people_write_it_and_its_history_is_seen(desk, db, cast, page, typed, value):
    client = desk("office")
    assert page in client.get(f"/desk/homes/{cast.unit_a1}").text
    put(client, page, kind="heated_area", value=typed)
    assert values(db, "heated_area") == [(date(2026, 3, 15), value)]
    assert "from 15 Mar 2026" in client.get(page).text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "occupants", "value": "2,5"}, "counted in whole numbers"),
        ({"kind": "area", "value": "54,5,5"}, "Write it in figures"),
        ({"kind": "area", "value": ""}, "Write the value in figures"),
        ({"kind": "colour", "value": "3"}, "Choose one from the list"),
        ({"kind": "area", "value": "3", "first": ""}, "Choose the day from which"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_kept(desk, db, page, given, told):
    answer = put(desk("accountant"), page, 422, **given)
    assert told in answer.text and f'value="{given["value"]}"' in answer.text
    assert values(db, "occupants") == []


def test_a_wrong_value_is_corrected_on_its_day_and_taken_away(desk, db, cast, page):
    client = desk("office")
    put(client, page, kind="occupants", value="3")
    shown = client.get(f"{page}?kind=occupants&first={DAY}").text
    assert 'name="value"' in shown and 'value="3"' in shown
    put(client, page, kind="occupants", value="2")
    put(client, page, kind="occupants", value="4", first="2026-05-01")
    assert [value for _, value in values(db, "occupants")] == [4_000_000, 2_000_000]
    put(client, page, kind="occupants", first="2026-05-01", removal="yes")
    assert [value for _, value in values(db, "occupants")] == [2_000_000]


def test_invoiced_days_are_told_and_corrected_or_left_as_they_are(desk, db, invoiced):
    client = desk("accountant")
    given = {"kind": "area", "value": "75", "first": "2015-01-01"}
    asked = put(client, invoiced, 200, **given).text
    assert "March 2026" in asked and "50.00" in asked and "Leave them as they are" in asked
    sure = given | {"sure": "yes", "correct": "yes"}
    refused = put(client, invoiced, 422, **sure, text=" ").text
    assert "why it is corrected" in refused and "March 2026" in refused
    to = put(client, invoiced, 303, **sure, text="The area was measured").headers["Location"]
    assert "1 correction waits for the next invoices" in client.get(to).text
    put(client, invoiced, 303, **given | {"value": "60", "sure": "yes", "correct": "no"})
    with db.reading() as session:
        assert session.execute(select(Correction.amount, Correction.text)).all() == [(5_000, "The area was measured")]


def test_who_wrote_meanwhile_is_not_overwritten_unseen(desk, db, page):
    client = desk("office")
    before = client.form(page)
    put(client, page, kind="area", value="60")
    given = before | {"once": uuid4().hex, "kind": "area", "value": "70", "first": DAY}
    assert "Somebody changed this fact" in client.post(page, 409, **given).text
    assert values(db, "area")[0] == (date(2026, 3, 15), 60_000_000)


def test_a_number_of_people_from_before_the_holder_came_is_told(desk, db, cast, page):
    with db.writing() as session:
        session.add(UnitFact(unit_id=cast.unit_a1, kind="occupants", value=2_000_000, first=date(2016, 1, 1)))
    client = desk("office")
    assert "The home changed hands on" in client.get(page).text
    put(client, page, kind="occupants", value="1")
    assert "The home changed hands on" not in client.get(page).text


def test_whoever_keeps_no_money_reads_only(desk, page):
    shown = desk("control").get(page).text
    assert "Area" in shown and "Save the value" not in shown
    desk("control").post(page, 404, kind="area", value="1", first=DAY, once="k")
    desk("board").post(page, 404, kind="area", value="1", first=DAY, once="k")


def test_a_settlement_that_stands_on_the_value_is_shown_with_the_months_and_corrected_by_choice(desk, db, cast):
    with db.writing() as session:
        house = House(session, cast)
        for number, name in (("1", "Kask"), ("2", "Lepp")):
            house.home(number), house.hold(name, number)
        house.charge("HEAT", "cost", "area", billed="settlement")
        house.period("2026-03")
        house.cost("2026-03", "HEAT", "100.00")
        house.bill("2026-03")
        run = settling.prepare(session, house.building, "2026-03", "2026-03", by=house.by)
        settling.confirm(session, run, by=house.by)
        page, settlement = f"/desk/homes/{house.units['1']}/facts", f"/desk/settlements/{run.id}"
    client = desk("accountant")
    asked = put(client, page, 200, kind="area", value="75", first="2015-01-01").text
    assert settlement in asked and "Settlement of advances, March 2026" in asked and "10.00" in asked
    put(client, page, kind="area", value="75", first="2015-01-01", sure="yes", correct="yes", text="Measured again")
    with db.reading() as session:
        assert sorted(session.scalars(select(Correction.amount))) == [-1000, 1000]
