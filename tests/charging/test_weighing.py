"""What a unit weighs on which terms: prices and VAT by day, members and others, registers, and what is charged once."""

from datetime import date

from resident.charging.calendar import months
from resident.charging.counted import Shown, count
from resident.charging.held import Hold, Run, Steps, runs
from resident.charging.weighing import NONE, ONE, Part, Term, Terms, by_days, by_use, once
from resident.db import SCALE
from resident.metering.course import Gauge

FIRST, LAST = date(2026, 3, 1).toordinal(), date(2026, 3, 31).toordinal()
MARCH = months(date(2026, 3, 1), date(2026, 3, 31))
BOTH = [Hold(1, True, 1, FIRST + 9), Hold(2, False, FIRST + 10, LAST)]


def terms(*prices: tuple[int, int], vat=(), members=None, others=None, owners=(1, 2)) -> Terms:
    """Prices from days of March on; others: another list for those who are no members."""
    own = Steps((FIRST + day - 1, price) for day, price in prices)
    other = own if others is None else Steps((FIRST + day - 1, price) for day, price in others)
    rates = Steps((FIRST + day - 1, rate) for day, rate in vat)
    known = {tenure: Steps((FIRST + day - 1, member) for day, member in rows) for tenure, rows in (members or {}).items()}
    return Terms((own, other), rates, known, frozenset(owners))


def told(found) -> dict:
    """(tenure, price): (weight in whole units of a day, days, first and last day of March)."""
    return {
        (tenure, term.price): (part.weight / SCALE, part.days, part.first - FIRST + 1, part.last - FIRST + 1)
        for (tenure, term), part in found.items()
    }


def test_each_holder_and_price_has_a_part_of_its_own():
    found = by_days(runs(BOTH, FIRST, LAST), MARCH, Steps([(1, 2 * SCALE)]), NONE, terms((-99, 7), (21, 8)))
    assert told(found) == {(1, 7): (20, 10, 1, 10), (2, 7): (20, 10, 11, 20), (2, 8): (22, 11, 21, 31)}


def test_days_before_the_first_price_are_not_charged():
    assert told(by_days(runs(BOTH, FIRST, LAST), MARCH, ONE, NONE, terms((6, 7)))) == {
        (1, 7): (5, 5, 6, 10),
        (2, 7): (21, 21, 11, 31),
    }
    assert by_days(runs(BOTH, FIRST, LAST), MARCH, ONE, NONE, terms()) == {}


def test_a_coefficient_stands_beside_the_key_from_its_day_and_a_new_value_counts_from_its_own():
    value, coefficient = Steps([(1, 4 * SCALE), (FIRST + 20, 6 * SCALE)]), Steps([(FIRST + 10, SCALE // 2)])
    found = by_days([Run(FIRST, LAST, (1,))], None, value, coefficient, Terms(None, NONE, {}, frozenset()))
    assert told(found) == {(1, None): (4 * 10 + 2 * 10 + 3 * 11, 31, 1, 31)}


def test_vat_of_a_day_is_part_of_its_terms():
    found = by_days([Run(FIRST, LAST, (1,))], MARCH, ONE, NONE, terms((1, 7), vat=((11, (2400, True)), (21, None))))
    assert [(term.vat, part.days) for (_, term), part in found.items()] == [(None, 21), ((2400, True), 10)]
    assert Term(7, None) in [term for _, term in found]


def test_members_pay_by_their_list_and_others_by_theirs_each_from_its_day():
    run = [Run(FIRST, LAST, (1, 2))]
    found = by_days(run, MARCH, Steps([(1, 2 * SCALE)]), NONE, terms((1, 5), others=((1, 9),), owners=(1,)))
    assert told(found) == {(1, 5): (31, 31, 1, 31), (2, 9): (31, 31, 1, 31)}
    left = terms((1, 5), others=((1, 9), (30, 10)), members={1: [(16, False)]}, owners=(1,))
    assert told(by_days([Run(FIRST, LAST, (1,))], MARCH, ONE, NONE, left)) == {
        (1, 5): (15, 15, 1, 15), (1, 9): (14, 14, 16, 29), (1, 10): (2, 2, 30, 31),
    }  # fmt: skip
    # What is vacant is the association's own.
    assert told(by_days([Run(FIRST, LAST, ())], MARCH, ONE, NONE, left)) == {(None, 5): (31, 31, 1, 31)}


def test_registers_count_together_on_the_days_of_each():
    def register(*readings: tuple[int, int]):
        shown = [Shown(FIRST + day - 1, value * SCALE, False, False, None) for day, value in readings]
        return count(Gauge(5, 0, SCALE, 1, None), shown)

    counts = [register((0, 100), (10, 104), (31, 125)), register((0, 10), (31, 41))]
    assert told(by_use(runs(BOTH, FIRST, LAST), counts, NONE, terms((1, 7)))) == {(1, 7): (14, 10, 1, 10), (2, 7): (42, 21, 11, 31)}
    halved = by_use(runs(BOTH, FIRST, LAST), counts, Steps([(FIRST + 20, SCALE // 2)]), terms((1, 7)))
    assert told(halved)[2, 7] == (20 + 11, 21, 11, 31)
    shared = by_use([Run(FIRST, LAST, (1, 2))], counts, NONE, terms((1, 7)))
    assert [part.weight for part in shared.values()] == [28 * SCALE, 28 * SCALE]


def test_what_is_charged_once_goes_to_whoever_is_there_on_the_last_day():
    assert told(once(runs(BOTH, FIRST, LAST), NONE, terms((1, 7), (31, 8)))) == {(2, 8): (1, 21, 11, 31)}
    assert told(once(runs(BOTH, FIRST, LAST), Steps([(1, 2 * SCALE)]), terms((1, 7)))) == {(2, 7): (2, 21, 11, 31)}
    assert once(runs(BOTH[:1], FIRST, LAST), NONE, terms((1, 7))) == {}
    assert once([], NONE, terms((1, 7))) == {}


def test_parts_of_two_months_are_counted_in_parts_of_both():
    february = date(2026, 2, 1).toordinal()
    found = by_days([Run(february, LAST, (1,))], months(date(2026, 2, 1), date(2026, 3, 31)), ONE, NONE, terms((-99, 7)))
    assert told(found) == {(1, 7): (2 * 28 * 31, 59, -27, 31)}


def test_what_is_charged_once_looks_at_the_last_of_many_holders():
    three = [Hold(1, True, FIRST, FIRST + 3), Hold(2, True, FIRST + 4, FIRST + 9), Hold(3, True, FIRST + 10, LAST)]
    assert [tenure for tenure, _ in once(runs(three, FIRST, LAST), NONE, terms((1, 7)))] == [3]


def test_a_part_grows_on_both_sides():
    part = Part(5, 3, 10, 12)
    part.add(7, 4, 8)
    assert part == Part(12, 8, 4, 12)
    part.add(1, 14, 14)
    assert part == Part(13, 9, 4, 14)


def test_a_register_that_was_taken_out_or_fitted_inside_the_days():
    gauge = Gauge(5, 50 * SCALE, SCALE, FIRST + 4, FIRST + 14)
    shown = [Shown(FIRST + day - 1, value * SCALE, False, False, None) for day, value in ((15, 60), (20, 99))]
    counted = count(gauge, shown)
    assert counted.at(FIRST).total == 0 and counted.at(FIRST).value == 50 * SCALE
    assert counted.at(LAST).total == 10 * SCALE and counted.until == FIRST + 14
