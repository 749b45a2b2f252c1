"""What use costs: the price of each day, exact until it is rounded once; so far, and by the period's end."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from resident.metering import cost
from resident.metering.cost import Price, amount
from resident.metering.course import Gauge, Shown, course
from resident.metering.price import MediumPrice
from tests.metering.counters import period

M3 = 1_000_000


def price(first, major, monthly=0, building=None):
    return Price(building, first, round(major * M3), round(monthly * M3), {})


JANUARY, MARCH = price(date(2027, 1, 1), 4), price(date(2027, 3, 11), 5, monthly=2)


def year_of_one_a_day():
    """A course that goes on by 1 m³ a day through 2027."""
    first = date(2026, 12, 31).toordinal()
    return [course(Gauge(5, 0, M3, first, None), [Shown(first + 365, 365 * M3, False, False)])]


def test_each_day_has_the_price_in_force_on_it():
    assert cost.on([JANUARY, MARCH], date(2027, 3, 10)) == JANUARY
    assert cost.on([JANUARY, MARCH], date(2027, 3, 11)) == MARCH
    assert cost.on([JANUARY], date(2026, 12, 31)) is None


def test_a_buildings_own_price_goes_before_the_organisations():
    own = price(date(2027, 2, 1), 3, building=7)
    assert cost.on([JANUARY, own, MARCH], date(2027, 5, 1)) == own
    assert cost.on([JANUARY, own, MARCH], date(2027, 1, 5)) == JANUARY


def test_a_change_of_price_inside_a_period_splits_it():
    march = (date(2027, 3, 1), date(2027, 3, 31))
    assert cost.segments([JANUARY, MARCH], *march) == [(march[0], date(2027, 3, 10)), (date(2027, 3, 11), march[1])]
    # 10 days at 4, 21 at 5; the month's charge is that of its first day.
    assert cost.of_use(year_of_one_a_day(), [JANUARY, MARCH], *march) == 14500
    assert cost.of_use(year_of_one_a_day(), [JANUARY, MARCH], date(2027, 4, 1), date(2027, 4, 30)) == 15200


def test_a_day_without_a_price_has_no_cost():
    assert cost.of_use(year_of_one_a_day(), [MARCH], date(2027, 3, 1), date(2027, 3, 31)) is None
    assert cost.of_period(year_of_one_a_day(), [], (date(2027, 3, 1), date(2027, 3, 31)), date(2027, 3, 9), 1) is None


def test_so_far_and_by_the_end():
    march = (date(2027, 3, 1), date(2027, 3, 31))
    first = date(2026, 12, 31).toordinal()
    until_the_ninth = [course(Gauge(5, 0, M3, first, None), [Shown(first + 68, 68 * M3, False, False)])]
    found = cost.of_period(until_the_ninth, [JANUARY], march, date(2027, 3, 10), rate=2 * M3)
    assert (found.until, found.so_far, found.by_end) == (date(2027, 3, 9), 3600, 3600 + 22 * 800)
    unknown = cost.of_period([course(Gauge(5, 0, M3, first, None), [])], [JANUARY], march, date(2027, 3, 10), rate=None)
    assert (unknown.until, unknown.so_far, unknown.by_end) == (None, 0, None)


@given(st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**9)), max_size=6), st.integers(0, 10**8))
def test_it_is_rounded_once_half_up(parts, monthly):
    given_parts = [(use, price(date(2027, 1, 1), 0)._replace(price=each)) for use, each in parts]
    exact = sum(use * each for use, each in parts) * 100 + monthly * M3 * 100
    whole = amount(given_parts, [JANUARY._replace(monthly=monthly)])
    assert -(10**12) // 2 < whole * 10**12 - exact <= 10**12 // 2
    assert amount([(M3, JANUARY._replace(price=5_000))]) == 1


def test_prices_and_the_billing_period_are_found_together(db, cast):
    with db.writing() as session:
        period(session, cast.building, "2027-04")
        for building, first, value in ((None, date(2027, 1, 1), 4), (cast.building, date(2027, 2, 1), 3)):
            session.add(
                MediumPrice(
                    organisation_id=cast.koivu, building_id=building, medium="cold_water", first=first, price=value * M3, about={}
                )
            )
        session.add(MediumPrice(organisation_id=cast.tamm, medium="cold_water", first=date(2027, 1, 1), price=M3, about={}))
        session.add(MediumPrice(organisation_id=cast.koivu, medium="hot_water", first=date(2027, 1, 1), price=M3, about={}))
    with db.reading() as session:
        days, found = cost.prices(session, cast.building, "cold_water", date(2027, 3, 9))
        month, none = cost.prices(session, cast.building, "gas", date(2028, 2, 9))
    assert days == (date(2027, 3, 1), date(2027, 3, 31))
    assert [(one.building_id, one.price) for one in found] == [(None, 4 * M3), (cast.building, 3 * M3)]
    assert (month, none) == ((date(2028, 2, 1), date(2028, 2, 29)), [])
