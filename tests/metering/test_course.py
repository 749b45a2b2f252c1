"""Use over days from readings: what any partition adds up to, zero passed, changes of meter, parts of homes, estimates."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from resident.metering import consumption, usual
from resident.metering.consumption import parts
from resident.metering.course import Gauge, Shown, course

M3 = 1_000_000
DAY = date(2027, 1, 1).toordinal()


def gauge(initial=0, coefficient=M3, installed=DAY, removed=None, digits=5):
    return Gauge(digits, initial, coefficient, installed, removed)


def shown(*pairs, estimate=()):
    """Readings (days after DAY, value in m³); estimate: which of the days are estimates."""
    return [Shown(DAY + day, round(value * M3), False, day in estimate) for day, value in pairs]


def day(number):
    return date.fromordinal(DAY + number)


def spread(courses, first, last, step):
    return consumption.spread(courses, parts(first, last, step), step)


def uses(courses, first, last, step="day"):
    return [span.use for span in spread(courses, day(first), day(last), step)]


@st.composite
def registers(draw):
    """(gauge, readings) of a counter that went on by some use between days, passing zero now and then, some of it guessed."""
    digits = draw(st.integers(3, 5))
    value = draw(st.integers(0, usual.capacity(digits) - 1))
    made = gauge(value, draw(st.sampled_from([M3, 500_000, 333_333])), digits=digits)
    found, at = [], DAY
    for gap, use, estimate in draw(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 90 * M3), st.booleans()), max_size=12)):
        rolled, value = divmod(value + use, usual.capacity(digits))
        at += gap
        found.append(Shown(at, value, bool(rolled), estimate))
    return made, found


@given(registers(), st.lists(st.integers(0, 800), min_size=2, max_size=9))
def test_any_partition_adds_up_to_the_whole(register, cuts):
    one = course(*register)
    cuts = sorted(DAY - 5 + cut for cut in cuts)
    pieces = [one.through(b) - one.through(a) for a, b in zip(cuts, cuts[1:], strict=False)]
    assert sum(pieces) == one.through(cuts[-1]) - one.through(cuts[0])
    assert all(piece >= 0 for piece in pieces)


@given(registers())
def test_the_whole_is_what_the_counter_went_on_by(register):
    made, found = register
    total = sum(
        usual.use(a, b.value, made.digits, b.rolled_over)
        for a, b in zip([made.initial, *(r.value for r in found)], found, strict=False)
    )
    exact = total * made.coefficient
    assert abs(course(made, found).through(DAY + 2000) * M3 - exact) < M3


@given(registers(), st.sampled_from(["day", "week", "month", "year"]))
def test_days_weeks_months_and_years_add_up_to_the_same(register, step):
    one = course(*register)
    spans = spread([one], day(-40), day(900), step)
    assert sum(span.use for span in spans) == one.through(DAY + 900)
    assert sum(span.days for span in spans) == max(0, one.known[1] - one.known[0] + 1)
    assert [span.first for span in spans[1:]] == [span.last + timedelta(days=1) for span in spans[:-1]]


@given(registers(), registers())
def test_two_registers_are_counted_on_days_on_which_both_are_known(one, other):
    both = [course(*one), course(*other)]
    ends = min(part.known[1] for part in both)
    spans = spread(both, day(0), day(900), "month")
    assert sum(span.use for span in spans) == sum(part.through(ends) for part in both)


@given(st.integers(0, 10**9), st.integers(1, 400))
def test_days_between_two_readings_are_even_to_a_millionth(use, days):
    spans = uses([course(gauge(), [Shown(DAY + days, use, False, False)])], 1, days)
    assert sum(spans) == use and max(spans) - min(spans) <= 1


def test_use_is_of_the_days_after_the_first_reading_up_to_the_second():
    one = course(gauge(), shown((0, 0), (2, 4), (4, 10)))
    assert uses([one], -1, 5) == [0, 0, 2 * M3, 2 * M3, 3 * M3, 3 * M3, 0]
    assert [span.known for span in spread([one], day(-1), day(5), "day")] == [False, True, True, True, True, True, False]


def test_zero_passed_is_use_and_the_lower_value_of_a_counter_is_told_as_it_is():
    rolled = course(gauge(99_990 * M3), [Shown(DAY + 10, 5 * M3, True, False)])
    assert rolled.through(DAY + 10) == 15 * M3
    # Staff recorded it with a reason (rule 5): nothing is invented to hide it.
    assert uses([course(gauge(), shown((10, 100), (20, 90)))], 11, 20) == [-M3] * 10


def test_a_change_of_meter_takes_the_end_of_the_old_one_and_what_the_new_one_went_on_by():
    old = course(gauge(removed=DAY + 40), shown((30, 30), (40, 42)))
    new = course(gauge(700 * M3, installed=DAY + 40), shown((60, 720)))
    assert uses([old, new], 31, 60) == [1_200_000] * 10 + [M3] * 20
    assert all(span.known for span in spread([old, new], day(0), day(60), "day"))
    assert sum(uses([old, new], 0, 60, "month")) == 62 * M3


def test_what_a_new_meter_shows_on_its_first_day_is_of_that_day():
    new = course(gauge(700 * M3), shown((0, 703), (1, 704)))
    assert uses([new], 0, 1) == [3 * M3, M3]


def test_a_meter_that_nobody_read_leaves_the_days_unknown():
    read, unread = course(gauge(), shown((31, 31))), course(gauge(), [])
    assert not any(span.known for span in spread([read, unread], day(0), day(30), "day"))
    assert uses([read, unread], 0, 30, "year") == [0]


def test_a_home_has_its_part_of_a_meter_for_several():
    halves = [course(gauge(coefficient=part), shown((7, 1.000001), (9, 3))) for part in (333_333, 666_667)]
    assert sum(half.through(DAY + 9) for half in halves) in (3 * M3 - 1, 3 * M3)


def test_an_estimate_is_marked_and_the_next_true_reading_settles_it():
    one = course(gauge(), shown((30, 30), (58, 62), (89, 89), estimate=(58,)))
    spans = spread([one], day(0), day(89), "month")
    assert [(span.use, span.estimated) for span in spans] == [(30 * M3, False), (32 * M3, True), (27 * M3, False)]


def test_an_estimate_that_was_too_high_is_spread_anew_with_what_was_read():
    one = course(gauge(), shown((30, 30), (58, 95), (89, 89), estimate=(58,)))
    spans = spread([one], day(0), day(89), "month")
    assert [(span.use, span.estimated) for span in spans] == [(30 * M3, False), (28 * M3, True), (31 * M3, True)]


def test_two_estimates_that_were_too_high_go_together():
    one = course(gauge(), shown((30, 30), (58, 125), (89, 130), (119, 119), estimate=(58, 89)))
    assert uses([one], 0, 119, "month") == [30 * M3, 28 * M3, 31 * M3, 30 * M3]


def test_an_estimate_that_was_not_too_high_stays():
    one = course(gauge(), shown((30, 30), (58, 60), (89, 130), (119, 121), estimate=(58, 89)))
    assert uses([one], 0, 119, "month") == [30 * M3, 30 * M3, 31 * M3, 30 * M3]


def test_an_estimate_below_the_last_reading_spreads_nothing():
    one = course(gauge(), shown((30, 30), (58, 29), estimate=(58,)))
    assert uses([one], 0, 58, "month")[1] == -M3


def test_readings_far_apart_say_little_about_a_short_time():
    def marked(apart, step):
        one = course(gauge(), shown((apart, 5)))
        return [span.estimated for span in spread([one], day(1), day(apart), step)][0]

    assert [marked(days, step) for days, step in ((1, "day"), (10, "week"), (45, "month"), (400, "year"))] == [False] * 4
    assert [marked(days, step) for days, step in ((2, "day"), (11, "week"), (46, "month"), (401, "year"))] == [True] * 4


def test_a_new_holder_sees_nothing_in_which_the_former_has_a_part():
    found = shown((30, 30), (58, 60), (89, 99))
    assert [course(gauge(), found, DAY + begins).known[0] - DAY for begins in (0, 1, 31, 32, 59, 60)] == [0, 0, 31, 59, 59, 90]
    mid = course(gauge(), found, DAY + 32)
    assert mid.through(DAY + 89) == 39 * M3
    assert mid.through(DAY + 58) == 0


def test_a_new_holder_without_a_reading_of_their_own_sees_nothing():
    late = course(gauge(), shown((30, 30)), DAY + 40)
    assert not any(span.known for span in spread([late], day(0), day(60), "month"))


def test_parts_begin_and_end_with_the_days_asked_for():
    first, last = date(2026, 12, 30), date(2027, 1, 12)
    assert parts(first, last, "week") == [
        (first, date(2027, 1, 3)), (date(2027, 1, 4), date(2027, 1, 10)), (date(2027, 1, 11), last),
    ]  # fmt: skip
    assert parts(first, last, "month") == [(first, date(2026, 12, 31)), (date(2027, 1, 1), last)]
    assert parts(first, last, "year") == parts(first, last, "month")
    assert len(parts(first, last, "day")) == 14
