"""Estimates at the desk: what is missing, stored when the window is over, taken back; and how they are marked everywhere."""

import re

import pytest
from sqlalchemy import select

from resident.homes import setting
from resident.metering.reading import Reading
from resident.money.period import BillingPeriod
from tests.desk.house import NAME
from tests.metering.counters import YEAR, move_to

URL = "/desk/estimates"


@pytest.fixture
def late(house):
    """A 1 has sent its cold water; the window of March is over."""
    house.send({house.cold_a1: ("472.000",)})
    move_to(YEAR, 3, 6)
    house.estimates = f"{URL}?building={house.cast.building}&period={NAME}"
    return house


def estimates(house) -> list[Reading]:
    return house.rows(Reading.source == "estimate")


def send(client, house, path="", status=303, registers=(), **given):
    form = {"building": str(house.cast.building), "period": NAME, "register": [str(one) for one in registers]}
    return client.post(URL + path, status, once=f"o{len(given)}{path}{len(registers)}", **form | given)


def test_the_page_shows_what_each_missing_meter_would_be_estimated_at(desk, late):
    page = desk("office").get(late.estimates).text
    assert "4 readings are missing" in page
    assert "Estimated by the use of the last period: 6.000\u00a0m³" in page
    ticked = re.findall(r'name="register" value="(\d+)" checked', page)
    assert set(ticked) == {str(one) for one in (late.hot_a1, late.cold_a2, late.hot_a2, late.cold_b10)}


def test_those_that_are_ticked_are_stored_and_the_page_says_so(desk, late):
    office = desk("office")
    answer = send(office, late, registers=[late.hot_a1, late.cold_a2])
    assert answer.headers["Location"].startswith(URL)
    assert {row.register_id for row in estimates(late)} == {late.hot_a1, late.cold_a2}
    page = office.get(late.estimates).text
    assert "Saved 2 estimates." in page and "2 readings are missing" in page
    assert "Estimated in this period" in page


def test_the_same_form_twice_stores_once(desk, late):
    office = desk("office")
    for _ in range(2):
        send(office, late, registers=[late.hot_a1])
    assert len(estimates(late)) == 1


def test_nothing_ticked_is_said(desk, late):
    assert "No estimate is chosen" in send(desk("office"), late, status=409).text


def test_taking_back_and_after_allocation_no_more(desk, late):
    office = desk("office")
    send(office, late, registers=[late.hot_a1, late.cold_a2])
    assert (
        "Took 1 estimate back." in office.get(send(office, late, "/withdrawal", registers=[late.hot_a1]).headers["Location"]).text
    )
    assert {row.register_id for row in estimates(late) if row.counts} == {late.cold_a2}
    with late.db.writing() as session:
        session.get_one(BillingPeriod, late.period).state = "allocated"
    answer = send(office, late, "/withdrawal", 409, registers=[late.cold_a2, 1])
    assert "have already been shared out" in answer.text
    assert "Take these estimates back" not in office.get(late.estimates).text


def test_while_the_window_is_open_the_page_says_from_when_on(desk, house):
    page = desk("office").get(f"{URL}?building={house.cast.building}&period={NAME}").text
    assert f"until 5 Mar {YEAR}" in page
    assert "Save these estimates" not in page
    send(desk("office"), house, status=409, registers=[house.cold_a1])
    assert house.rows(Reading.source == "estimate") == []


@pytest.mark.parametrize("name", ["accountant", "council", "provider", "caretaker", "tenant", "board"])
def test_estimating_is_for_posts_that_decide(desk, late, name):
    send(desk(name), late, status=None, registers=[late.hot_a1])
    assert estimates(late) == []
    assert desk(name).get(late.estimates, None).status_code in (403, 404)


def test_another_organisations_building_does_not_exist(desk, late):
    desk("board").get(late.estimates, 404)
    desk("office").get(f"{URL}?building={late.cast.building_tamm}", 404)


def test_an_estimate_is_marked_wherever_the_reading_stands(desk, client, late):
    office = desk("office")
    send(office, late, registers=[late.hot_a1, late.cold_a2])
    sheet = office.get(late.url).text
    assert sheet.count("<small>estimated</small>") == 2
    # An estimate is nobody's doing: the home has not submitted.
    assert "0 of 3" in re.sub(r"\s+", " ", sheet) or sheet.count("Not submitted") >= 3
    own = office.get(f"/desk/readings/homes/{late.cast.unit_a1}?period={NAME}&year={YEAR}").text
    assert "Estimate" in own and "Estimated by the use of the last period" in own
    history = client("tenant").get(f"/readings/history?year={YEAR}").text
    assert "Estimated by the use of the last period: 4.000\u00a0m³" in history


def test_a_true_reading_at_the_desk_takes_the_place_of_the_estimate(desk, late):
    office = desk("office")
    send(office, late, registers=[late.hot_a1])
    (made,) = estimates(late)
    url = f"/desk/readings/homes/{late.cast.unit_a1}?period={NAME}"
    form = office.form(url) | {f"r{late.hot_a1}": "247.500", "day": f"{YEAR}-02-28"}
    office.post(f"/desk/readings/homes/{late.cast.unit_a1}", 303, **form)
    with late.db.reading() as session:
        now = session.scalars(select(Reading).where(Reading.register_id == late.hot_a1, Reading.counts)).all()[-1]
    assert (now.value, now.supersedes_id) == (247_500_000, made.id)


# ---- The setting -----------------------------------------------------------------------------------------------------


def ladder(db, cast):
    with db.reading() as session:
        return setting.in_force(session, cast.koivu, "FI", cast.today)["estimate_ladder"]


def test_the_ladder_is_set_step_by_step(db, cast, desk, later):
    from resident import clock

    cast.today = clock.today("Europe/Helsinki")
    office = desk("office")
    form = office.form("/desk/settings/estimate_ladder")
    assert (form["step-1"], form["step-2"], form["step-3"], form["months"]) == ("last", "average", "norm", "6")
    changed = {"step-1": "average", "step-2": "norm", "step-3": "", "months": "12", "norm-cold_water": "4,5", "norm-hot_water": ""}
    office.post("/desk/settings/estimate_ladder", 303, **form | changed | {"expired": "yes"})
    assert ladder(db, cast) == {
        "rungs": ["average", "norm"], "months": 12, "most": 6, "expired": True, "norms": {"cold_water": 4_500_000}
    }  # fmt: skip
    assert "Norm for a person and month, Cold water: 4.5\u00a0m³" in office.get("/desk/settings").text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"step-1": "", "step-2": "", "step-3": ""}, "step-1"),
        ({"step-1": "last", "step-2": "last"}, "step-1"),
        ({"months": "0"}, "months"),
        ({"most": "many"}, "most"),
        ({"norm-cold_water": "1e9"}, "norm-cold_water"),
    ],
)
def test_a_ladder_that_cannot_be_is_refused_at_its_field(desk, cast, changed, field):
    office = desk("office")
    answer = office.post("/desk/settings/estimate_ladder", 422, **office.form("/desk/settings/estimate_ladder") | changed)
    assert f'id="{field}-error"' in answer.text
