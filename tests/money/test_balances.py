"""Whatever is booked: totals are Σ entries, settling twice changes nothing, and derived rows can be thrown away."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from resident.money import balances, settling
from resident.money.account import Account
from resident.money.booking import book, reverse
from resident.money.invoice import Invoice, InvoiceLine, Series
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement

DERIVED = (OpenItem, AccountTotal, Balance)
numbers = itertools.count()

bookings = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "payment", "interest", "opening", "refund", "correction", "back"]),
        st.integers(min_value=1, max_value=500_000),
        st.integers(min_value=0, max_value=400),
        st.integers(min_value=0, max_value=45),
    ),
    max_size=14,
)


@pytest.fixture
def two_accounts(db, cast):
    with db.writing() as session:
        return [
            cast.add(session, Account(creditor_id=cast.koivu, tenure_id=tenure, currency="EUR"))
            for tenure in (cast.tenure_a1, cast.tenure_a2)
        ]


def derived(session) -> list:
    return [sorted(session.execute(select(*table.__table__.c)).all()) for table in DERIVED]


def played(session, accounts, script) -> list[Entry]:
    entries = []
    for place, (kind, amount, day, term) in enumerate(script):
        value_day = date(2025, 1, 1) + timedelta(days=day)
        if kind == "back":
            fresh = [entry for entry in entries if entry.reverses_id is None]
            if fresh:
                entries.append(reverse(session, fresh[amount % len(fresh)], by=None))
            continue
        credit = kind == "payment" or (kind == "correction" and amount % 2)
        due = None if credit or kind == "refund" else value_day + timedelta(days=term)
        signed = -amount if credit else amount
        account = accounts[place % 2]
        entries.append(book(session, account, kind, signed, value_day, f"play:{next(numbers)}", due=due))
    return entries


@given(script=bookings)
@bounds(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_booked_the_derived_rows_follow_from_it(db, two_accounts, script):
    with db.session(writing=True) as session:
        played(session, two_accounts, script)
        assert balances.check(session) == []
        for account in two_accounts:
            total = session.scalar(select(func.coalesce(func.sum(Entry.amount), 0)).where(Entry.account_id == account))
            assert session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account)) in (total, None)
            owed = session.scalar(select(func.coalesce(func.sum(OpenItem.amount), 0)).where(OpenItem.account_id == account))
            assert owed >= total, "what is open is at least what is owed: the rest is credit"
        assert settling.settle(session) == 0
        before = derived(session)
        for table in DERIVED:
            session.execute(delete(table))
        balances.rebuild(session)
        assert derived(session) == before
        session.rollback()


def test_settling_goes_by_the_due_day_whatever_the_order_of_booking(db, two_accounts):
    account = two_accounts[0]
    with db.writing() as session:
        for n, due in enumerate((20, 5, 12)):
            book(session, account, "invoice", 1000, date(2026, 1, 1), f"i{n}", due=date(2026, 1, due))
        book(session, account, "payment", -1500, date(2026, 1, 2), "p")
        rows = select(Item.due, Settlement.amount).join(Settlement, Settlement.item_id == Item.id).order_by(Item.due)
        assert session.execute(rows).all() == [(date(2026, 1, 5), 1000), (date(2026, 1, 12), 500)]


def test_check_finds_what_does_not_hold(db, cast, two_accounts):
    account = two_accounts[0]
    with db.writing() as session:
        book(session, account, "invoice", 1000, date(2026, 1, 1), "i1", due=date(2026, 1, 9))
        book(session, account, "payment", -300, date(2026, 2, 1), "p1")
        series = cast.add(session, Series(creditor_id=cast.koivu, year=2026, next=4))
        for number in (1, 3):
            invoice = cast.add(
                session,
                Invoice(
                    creditor_id=cast.koivu, account_id=account, series_id=series, number=number, month="2026-01",
                    issued=date(2026, 1, 1), due=date(2026, 1, 9), total=1000, currency="EUR", language="fi", addressee={},
                ),
            )  # fmt: skip
            cast.add(session, InvoiceLine(invoice_id=invoice, position=1, text="Vuokra", amount=999 + number // 3))
        assert {finding.what for finding in balances.check(session)} == {"series_gap", "invoice_total"}
        session.execute(update(AccountTotal).values(amount=1))
        session.execute(update(OpenItem).values(amount=1))
        session.execute(update(Balance).where(Balance.month == "2026-02").values(opening=999, closing=699))
        found = {finding.what for finding in balances.check(session)}
        assert found >= {"account_total", "open_item", "month_chain", "last_month"}
        balances.rebuild(session)
        assert {finding.what for finding in balances.check(session)} == {"series_gap", "invoice_total"}


def test_check_misses_a_guard_that_is_gone(db, two_accounts):
    with db.session(writing=True) as session:
        on = "" if db.sqlite else " ON entry"
        session.connection().exec_driver_sql(f"DROP TRIGGER guard_entry_update{on}")
        assert [(found.what, found.thing) for found in balances.check(session)] == [("guard_missing", "guard_entry_update")]
        session.rollback()


def test_the_shell_rebuilds_and_checks(app, db, two_accounts):
    with db.writing() as session:
        book(session, two_accounts[0], "invoice", 1000, date(2026, 1, 1), "i1", due=date(2026, 1, 9))
        session.execute(delete(OpenItem))
    run = app.test_cli_runner().invoke
    wrong = run(args=["check"])
    assert wrong.exit_code == 1 and "open_item" in wrong.output
    assert run(args=["rebuild"]).exit_code == 0
    right = run(args=["check"])
    assert (right.exit_code, right.output) == (0, "All is well.\n")
