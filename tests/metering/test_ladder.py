"""The ladder of estimates: which rung holds, what it gives, and what must be true of every estimate (rule 11)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import ladder
from resident.metering.ladder import Basis, Point, Rules
from resident.month import month_of, months_between, months_on

M3 = 1_000_000
DAY = date(2026, 11, 30)
RULES = Rules(("last", "average", "norm"), 6, 3, {"cold_water": 3 * M3})
UNKNOWN = lambda after, until: None  # noqa: E731


def ends(months: int, last: date = date(2026, 10, 31)) -> list[date]:
    """Last days of so many months, oldest first, until one."""
    found = [last]
    while len(found) < months:
        found.insert(0, found[0].replace(day=1) - timedelta(days=1))
    return found


def points(uses: list[int], estimates=()) -> list[Point]:
    """A point at each month's end; uses in thousandths, the first one before the record; estimates: places from the end."""
    total, made = 0, []
    for place, (day, use) in enumerate(zip(ends(len(uses)), uses, strict=True)):
        total += use * 1000
        made.append(Point(day, total, place - len(uses) not in estimates))
    return made


def climb(past, rules=RULES, later=None, norm=UNKNOWN, value=100 * M3, digits=5, decimals=3):
    return ladder.climb(rules, past, later, DAY, norm, value=value, digits=digits, decimals=decimals)


def test_the_last_period_comes_first_when_it_was_read():
    made = climb(points([0, 5000, 5000, 3100]))
    # 3.1 m³ in the 31 days of October: 3.0 in the 30 of November.
    assert (made.use, made.value) == (3 * M3, 103 * M3)
    assert made.basis == Basis("last", date(2026, 9, 30), date(2026, 10, 31), 3_100_000, 30)


def test_after_an_estimate_the_average_holds():
    """Seven months' ends, October estimated: six months to September with 6 m³ each, so November has 6 m³, not 30/183 of 36."""
    made = climb(points([0, 6000, 6000, 6000, 6000, 6000, 6000, 9000], estimates=(-1,)))
    assert made.basis.rung == "average"
    assert (made.basis.first, made.basis.last, made.basis.use) == (date(2026, 3, 31), date(2026, 9, 30), 36 * M3)
    assert (made.use, made.basis.months) == (6 * M3, 1)


def test_an_average_wants_half_of_its_months():
    short = Rules(("average",), 6, 3, {})
    assert climb(points([0, 5000, 5000]), short) is None
    assert climb(points([0, 5000, 5000, 5000]), short).basis.rung == "average"


def test_the_average_is_taken_for_as_many_months_as_are_estimated():
    ahead = date(2026, 12, 31)
    made = ladder.climb(
        Rules(("average",), 6, 3, {}), points([0, *[6000] * 6]), None, ahead, UNKNOWN, value=100 * M3, digits=5, decimals=3
    )
    assert (made.use, made.basis.months, made.basis.days) == (12 * M3, 2, 61)


def test_the_order_is_the_organisations():
    past = points([0, 1000, 1000, 1000, 1000, 1000, 4000])
    assert climb(past).basis.rung == "last"
    assert climb(past, Rules(("average", "last"), 6, 3, {})).basis.rung == "average"
    assert climb(past, Rules(("norm", "last"), 6, 3, {}), norm=lambda *_: Fraction(7 * M3)).use == 7 * M3


def test_after_so_many_estimates_in_a_row_only_the_norm_is_left():
    past = points([0, 6000, 6000, 6000, 6000, 6000, 6000], estimates=(-1, -2))
    assert ladder.in_a_row(past) == 2
    assert climb(past).basis.rung == "average"
    three = points([0, 6000, 6000, 6000, 6000, 6000, 6000], estimates=(-1, -2, -3))
    assert climb(three) is None
    made = climb(three, norm=lambda after, until: Fraction(9 * M3))
    assert (made.basis, made.use) == (Basis("norm", date(2026, 10, 31), DAY, 9 * M3, 30), 9 * M3)


def test_use_that_went_backwards_is_no_measure():
    assert climb(points([9000, 0, -4000])) is None


def test_a_record_with_one_reading_gives_nothing_but_the_norm():
    assert climb([Point(date(2026, 10, 31), 0)]) is None
    assert climb([Point(date(2026, 10, 31), 0)], norm=lambda *_: Fraction(2 * M3)).use == 2 * M3


