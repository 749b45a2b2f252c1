"""The balance of a building at the desk: what is told, in words and figures, and to whom."""

import pytest

from resident.homes import setting
from resident.metering.price import MediumPrice
from resident.money.period import BillingPeriod
from tests.desk.house import NAME
from tests.metering.counters import LONG_AGO, YEAR, meter, move_to, reading

URL = "/desk/balance"


@pytest.fixture
def metered(house):
    """A main meter that let 20 m³ in over February; A 1 used 6 m³ of cold water, A 2 6, B 10 sent nothing; hot water 4 and 4."""
    cast = house.cast
    with house.db.writing() as session:
        (main,) = meter(session, cast, None, "cold_water", "M-1", building_id=cast.building)
        of = session.get_one(BillingPeriod, house.period)
        reading(session, main, of.use_first.replace(month=1, day=31), "1000")
        reading(session, main, of.use_last, "1023", house.period, source="office")
        for name, value in (("cold_a1", "472"), ("cold_a2", "472"), ("hot_a1", "248"), ("hot_a2", "248")):
            reading(session, getattr(house, name), of.use_last, value, house.period, source="office")
        session.add(MediumPrice(organisation_id=cast.koivu, medium="cold_water", first=LONG_AGO, price=4_000_000))
    move_to(YEAR, 3, 6)
    house.balance = f"{URL}?building={cast.building}&period={NAME}"
    return house


def text(client, url) -> str:
    return client.get(url).text.replace("\u00a0", " ")


def test_the_page_says_what_was_lost_who_did_not_report_and_what_it_costs(desk, metered):
    page = text(desk("office"), metered.balance)
    assert "23.0 m³ went in, and the homes used 20.0 m³. The common loss is 3.0 m³, 13%." in page
    assert "1 home of 3 has no reading of this period." in page
    assert "The use of 1 home is not known and stands in the difference." in page
    # 3 m³ at 4 €, three homes of one size.
    assert "the difference is €12.00: by area €4.00 to €4.00 a home" in page
    assert "Water, including the hot water made from it" in page


def test_equal_shares_are_told_as_one(desk, metered):
    with metered.db.writing() as session:
        setting.put(session, metered.cast.koivu, "loss_shared_by", "equal")
    assert "the difference is €12.00: €4.00 a home" in text(desk("office"), metered.balance)


def test_more_than_went_in_is_explained(desk, metered):
    with metered.db.writing() as session:
        reading(session, metered.cold_b10, session.get_one(BillingPeriod, metered.period).use_last, "480", metered.period)
    page = text(desk("office"), metered.balance)
    assert "The homes used 11.0 m³ (47.8%) more than went in: 34.0 m³ against 23.0 m³." in page
    assert "That cannot be so." in page


def test_no_homes_values_and_no_names_are_on_the_page(desk, metered):
    page = text(desk("office"), metered.balance)
    assert "A 1" not in page and "472" not in page and "Virta" not in page


def test_without_a_main_meter_the_page_says_what_to_do(desk, house):
    page = desk("office").get(URL).text
    assert "no billing period" in page or "no main meter" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("office", 200),
        ("accountant", 200),
        ("council", 200),
        ("provider", 200),
        ("caretaker", 403),
        ("control", 403),
        ("board", 404),
    ],
)
def test_it_is_for_posts_that_see_readings_there(desk, metered, name, status):
    desk(name).get(metered.balance, status)
