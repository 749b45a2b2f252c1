"""Which samples of one register are good: the fewest come back, and one spike does not block what follows."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from resident.metering.feed_judge import judge

M = 1_000_000


def rows(*values, start=1):
    return [(3600 * place, round(value * M), place) for place, value in enumerate(values, start)]


def stored(*values, start=1):
    return [(at, value) for at, value, _ in rows(*values, start=start)]


def said(verdict):
    return {line: name for line, name, _ in verdict.failed}


def good(verdict):
    return [value / M for _, value in verdict.good]


def test_what_goes_up_is_good():
    verdict = judge(rows(1, 1, 2.5), [], [], 5, 0)
    assert good(verdict) == [1, 1, 2.5]
    assert not verdict.failed and not verdict.backwards


def test_a_dip_costs_its_own_row():
    verdict = judge(rows(100, 101, 50, 102), [], [], 5, 0)
    assert said(verdict) == {3: "Backwards"}
    assert verdict.failed[0][2] == {"value": 101 * M, "at": 7200}
    assert good(verdict) == [100, 101, 102]
    assert verdict.backwards == 1 and not verdict.held


def test_a_spike_costs_its_own_row():
    verdict = judge(rows(100, 101, 9000, 102, 103), [], [], 5, 0)
    assert said(verdict) == {3: "Ahead"}
    assert good(verdict) == [100, 101, 102, 103]


def test_of_two_rows_that_exclude_each_other_the_earlier_one_stays():
    verdict = judge(rows(100, 101.002, 101.001, 102), [], [], 5, 0)
    assert said(verdict) == {3: "Backwards"}


def test_a_counter_passes_zero_where_its_digits_make_it_plausible():
    verdict = judge(rows(99_998, 99_999.5, 0.5, 3), [], [], 5, 0)
    assert good(verdict) == [99_998, 99_999.5, 0.5, 3]
    assert judge(rows(99_998, 99_999.5, 0.5, 3), [], [], 6, 0).failed


def test_a_glitch_near_the_end_is_no_passing_of_zero():
    verdict = judge(rows(99_998, 99_999, 3, 99_999.5, 99_999.6), [], [], 5, 0)
    assert said(verdict) == {3: "Ahead"}


def test_a_changed_counter_comes_back_and_is_told():
    verdict = judge(rows(0.0, 0.2, 0.3, start=10), stored(500, 501, 502, 503), [], 5, 0)
    assert said(verdict) == dict.fromkeys((10, 11, 12), "Backwards")
    assert verdict.changed == (36_000, 0, 503 * M)
    assert [value for _, value, _ in verdict.held] == [0, 200_000, 300_000]


def test_a_counter_that_shivers_is_not_told_as_changed():
    verdict = judge(rows(502.999, 502.999, 502.999, 502.999, start=10), stored(503, 503, 503, 503), [], 5, 0)
    assert len(verdict.failed) == 4 and verdict.changed is None


def test_a_spike_stored_last_is_withdrawn_once_three_rows_say_so():
    before = stored(100, 101, 9000)
    for values, gone in (((102,), []), ((102, 103), []), ((102, 103, 104), [3 * 3600])):
        verdict = judge(rows(*values, start=10), before, [], 5, 0)
        assert verdict.withdrawn == gone, values
        assert bool(verdict.failed) != bool(gone)


def test_rows_held_from_before_count_as_evidence():
    """A file a night with one row: the third one says that the spike was one, and the two before are booked with it."""
    held = [(36_000, 102 * M), (39_600, 103 * M)]
    verdict = judge(rows(104, start=12), stored(100, 101, 9000), held, 5, 0)
    assert verdict.withdrawn == [3 * 3600]
    assert good(verdict) == [102, 103, 104]
    assert not verdict.held and not verdict.failed


def test_the_first_sample_of_all_is_not_taken_for_a_spike():
    """With nothing before it, nobody knows whether the counter was changed."""
    verdict = judge(rows(1, 2, 3, 4, start=10), stored(100), [], 5, 0)
    assert not verdict.withdrawn and verdict.changed


def test_what_is_filled_in_later_lies_between_its_neighbours():
    verdict = judge([(5400, 15 * M, 1), (5500, 99 * M, 2), (5600, 5 * M, 3)], stored(10, 20), [], 5, 0)
    assert good(verdict) == [15]
    assert said(verdict) == {2: "Ahead", 3: "Backwards"}


def test_one_instant_has_one_value():
    verdict = judge([(3600, 10 * M, 1), (7200, 11 * M, 2), (7200, 12 * M, 3), (7200, 11 * M, 4)], stored(10), [], 5, 0)
    assert good(verdict) == [11] and verdict.known == 2
    assert said(verdict) == {3: "OtherValue"}


# Few distinct values contradict each other more often than many.
counters = some.lists(some.integers(0, 8), min_size=1, max_size=14)
at_leisure = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])


@at_leisure
@given(counters)
def test_what_is_kept_never_goes_backwards_and_nothing_more_fits_in(values):
    given_rows = [(3600 * place, value, place) for place, value in enumerate(values, 1)]
    verdict = judge(given_rows, [], [], 12, 0)
    kept = [value for _, value in verdict.good]
    assert kept == sorted(kept)
    assert len(verdict.good) + len(verdict.failed) == len(values)
    longest = [1] * len(values)
    for place, value in enumerate(values):
        longest[place] += max((longest[other] for other in range(place) if values[other] <= value), default=0)
    assert len(kept) == max(longest)


@at_leisure
@given(counters, counters)
def test_the_same_rows_twice_change_nothing(first, second):
    """Also when others came before them and they did not all fit."""
    there = judge([(3600 * place, value, place) for place, value in enumerate(first, 1)], [], [], 12, 0).good
    given_rows = [(3600 * place, value, place) for place, value in enumerate(second, len(first) + 1)]
    once = judge(given_rows, there, [], 12, 0)
    after = sorted({*there, *once.good} - {point for point in there if point[0] in once.withdrawn})
    twice = judge(given_rows, after, [point[:2] for point in once.held], 12, 0)
    assert not twice.good and not twice.withdrawn
    assert twice.known == len(once.good)
    assert {line for line, _, _ in twice.failed} == {line for line, _, _ in once.failed}