def test_where_a_later_reading_is_known_the_value_lies_between():
    past = points([0, 6000])
    made = climb(past, later=Point(date(2026, 12, 10), past[-1].total + 8 * M3))
    # 30 of 40 days.
    assert made.use == 6 * M3
    assert made.basis == Basis("between", date(2026, 10, 31), date(2026, 12, 10), 8 * M3, 30)
    assert climb(past, later=Point(date(2026, 12, 10), past[-1].total - M3)).use == 0


def test_the_line_begins_at_the_reading_before_however_many_there_were():
    past = points([0, 6000, 6000, 6000])
    made = climb(past, later=Point(date(2026, 12, 10), past[-1].total + 8 * M3))
    assert (made.use, made.basis.first) == (6 * M3, date(2026, 10, 31))
    # Lower than an estimate by any amount: nothing is added, to the last millionth.
    low = climb(past, later=Point(date(2026, 12, 10), past[-1].total - M3), decimals=6)
    assert (low.use, low.basis.use) == (0, 0)


def test_the_norm_is_asked_for_the_days_that_are_missing():
    asked = []
    climb([Point(date(2026, 10, 31), 0)], norm=lambda *days: asked.append(days) or Fraction(M3))
    assert asked == [(date(2026, 10, 31), DAY)]


def test_half_of_what_is_wanted_is_enough_and_no_use_is_a_measure():
    """Thirty days are missing: fifteen tell, fourteen do not; that nothing was used is known too."""
    for days, use in ((15, 0), (15, M3), (14, None)):
        made = climb(
            [Point(date(2026, 10, 31) - timedelta(days=days), 0), Point(date(2026, 10, 31), use or 0)], Rules(("last",), 6, 3, {})
        )
        assert (made and made.use) == (None if use is None else use * 30 // 15)


def test_a_counter_shows_whole_last_digits_and_never_passes_zero_by_an_estimate():
    past = points([0, 3333])
    assert climb(past, decimals=1).value % 100_000 == 0
    assert climb(past, decimals=0).value == 103 * M3
    assert climb(past, value=99_999_500_000, digits=5).value == 99_999_999_000


def test_an_average_of_before_by_days_is_still_read():
    old = "average 2026-03-31 2026-09-30 36000000 30"
    assert Basis.read(old) == Basis("average", date(2026, 3, 31), date(2026, 9, 30), 36 * M3, 30) and str(Basis.read(old)) == old


@pytest.mark.parametrize("text", [None, "", "I looked twice", "average 1 2 3 4 5", "shows 2026-01-01 2026-02-01 1 2"])
def test_what_is_no_basis_is_none(text):
    assert Basis.read(text) is None


# ---- The norm --------------------------------------------------------------------------------------------------------


def norm(occupants, after=date(2026, 10, 31), until=DAY):
    return ladder.persons(3 * M3, occupants, after, until)


def test_a_whole_month_is_norm_times_persons():
    assert norm([(date(2020, 1, 1), 2 * M3)]) == 6 * M3
    assert norm([(date(2020, 1, 1), 0)]) == 0
    # Two months in one.
    assert norm([(date(2020, 1, 1), 2 * M3)], after=date(2026, 9, 30)) == 12 * M3


def test_another_number_of_occupants_counts_from_its_day():
    # One in the house for 20 days, three for 10.
    assert norm([(date(2020, 1, 1), M3), (date(2026, 11, 21), 3 * M3)]) == Fraction(3 * M3 * (20 + 30), 30)


def test_without_occupants_there_is_no_norm():
    assert norm([]) is None
    assert norm([(date(2026, 12, 1), M3)]) is None
    assert norm([(DAY, M3)]) == 3 * M3
    # Moved in on the 16th; nobody said how many there were before.
    assert norm([(date(2026, 11, 16), M3)]) == 3 * M3


# ---- What must be true of every estimate -----------------------------------------------------------------------------

_uses = st.lists(st.integers(0, 30_000), min_size=1, max_size=30)
_rules = st.builds(
    lambda order, count, months, most: Rules(tuple(order[:count]), months, most, {}),
    st.permutations(ladder.RUNGS), st.integers(1, 3), st.integers(1, 24), st.integers(0, 12),
)  # fmt: skip
_known = st.one_of(st.none(), st.integers(0, 50 * M3).map(Fraction))


@given(_uses, st.sets(st.integers(-30, -1)), _rules, _known, st.integers(0, 99_999_999), st.integers(0, 6))
def test_an_estimate_never_goes_back_never_passes_zero_and_says_how_it_came_about(uses, estimates, rules, known, start, decimals):
    past = points([0, *uses], estimates)
    value = start * 1000 // 10 ** (6 - decimals) * 10 ** (6 - decimals)
    made = climb(past, rules, norm=lambda *_: known, value=value, decimals=decimals)
    if made is None:
        assert "norm" not in rules.rungs or known is None
        return
    assert value <= made.value < 10**5 * M3
    assert made.value % 10 ** (6 - decimals) == 0
    assert made.use == made.value - value
    assert made.basis.rung in rules.rungs
    assert Basis.read(str(made.basis)) == made.basis
    if ladder.in_a_row(past) >= rules.most:
        assert made.basis.rung == "norm"


@given(_uses, _rules, st.integers(1, 28))
def test_an_estimate_from_use_lies_within_what_was_used_before(uses, rules, months):
    """No more a day than the most, no less than the least of all measured days; of an average, a month."""
    past = points([0, *uses])
    made = climb(past, rules, value=0)
    if made and made.basis.rung == "average":
        assert min(uses) * 1000 - 1000 <= made.use <= max(uses) * 1000
    elif made:
        steps = [(new.total - old.total, (new.day - old.day).days) for old, new in zip(past, past[1:], strict=False)]
        rates = [Fraction(use, days) for use, days in steps]
        assert min(rates) * 30 - 1000 <= made.use <= max(rates) * 30


@given(_uses, st.integers(1, 6), _rules, st.integers(0, 60_000))
def test_the_next_true_reading_settles_whatever_was_estimated(uses, count, rules, true_use):
    """However many periods were estimated, and however wrongly: use of all of them and of the settling one adds up to what
    went through the counter. The last may be negative: a credit."""
    past, value = points([0, *uses]), 500 * M3
    begin, settled = value, []
    for day in ends(6, date(2027, 4, 30))[:count]:
        made = ladder.climb(rules, past, None, day, lambda *_: Fraction(4 * M3), value=value, digits=6, decimals=3)
        if made is None:
            break
        settled.append(made.use)
        past, value = [*past, Point(day, past[-1].total + made.use, False)], made.value
    true = begin + true_use * 1000
    settled.append(true - value)
    assert sum(settled) == true - begin


@given(
    st.dictionaries(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(0, 9), min_size=1, max_size=4),
    st.dates(date(2026, 1, 1), date(2026, 6, 1)), st.integers(1, 200), st.integers(0, 200),
)  # fmt: skip
def test_a_norm_adds_up_over_any_division_of_its_days(held, after, days, cut):
    """The days of two parts together are the days of the whole."""
    occupants = sorted((first, count * M3) for first, count in held.items())
    until, between = after + timedelta(days=days), after + timedelta(days=min(cut, days))
    if occupants[0][0] > between:
        return
    whole = ladder.persons(3 * M3, occupants, after, until)
    assert whole == ladder.persons(3 * M3, occupants, after, between) + ladder.persons(3 * M3, occupants, between, until)


AVERAGE = Rules(("average",), 6, 12, {})


@given(st.lists(st.integers(0, 30_000), min_size=6, max_size=6), st.integers(1, 24))
def test_a_month_of_the_average_is_a_sixth_of_six_months_however_long_it_is(uses, ahead):
    """February as July: exact until the last digit, which is cut."""
    past = points([0, *uses])
    before, day = ends(2, month_of(months_on(past[-1].day, ahead))[1])
    past.append(Point(before, past[-1].total, False)) if ahead > 1 else None
    made = ladder.climb(AVERAGE, past, None, day, UNKNOWN, value=0, digits=6, decimals=3)
    assert made.basis.months == 1 and made.use == sum(uses) * 1000 // 6 // 1000 * 1000


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 800), st.integers(0, 800))
def test_calendar_months_add_up_over_any_division_of_their_days(after, one, two):
    between, until = after + timedelta(days=one), after + timedelta(days=one + two)
    assert months_between(after, until) == months_between(after, between) + months_between(between, until) >= 0
    # Never more than four days from months of equal length.
    assert abs(months_between(after, until) - Fraction(one + two) / Fraction(1461, 48)) < Fraction(1, 8)
