"""What residents are shown of their building: its use month by month, and the balance where it is open to them (L13, B5)."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.homes import setting
from resident.metering.meter import Meter
from resident.metering.price import DegreeDays
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, meter, move_to, reading

URL = "/consumption/building"


@pytest.fixture
def building(home):
    """Main meters read at each month's end from January a year ago: 310 m³ in January, 280 in February …; heating 1000 a month,
    2000 in the January of this year. Today is 6 March."""
    cast = home.cast
    with home.db.writing() as session:
        for medium, serial, uses in (("cold_water", "M1", (310, 280, 310, 300)), ("heating", "M2", (1000,) * 4)):
            (main,) = meter(session, cast, None, medium, serial, building_id=cast.building, digits=6)
            value = 1000
            reading(session, main, date(YEAR - 2, 12, 31), str(value))
            for number in range(14):
                last = _end(number)
                value += uses[number % 4] if number < 12 else 2000 if medium == "heating" else 341 - 31 * (number - 12)
                reading(session, main, last, str(value))
        for month, value in ((f"{YEAR - 1}-02", 500), (f"{YEAR}-02", 1000)):
            session.add(DegreeDays(organisation_id=cast.koivu, month=month, value=value * 1_000_000))
    move_to(YEAR, 3, 6)
    return home


def _end(number: int) -> date:
    year, month = divmod((YEAR - 1) * 12 + number + 1, 12)
    return date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


def text(client, url=URL, **given) -> str:
    return client.get(url, **given).text.replace("\u00a0", " ")


def test_water_is_told_by_the_day_against_the_year_before(client, building):
    page = text(client("tenant"))
    days = _end(13).day
    assert f"February {YEAR}: {310 / days:.1f} m³ a day." in page
    assert "more than a year before" in page
    assert 'role="img"' in page and "The same figures as a table" in page


def test_heating_is_held_against_how_cold_it_was(client, building):
    page = text(client("tenant"), f"{URL}?medium=heating")
    assert f"February {YEAR}: 2,000 kWh. That is 100% more than a year before. Corrected for the weather, it is the same." in page
    assert "500 degree days" in page and "1,000 degree days" in page


def test_the_year_before_has_a_page_of_its_own_and_what_is_not_there_none(client, building):
    page = text(client("tenant"), f"{URL}?medium=heating&year={YEAR - 1}")
    assert f"December {YEAR - 1}: 1,000 kWh." in page
    client("tenant").get(f"{URL}?medium=gas", 404)
    client("tenant").get(f"{URL}?year={YEAR + 1}", 404)


def test_a_building_without_main_meters_says_so(client, home):
    assert "The building has no main meters here." in text(client("tenant"))


def test_the_balance_is_for_staff_unless_the_organisation_opens_it(client, building, db):
    cast = building.cast
    with db.writing() as session:
        main = session.scalar(select(Meter.id).where(Meter.serial == "M1"))
        assert main
        of = session.get_one(BillingPeriod, building.period)
        reading(session, building.cold, of.use_last, "472", of.id, source="office")
        reading(session, building.hot, of.use_last, "248", of.id, source="office")
        session.execute(select(Meter))
    assert "Balance" not in text(client("tenant"))
    with db.writing() as session:
        setting.put(session, cast.koivu, "balance_open", True)
    # One home of four has meters: a balance would say nothing of the house.
    assert "Balance" not in text(client("tenant"))
    with db.writing() as session:
        for unit in (cast.unit_a2, cast.unit_b3):
            (register,) = meter(session, cast, unit, "cold_water", f"c-{unit}")
            reading(session, register, date(YEAR, 1, 31), "100")
            reading(session, register, session.get_one(BillingPeriod, building.period).use_last, "190", building.period)
    page = text(client("tenant"))
    # 310 m³ went in; 6 cold and 4 hot in A 1, 90 in each of the others.
    assert "310.0 m³ went in, and the homes used 190.0 m³. The common loss is 120.0 m³, 38.7%." in page
    assert "All homes have reported." in page
    assert "190.000" not in page and "472" not in page
    # While readings are still sent, what others have not sent would pass for a loss.
    move_to(YEAR, 3, 5)
    assert "120.0 m³" not in text(client("tenant"))


def test_it_is_for_who_may_see_readings_in_the_home(client, building):
    client("former").get(URL, 404)
    client().get(URL, 303)
