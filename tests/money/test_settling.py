"""What settles what in the ledger: whatever the order of arrival, append-only, by the setting and the payer's wish."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from resident.homes import setting
from resident.money import settling
from resident.money.booking import Booking, book, book_all, refresh, reverse
from resident.money.ledger import AccountTotal, Entry, Item, OpenItem, Settlement
from resident.money.order import Debt, nature
from resident.money.what_if import what_if
from tests.invoices.books import account as an_account

FIRST = date(2026, 1, 1)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@pytest.fixture
def account(db, cast):
    with db.writing() as session:
        return an_account(cast, session, cast.tenure_a1, number="1001")


def settled(session) -> list[tuple[str, str, int]]:
    """(cause of the credit, cause of what it settled, amount) of what stands."""
    owed = select(Entry.cause).join(Item, Item.entry_id == Entry.id).where(Item.id == Settlement.item_id).scalar_subquery()
    rows = settling.live(Entry.cause, owed, Settlement.amount).join(Entry, Entry.id == Settlement.entry_id)
    return sorted(tuple(row) for row in session.execute(rows))


def test_a_payment_that_turns_up_late_leaves_the_account_as_if_it_had_come_in_time(db, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, day(0), "rent-1", due=day(14))
        book(session, account, "invoice", 1000, day(31), "rent-2", due=day(45))
        book(session, account, "payment", -1000, day(40), "late")
        assert settled(session) == [("late", "rent-1", 1000)]
        book(session, account, "payment", -1000, day(10), "found")
        assert settled(session) == [("found", "rent-1", 1000), ("late", "rent-2", 1000)]
        rows = session.scalar(select(func.count()).select_from(Settlement))
        refresh(session)
        refresh(session, [account])
        assert session.scalar(select(func.count()).select_from(Settlement)) == rows


def test_what_the_payer_named_is_settled_first(db, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, day(0), "rent", due=day(14))
        fee = book(session, account, "fee", 50, day(1), "fee", due=day(30))
        item = session.scalar(select(Item.id).where(Item.entry_id == fee.id))
        book(session, account, "payment", -100, day(5), "paid", wishes=(item,))
        assert settled(session) == [("paid", "fee", 50), ("paid", "rent", 50)]


def test_the_order_is_the_setting_of_the_day_of_payment(db, cast, account):
    with db.writing() as session:
        setting.put(session, cast.koivu, "payment_order", "costs_interest_principal", day(20))
        book(session, account, "invoice", 1000, day(0), "rent", due=day(14))
        book(session, account, "interest", 20, day(1), "interest", due=day(30))
        book(session, account, "fee", 50, day(1), "fee", due=day(30))
        book(session, account, "payment", -10, day(19), "before")
        book(session, account, "payment", -60, day(20), "after")
        assert settled(session) == [("after", "fee", 50), ("after", "interest", 10), ("before", "rent", 10)]


ledgers = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "interest", "fee", "payment", "payment"]),
        st.integers(0, 60),
        st.integers(0, 30),
        st.integers(1, 400),
    ),
    min_size=1,
    max_size=7,
)
QUICK = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(ledgers, st.data(), st.integers(1, 1500), st.sampled_from(["oldest_due", "costs_interest_principal", "principal_first"]))
def test_any_order_of_arrival_and_what_if_beforehand(db, cast, account, rows, data, amount, order):
    """Entries one by one in any order, the same all at once; then a payment does what was said of it."""
    bookings = [
        Booking(account, kind, -amount if kind == "payment" else amount, day(at), f"{n}", due=day(at + due))
        for n, (kind, at, due, amount) in enumerate(rows)
    ]
    session = db.session(writing=True)
    try:
        setting.put(session, cast.koivu, "payment_order", order)
        book_all(session, bookings)
        refresh(session, [account])
        together = _interest_facts(session)
        session.rollback()
        setting.put(session, cast.koivu, "payment_order", order)
        for booking in data.draw(st.permutations(bookings)):
            book_all(session, [booking])
            refresh(session, [account])
        assert _interest_facts(session) == together
        open_ = session.execute(
            select(OpenItem.item_id, Entry.value_day, Item.due, Entry.kind, OpenItem.amount)
            .join(Item, Item.id == OpenItem.item_id)
            .join(Entry, Entry.id == Item.entry_id)
        )
        debts = [Debt(id, at, due, nature(kind), left) for id, at, due, kind, left in open_]
        credit = sum(debt.amount for debt in debts) - session.scalar(select(AccountTotal.amount))
        if credit == 0:
            said = what_if(debts, amount, day(99), lambda _day: order)
            book(session, account, "payment", -amount, day(99), "asked")
            left = dict(session.execute(select(OpenItem.item_id, OpenItem.amount)).all())
            assert left == {one.debt.id: one.left for one in said.outcomes if one.left}
    finally:
        session.rollback()
        session.close()


def _interest_facts(session) -> list:
    """What interest stands on: how much of what was paid on which day."""
    owed = aliased(Entry)
    facts = (Entry.value_day, owed.kind, Item.due, Item.amount)
    rows = settling.live(*facts, func.sum(Settlement.amount)).join(Entry, Entry.id == Settlement.entry_id)
    rows = rows.join(Item, Item.id == Settlement.item_id).join(owed, owed.id == Item.entry_id)
    return sorted(tuple(row) for row in session.execute(rows.group_by(*facts, Item.id)))


def test_a_reversed_payment_frees_what_came_after_it(db, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, day(0), "rent-1", due=day(14))
        book(session, account, "invoice", 1000, day(31), "rent-2", due=day(45))
        bounced = book(session, account, "payment", -1000, day(10), "bounced")
        book(session, account, "payment", -1000, day(40), "good")
        reverse(session, bounced, by=None, value_day=day(50))
        assert settled(session) == [("good", "rent-1", 1000)]
        assert session.scalars(select(OpenItem.amount)).all() == [1000]
