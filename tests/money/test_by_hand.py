"""What staff book by hand: what is refused, what it comes to, and that a form sent twice books once (rule 36)."""

from datetime import date

import pytest
from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.homes.organisation import Organisation
from resident.money import accruing, balances, by_hand, collecting, statement
from resident.money.account import Account
from resident.money.booking import book
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem
from tests.invoices.books import account as an_account

TODAY, DAY = date(2026, 11, 30), date(2026, 11, 1)


@pytest.fixture
def ledger(db, cast):
    """(session, two accounts)."""
    with db.writing() as session:
        ids = [
            an_account(cast, session, tenure, number=number)
            for tenure, number in ((cast.tenure_a1, "1001"), (cast.tenure_a2, "1002"))
        ]
        yield session, *(session.get_one(Account, id) for id in ids)
        assert balances.check(session) == []


def given(key="k"):
    return {"key": key, "today": TODAY, "by": None}


def total(session, account) -> int:
    return session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account.id))


def test_an_opening_keeps_principal_interest_and_credit_apart(ledger):
    session, account, other = ledger
    debts = [(10_000, date(2026, 9, 15)), (5_000, date(2026, 12, 15))]
    made = by_hand.open_with(session, account, DAY, debts, interest=321, text="Taken over", **given())
    assert [(entry.kind, entry.amount) for entry in made] == [("opening", 10_000), ("opening", 5_000), ("interest", 321)]
    assert [entry.id for entry in by_hand.open_with(session, account, DAY, debts, interest=321, **given())] == [e.id for e in made]
    shown = session.execute(select(Balance.opening, Balance.interest, Balance.other, Balance.closing)).one()
    assert shown == (15_321, 0, 0, 15_321)
    by_hand.open_with(session, other, DAY, [], credit=700, **given())
    assert total(session, other) == -700
    with pytest.raises(by_hand.NoAmount):
        by_hand.open_with(session, other, DAY, [(0, DAY)], **given("none"))
    assert session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.act == "entry_booked")) == 2


def test_a_payment_by_hand_may_be_back_dated_and_never_of_a_day_to_come(ledger):
    session, account, _other = ledger
    book(session, account.id, "invoice", 10_000, DAY, "rent", due=DAY)
    by_hand.receive(session, account, 4_000, date(2026, 11, 2), **given())
    by_hand.receive(session, account, 4_000, date(2026, 11, 2), **given())
    assert total(session, account) == 6_000
    with pytest.raises(by_hand.FutureDay):
        by_hand.receive(session, account, 1, date(2026, 12, 1), **given("later"))


def test_no_more_is_given_back_or_written_off_than_there_is(ledger):
    session, account, _other = ledger
    book(session, account.id, "payment", -900, DAY, "paid")
    with pytest.raises(by_hand.NotEnough) as refused:
        by_hand.give_back(session, account, 901, TODAY, **given())
    assert refused.value.there == 900
    by_hand.give_back(session, account, 900, TODAY, **given())
    book(session, account.id, "invoice", 500, TODAY, "rent", due=TODAY)
    with pytest.raises(by_hand.NotEnough):
        by_hand.write_off(session, account, 501, TODAY, **given("w"))
    by_hand.write_off(session, account, 500, TODAY, **given("w"))
    assert (total(session, account), session.scalars(select(OpenItem.amount)).all()) == (0, [])


def test_credit_and_debt_move_between_accounts_and_stay_what_they_are(ledger):
    session, account, other = ledger
    book(session, account.id, "payment", -900, DAY, "paid")
    book(session, other.id, "invoice", 600, DAY, "rent", due=DAY)
    by_hand.transfer(session, account, "1002", 400, TODAY, debt=False, **given())
    assert (total(session, account), total(session, other)) == (-500, 200)
    by_hand.transfer(session, other, "1001", 200, TODAY, debt=True, due=TODAY, **given("debt"))
    assert (total(session, account), total(session, other)) == (-300, 0)
    with pytest.raises(by_hand.NoOtherAccount):
        by_hand.transfer(session, account, "1001", 1, TODAY, debt=False, **given("self"))
    with pytest.raises(by_hand.NotEnough):
        by_hand.transfer(session, account, "1002", 301, TODAY, debt=False, **given("more"))


def test_interest_and_fees_that_are_moved_bear_no_interest_and_principal_follows_the_holidays(ledger):
    session, account, other = ledger
    book(session, account.id, "interest", 300, DAY, "interest", due=DAY)
    book(session, account.id, "fee", 500, DAY, "fee", due=DAY)
    book(session, account.id, "invoice", 10_000, DAY, "rent", due=DAY)
    saturday = date(2026, 11, 14)
    made = by_hand.transfer(session, account, "1002", 10_800, TODAY, debt=True, due=saturday, **given())
    assert {(e.kind, e.amount) for e in made if e.account_id == other.id} == {("interest", 300), ("fee", 500), ("transfer", 10_000)}
    rows = select(Item.effective_due).join(Entry).where(Item.account_id == other.id, Entry.kind == "transfer")
    assert session.scalars(rows).all() == [date(2026, 11, 16)]
    koivu = session.get_one(Organisation, account.creditor_id)
    assert [row.amount for row in accruing.accruals(session, koivu, TODAY, Account.id == other.id)] == [10_000]


