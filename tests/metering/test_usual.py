"""Far from usual: above three times or below a third of the year's median, and more than the gap apart (rule 13)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import usual

DAY = date(2027, 3, 31)
M3 = 1_000_000


def spans(*uses: int, days: int = 30):
    return [(DAY - timedelta(days=days * (n + 1)), DAY - timedelta(days=days * n), use) for n, use in enumerate(uses)]


def test_the_median_is_not_moved_by_one_strange_month():
    assert usual.daily(spans(6 * M3, 6 * M3, 60 * M3), DAY) == 200_000


def test_what_is_older_than_a_year_does_not_count():
    old = [(date(2025, 1, 1), date(2025, 2, 1), 100 * M3)]
    assert usual.daily(old, DAY) is None
    assert usual.daily([*spans(3 * M3), *old], DAY) == 100_000


def test_a_lower_value_that_staff_recorded_does_not_make_a_usual_use():
    assert usual.daily(spans(-5 * M3, 3 * M3), DAY) == 100_000


@pytest.mark.parametrize(
    ("used", "high"),
    [(18_000_000, None), (18_000_001, True), (60 * M3, True), (2_000_000, None), (1_999_999, False), (0, False), (6 * M3, None)],
)
def test_three_times_and_a_third_are_still_usual(used, high):
    far = usual.far(used, days=30, rate=200_000, factor=3, gap=M3)
    assert (far.high if far else None) is high


def test_a_small_home_is_not_asked_about_less_than_the_gap():
    assert usual.far(1_000_000, days=30, rate=1_000, factor=3, gap=M3) is None
    assert usual.far(1_100_000, days=30, rate=1_000, factor=3, gap=M3).expected == 30_000


def test_without_history_or_on_the_same_day_nothing_is_far():
    assert usual.far(90 * M3, days=30, rate=None, factor=3, gap=M3) is None
    assert usual.far(90 * M3, days=0, rate=1, factor=3, gap=M3) is None


def test_an_empty_home_that_begins_to_use_is_asked():
    assert usual.far(2 * M3, days=30, rate=0, factor=3, gap=M3).high


def test_rollover_is_plausible_only_near_the_counters_end():
    assert usual.rollover_plausible(99_990 * M3, 5 * M3, digits=5)
    assert not usual.rollover_plausible(412 * M3, 405 * M3, digits=5)
    assert not usual.rollover_plausible(412 * M3, 413 * M3, digits=5)
    assert usual.use(99_990 * M3, 5 * M3, 5, True) == 15 * M3


@given(st.integers(0, 10**11), st.integers(1, 400), st.integers(0, 10**9), st.integers(2, 9), st.integers(0, 10**8))
def test_the_question_is_symmetric_and_states_both_figures(used, days, rate, factor, gap):
    far = usual.far(used, days, rate, factor, gap)
    if far:
        assert far.use == used and far.expected == rate * days and abs(used - far.expected) > gap
        assert (used > factor * far.expected) if far.high else (used * factor < far.expected)


# Each edge by itself: which side it is on decides a question or a bill.


def test_use_passes_zero_only_when_it_was_said():
    assert usual.use(99_990 * M3, 99_995 * M3, 5, False) == 5 * M3
    assert usual.use(10 * M3, 4 * M3, 5, False) == -6 * M3
    assert usual.use(10 * M3, 14 * M3, 5, False, coefficient=500_000) == 2 * M3


@given(st.integers(1, 9), st.data())
def test_use_over_zero_is_what_remained_and_what_came_since(digits, data):
    top = 10**digits * M3
    before, after = data.draw(st.integers(1, top - 1)), data.draw(st.integers(0, top - 1))
    assert usual.use(before, after, digits, True) == (top - before) + after
    assert usual.use(before, after, digits, False) + top == usual.use(before, after, digits, True)


@given(st.integers(0, 10**11), st.integers(0, 10**11), st.integers(0, 10**11), st.integers(1, 2 * M3))
def test_use_adds_up_over_any_reading_between_also_as_a_part(first, between, last, coefficient):
    parts = usual.use(first, between, 5, False, coefficient) + usual.use(between, last, 5, False, coefficient)
    assert parts == usual.use(first, last, 5, False, coefficient)


@pytest.mark.parametrize(
    ("before", "after", "plausible"),
    [(95_000, 5_000, True), (95_000, 5_001, False), (99_999, 0, True), (50_000, 50_000, False), (0, 0, False), (1, 0, False)],
)
def test_at_most_a_tenth_of_the_range_may_have_passed(before, after, plausible):
    assert usual.rollover_plausible(before * M3, after * M3, digits=5) is plausible


@given(st.integers(1, 9), st.data())
def test_where_zero_was_plausibly_passed_use_is_positive_and_no_more_than_a_tenth(digits, data):
    top = 10**digits * M3
    before, after = data.draw(st.integers(0, top - 1)), data.draw(st.integers(0, top - 1))
    plausible = usual.rollover_plausible(before, after, digits)
    assert plausible == (after < before and 0 < usual.use(before, after, digits, True) * 10 <= top)


def test_rates_are_whole_and_spans_without_days_are_left_out():
    assert usual.daily([(date(2027, 3, 1), date(2027, 3, 31), 1_000)], DAY) == 33
    assert usual.daily([(DAY, DAY, 5 * M3)], DAY) is None
    assert usual.daily([(DAY - timedelta(days=1), DAY, 0)], DAY) == 0
    assert usual.daily([(DAY - timedelta(days=1), DAY, -1)], DAY) is None


def test_a_year_and_a_day_are_looked_at_and_no_more():
    last = DAY - timedelta(days=366)
    assert usual.daily([(last - timedelta(days=10), last, 10 * M3)], DAY) == M3
    assert usual.daily([(last - timedelta(days=11), last - timedelta(days=1), 10 * M3)], DAY) is None


def test_of_two_months_the_lower_is_usual():
    assert usual.daily(spans(3 * M3, 6 * M3), DAY) == 100_000


def test_one_day_is_enough_to_be_far_and_the_days_are_told():
    assert usual.far(9 * M3, days=1, rate=100_000, factor=3, gap=M3) == usual.Unusual(True, 9 * M3, 100_000, 1)
    assert usual.far(0, days=30, rate=100_000, factor=3, gap=M3) == usual.Unusual(False, 0, 3 * M3, 30)
    assert usual.far(9 * M3, days=-1, rate=100_000, factor=3, gap=M3) is None


def test_the_sixth_at_either_end_is_left_out_of_the_usual_range():
    months = [n * 30 * M3 for n in range(1, 13)]
    assert usual.between(spans(*months), DAY) == (3 * M3, 10 * M3)
    assert usual.between(spans(*months[:6]), DAY) == (2 * M3, 5 * M3)
    assert usual.between(spans(*months[:5]), DAY) == (M3, 5 * M3)
    assert usual.between([], DAY) is None
