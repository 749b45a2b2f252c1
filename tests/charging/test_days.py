"""Who pays for which day, what a month's price comes to for some of its days, and what a register counted on them."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from resident.charging.calendar import months
from resident.charging.counted import Shown, count
from resident.charging.dividing import divide
from resident.charging.held import Hold, Run, Steps, runs
from resident.charging.weighing import NONE, ONE, Terms, by_days
from resident.db import SCALE
from resident.metering.course import Gauge

few = settings(max_examples=60)
FIRST, LAST = date(2026, 3, 1).toordinal(), date(2026, 3, 31).toordinal()
FREE = Terms(None, NONE, {}, frozenset())


def march(day: int) -> int:
    return FIRST + day - 1


def hold(tenure: int, first: int, last: int = 31, ownership: bool = True) -> Hold:
    return Hold(tenure, ownership, march(first), march(last))


holds = st.lists(
    st.tuples(st.integers(1, 5), st.booleans(), st.integers(-9, 40), st.integers(0, 40)).map(
        lambda drawn: Hold(drawn[0], drawn[1], march(drawn[2]), march(drawn[2] + drawn[3]))
    ),
    max_size=6,
)


@few
@given(holds, st.sampled_from(["owner", "tenant"]))
def test_rule_24_every_day_is_paid_for_once_and_by_whoever_holds_it(held, payer):
    found = runs(held, FIRST, LAST, payer)
    days = [day for run in found for day in range(run.first, run.last + 1)]
    assert days == list(range(FIRST, LAST + 1))
    assert all(before.tenures != after.tenures for before, after in zip(found, found[1:], strict=False))
    for run in found:
        for day in (run.first, run.last):
            there = {one.tenure_id for one in held if one.first <= day <= one.last}
            assert set(run.tenures) <= there and bool(run.tenures) == bool(there)


@few
@given(holds, st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 9)), max_size=5, unique_by=lambda row: row[0]))
def test_rule_25_weights_are_the_sum_over_days_of_what_held_on_each(held, facts):
    steps = Steps(((march(day), value * SCALE) for day, value in facts), early=True)
    found = by_days(runs(held, FIRST, LAST), None, steps, NONE, FREE)
    assert sum(part.weight for part in found.values()) == sum(steps.on(day, 0) for day in range(FIRST, LAST + 1))
    assert sum(part.days for part in found.values()) >= LAST - FIRST + 1


@few
@given(
    st.lists(holds, min_size=1, max_size=6),
    st.lists(st.integers(0, 90), min_size=6, max_size=6),
    st.integers(-(10**7), 10**7),
    st.randoms(),
)
def test_a_cost_is_exact_and_the_same_whatever_came_first(units, areas, cost, chance):
    def shares(units) -> list:
        weighed = []
        for held, area in zip(units, areas, strict=False):
            parts = by_days(runs(held, FIRST, LAST), None, Steps([(0, area * SCALE)]), NONE, FREE)
            weighed += sorted((part.first, tenure or 0, part.weight) for (tenure, _), part in parts.items())
        if not any(weight for *_, weight in weighed):
            return []
        return [(*who, part) for (*who, _), part in zip(weighed, divide(cost, [row[-1] for row in weighed]), strict=True)]

    found = shares(units)
    assert sum(part for *_, part in found) == (cost if found else 0)
    assert shares([chance.sample(held, len(held)) for held in units]) == found


def test_rule_24_days_are_inclusive_on_both_sides():
    found = runs([hold(1, 1, 13), hold(2, 14)], FIRST, LAST)
    assert found == [Run(march(1), march(13), (1,)), Run(march(14), march(31), (2,))]


def test_whoever_holds_all_the_time_has_one_run_of_it():
    assert runs([hold(7, -3, 40)], march(1), march(31)) == [Run(march(1), march(31), (7,))]
    assert runs([hold(7, 1, 31)], march(1), march(31)) == [Run(march(1), march(31), (7,))]


def test_a_value_holds_from_its_day_and_the_first_one_before_it_where_that_is_asked_for():
    rows = [(march(10), 2), (march(5), 1)]
    late, early = Steps(rows), Steps(rows, early=True)
    assert [late.on(march(day), 0) for day in (4, 5, 9, 10, 31)] == [0, 1, 1, 2, 2]
    assert (early.on(march(4), 0), Steps([], early=True).on(march(4), 0)) == (1, 0)
    assert late.within(march(5), march(10)) == [march(10)] and late.within(march(4), march(9)) == [march(5)]


def test_a_day_that_nobody_holds_is_vacant():
    assert runs([hold(1, 10, 12)], march(9), march(13)) == [
        Run(march(9), march(9), ()),
        Run(march(10), march(12), (1,)),
        Run(march(13), march(13), ()),
    ]
    assert runs([], march(5), march(4)) == []


def test_who_holds_a_single_day_pays_for_it():
    found = runs([hold(1, 12, 12), hold(2, 13, 13)], march(12), march(13))
    assert found == [Run(march(12), march(12), (1,)), Run(march(13), march(13), (2,))]


def test_of_two_who_share_a_day_only_whom_a_price_is_for_is_charged():
    others_only = Terms((NONE, Steps([(0, 5)])), NONE, {1: Steps([(0, True)])}, frozenset())
    found = by_days(runs([hold(1, 1, 31, False), hold(2, 1, 31, False)], FIRST, FIRST), None, ONE, NONE, others_only)
    assert [(tenure, term.price, part.weight) for (tenure, term), part in found.items()] == [(2, 5, 500_000)]


def test_the_owner_pays_unless_the_charge_is_the_tenants():
    both = [hold(1, 1), hold(2, 10, 20, ownership=False)]
    assert [run.tenures for run in runs(both, FIRST, LAST)] == [(1,)]
    assert [run.tenures for run in runs(both, FIRST, LAST, "tenant")] == [(1,), (2,), (1,)]


def test_leases_beside_each_other_share_a_day_and_no_millionth_is_lost():
    found = by_days(runs([hold(1, 1, 31, False), hold(2, 1, 31, False)], FIRST, FIRST), None, ONE, NONE, FREE)
    assert [part.weight for part in found.values()] == [500_000, 500_000]
    odd = by_days(runs([hold(1, 1, 31, False), hold(2, 1, 31, False)], FIRST, FIRST), None, Steps([(0, 3)]), NONE, FREE)
    assert [part.weight for part in odd.values()] == [2, 1]


def test_a_month_is_a_month_however_long_and_a_part_is_its_days():
    whole = months(date(2026, 2, 1), date(2026, 3, 31))
    assert whole.whole == 28 * 31
    assert whole.parts(date(2026, 2, 1).toordinal(), LAST) == 2 * whole.whole
    assert whole.parts(date(2026, 2, 15).toordinal(), march(31)) * 2 == 3 * whole.whole
    assert months(date(2026, 3, 1), date(2026, 3, 31)).parts(march(1), march(14)) == 14
    quarter = months(date(2026, 1, 1), date(2026, 3, 31))
    assert quarter.parts(FIRST, LAST) == quarter.parts(date(2026, 1, 1).toordinal(), date(2026, 1, 31).toordinal()) == quarter.whole


def test_parts_of_months_are_whole_numbers_to_the_day():
    for day in (date(2026, 3, 1), date(2026, 3, 31)):
        (month,), whole = months(day, day)
        assert (month.first, month.last, month.parts, whole) == (day.toordinal(), day.toordinal(), 1, 31)
    calendar = months(date(2026, 2, 10), date(2026, 3, 20))
    assert calendar.starts == [date(2026, 2, 10).toordinal(), FIRST]
    assert [type(month.parts) for month in calendar.months] == [int, int]
    assert calendar.parts(date(2026, 2, 28).toordinal(), date(2026, 2, 28).toordinal()) == 31
    assert calendar.parts(march(1), march(1)) == 28
    assert calendar.parts(date(2026, 2, 28).toordinal(), march(1)) == 31 + 28
    alone = months(date(2026, 2, 1), date(2026, 2, 28))._replace(whole=56)
    doubled = alone._replace(months=tuple(month._replace(parts=2) for month in alone.months))
    assert doubled.parts(date(2026, 2, 1).toordinal(), date(2026, 2, 3).toordinal()) == 6


# ---- Registers -------------------------------------------------------------------------------------------------------

GAUGE = Gauge(5, 0, SCALE, date(2015, 1, 1).toordinal(), None)


def read(day: int, value: float, estimate: bool = False, end: int | None = None, rolled: bool = False) -> Shown:
    return Shown(march(day), round(value * SCALE), rolled, estimate, march(end) if end is not None else None)


def used(counted, first: int, last: int) -> float:
    return (counted.at(march(last)).total - counted.at(march(first) - 1).total) / SCALE


def test_rule_24_a_reading_on_the_day_divides_the_use_and_without_one_days_do():
    with_reading = count(GAUGE, [read(0, 100), read(13, 104), read(31, 109)])
    assert (used(with_reading, 1, 13), used(with_reading, 14, 31)) == (4, 5)
    assert not with_reading.at(march(13)).rough
    without = count(GAUGE, [read(0, 100), read(31, 109.3)])
    assert (used(without, 1, 10), used(without, 11, 31)) == (3, 6.3)
    assert without.at(march(10)).rough


def test_rule_3_a_reading_of_the_window_stands_for_the_end_of_its_period():
    counted = count(GAUGE, [read(-2, 100, end=0), read(29, 107, end=31)])
    assert used(counted, 1, 31) == 7
    # Two days late, and the home changed hands on the first: nothing is moved across the reading between.
    late = count(GAUGE, [read(0, 100, end=0), read(32, 108), read(34, 109, end=31)])
    assert late.at(march(34)).value == 109 * SCALE


def test_rule_11_the_next_true_reading_settles_an_estimate_below_zero_too():
    low = count(GAUGE, [read(0, 100), read(10, 106, estimate=True), read(20, 103)])
    assert (used(low, 1, 10), used(low, 11, 20)) == (6, -3)
    high = count(GAUGE, [read(0, 100), read(10, 106, estimate=True), read(20, 115)])
    assert (used(high, 1, 10), used(high, 11, 20)) == (6, 9)


def test_rule_26_the_next_use_starts_where_the_last_bill_ended_or_from_the_corrected_reading():
    assert used(count(GAUGE, [read(0, 100), read(31, 130)], anchor=(march(10), 100 * SCALE)), 11, 31) == 30
    assert used(count(GAUGE, [read(0, 100), read(10, 104), read(31, 130)], anchor=(march(10), 107 * SCALE)), 11, 31) == 26


def test_zero_passed_a_home_s_part_and_what_is_behind_the_last_reading():
    assert used(count(GAUGE, [read(0, 99_998), read(31, 3, rolled=True)]), 1, 31) == 5
    shared = count(GAUGE._replace(coefficient=SCALE // 2), [read(0, 100), read(31, 109)])
    assert used(shared, 1, 31) == 4.5
    assert shared.until == march(31) and used(shared, 1, 40) == 4.5 and shared.at(march(40)).rough


def test_what_a_register_showed_at_the_end_of_a_day():
    counted = count(
        GAUGE._replace(initial=90 * SCALE, installed=march(1)), [read(3, 100), read(10, 110, estimate=True), read(13, 106)]
    )
    assert counted.at(march(0)) == (90 * SCALE, 0, False)
    assert counted.at(march(1)) == (90 * SCALE, 0, False)
    assert counted.at(march(2)) == (95 * SCALE, 5 * SCALE, True)
    assert counted.at(march(3)) == (100 * SCALE, 10 * SCALE, False)
    # A seventh of 10 m³ each day, cut to whole millionths.
    assert counted.at(march(4)) == (101_428_571, 11_428_571, True)
    assert counted.at(march(5)) == (102_857_142, 12_857_142, True)
    assert type(counted.at(march(4)).total) is type(counted.at(march(4)).value) is int
    assert counted.at(march(10)) == (110 * SCALE, 20 * SCALE, True)
    # The estimate was too high: the counter stands, the use goes back.
    assert counted.at(march(11)) == (110 * SCALE, 18_666_666, True)
    assert counted.at(march(13)) == (106 * SCALE, 16 * SCALE, False)
    assert counted.at(march(20)) == (106 * SCALE, 16 * SCALE, True)


def test_where_the_last_bill_ended_is_a_point_among_the_readings():
    counted = count(GAUGE, [read(0, 100), read(31, 130)], anchor=(march(10), 104 * SCALE))
    assert counted.at(march(10)) == (104 * SCALE, 104 * SCALE, True)
    assert (used(counted, 1, 10), used(counted, 11, 31)) == (4, 26)
    assert counted.days == [GAUGE.installed, march(0), march(10), march(31)]
    # What was read again on a day stands for it.
    again = count(GAUGE, [read(5, 110), read(5, 108), read(31, 130)], anchor=(march(10), 112 * SCALE))
    assert (again.at(march(5)).value, used(again, 6, 10)) == (108 * SCALE, 4)


def test_rule_3_only_what_nothing_lies_between_is_moved_to_the_end_of_its_period():
    def days(*shown) -> list[int]:
        return [day - march(0) for day in count(GAUGE, list(shown)).days[1:]]

    assert days(read(29, 1, end=31), read(31, 2)) == [29, 31]
    assert days(read(29, 1, end=31), read(32, 2)) == [31, 32]
    assert days(read(31, 1), read(33, 2, end=31)) == [31, 33]
    assert days(read(29, 1, end=31), read(30, 2), read(32, 3)) == [29, 30, 32]
    assert days(read(30, 1), read(33, 2, end=31)) == [30, 31]
    assert days(read(33, 2, end=31)) == [31]
    assert days(read(31, 2, end=31)) == [31]