def test_credit_that_is_moved_bears_no_interest_also_when_it_was_needed_meanwhile(ledger):
    session, account, _other = ledger
    book(session, account.id, "payment", -900, date(2026, 11, 20), "paid")
    by_hand.transfer(session, account, "1002", 900, DAY, debt=False, **given())
    koivu = session.get_one(Organisation, account.creditor_id)
    assert accruing.accruals(session, koivu, TODAY, Account.id == account.id) == []


def test_nothing_is_moved_to_an_account_out_of_reach(ledger):
    session, account, other = ledger
    book(session, account.id, "payment", -900, DAY, "paid")
    with pytest.raises(by_hand.NoOtherAccount):
        by_hand.transfer(session, account, "1002", 400, TODAY, debt=False, within=Account.id != other.id, **given())


def test_fees_of_one_debt_stay_under_the_cap_of_the_country(db, cast):
    with db.writing() as session:
        account = session.get_one(Account, an_account(cast, session, cast.tenure_t1, cast.tamm, number="7"))
        book(session, account.id, "invoice", 60_000, DAY, "rent", due=DAY)
        by_hand.charge_fee(session, account, 3_000, TODAY, **given())
        with pytest.raises(by_hand.OverCap) as refused:
            by_hand.charge_fee(session, account, 1_001, TODAY, **given("more"))
        assert (refused.value.cap, refused.value.used, refused.value.claim) == (4_000, 3_000, 60_000)
        by_hand.charge_fee(session, account, 1_000, TODAY, **given("rest"))


@pytest.mark.parametrize(("claim", "cap"), [(0, 0), (50_000, 3000), (50_001, 4000), (100_000, 4000), (100_001, 5000)])
def test_caps_of_estonia(claim, cap):
    assert by_hand.cap_of([[50_000, 3_000], [100_000, 4_000], [None, 5_000]], claim) == cap
    assert by_hand.cap_of([], claim) is None


def test_a_correction_and_a_reversal_have_a_reason(ledger):
    session, account, _other = ledger
    rent = book(session, account.id, "invoice", 10_000, DAY, "rent", due=DAY)
    by_hand.correct(session, account, 300, TODAY, up=False, text="Agreed", **given())
    paid = by_hand.receive(session, account, 5_000, TODAY, **given("p"))
    back = by_hand.take_back(session, paid, "Bounced", by=None)
    assert (back.text, total(session, account)) == ("Bounced", 9_700)
    with pytest.raises(by_hand.NotByHand):
        by_hand.take_back(session, rent, "Wrong", by=None)


@pytest.mark.parametrize(("kind", "cause"), [("correction", "invoice:17"), ("payment", "credit:3:0:1"), ("payment", "intent:5")])
def test_what_believes_in_an_entry_keeps_it_from_being_taken_back_by_hand(ledger, kind, cause):
    session, account, _other = ledger
    entry = book(session, account.id, kind, -100, DAY, cause)
    with pytest.raises(by_hand.NotByHand):
        by_hand.take_back(session, entry, "Wrong", by=None)
    assert total(session, account) == -100


def test_the_mark_of_collection_holds_until_it_is_ended(ledger):
    session, account, _other = ledger
    collecting.mark(session, account, "Handed over", today=DAY, by=None)
    assert collecting.mark(session, account, "", today=TODAY, by=None).first == DAY
    collecting.end(session, account, today=TODAY, by=None)
    assert collecting.marked(session, account.id, TODAY) is None
    assert collecting.marked(session, account.id, date(2026, 11, 29)) is not None


def test_a_page_of_a_statement_goes_on_with_the_balance_of_the_one_before(ledger):
    session, account, _other = ledger
    for n in range(60):
        day = date(2026, 1 + n // 8, 1 + n % 5)
        book(session, account.id, "invoice" if n % 3 else "payment", 100 + n if n % 3 else -150, day, f"{n}", due=day)
    first = statement.entries(session, account.id)
    assert len(first) == statement.ROWS + 1
    last = first[statement.ROWS - 1]
    second = statement.entries(session, account.id, (last.value_day, last.id))
    rows = [*first[: statement.ROWS], *second]
    assert [row.id for row in rows] == list(session.scalars(select(Entry.id).order_by(Entry.value_day.desc(), Entry.id.desc())))
    assert [row.after for row in rows] == [sum(one.amount for one in rows[n:]) for n in range(60)]
