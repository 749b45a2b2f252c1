"""Posting interest: twice changes nothing, a payment that turns up late takes some back, none on what bears none (rule 34)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from resident.audit import AuditEvent
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.money import accruing, balances, own_account, posting_run, rates
from resident.money.account import Account
from resident.money.booking import book, reverse
from resident.money.holiday import effective_due, is_working
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem
from resident.money.posting import InterestPosting, read
from tests.invoices.books import account as an_account

TODAY = date(2026, 11, 30)
# Finland, 9.5 % all year.
DUE = date(2026, 3, 31)


@pytest.fixture
def account(db, cast):
    with db.writing() as session:
        return an_account(cast, session, cast.tenure_a1, number="1001")


def post(session, cast, through=TODAY, *which, today=TODAY):
    return accruing.post(session, session.get_one(Organisation, cast.koivu), through, *which, today=today)


def interest(session) -> list[int]:
    return list(session.scalars(select(Entry.amount).where(Entry.kind == "interest").order_by(Entry.id)))


def test_what_accrued_is_posted_once_with_its_calculation(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        posted = post(session, cast, DUE + timedelta(days=30))
        assert (posted.entries, posted.added, posted.taken_back, posted.accounts) == (1, 390, 0, 1)
        assert post(session, cast, DUE + timedelta(days=30)).entries == 0
        assert post(session, cast, DUE + timedelta(days=20)).entries == 0
        entry, kept = session.execute(select(Entry, InterestPosting).join(InterestPosting)).one()
        assert (entry.value_day, entry.amount, kept.through) == (date(2026, 4, 30), 390, date(2026, 4, 30))
        assert [(one.days, one.rate, one.base) for one in read(kept.segments)] == [(30, 95_000, 50_000)]
        # Worked out in November: due fourteen days after that, not in May.
        assert due_of(session, entry) == (TODAY + timedelta(days=14),) * 2
        # Another month is the difference; interest on interest is none.
        assert post(session, cast, DUE + timedelta(days=60)).added == 781 - 390


def due_of(session, entry) -> tuple[date, date]:
    return session.execute(select(Item.due, Item.effective_due).where(Item.entry_id == entry.id)).one()


def test_interest_falls_due_so_many_days_after_it_was_posted_and_not_on_a_holiday(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        posted_on, through = date(2026, 4, 30), date(2026, 4, 20)
        assert post(session, cast, through, today=posted_on).added == 260
        # A day later there is nothing to post, and what was posted keeps its day: the fourteenth is Ascension Day in Finland.
        assert post(session, cast, through, today=TODAY).entries == 0
        entry = session.scalar(select(Entry).where(Entry.kind == "interest"))
        assert entry.value_day == through
        assert due_of(session, entry) == (date(2026, 5, 14), date(2026, 5, 15))


def test_a_payment_that_turns_up_late_takes_interest_back(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        post(session, cast, date(2026, 4, 30))
        book(session, account, "payment", -50_000, date(2026, 4, 10), "found")
        posted = post(session, cast, date(2026, 5, 31))
        assert (posted.entries, posted.taken_back) == (1, 390 - 130)
        assert post(session, cast, date(2026, 5, 31)).entries == 0
        # What was taken back settles the interest that it is of, nothing else.
        assert session.scalars(select(OpenItem.amount)).all() == [130]
        in_time = book(session, account, "payment", -50_000, DUE, "in time")
        assert post(session, cast, date(2026, 6, 30)).taken_back == 130
        assert sum(interest(session)) == 0
        reverse(session, in_time, by=None)
        assert post(session, cast, date(2026, 7, 31)).added == 130


def test_a_reversed_invoice_takes_all_its_interest_back_and_a_reversed_posting_is_posted_anew(db, cast, account):
    with db.writing() as session:
        rent = book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        post(session, cast, date(2026, 4, 30))
        reverse(session, session.scalar(select(Entry).where(Entry.kind == "interest")), by=None)
        assert post(session, cast, date(2026, 4, 30)).added == 390
        reverse(session, rent, by=None)
        assert post(session, cast, date(2026, 5, 31)).taken_back == 390
        assert session.scalar(select(AccountTotal.amount)) == 0


def test_fees_interest_refunds_deposits_and_what_is_not_due_bear_none(db, cast, account):
    with db.writing() as session:
        deposit = cast.add(
            session, Account(creditor_id=cast.koivu, tenure_id=cast.tenure_a1, kind="deposit", currency="EUR", number="1001-D")
        )
        vacant = cast.add(session, Account(creditor_id=cast.koivu, building_id=cast.building, currency="EUR", number="V"))
        for n, (to, kind) in enumerate(
            [(account, "fee"), (account, "interest"), (account, "refund"), (deposit, "invoice"), (vacant, "invoice")]
        ):
            book(session, to, kind, 50_000, date(2026, 3, 1), f"{n}", due=DUE)
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "later", due=TODAY)
        assert post(session, cast).entries == 0


def test_a_rate_of_nothing_by_day_and_a_setting_that_switches_it_off(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        rates.agree(session, session.get_one(Account, account), DUE + timedelta(days=31), 0, "agreed", by=None)
        assert post(session, cast).added == 390
        setting.put(session, cast.koivu, "interest_charged", False, TODAY)
        with pytest.raises(accruing.NotCharged):
            post(session, cast)
        with pytest.raises(accruing.FutureDay):
            post(session, cast, TODAY + timedelta(days=1))


def test_days_on_which_no_interest_was_charged_bear_none_when_it_is_charged_again(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        setting.put(session, cast.koivu, "interest_charged", False, DUE + timedelta(days=11))
        setting.put(session, cast.koivu, "interest_charged", True, DUE + timedelta(days=31))
        post(session, cast, DUE + timedelta(days=50))
        # 10 and 20 days of 50, each at 9.5 %.
        assert interest(session) == [390]
        kept = read(session.scalar(select(InterestPosting.segments)))
        assert [(one.first, one.days) for one in kept] == [(DUE + timedelta(days=1), 10), (DUE + timedelta(days=31), 20)]


def test_a_table_that_is_changed_afterwards_puts_right_what_was_posted(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        book(session, account, "payment", -50_000, DUE + timedelta(days=30), "paid")
        post(session, cast, date(2026, 4, 30))
        koivu = session.get_one(Organisation, cast.koivu)
        rates.add(session, koivu, "rate", date(2026, 4, 1), 190_000, "agreed", by=None)
        assert post(session, cast, date(2026, 5, 31)).added == 781 - 390
        rates.remove(session, koivu, "rate", date(2026, 4, 1), by=None)
        assert post(session, cast, date(2026, 6, 30)).taken_back == 391
        with pytest.raises(rates.RateTaken):
            rates.add(session, koivu, "rate", date(2026, 1, 1), 1, "", by=None)
        with pytest.raises(rates.BadRate):
            rates.add(session, koivu, "rate", date(2026, 12, 1), None, "", by=None)


def test_only_the_accounts_of_the_building(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        assert post(session, cast, TODAY, accruing.accounts_of(cast.koivu, cast.building + 1000)).entries == 0
        assert post(session, cast, TODAY, accruing.accounts_of(cast.koivu, cast.building)).entries == 1


def test_everything_derived_is_made_anew_identical_with_interest_reversals_and_transfers(db, cast, account):
    def derived(session):
        return [
            session.execute(select(table.__table__).order_by(*table.__table__.primary_key)).all()
            for table in (Balance, OpenItem, AccountTotal)
        ]

    with db.writing() as session:
        book(session, account, "opening", 7000, date(2026, 1, 1), "opening", due=date(2026, 1, 15))
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        post(session, cast, date(2026, 4, 30))
        wrong = book(session, account, "payment", -60_000, date(2026, 4, 10), "found")
        post(session, cast, date(2026, 5, 31))
        book(session, account, "transfer", 500, date(2026, 6, 1), "moved")
        reverse(session, wrong, by=None)
        post(session, cast)
        before = derived(session)
        for table in (Balance, OpenItem, AccountTotal):
            session.execute(delete(table.__table__))
        balances.rebuild(session)
        assert derived(session) == before
        assert balances.check(session) == []
        assert session.scalar(select(func.count()).select_from(InterestPosting)) >= 3


# ---- Tables and holidays, without a database -------------------------------------------------------------------------


def test_the_table_says_where_it_ends_and_when_the_cap_does():
    assert rates.gaps(rates.of_country("FI"), "FI", date(2026, 5, 1)) == []
    assert rates.gaps(rates.of_country("FI"), "FI", date(2026, 6, 1)) == [rates.Gap("rate", date(2026, 7, 1))]
    assert rates.gaps(rates.of_country("RU"), "RU", date(2026, 11, 30)) == [rates.Gap("cap", date(2027, 1, 1))]
    assert rates.gaps(rates.of_country("PL"), "PL", date(2026, 11, 30)) == []
    assert rates.gaps([], "LV", TODAY) == [rates.Gap("none", TODAY)]
    assert [row.rate for row in rates.of_country("EE")][-1] == 101_500


@pytest.mark.parametrize(
    ("country", "due", "moved"),
    [
        ("FI", date(2026, 6, 19), date(2026, 6, 22)),  # Midsummer Eve is a Friday
        ("FI", date(2026, 12, 6), date(2026, 12, 7)),
        ("EE", date(2026, 2, 24), date(2026, 2, 25)),
        ("PL", date(2026, 11, 11), date(2026, 11, 12)),
        ("PL", date(2026, 5, 1), date(2026, 5, 4)),
        ("RU", date(2026, 1, 1), date(2026, 1, 12)),
    ],
)
def test_due_days_move_to_the_next_working_day_where_the_setting_says_so(country, due, moved):
    assert effective_due(due, country, {"holiday_rule": True}) == moved
    assert effective_due(due, country, {"holiday_rule": False}) == due
    assert not is_working(due, country)


def test_a_balance_is_split_into_late_not_due_interest_and_credit(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        book(session, account, "invoice", 9_000, date(2026, 4, 20), "later", due=date(2026, 5, 20))
        post(session, cast, date(2026, 4, 30))
        book(session, account, "payment", -70_000, date(2026, 6, 1), "paid")
        assert own_account.split_at(session, account, date(2026, 5, 1)) == (50_000, 9_000, 390, 0, 0)
        assert own_account.split_at(session, account, date(2026, 3, 1)) == (0, 0, 0, 0, 0)
        assert own_account.split_at(session, account, date(2026, 6, 2)) == (0, 0, 0, 0, 70_000 - 59_390)
        assert own_account.split_today(session, account, TODAY) == (0, 0, 0, 0, 70_000 - 59_390)


def test_the_worker_posts_for_many_accounts_and_writes_one_event(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=DUE)
        assert not posting_run.many(session, cast.koivu, None)
        koivu = session.get_one(Organisation, cast.koivu)
        job = posting_run.order(session, koivu, None, date(2026, 4, 30), by=None)
    for _again in range(2):
        posting_run.carry_out(db, None, None, job)
    with db.reading() as session:
        assert interest(session) == [390]
        events = select(func.count()).select_from(AuditEvent).where(AuditEvent.act == "interest_posted")
        assert session.scalar(events) == 2
