"""Entries are made once for a cause; reversals take settlements back."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from resident.money import balances, settling
from resident.money.account import Account
from resident.money.booking import Booking, NotReversible, book, book_all, refresh, reverse
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement
from resident.money.standing import standing


@pytest.fixture
def account(db, cast):
    with db.writing() as session:
        return cast.add(session, Account(creditor_id=cast.koivu, tenure_id=cast.tenure_a1, currency="EUR", number="1001"))


def invoice(session, account, amount, day, due, n=1):
    return book(session, account, "invoice", amount, day, f"test:invoice:{n}", due=due)


def test_the_same_cause_books_one_entry(db, account):
    with db.writing() as session:
        first = invoice(session, account, 10000, date(2026, 10, 1), date(2026, 10, 15))
        again = invoice(session, account, 99999, date(2026, 10, 2), date(2026, 10, 16))
        assert first.id == again.id
        assert session.scalar(select(func.count()).select_from(Entry)) == 1
        assert book_all(session, [Booking(account, "invoice", 1, date(2026, 1, 1), "test:invoice:1")]) == 0


def test_a_payment_settles_the_oldest_due_first_and_the_rest_is_credit(db, cast, account):
    with db.writing() as session:
        invoice(session, account, 10000, date(2026, 10, 1), date(2026, 10, 15), 1)
        invoice(session, account, 5000, date(2026, 9, 1), date(2026, 9, 15), 2)
        book(session, account, "payment", -12000, date(2026, 10, 3), "test:payment:1")
        assert session.execute(select(OpenItem.due, OpenItem.amount)).all() == [(date(2026, 10, 15), 3000)]
        book(session, account, "payment", -4000, date(2026, 10, 20), "test:payment:2")
        stands = standing(session, cast.tenure_a1, date(2026, 11, 1))
        assert (stands.total, stands.credit, stands.overdue, stands.soon) == (-1000, 1000, 0, 0)
        assert stands.paid_through == date(2026, 10, 20)
        invoice(session, account, 2500, date(2026, 11, 1), date(2026, 11, 15), 3)
        stands = standing(session, cast.tenure_a1, date(2026, 11, 15))
        assert (stands.soon, stands.credit, stands.next_due, stands.next_amount) == (1500, 0, date(2026, 11, 15), 1500)
        assert standing(session, cast.tenure_a1, date(2026, 11, 16)).overdue == 1500


def test_a_reversed_payment_opens_the_item_again_and_a_reversed_invoice_frees_the_payment(db, cast, account):
    with db.writing() as session:
        owed = invoice(session, account, 10000, date(2026, 10, 1), date(2026, 10, 15))
        wrong = book(session, account, "payment", -10000, date(2026, 10, 3), "test:payment:1")
        back = reverse(session, wrong, by=None)
        assert (back.amount, back.value_day, reverse(session, wrong, by=None).id) == (10000, wrong.value_day, back.id)
        assert session.scalars(select(OpenItem.amount)).all() == [10000]
        book(session, account, "payment", -7000, date(2026, 10, 9), "test:payment:2")
        reverse(session, owed, by=None)
        assert session.scalars(select(OpenItem.amount)).all() == []
        assert standing(session, cast.tenure_a1, date(2026, 11, 1)).credit == 7000
        invoice(session, account, 8000, date(2026, 10, 20), date(2026, 10, 30), 2)
        assert session.scalars(select(OpenItem.amount)).all() == [1000]
        with pytest.raises(NotReversible):
            reverse(session, back, by=None)


def test_a_refund_uses_up_credit(db, cast, account):
    with db.writing() as session:
        book(session, account, "payment", -5000, date(2026, 10, 3), "test:payment:1")
        book(session, account, "refund", 5000, date(2026, 10, 5), "test:refund:1")
        invoice(session, account, 800, date(2026, 10, 20), date(2026, 10, 30))
        assert session.scalars(select(OpenItem.amount)).all() == [800]
        assert standing(session, cast.tenure_a1, date(2026, 10, 25)).credit == 0


def test_balances_chain_by_month_of_the_value_day(db, account):
    with db.writing() as session:
        book(session, account, "opening", 3000, date(2026, 8, 1), "test:opening", due=date(2026, 8, 1))
        invoice(session, account, 10000, date(2026, 8, 5), date(2026, 8, 20))
        book(session, account, "payment", -9000, date(2026, 10, 3), "test:payment:1")
        book(session, account, "interest", 12, date(2026, 10, 31), "test:interest:1", due=date(2026, 11, 15))
        book(session, account, "fee", 500, date(2026, 10, 31), "test:fee:1", due=date(2026, 11, 15))
        rows = session.execute(
            select(
                Balance.month, Balance.opening, Balance.invoiced, Balance.received, Balance.interest, Balance.other, Balance.closing
            ).order_by(Balance.month)
        ).all()
        assert rows == [("2026-08", 3000, 10000, 0, 0, 0, 13000), ("2026-10", 13000, 0, -9000, 12, 500, 4512)]
        total = session.execute(select(AccountTotal.amount, AccountTotal.entries, AccountTotal.paid_through)).one()
        assert total == (4512, 5, date(2026, 10, 3))


@pytest.mark.parametrize("table", [Entry, Item, Settlement])
def test_nothing_booked_is_changed_or_removed(db, account, table):
    with db.writing() as session:
        invoice(session, account, 10000, date(2026, 10, 1), date(2026, 10, 15))
        book(session, account, "payment", -12000, date(2026, 10, 3), "test:payment:1")
    for change in (update(table).values(amount=1), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), db.writing() as session:
            session.execute(change)


def test_refreshing_everything_again_changes_nothing(db, account):
    with db.writing() as session:
        book_all(
            session,
            [
                Booking(account, "invoice", 100, date(2026, 1, 1), "a", due=date(2026, 1, 9)),
                Booking(account, "payment", -60, date(2026, 1, 2), "b"),
            ],
        )
        refresh(session)
        assert session.scalars(select(OpenItem.amount)).all() == [40]
        assert settling.settle(session) == 0
        assert balances.rebuild(session) == 1
        assert session.scalars(select(OpenItem.amount)).all() == [40]
