"""Dividing, pricing and VAT: exact for every sum, whoever shares it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resident.charging.dividing import NoWeight, divide, price
from resident.charging.vat import Priced, taxed, totals, within

few = settings(max_examples=60)
sums = st.integers(-(10**11), 10**11)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any)


@few
@given(sums, weights)
def test_rule_22_a_sum_is_divided_to_the_last_cent_and_nobody_is_off_by_one(total, held):
    parts = divide(total, held)
    assert sum(parts) == total
    assert all(abs(part * sum(held) - total * weight) < sum(held) for part, weight in zip(parts, held, strict=True))
    assert divide(total, held) == parts


@few
@given(sums, weights)
def test_rule_22_a_credit_is_divided_as_the_charge_was(total, held):
    assert divide(-total, held) == [-part for part in divide(total, held)]


@few
@given(sums, weights, st.integers(2, 1000))
def test_rule_22_weights_need_not_add_up_to_anything(total, held, times):
    assert divide(total, [weight * times for weight in held]) == divide(total, held)


def test_rule_22_the_largest_remainder_gets_the_odd_cent_and_ties_go_by_order():
    assert divide(100, [1, 1, 1]) == [34, 33, 33]
    assert divide(-100, [1, 1, 1]) == [-34, -33, -33]
    assert divide(1000, [2, 3, 2]) == [286, 428, 286]
    assert divide(5, [0, 1, 0, 1]) == [0, 3, 0, 2]
    # Shares that come to 99.7 % of a house leave nothing over.
    assert divide(1_000_00, [33_233_333] * 3) == [33334, 33333, 33333]


def test_what_an_estimate_counted_too_much_weighs_below_zero():
    assert divide(1000, [-1, 5, 6]) == [-100, 500, 600]


def test_nobody_pays_for_what_nobody_weighs_in():
    assert divide(0, [0, 0]) == [0, 0]
    for held in ([0, 0], [], [-2, 1]):
        with pytest.raises(NoWeight) as refused:
            divide(7, held)
        assert refused.value.args == (7,)


def test_who_weighs_alone_pays_all_however_little_the_weight_is():
    assert divide(5, [1]) == [5] and divide(-5, [0, 1]) == [0, -5]


def test_a_price_is_rounded_once_and_a_half_away_from_zero():
    assert price(4_200_000, 54_300_000) == 22806
    assert price(5_000, 1_000_000) == 1
    assert price(-5_000, 1_000_000) == -1
    assert price(4_999, 1_000_000) == 0
    assert price(1_000_000, 1_000_000, 3) == 33


lines = st.lists(
    st.builds(Priced, st.integers(-(10**8), 10**8), st.sampled_from([None, 0, 900, 1400, 2400, 2550]), st.booleans()), max_size=15
)


@few
@given(lines)
def test_rule_30_vat_of_each_rate_is_that_of_its_sum_and_lines_add_up_to_it(given):
    done = taxed(given)
    for rate, net in {(line.rate, line.net) for line in given if line.rate is not None}:
        own = [(line, made) for line, made in zip(given, done, strict=True) if (line.rate, line.net) == (rate, net)]
        vat = sum(made.vat for _, made in own)
        assert vat == within(sum(line.amount for line, _ in own), rate, net)
        assert all(made.amount == line.amount + (made.vat if net else 0) for line, made in own)
        assert all(abs(made.vat - within(line.amount, rate, net)) <= 1 for line, made in own)
    assert all(made == (line.amount, None) for line, made in zip(given, done, strict=True) if line.rate is None)


def test_rule_30_totals_are_told_by_rate():
    given = [Priced(1000, 2550), Priced(1000, 2550), Priced(1000, 1400, net=True), Priced(500)]
    done = taxed(given)
    assert done == [(1000, 203), (1000, 203), (1140, 140), (500, None)]
    found = totals((line.rate, made.amount, made.vat) for line, made in zip(given, done, strict=True))
    assert found == [(1400, 1000, 140, 1140), (2550, 1594, 406, 2000)]


def test_rule_30_the_odd_cent_of_vat_goes_where_most_was_cut_off():
    # 24.00, 7.92 and 2.40 of 34.32.
    assert [vat for _, vat in taxed([Priced(100, 2400, True), Priced(33, 2400, True), Priced(10, 2400, True)])] == [24, 8, 2]


def test_rule_30_a_rate_of_nothing_is_a_rate():
    assert totals([(0, 100, None), (0, 50, 0), (None, 7, None)]) == [(0, 150, 0, 150)]
    assert taxed([Priced(100, 0)]) == [(100, 0)]
