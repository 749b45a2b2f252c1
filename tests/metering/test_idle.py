"""How long nothing was used, the usual range, and hot above cold time after time: rules on spans alone (rule 13)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import crossed, usual

DAY = date(2027, 3, 31)
M3 = 1_000_000


def spans(*uses: int, days: int = 30):
    return [(DAY - timedelta(days=days * (n + 1)), DAY - timedelta(days=days * n), use) for n, use in enumerate(uses)]


def test_a_time_without_use_no_longer_than_before_is_not_asked_about():
    summer = spans(5 * M3, 0, 0, 0, 5 * M3)
    assert usual.idle_too_long(summer, 80, True) == 0 and usual.idle_too_long(summer, 90, True) == 0
    assert usual.idle_too_long(summer, 91, True) == 91


def test_days_without_use_before_the_last_reading_are_counted():
    assert usual.idle_too_long(spans(0, 0, 5 * M3), 27, True) == 87


def test_a_counter_that_never_moved_is_not_asked_about_nor_a_short_time_of_little_use():
    assert usual.idle_too_long(spans(0, 0, 0), 30, True) == 0 and usual.idle_too_long([], 30, True) == 0
    assert usual.idle_too_long(spans(M3), 13, False) == 0 and usual.idle_too_long(spans(M3), 14, False) == 14
    assert usual.idle_too_long(spans(M3), 0, False) == 0 and usual.idle_too_long(spans(0, M3), 0, True) == 0


def test_in_a_row_ends_with_the_first_time_below_and_takes_what_all_have():
    hot, cold = spans(6 * M3, 6 * M3, 2 * M3, 6 * M3), spans(4 * M3, 4 * M3, 4 * M3, 4 * M3)
    assert crossed.in_a_row([hot], [cold]) == 2
    assert crossed.in_a_row([hot, hot[:1]], [cold]) == 1
    assert crossed.in_a_row([hot], []) == 0 and crossed.in_a_row([hot], [cold[1:]]) == 1


@given(st.lists(st.integers(0, 10**9), max_size=14), st.integers(1, 40))
def test_the_usual_range_holds_the_usual_rate_and_never_more_than_was(uses, days):
    found = usual.between(spans(*uses, days=days), DAY)
    rates = [use // days for use in uses]
    if found is None:
        assert usual.daily(spans(*uses, days=days), DAY) is None
        return
    low, high = found
    assert min(rates) <= low <= usual.daily(spans(*uses, days=days), DAY) <= high <= max(rates)


def test_one_strange_month_does_not_widen_the_usual_range():
    assert usual.between(spans(*[6 * M3] * 11, 90 * M3), DAY) == (200_000, 200_000)
    assert usual.between(spans(3 * M3, 6 * M3), DAY) == (100_000, 200_000)


@pytest.mark.parametrize(("hot", "above"), [(4 * M3, False), (4 * M3 + 200_000, False), (4 * M3 + 200_001, True), (0, False)])
def test_a_fifth_of_a_cubic_metre_more_is_nothing_to_ask_about(hot, above):
    assert crossed.above(hot, 4 * M3) is above


@pytest.mark.parametrize(("times", "persistent"), [(1, False), (2, False), (3, True), (4, True)])
def test_three_times_in_a_row_is_persistent(times, persistent):
    assert crossed.Pair(2, 1, times).persistent is persistent


def test_the_newest_spans_come_first_whatever_the_order_given():
    hot, cold = spans(2 * M3, 6 * M3, 6 * M3), spans(4 * M3, 4 * M3, 4 * M3)
    assert crossed.in_a_row([hot[::-1]], [cold]) == 0
    assert crossed.in_a_row([hot[1:]], [cold]) == 2


def test_meters_of_one_medium_are_added_up():
    hot, cold = spans(3 * M3), spans(4 * M3)
    assert crossed.in_a_row([hot, hot], [cold]) == 1 and crossed.in_a_row([hot, hot], [cold, cold]) == 0


@given(st.lists(st.integers(0, 3), max_size=14), st.integers(0, 60), st.booleans())
def test_days_without_use_are_said_only_when_longer_than_ever(uses, days, far):
    found = usual.idle_too_long(spans(*(use * M3 for use in uses), days=10), days, far)
    runs = [len(run) * 10 for run in "".join("x" if use else "0" for use in uses).split("x")]
    expected = runs[0] + days
    asked = any(uses) and days > 0 and expected > max(runs[1:]) and (far or expected >= 14)
    assert found == (expected if asked else 0)
