"""The order of payments: what settles what, whichever way it arrived, and that "what if" tells it beforehand."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resident.money.order import RANKS, Credit, Debt, nature, shares
from resident.money.what_if import NEW, together, what_if

FIRST = date(2026, 1, 1)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


RENT = Debt(1, day(0), day(30), "principal", 1000)
FEE = Debt(2, day(5), day(40), "cost", 50)
INTEREST = Debt(3, day(6), day(50), "interest", 20)
LATER = Debt(4, day(7), day(20), "principal", 300)


def settled(order: str, amount: int, **given) -> list[tuple[int, int]]:
    found = shares([RENT, FEE, INTEREST, LATER], [Credit(9, day(10), amount, **given)], lambda _day: order)
    return [(share.debt, share.amount) for share in found]


def test_oldest_due_first_whatever_it_is():
    assert settled("oldest_due", 1360) == [(4, 300), (1, 1000), (2, 50), (3, 10)]


def test_costs_then_interest_then_principal():
    assert settled("costs_interest_principal", 400) == [(2, 50), (3, 20), (4, 300), (1, 30)]


def test_principal_first():
    assert settled("principal_first", 1330) == [(4, 300), (1, 1000), (3, 20), (2, 10)]


def test_what_the_payer_named_comes_before_all():
    assert settled("oldest_due", 100, wishes=(3, 1)) == [(3, 20), (1, 80)]
    assert settled("oldest_due", 1400, wishes=(77, 3))[-1] == (2, 50)


def test_days_go_before_numbers():
    """What was booked first has the lower number, whatever its day."""
    late, early = Debt(1, day(20), day(30), "principal", 100), Debt(2, day(0), day(40), "principal", 100)
    found = shares([late, early], [Credit(8, day(12), 60), Credit(9, day(10), 90)], lambda _day: "oldest_due")
    assert [(one.credit, one.debt, one.amount, one.day) for one in found] == [
        (9, 2, 90, day(10)), (8, 2, 10, day(12)), (8, 1, 50, day(20))
    ]  # fmt: skip


def test_of_one_day_the_payment_that_names_a_debt_goes_first():
    found = shares([LATER, FEE], [Credit(8, day(10), 350), Credit(9, day(10), 50, (2,))], lambda _day: "oldest_due")
    assert [(one.credit, one.debt, one.amount) for one in found] == [(9, 2, 50), (8, 4, 300)]


def test_a_debt_that_is_dated_later_is_settled_once_when_it_was_named():
    debts = [Debt(1, day(20), day(30), "principal", 1), Debt(2, day(21), day(31), "principal", 1)]
    found = shares(debts, [Credit(9, day(10), 5, (1,))], lambda _day: "oldest_due")
    assert [(one.debt, one.amount, one.day) for one in found] == [(1, 1, day(10)), (2, 1, day(21))]


def test_what_is_neither_interest_nor_a_fee_is_principal():
    assert [nature(kind) for kind in ("interest", "fee", "invoice", "opening")] == ["interest", "cost", "principal", "principal"]


def test_too_much_is_credit_that_settles_what_comes_next():
    debts = [RENT, Debt(5, day(30), day(60), "principal", 800)]
    found = shares(debts, [Credit(8, day(10), 700), Credit(9, day(12), 700)], lambda _day: "oldest_due")
    assert [(one.credit, one.debt, one.amount, one.day) for one in found] == [
        (8, 1, 700, day(10)),
        (9, 1, 300, day(12)),
        (9, 5, 400, day(30)),
    ]


def test_the_order_is_that_of_the_day_of_the_payment():
    def order_on(when):
        return "oldest_due" if when < day(11) else "principal_first"

    credits = [Credit(8, day(10), 10), Credit(9, day(11), 10)]
    debts = [Debt(1, day(0), day(30), "interest", 100), Debt(2, day(0), day(40), "principal", 100)]
    assert [(one.credit, one.debt) for one in shares(debts, credits, order_on)] == [(8, 1), (9, 2)]


# ---- What holds of any account ---------------------------------------------------------------------------------------

natures = st.sampled_from(["principal", "interest", "cost"])
debts_of = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60), natures, st.integers(1, 500)), min_size=1, max_size=6)
credits_of = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 700), st.lists(st.integers(1, 8), max_size=2)), max_size=5)
orders = st.sampled_from(sorted(RANKS))
FEW = settings(max_examples=60)


def made(debts, credits):
    return (
        [Debt(n, day(at), day(due), nature, amount) for n, (at, due, nature, amount) in enumerate(debts, 1)],
        [Credit(n, day(at), amount, tuple(wishes)) for n, (at, amount, wishes) in enumerate(credits, 100)],
    )


@FEW
@given(debts_of, credits_of, orders, st.data())
def test_it_does_not_matter_in_which_order_things_arrive(debts, credits, order, data):
    debts, credits = made(debts, credits)
    found = shares(debts, credits, lambda _day: order)
    again = shares(data.draw(st.permutations(debts)), data.draw(st.permutations(credits)), lambda _day: order)
    assert found == again


@FEW
@given(debts_of, credits_of, orders)
def test_nothing_is_settled_twice_and_credit_and_debt_never_stand_beside_each_other(debts, credits, order):
    debts, credits = made(debts, credits)
    found = shares(debts, credits, lambda _day: order)
    left = {debt.id: debt.amount - sum(one.amount for one in found if one.debt == debt.id) for debt in debts}
    rest = {credit.id: credit.amount - sum(one.amount for one in found if one.credit == credit.id) for credit in credits}
    assert min([*left.values(), *rest.values()]) >= 0
    assert not (any(left.values()) and any(rest.values()))
    assert all(one.amount > 0 for one in found)


@FEW
@given(debts_of, credits_of, orders, st.integers(1, 2000), st.integers(0, 30), st.lists(st.integers(1, 8), max_size=2))
# Of two that are alike the payer named the second and paid half of it: the first still comes before its rest.
@example([(0, 0, "principal", 2), (0, 0, "principal", 2)], [(0, 1, [2])], "oldest_due", 1, 0, [])
def test_what_if_says_what_the_whole_walk_then_does(debts, credits, order, amount, waited, wishes):
    """From what is open today, as from everything that ever was."""
    debts, credits = made(debts, credits)
    today, order_on = day(60 + waited), lambda _day: order
    before = shares(debts, credits, order_on)
    settled = {debt.id: sum(one.amount for one in before if one.debt == debt.id) for debt in debts}
    left = [debt._replace(amount=debt.amount - settled[debt.id], booked=debt.amount) for debt in debts]
    answer = what_if([debt for debt in left if debt.amount], amount, today, order_on, wishes=tuple(wishes))
    paid = {
        one.debt: one.amount
        for one in shares(debts, [*credits, Credit(NEW, today, amount, tuple(wishes))], order_on)
        if one.credit == NEW
    }
    assert {one.debt.id: one.paid for one in answer.outcomes if one.paid} == paid
    assert answer.credit + sum(paid.values()) == amount


def test_what_if_tells_what_is_left_of_every_debt_the_oldest_due_first():
    debts = [Debt(5, day(0), day(60), "principal", 70), Debt(6, day(0), day(29), "principal", 70), RENT, FEE]
    answer = what_if(iter(debts), 80, day(25), lambda _day: "oldest_due")
    assert [(one.debt.id, one.paid, one.left) for one in answer.outcomes] == [(6, 70, 0), (1, 10, 990), (2, 0, 50), (5, 0, 70)]
    assert [one.debt.id for one in answer.settled] == [6]
    untouched = what_if(
        [Debt(6, day(0), day(50), "cost", 1), Debt(7, day(0), day(40), "cost", 1), RENT], 5, day(45), lambda _: "oldest_due"
    )
    assert [one.debt.id for one in untouched.outcomes] == [1, 7, 6]


def test_what_if_counts_what_waits_already():
    debts = [RENT, LATER]
    answer = what_if(debts, 100, day(25), lambda _day: "oldest_due", credits=[Credit(8, day(10), 350)])
    assert [(one.debt.id, one.paid, one.left) for one in answer.outcomes] == [(1, 100, 850)] and not answer.credit
    half = what_if(debts, 40, day(25), lambda _day: "oldest_due", credits=[Credit(8, day(10), 200)])
    assert [(one.debt.id, one.paid, one.left) for one in half.outcomes] == [(4, 40, 60), (1, 0, 1000)]


@pytest.mark.parametrize(("amount", "stops"), [(999, None), (1000, day(46))])
def test_interest_stops_the_day_after_the_payment_that_settles_all_of_it(amount, stops):
    answer = what_if([RENT], amount, day(45), lambda _day: "oldest_due")
    assert [(one.paid, one.left, one.stops) for one in answer.outcomes] == [(amount, 1000 - amount, stops)]
    for in_time in (day(10), RENT.due):
        assert what_if([RENT], 1500, in_time, lambda _day: "oldest_due").outcomes[0].stops is None


def test_interest_that_falls_due_on_one_day_is_one_outcome_and_principal_is_itself():
    debts = [
        Debt(1, day(1), day(20), "principal", 100), Debt(2, day(1), day(20), "principal", 100),
        Debt(3, day(2), day(20), "interest", 5), Debt(4, day(2), day(20), "interest", 7), Debt(5, day(2), day(21), "interest", 9),
    ]  # fmt: skip
    answer = what_if(debts, 208, day(25), lambda _day: "principal_first")
    shown = [(one.debt.id, one.debt.amount, one.paid, one.left) for one in together(answer.outcomes)]
    assert shown == [(1, 100, 100, 0), (2, 100, 100, 0), (3, 12, 8, 4), (5, 9, 0, 9)]
