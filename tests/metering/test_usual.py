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
