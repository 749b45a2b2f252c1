"""Why an invoice changed: the parts add up, and each is what it is called."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from resident.charging.dividing import divide, price
from resident.charging.explaining import PARTS, Said, changes, summed
from tests.charging.house import millionths


def line(text, quantity, unit_price, **given):
    quantity, unit_price = millionths(quantity), millionths(unit_price)
    return Said(text, price(unit_price, quantity), quantity, "m³", unit_price, **given)


def share(cost, weight, whole, amount, **given):
    return Said("Heating", amount, charge_type_id=1, unit_id=1, weight=weight, whole=whole, cost=cost, **given)


def only(was, now):
    (change,) = changes(was, now)
    assert sum(change.parts.values()) == change.change
    return change.parts


def test_a_price_and_a_quantity_are_told_apart():
    assert only([line("Water", "10", "4.00")], [line("Water", "12", "4.50")]) == {"price": 500, "use": 900}


def test_what_rounding_makes_is_shown():
    # 3.33 × 1.11 = 3.6963 → 3.70; 3.34 × 1.15 = 3.841 → 3.84; price 0.04 × 3.33 = 0.13, use 1.15 × 0.01 = 0.01.
    assert only([line("Water", "3.33", "1.11")], [line("Water", "3.34", "1.15")]) == {"price": 13, "use": 1}
    assert only([line("Water", "0.5", "1.01")], [line("Water", "0.51", "1.03")]) == {"price": 1, "use": 1}
    assert only([line("Water", "1", "1.004")], [line("Water", "1", "1.008")]) == {"rounding": 1}


def test_a_cost_and_the_share_of_it_are_told_apart():
    was, now = share(100_000, 50, 1000, 5000), share(120_000, 60, 1000, 7200)
    assert only([was], [now]) == {"cost": 1000, "share": 1200}


def test_a_price_that_changed_inside_the_period_counts_by_its_mean():
    now = [line("Water", "5", "4.00", charge_type_id=7, unit_id=1), line("Water", "5", "5.00", charge_type_id=7, unit_id=1)]
    assert only([line("Water", "10", "4.00", charge_type_id=7, unit_id=1)], now) == {"price": 500}


def test_vat_on_top_is_a_part_of_its_own():
    was = line("Heat", "10", "10.00", charge_type_id=1)
    now = line("Heat", "10", "10.00", charge_type_id=1)._replace(amount=12550, vat_amount=2550, vat_net=True)
    assert only([was], [now]) == {"vat": 2550}


def test_lines_that_begin_and_end():
    found = changes([Said("Lift", 300), Said("Rent", 500)], [Said("rent", 500), Said("Sauna", 1000)])
    assert [(one.text, one.parts) for one in found] == [("rent", {}), ("Sauna", {"new": 1000}), ("Lift", {"gone": -300})]
    assert summed(found) == {"new": 1000, "gone": -300}


def test_a_correction_is_never_the_line_that_it_is_about():
    own = line("Water", "10", "4.00", charge_type_id=7, unit_id=1)
    found = changes([own], [own, own._replace(amount=-400, correction_id=3)])
    assert [one.parts for one in found] == [{}, {"new": -400}]


def test_lines_of_another_program_are_known_by_their_words():
    own = line("Cold water", "12", "4.00", charge_type_id=7, unit_id=1)
    assert only([line("cold  water", "10", "4.00")], [own]) == {"use": 800}


def test_a_sum_that_price_and_quantity_do_not_give_is_not_told_apart():
    discounted = line("Water", "10", "4.00")._replace(amount=3500)
    assert only([discounted], [line("Water", "12", "4.00")]) == {"other": 1300}
    assert only([line("Water", "10", "4.00")], [Said("Water", 4400)]) == {"other": 400}
    assert only([line("Water", "10", "4.00")], [line("Water", "10", "5.00")._replace(measure="kWh")]) == {"other": 1000}


numbers = st.integers(-50_000_000, 50_000_000)
tariffs = st.builds(
    lambda text, charge, q, p, vat: Said(
        text, price(p, q) + vat, q, "m³", p, charge_type_id=charge, unit_id=1, vat_amount=vat, vat_net=True
    ),
    st.sampled_from("abc"), st.sampled_from((None, 1, 2)), numbers, st.integers(0, 9_000_000_000), st.integers(-99, 999),
)  # fmt: skip
plain = st.builds(Said, st.sampled_from("abcd"), st.integers(-10_000, 10_000))


@st.composite
def divided(draw):
    weights = draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=4).filter(sum))
    cost = draw(st.integers(-(10**7), 10**7))
    return share(cost, weights[0], sum(weights), divide(cost, weights)[0])


invoices = st.lists(tariffs | plain | divided(), max_size=6)


@settings(max_examples=60)
@given(invoices, invoices)
def test_the_parts_add_up_to_the_change_of_each_line_and_of_the_invoice(was, now):
    found = changes(was, now)
    for one in found:
        assert sum(one.parts.values()) == one.change and set(one.parts) <= set(PARTS)
    total = sum(line.amount for line in now) - sum(line.amount for line in was)
    assert sum(one.change for one in found) == total == sum(summed(found).values())


@settings(max_examples=60)
@given(tariffs, tariffs)
def test_rounding_is_never_more_than_rounding(was, now):
    was, now = was._replace(text="a", charge_type_id=1), now._replace(text="a", charge_type_id=1)
    (one,) = changes([was], [now])
    assert abs(one.parts.get("rounding", 0)) <= 2
    p0, q0, p1, q1 = (Fraction(n, 10**6) for n in (was.unit_price, was.quantity, now.unit_price, now.quantity))
    assert abs(one.parts.get("price", 0) - (p1 - p0) * q0 * 100) <= Fraction(1, 2)
    assert abs(one.parts.get("use", 0) - p1 * (q1 - q0) * 100) <= Fraction(1, 2)
