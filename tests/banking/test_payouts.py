"""What a payment service pays out in one sum: set aside, laid beside the payments that it covers, never booked to anybody."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.banking import deciding, payout, payout_account, payout_telling, proving
from resident.banking.bank_file import BankCredit, PayerAccount
from resident.banking.covering import run
from resident.errors import Stale
from resident.homes.organisation import Organisation
from resident.identity import Actor
from resident.money.booking import Booking, book_all
from resident.money.ledger import Entry
from resident.paying.intent import PaymentIntent
from resident.paying.setup import parse
from tests.at_once import meanwhile
from tests.banking.bank import TENANT
from tests.banking.files import camt, entry

SERVICE = "FI2112345600000785"
TOML = '[[provider]]\nid = "paytrail"\nkind = "paytrail"\ncreditors = ["koivu"]\naccount = "375917"\nsecret = "SAIPPUAKAUPPIAS"\n'


@pytest.mark.parametrize(
    ("amount", "sums", "follows", "found"),
    [
        (300, [100, 200, 300], True, (0, 2)), (300, [100, 200, 300], False, (2, 3)),
        (295, [100, 200, 300], True, (0, 2)), (595, [700, 100, 200, 300], False, (1, 4)), (610, [400, 212, 50], False, (0, 2)),
        (900, [100, 200], True, (0, 2)), (50, [], True, (0, 0)), (200, [100, 200, 300], True, (1, 2)),
    ],
)  # fmt: skip
def test_an_exact_row_goes_before_as_few_as_reach_the_sum(amount, sums, follows, found):
    assert run(amount, sums, follows=follows) == found


@given(st.lists(st.integers(1, 500), max_size=12), st.integers(1, 2000), st.booleans())
def test_a_row_is_exact_where_one_is_and_else_just_enough(sums, amount, follows):
    first, last = run(amount, sums, follows=follows)
    total = sum(sums[first:last])
    rows = {sum(sums[a:b]) for a in range(len(sums)) for b in range(a + 1, len(sums) + 1)}
    assert total == amount if amount in rows else (total > amount or (first, last) == (0, len(sums)))
    if total > amount:
        assert first == 0 and total - sums[last - 1] < amount if follows else total == min(row for row in rows if row >= amount)


def paid(bank, amount: int, moment: datetime, account: int | None = None) -> int:
    """A payment at the service, booked when the service confirmed it."""
    account = account or bank.tenant
    with bank.db.writing() as session:
        token = f"t{session.scalar(select(func.count(PaymentIntent.id)))}"
        book_all(session, [Booking(account, "payment", -amount, moment.date(), f"intent:{token}")])
        booked = session.scalar(select(Entry.id).where(Entry.cause == f"intent:{token}"))
        made = PaymentIntent(
            creditor_id=bank.cast.koivu, account_id=account, provider="paytrail", provider_ref=token, token=token, amount=amount,
            currency="EUR", state="paid", receipt=token, entry_id=booked, made_at=moment, asked_at=moment, ended_at=moment,
        )  # fmt: skip
        return bank.cast.add(session, made)


@pytest.fixture
def by(cast):
    return Actor(cast.logins["accountant"], cast.accountant, cast.koivu, "accountant", "accountant")


@pytest.fixture
def known(bank, by):
    with bank.db.writing() as session:
        payout_telling.tell(session, session.get_one(Organisation, bank.cast.koivu), "paytrail", SERVICE, by=by)
    return bank


def covered(bank) -> dict[int, list[int]]:
    """By payout: the sums that it covers."""
    with bank.db.reading() as session:
        rows = session.scalars(select(BankCredit).where(BankCredit.why == "payout").order_by(BankCredit.id)).all()
        return {row.amount: [one.amount for one in payout.covered(session, row)] for row in rows}


def sent(amount: str, day: int, **more) -> str:
    about = {"payer": "Paytrail Oyj", "payer_account": SERVICE, "ref": f"P{day}"} | more
    return entry(amount, booked=f"2026-11-{day:02d}", value=f"2026-11-{day:02d}", **about)


def test_a_payout_is_set_aside_whatever_its_text_and_never_booked(known, by):
    for day, amount in ((1, 40000), (2, 21240), (3, 5000)):
        paid(known, amount, datetime(2026, 11, day, 12, tzinfo=UTC))
    before = known.booked()
    file = known.take(camt([sent("610.40", 4, reference=TENANT), entry("12.00", reference=TENANT, ref="X")]))
    assert (file.counts["payouts"], file.counts["payouts_sum"], file.counts["waiting"]) == (1, 61040, 0)
    assert known.booked() == {known.tenant: before[known.tenant] - 1200}, "the other payment alone"
    assert covered(known) == {61040: [40000, 21240]}, "least is kept"
    credit = known.credits(state="aside")[0]
    with known.db.writing() as session:
        mine = session.get_one(BankCredit, credit.id)
        with pytest.raises(deciding.PaidOut):
            deciding.accept(session, mine, [(known.tenant, mine.amount)], by=by)
        with pytest.raises(deciding.PaidOut):
            deciding.bring_back(session, mine, by=by)
    again = known.take(camt([sent("610.40", 4, reference=TENANT)], opening="200"))
    assert again.counts["known"] == 1 and len(known.credits(why="payout")) == 1


def test_payouts_follow_each_other(known):
    for day, amount in ((1, 10000), (2, 20000), (3, 30000), (5, 7000), (6, 8000)):
        paid(known, amount, datetime(2026, 11, day, 12, tzinfo=UTC))
    known.take(camt([sent("300.00", 2, end="A"), sent("299.00", 4, end="B"), sent("150.00", 9, end="C")]))
    assert covered(known) == {30000: [10000, 20000], 29900: [30000], 15000: [7000, 8000]}


def test_telling_once_takes_what_waits_and_forgets_whose_it_seemed(bank, by):
    paid(bank, 65000, datetime(2026, 11, 3, 12, tzinfo=UTC))
    bank.take(camt([sent("650.00", 4)]))
    (waits,) = bank.credits(state="waiting")
    with bank.db.writing() as session:
        deciding.teach(session, bank.cast.koivu, SERVICE, bank.tenant)
        organisation = session.get_one(Organisation, bank.cast.koivu)
        made = payout_telling.tell(session, organisation, "paytrail", "FI21 1234 5600 0007 85", by=by)
        assert session.scalar(select(func.count(PayerAccount.id))) == 0
        for number, why in ((SERVICE, "known"), (SERVICE[2:], "known"), (bank.account.number, "own"), ("", "missing")):
            with pytest.raises(payout_telling.BadPayer) as refused:
                payout_telling.tell(session, organisation, "paytrail", number, by=by)
            assert refused.value.why == why
    assert covered(bank) == {65000: [65000]}
    with bank.db.writing() as session:
        payout_telling.forget(session, session.get_one(payout_account.PayoutAccount, made.id), by=by)
        credit = session.get_one(BankCredit, waits.id)
        deciding.bring_back(session, credit, by=by)
        assert payout.covered(session, credit) == [] and credit.state == "waiting"
        acts = session.scalars(select(AuditEvent.facts).where(AuditEvent.act == "payout_account_changed").order_by(AuditEvent.id))
        assert list(acts) == [{"payouts": 1}, {"removed": True}]


def test_what_waits_again_meanwhile_covers_nothing(known, by):
    for day in (1, 2):
        paid(known, 10000, datetime(2026, 11, day, 12, tzinfo=UTC))
    known.take(camt([sent("200.00", 4)]))
    (credit,) = known.credits(state="aside")
    with known.db.writing() as session:
        payout_telling.forget(session, session.scalar(select(payout_account.PayoutAccount)), by=by)

    def cover(session):
        mine, organisation = session.get_one(BankCredit, credit.id), session.get_one(Organisation, known.cast.koivu)
        payout.cover(session, mine, organisation, date(2026, 11, 1), date(2026, 11, 2), by=by)

    with meanwhile(known.db, cover) as (session, errors):
        deciding.bring_back(session, session.get_one(BankCredit, credit.id), by=by)
    assert [type(error) for error in errors] == [Stale] and known.credits(state="waiting")


def test_a_payment_that_was_booked_meanwhile_is_said_to_be_no_payout(client, app, bank, by):
    app.extensions["resident.payments"] = parse(TOML, Path())
    bank.take(camt([sent("650.00", 4)]))
    (waits,) = bank.credits(state="waiting")
    desk, url = client("accountant"), f"/desk/payments/{waits.id}"
    form = desk.form(url)
    with bank.db.writing() as session:
        deciding.accept(session, session.get_one(BankCredit, waits.id), [(bank.tenant, waits.amount)], by=by)
    desk.post(f"/desk/payouts/{waits.id}", 303, **form | {"provider": "paytrail"})
    assert "Somebody has decided" in desk.get(f"{url}?lang=en").text
    with bank.db.reading() as session:
        assert session.scalar(select(payout_account.PayoutAccount)) is None


def test_a_payout_that_the_bank_takes_back_covers_nothing(known):
    paid(known, 65000, datetime(2026, 11, 3, 12, tzinfo=UTC))
    known.take(camt([sent("650.00", 4, end="E1")]))
    back = entry("650", side="DBIT", reversal=True, ref="P4", end="E1", booked="2026-11-09", value="2026-11-09")
    known.take(camt([back], opening="900"))
    with known.db.reading() as session:
        assert session.scalar(select(PaymentIntent.payout_id)) is None
    assert [credit.kind for credit in known.credits(state="reversed")] == ["credit"]


def test_the_desk_says_it_on_a_payment_and_sees_sums_and_difference(client, app, bank):
    app.extensions["resident.payments"] = parse(TOML, Path())
    for day, amount in ((1, 40000), (2, 21240)):
        paid(bank, amount, datetime(2026, 11, day, 12, tzinfo=UTC))
    bank.take(camt([sent("610.40", 4)]))
    (waits,) = bank.credits(state="waiting")
    desk, url = client("accountant"), f"/desk/payments/{waits.id}"
    desk.get("/appearance?lang=en")
    assert "A payout of a payment service?" in desk.get(url).text
    assert client("control").post(f"/desk/payouts/{waits.id}", provider="paytrail").status_code in (403, 404)
    desk.post(f"/desk/payouts/{waits.id}", 303, **desk.form(url) | {"provider": "paytrail"})
    text = desk.get(url).text
    for shown in ("Payout of Paytrail", "€612.40", "€610.40", "Kept by the service", "€2.00", "2 payments"):
        assert shown in text, shown
    assert "Book here" not in text and "Let it wait again" not in text
    assert '<span class="tag shut">Payout</span>' in text, "it is no payment that somebody left out of the books"
    assert "remove it from the accounts" in desk.post(f"{url}/booking", 409, account=str(bank.tenant)).text
    assert "remove it from the accounts" in desk.post(f"{url}/reopening", 409).text
    other = f"/desk/payouts/{waits.id}/payments"
    form = desk.form(other)
    assert (form["first"], form["last"]) == ("2026-11-01", "2026-11-02")
    assert 'id="last-error"' in desk.post(other, 422, **form | {"last": "2026-10-01"}).text
    desk.post(other, 303, **form | {"first": "2026-11-02"})
    listed = desk.get("/desk/payouts").text
    assert "212.40" in listed and "−398.00" in listed and "€400.00" in listed, "one payment is in no payout now"
    page = desk.post("/desk/payouts", 422, once="k", provider="paytrail", number=SERVICE).text
    assert "This account is there already" in page and 'value="FI2112345600000785"' in page
    (account,) = [part.split("/")[0] for part in listed.split("/desk/payouts/accounts/")[1:]]
    desk.post(f"/desk/payouts/accounts/{account}/removal", 303)
    assert "Let it wait again" in desk.get(url).text
    assert bank.booked() == {bank.tenant: -61240}, "as the service confirmed them, and no more"


def test_a_payout_that_was_booked_before_its_account_was_told_is_shown_and_undone(client, app, bank, by):
    app.extensions["resident.payments"] = parse(TOML, Path())
    paid(bank, 65000, datetime(2026, 11, 3, 12, tzinfo=UTC))
    bank.take(camt([sent("650.00", 4, reference=TENANT)]))
    (credit,) = bank.credits(state="booked")
    with bank.db.writing() as session:
        payout_telling.tell(session, session.get_one(Organisation, bank.cast.koivu), "paytrail", SERVICE, by=by)
    with bank.db.reading() as session:
        (found,) = proving.check(session)
        assert (found.what, found.thing) == ("payout", str(credit.id))
    desk, url = client("accountant"), f"/desk/payments/{credit.id}"
    desk.get("/appearance?lang=en")
    assert url in desk.get("/desk/payouts").text and "The same money is booked twice" in desk.get(url).text
    desk.post(f"{url}/reopening", 303)
    assert bank.booked() == {bank.tenant: -65000} and covered(bank) == {65000: [65000]}
    with bank.db.reading() as session:
        assert proving.check(session) == []
    assert "by mistake" not in desk.get("/desk/payouts").text
