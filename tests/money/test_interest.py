"""Late interest: the worked examples of four countries, and what holds of any debt."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resident.money.interest import (
    LADDER,
    Rates,
    Rule,
    Segment,
    accrued,
    cut,
    exact,
    rounded,
    rule_of,
    segments,
    switched_on,
    together,
    within,
)

DAY = timedelta(days=1)
ANNUAL = Rule()
FLAT = Rates(((date(2020, 1, 1), 95_000),))


def test_finland_thirty_days_by_365_and_by_360():
    due = date(2026, 1, 31)
    paid = [(due + 30 * DAY, 50_000)]
    assert accrued(50_000, due, paid, date(2026, 6, 30), ANNUAL, FLAT) == 390
    assert accrued(50_000, due, paid, date(2026, 6, 30), Rule(((1, 360),)), FLAT) == 396


def test_estonia_forty_five_days():
    due = date(2026, 1, 31)
    rates = Rates(((date(2025, 7, 1), 101_500),))
    assert accrued(20_000, due, [(due + 45 * DAY, 20_000)], date(2026, 12, 31), ANNUAL, rates) == 250


def test_poland_rounds_once_over_rates_that_change_in_mid_month():
    rates = Rates(((date(2025, 9, 4), 102_500), (date(2025, 10, 9), 100_000), (date(2025, 11, 6), 97_500)))
    due, paid = date(2025, 9, 30), [(date(2025, 11, 10), 100_000)]
    parts = segments(100_000, due, paid, date(2025, 12, 31), ANNUAL, rates)
    assert [(one.first, one.last, one.days, one.rate) for one in parts] == [
        (date(2025, 10, 1), date(2025, 10, 8), 8, 102_500),
        (date(2025, 10, 9), date(2025, 11, 5), 28, 100_000),
        (date(2025, 11, 6), date(2025, 11, 10), 5, 97_500),
    ]
    assert rounded(exact(parts)) == 1125
    assert sum(rounded(one.amount) for one in parts) == 1126


@pytest.mark.parametrize(
    ("paid", "interest"),
    [
        (date(2026, 5, 15), 0),
        (date(2026, 5, 16), 158),
        (date(2026, 7, 14), 9500),
        (date(2026, 7, 15), 9865),
        (date(2026, 9, 1), 27404),
    ],
)
def test_russia_thirty_days_free_then_a_ladder(paid, interest):
    assert accrued(500_000, date(2026, 4, 15), [(paid, 500_000)], date(2026, 12, 31), LADDER, FLAT) == interest


def test_russia_takes_the_rate_of_the_day_of_payment_capped_until_the_cap_ends():
    rates = together([(date(2025, 1, 1), 160_000)], [(date(2025, 1, 1), 95_000), (date(2027, 1, 1), None)])
    assert (rates.on(date(2026, 12, 31)), rates.on(date(2027, 1, 1))) == (95_000, 160_000)
    due = date(2026, 11, 15)
    # Thirty days are free, twenty of the rest are in December: the rate is that of January all the same.
    part = segments(100_000, due, [(date(2027, 1, 4), 100_000)], date(2027, 1, 31), LADDER, rates)[-1]
    assert (part.days, part.rate, part.amount) == (20, 160_000, Fraction(100_000 * 160_000 * 20, 300 * 10**6))


def test_days_that_are_free_have_no_rate_and_are_one_span_whenever_their_debt_was_paid():
    due = date(2026, 4, 15)
    rates = Rates(((date(2026, 1, 1), 95_000), (date(2026, 5, 20), 80_000)))
    parts = segments(1000, due, [(date(2026, 5, 25), 400), (date(2026, 5, 16), 600)], date(2026, 6, 30), LADDER, rates)
    # What each day's payment bears is told by the rate of that day, the higher base first.
    assert parts == [
        Segment(date(2026, 4, 16), date(2026, 5, 15), 0, 0, 1000),
        Segment(date(2026, 5, 16), date(2026, 5, 16), 80_000, 300, 400),
        Segment(date(2026, 5, 16), date(2026, 5, 16), 95_000, 300, 600),
        Segment(date(2026, 5, 17), date(2026, 5, 25), 80_000, 300, 400),
    ]
    late = segments(1000, due, [], date(2026, 5, 17), Rule(((31, 300),), by_payment=True), rates)
    assert [(one.rate, one.parts, one.amount) for one in late][0] == (0, 0, 0) and late[0].days == 30


def test_each_country_reckons_in_its_way():
    assert rule_of("RU") == rule_of("RU", "360") == LADDER
    assert rule_of("FI") == rule_of("EE", "365") == Rule(((1, 365),), by_payment=False)
    assert rule_of("PL", "360") == Rule(((1, 360),))


def test_only_days_on_which_interest_is_charged_count():
    due = date(2026, 1, 31)
    found = segments(1000, due, [(date(2026, 2, 10), 300)], date(2026, 2, 28), ANNUAL, FLAT)
    days = [(date(2026, 2, 5), date(2026, 2, 6)), (date(2026, 2, 10), date(2026, 2, 11)), (date(2026, 2, 28), date(2026, 3, 9))]
    assert [(one.first.day, one.last.day, one.base) for one in within(found, iter(days))] == [
        (5, 6, 1000), (10, 10, 1000), (11, 11, 700), (28, 28, 700)
    ]  # fmt: skip
    # Two spans that follow each other are one, as though nothing had been switched in between.
    assert within(found, [(date.min, date(2026, 2, 4)), (date(2026, 2, 5), date.max)]) == found
    assert within(found, []) == within([], days) == within(found, [(date(2026, 3, 1), date.max)]) == []


def test_a_switch_that_was_turned_is_spans_of_days():
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert switched_on(True, []) == [(date.min, date.max)] and switched_on(False, []) == []
    assert switched_on(True, [(march, False), (april, True)]) == [(date.min, date(2026, 2, 28)), (april, date.max)]
    assert switched_on(False, [(march, True), (april, False)]) == [(march, date(2026, 3, 31))]
    assert switched_on(False, [(date.min, True)]) == [(date.min, date.max)]
    assert switched_on(False, [(date.min + DAY, True), (date.min + 2 * DAY, False)]) == [(date.min + DAY, date.min + DAY)]


def test_where_there_is_no_rate_there_is_no_interest():
    day = date(2026, 1, 1)
    assert together([], [(day, 95_000)]).on(day) == 0
    assert together([(day + DAY, 95_000)], (), [(day, None)]).on(day) == 0
    assert exact([]) == 0 and isinstance(exact([]), Fraction)


def test_an_agreed_rate_goes_before_the_table_and_its_cap_by_day_also_when_it_is_nothing():
    own = [(date(2026, 2, 1), 0), (date(2026, 3, 1), 120_000), (date(2026, 4, 1), None)]
    rates = together([(date(2026, 1, 1), 100_000)], [(date(2026, 1, 1), 95_000)], own)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 1)]
    assert [rates.on(day) for day in days] == [0, 95_000, 0, 120_000, 95_000]


def test_what_is_paid_by_the_due_day_or_not_yet_due_bears_none():
    due = date(2026, 1, 31)
    assert segments(1000, due, [(due, 1000)], due + 90 * DAY, ANNUAL, FLAT) == []
    assert segments(1000, due, [], due, ANNUAL, FLAT) == []
    assert segments(1000, due, [(due - DAY, 400), (due + DAY, 600)], due - DAY, ANNUAL, FLAT) == []
    assert segments(1000, due, [(due - DAY, 400)], due + DAY, ANNUAL, FLAT) == [Segment(due + DAY, due + DAY, 95_000, 365, 600)]
    assert segments(1000, due, [(due, 999)], due + DAY, ANNUAL, FLAT) == [Segment(due + DAY, due + DAY, 95_000, 365, 1)]


def test_the_base_falls_the_day_after_each_payment():
    due = date(2026, 1, 31)
    parts = segments(1000, due, [(date(2026, 2, 20), 300), (date(2026, 2, 10), 300)], date(2026, 2, 28), ANNUAL, FLAT)
    assert [(one.base, one.days) for one in parts] == [(1000, 10), (700, 10), (400, 8)]


def test_half_a_cent_is_rounded_up():
    assert [rounded(Fraction(n, 2)) for n in (1, 2, 3, 5)] == [1, 1, 2, 3]


# ---- What holds of any debt ------------------------------------------------------------------------------------------

DUE = date(2026, 3, 31)
rates_of = st.lists(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 250_000)), max_size=4, unique_by=lambda r: r[0]
)
paid_of = st.lists(st.tuples(st.dates(date(2026, 3, 1), date(2026, 12, 31)), st.integers(1, 30_000)), max_size=4)
any_rule = st.sampled_from([ANNUAL, LADDER, Rule(((1, 360),))])
FEW = settings(max_examples=60)


@FEW
@given(rates_of, paid_of, any_rule, st.dates(date(2026, 4, 1), date(2026, 12, 31)), st.data())
def test_the_order_of_payments_and_splitting_any_of_them_changes_nothing(rates, paid, rule, through, data):
    amount, rates = 150_000, together(rates)
    whole = segments(amount, DUE, paid, through, rule, rates)
    split = [(day, part) for day, total in paid for part in (total // 3, total - total // 3)]
    assert segments(amount, DUE, data.draw(st.permutations(split)), through, rule, rates) == whole


@FEW
@given(rates_of, paid_of, st.dates(date(2026, 4, 1), date(2026, 12, 31)))
def test_splitting_segments_at_any_day_changes_nothing(rates, paid, cut):
    steps = together(rates)
    more = Rates(tuple(sorted({*steps.steps, (cut, steps.on(cut))})))
    through = date(2026, 12, 31)
    assert segments(150_000, DUE, paid, through, ANNUAL, more) == segments(150_000, DUE, paid, through, ANNUAL, steps)


@FEW
@given(rates_of, paid_of, any_rule, st.dates(date(2026, 4, 1), date(2026, 12, 31)))
def test_days_are_there_once_and_every_day_counts_what_was_open_on_it(rates, paid, rule, through):
    rates = together(rates)
    parts = segments(150_000, DUE, paid, through, rule, rates)
    day, by_day = DUE + DAY, Fraction(0)
    while day <= through and not rule.by_payment:
        base = 150_000 - sum(amount for when, amount in paid if when < day)
        share = rule.steps[0][1]
        by_day += Fraction(base * rates.on(day), 10**6 * share)
        day += DAY
    if not rule.by_payment:
        assert exact(parts) == by_day
    assert all(one.first > DUE and one.last <= through for one in parts)


@FEW
@given(rates_of, paid_of, st.integers(1, 60_000), st.dates(date(2026, 3, 1), date(2026, 12, 31)))
def test_a_payment_that_turns_up_late_never_adds_interest(rates, paid, more, day):
    rates, through = together(rates), date(2026, 12, 31)
    before = accrued(250_000, DUE, paid, through, ANNUAL, rates)
    assert accrued(250_000, DUE, [*paid, (day, more)], through, ANNUAL, rates) <= before


def test_what_is_written_out_leads_to_the_rounded_sum():
    # 743.29 € at 9.5 % for 13 days is 2.514969 €: written as 2.5150 it would look like 2.52.
    amount = Fraction(74_329 * 95 * 13, 1000 * 365)
    assert (cut(amount), rounded(amount)) == (25_149, 251)
