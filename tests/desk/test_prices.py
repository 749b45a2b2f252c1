"""Prices and degree days at the desk: dated, of the organisation or a building, never changed for the past in silence."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.homes.building import Building
from resident.metering import pricing
from resident.metering.price import MediumPrice

TODAY = clock.today("Europe/Helsinki")
TOMORROW = TODAY + timedelta(days=1)
URL = "/desk/prices"


def add(client, status=303, **given):
    form = {"medium": "cold_water", "building": "", "first": TOMORROW.isoformat(), "price": "4,25"} | given
    return client.post(URL, status, once=uuid4().hex, **form)


def prices(db) -> list[MediumPrice]:
    with db.reading() as session:
        return session.scalars(select(MediumPrice).order_by(MediumPrice.id)).all()


def test_a_price_with_all_that_the_information_wants(db, client, cast):
    office = client("office")
    add(office, monthly="3", taxes="25,5", emissions="0.041", **{"mix-fi": "hake", "mix-sv": "flis"})
    (row,) = prices(db)
    assert (row.price, row.monthly, row.first, row.building_id) == (4_250_000, 3_000_000, TOMORROW, None)
    assert row.about == {"taxes": 255_000, "emissions": 41_000, "mix": {"fi": "hake", "sv": "flis"}}
    page = office.get(URL).text
    assert "4.25 EUR for 1 m³, and 3.00 EUR a month" in page and "of which taxes 25.5%" in page and "To come" in page


def test_a_price_of_the_past_is_changed_only_when_one_says_so(db, client, cast):
    office = client("office")
    past = (TODAY - timedelta(days=40)).isoformat()
    assert "These days have passed" in add(office, 422, first=past).text
    assert prices(db) == []
    add(office, first=past, past="yes")
    (row,) = prices(db)
    form = office.form(f"{URL}/{row.id}") | {"price": "5"}
    form.pop("past", None)
    assert 'id="past-error"' in office.post(f"{URL}/{row.id}", 422, **form).text
    assert prices(db)[0].price == 4_250_000
    office.post(f"{URL}/{row.id}", 303, **form | {"past": "yes"})
    assert prices(db)[0].price == 5_000_000
    with db.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "prices_changed").order_by(AuditEvent.id)).all()[-1]
    assert event.facts == {
        "medium": "cold_water", "building": None, "was": [past, 4_250_000, 0], "now": [past, 5_000_000, 0],
    }  # fmt: skip


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(db, client, cast):
    office = client("office")
    add(office)
    (row,) = prices(db)
    form = office.form(f"{URL}/{row.id}")
    office.post(f"{URL}/{row.id}", 303, **form | {"price": "5"})
    stale = office.post(f"{URL}/{row.id}", 409, **form | {"price": "6"})
    assert "Somebody changed this price" in stale.text and 'value="6"' in stale.text
    assert prices(db)[0].price == 5_000_000


def test_one_price_a_day_and_place(db, client, cast):
    office = client("office")
    add(office)
    assert "Another price of this medium begins" in add(office, 422, price="9").text
    add(office, building=str(cast.building), price="9")
    assert len(prices(db)) == 2


def test_removing_wants_the_same_care(db, client, cast):
    office = client("office")
    add(office)
    (row,) = prices(db)
    form = office.form(f"{URL}/{row.id}")
    office.post(f"{URL}/{row.id}/removal", 303, seen=form["seen"], organisation=form["organisation"])
    assert prices(db) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [("price", ""), ("price", "NaN"), ("price", "1e9"), ("price", "٤"), ("monthly", "-1"), ("taxes", "101"), ("first", "soon"),
     ("medium", "beer"), ("mix-fi", "x" * 201)],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_kept(db, client, cast, field, text):
    answer = add(client("office"), 422, **{field: text})
    assert f'id="{field}-error"' in answer.text
    assert not text or field == "medium" or text in answer.text
    assert prices(db) == []


def test_another_organisations_building_takes_no_price_of_ours(db, client, cast):
    add(client("office"), 404, building=str(cast.building_tamm))
    assert prices(db) == []


def test_the_buildings_own_price_goes_before(db, cast):
    with db.writing() as session:
        for building, first, price in ((None, 10, 1), (cast.building, 20, 2), (None, 5, 3)):
            session.add(
                MediumPrice(
                    organisation_id=cast.koivu, building_id=building, medium="gas", first=TODAY - timedelta(days=first), price=price
                )
            )
        other = Building(organisation_id=cast.koivu, code="P9", address="Pihlajakuja 9")
        session.add(other)
        session.flush()

        def found(building, ago):
            row = pricing.in_force(session, cast.koivu, building, "gas", TODAY - timedelta(days=ago))
            return row and row.price

        assert [found(cast.building, ago) for ago in (0, 15, 20, 21)] == [2, 2, 2, None]
        assert [found(other.id, ago) for ago in (0, 5, 6, 10, 11)] == [3, 3, 1, 1, None]


# ---- Degree days -----------------------------------------------------------------------------------------------------


def test_lines_of_a_spreadsheet_are_read_as_they_are():
    text = "Kuukausi;Astepäivät\n2026-01; 612,5\n02/2026\t540\n3.2026 480.25\n2026-04-30, 300\n\n"
    assert pricing.read_lines(text) == {
        "2026-01": 612_500_000, "2026-02": 540_000_000, "2026-03": 480_250_000, "2026-04": 300_000_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lines"),
    [("2026-13;1", [(1, "month")]), ("2026-01;x\n2026-02;-3", [(1, "value"), (2, "value")]),
     ("2026-01;1\n1/2026;2", [(2, "twice")]), ("2026-01;4000", [(1, "value")]), ("2026-01;1e3", [(1, "value")])],
)  # fmt: skip
def test_a_line_that_is_none_is_told_with_its_number(text, lines):
    with pytest.raises(pricing.BadDegreeDays) as told:
        pricing.read_lines(text)
    assert told.value.lines == lines


@given(st.text(max_size=80))
def test_whatever_is_pasted_is_read_or_told(text):
    try:
        found = pricing.read_lines(text)
    except pricing.BadDegreeDays as told:
        assert told.lines
    else:
        assert all(date.fromisoformat(f"{month}-01") and 0 <= value <= 3001 * 10**6 for month, value in found.items())


def test_degree_days_are_pasted_changed_and_removed(db, client, cast):
    office = client("office")
    url = f"{URL}/degree-days"
    office.post(url, 303, **office.form(url) | {"lines": "2026-01; 612,5\n2026-02; 540"})
    form = office.form(url)
    assert (form["m-2026-01"], form["m-2026-02"]) == ("612.5", "540")
    office.post(url, 303, **form | {"m-2026-01": "600", "m-2026-02": "", "lines": "2026-03;1012.5"})
    with db.reading() as session:
        assert pricing.degree_days(session, cast.koivu, None) == {"2026-03": 1_012_500_000, "2026-01": 600_000_000}
    # Four figures come back as they can be typed.
    assert office.form(url)["m-2026-03"] == "1012.5"
    assert office.post(url, 409, **form | {"m-2026-01": "1"}).status_code == 409


def test_a_file_holds_degree_days_too_and_a_bad_line_stores_nothing(db, client, cast):
    office = client("office")
    url = f"{URL}/degree-days"
    form = office.form(url)
    bad = office.post(url, 422, **form | {"lines": "2026-01;1\nnonsense"})
    assert "Line 2" in bad.text and "nonsense" in bad.text
    office.post(url, 303, files={"file": [(b"\xef\xbb\xbfMonth,Value\n2026-05,88.5\n", "degrees.csv")]}, **form)
    building = f"{url}?building={cast.building}"
    office.post(url, 303, **office.form(building) | {"lines": "2026-05 90"})
    with db.reading() as session:
        assert pricing.degree_days(session, cast.koivu, None) == {"2026-05": 88_500_000}
        assert pricing.degrees_of(session, cast.koivu, cast.building) == {"2026-05": 90_000_000}
