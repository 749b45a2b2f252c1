"""Pages of the account by hand, of interest and its reckoning, of what a payment would settle."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from blueprints.desk import interest as desk_interest
from resident import clock
from resident.homes.organisation import Organisation
from resident.money import accruing, posting_run
from resident.money.booking import book
from resident.money.ledger import AccountTotal, Entry
from resident.people.tenure import Party
from tests.invoices.books import account as an_account
from tests.invoices.books import invoice

TODAY = clock.today("Europe/Helsinki")


@pytest.fixture
def account(db, cast):
    """One invoice, sixty days overdue: 500.00."""
    with db.writing() as session:
        made = an_account(cast, session, cast.tenure_a1, number="1001")
        an_account(cast, session, cast.tenure_a2, number="1002")
        due = TODAY - timedelta(days=60)
        invoice(cast, session, made, due - timedelta(days=14), due, 50_000)
        return made


def total(db, account) -> int:
    with db.reading() as session:
        return session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account))


def form(kind: str, **given) -> dict:
    return {"kind": kind, "day": TODAY.isoformat(), "text": "By the office", **given}


# ---- By hand ---------------------------------------------------------------------------------------------------------


def test_a_booking_is_shown_before_it_is_made_and_made_once(client, db, account):
    office = client("office")
    new, url = f"/desk/accounts/{account}/bookings/new", f"/desk/accounts/{account}/bookings"
    assert "What the payer named" in office.get(f"{new}?kind=payment").text
    shown = office.post(url, 200, **form("payment", amount="12,5")).text
    assert "€12.50 is booked as received" in shown and "can be taken back" in shown
    assert total(db, account) == 50_000
    for _again in range(2):
        office.post(url, 303, once="one-key-for-it", sure="yes", **form("payment", amount="12,5"))
    assert total(db, account) == 50_000 - 1250
    assert "By the office" in office.get(f"/desk/accounts/{account}").text


@pytest.mark.parametrize("kind", ["payment", "opening", "refund", "write_off", "transfer", "fee", "correction"])
def test_every_form_opens_and_says_what_is_wrong(client, account, kind):
    office = client("office")
    office.get(f"/desk/accounts/{account}/bookings/new?kind={kind}")
    answer = office.post(f"/desk/accounts/{account}/bookings", 422, kind=kind, day="", amount="12,5,6", text="kept")
    assert "Write a day." in answer.text and 'value="kept"' in answer.text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (form("refund", amount="1"), "There is only"),
        (form("write_off", amount="500,01"), "There is only €500.00"),
        (form("transfer", amount="1", what="debt", number="9"), "No other account"),
        (form("payment", amount="1") | {"day": (TODAY + timedelta(days=1)).isoformat()}, "has not come yet"),
    ],
)  # fmt: skip
def test_what_cannot_be_booked_is_said_at_its_field(client, db, account, given, told):
    answer = client("office").post(f"/desk/accounts/{account}/bookings", 422, once="a-key", sure="yes", **given)
    assert told in answer.text
    assert total(db, account) == 50_000


def test_an_entry_is_taken_back_with_a_reason_and_an_invoice_is_not(client, db, account):
    office = client("office")
    with db.writing() as session:
        paid = book(session, account, "payment", -500, TODAY, "test:paid").id
        owed = session.scalar(select(Entry.id).where(Entry.kind == "invoice"))
    assert "as though the entry had never been" in office.get(f"/desk/entries/{paid}/reversal").text
    office.post(f"/desk/entries/{paid}/reversal", 422, text=" ")
    office.post(f"/desk/entries/{paid}/reversal", 303, text="Bounced")
    office.post(f"/desk/entries/{paid}/reversal", 422, text="Bounced")
    office.post(f"/desk/entries/{owed}/reversal", 422, text="Wrong")
    assert total(db, account) == 50_000


def test_collection_and_an_agreed_rate_stand_on_the_account(client, account):
    office = client("office")
    office.post(f"/desk/accounts/{account}/collection", 303, reason="With the agency")
    assert "With the agency" in office.get(f"/desk/accounts/{account}").text
    office.post(f"/desk/accounts/{account}/collection/end", 303)
    assert "With the agency" not in office.get(f"/desk/accounts/{account}").text
    url = f"/desk/accounts/{account}/interest"
    office.post(url, 422, first=TODAY.isoformat(), rate="nine")
    office.post(url, 303, first=TODAY.isoformat(), rate="7,25", reason="Agreed")
    assert "7.25% a year" in office.get(url).text


def test_whoever_looks_only_books_nothing(client, account):
    control = client("control")
    assert "By hand" not in control.get(f"/desk/accounts/{account}").text
    control.get(f"/desk/accounts/{account}/bookings/new", 404)
    control.post(f"/desk/accounts/{account}/bookings", 404, **form("payment", amount="1"))


# ---- Interest at the desk --------------------------------------------------------------------------------------------


def test_interest_is_shown_and_then_posted_for_the_building(client, db, cast, account):
    office = client("office")
    assert "Rates and the days from which they hold" in office.get("/desk/interest").text
    shown = office.get(f"/desk/interest?through={TODAY}&building={cast.building}").text
    assert "1001" in shown and "Pihlajakuja 6 A 1" in shown and "€7.81" in shown
    given = {"through": TODAY.isoformat(), "building": str(cast.building)}
    office.post("/desk/interest/postings", 303, once="posting-key", **given)
    assert total(db, account) == 50_781
    assert "There is nothing to post" in office.get(f"/desk/interest?through={TODAY}").text
    late = {"through": (TODAY + timedelta(days=1)).isoformat()}
    assert "has not come yet" in office.post("/desk/interest/postings", 422, once="other-key", **late).text


def test_a_preview_of_many_accounts_has_pages(client, db, cast, account, monkeypatch):
    monkeypatch.setattr(posting_run, "AT_ONCE", 1)
    monkeypatch.setattr(desk_interest, "SHOWN", 1)
    with db.writing() as session:
        other = an_account(cast, session, cast.tenure_a2, number="1002")
        book(session, other, "invoice", 50_000, TODAY - timedelta(days=90), "late", due=TODAY - timedelta(days=60))
    office, url = client("office"), f"/desk/interest?through={TODAY}"
    first, second = office.get(url).text, office.get(f"{url}&after={account}").text
    assert "1001" in first and "1002" not in first and f"after={account}" in first and "on this page" in first
    assert "1002" in second and "account 1001" not in second and "First page" in second
    office.post("/desk/interest/postings", 303, once="posting-key", through=TODAY.isoformat())
    assert total(db, account) == 50_000, "left to the worker"


def test_rates_are_added_and_removed_and_refused_with_a_reason(client, account):
    office = client("office")
    office.post("/desk/interest/rates", 303, kind="rate", first="2026-07-01", rate="9,75", source="Suomen Pankki")
    assert "9.75% a year" in office.get("/desk/interest").text
    assert "Another rate begins" in office.post("/desk/interest/rates", 422, kind="rate", first="2026-07-01", rate="9").text
    assert "from 0 to 100" in office.post("/desk/interest/rates", 422, kind="rate", first="2026-08-01", rate="101").text
    office.post("/desk/interest/rates/removal", 303, kind="rate", first="2026-07-01")
    assert "9.75% a year" not in office.get("/desk/interest").text


# ---- Residents -------------------------------------------------------------------------------------------------------


def test_a_tap_on_the_interest_opens_its_reckoning(client, db, cast, account):
    tenant = client("tenant")
    running = tenant.get("/invoices/interest").text
    assert f'href="/invoices/interest?account={account}"' in tenant.get("/invoices/account").text
    assert "Not posted yet" in running and f"Invoice {(TODAY - timedelta(days=74)).year}-0001" in running
    with db.writing() as session:
        accruing.post(session, session.get_one(Organisation, cast.koivu), TODAY, today=TODAY)
    # The year's first interest may be posted before its first invoice is made out: the year is offered.
    assert f"year={TODAY.year}" in tenant.get(f"/invoices?year={TODAY.year - 1}").text
    months = tenant.get(f"/invoices?year={TODAY.year}").text
    found = re.search(r'href="(/invoices/interest\?account=\d+&amp;month=[\d-]+)">7\.81</a>', months)
    page = tenant.get(found[1].replace("&amp;", "&")).text
    assert "9.5% a year" in page and "7.8082" in page and ">60<" in page and "500.00" in page
    opened = re.findall(r'data-l="Opening" class="num"><a href="([^"]+)">500\.00<', months)
    assert "What the month opened with" in tenant.get(opened[0].replace("&amp;", "&")).text
    assert "No interest is accruing" in tenant.get("/invoices/interest").text
    assert "No interest was posted" in tenant.get("/invoices/interest?month=2001-01").text
    tenant.get("/invoices/interest?month=2001-13", 404)


def test_what_a_sum_would_settle_is_what_booking_it_does(client, db, account):
    tenant = client("tenant")
    assert "Nothing is paid or booked here" in tenant.get("/invoices/what-if").text
    part = tenant.get("/invoices/what-if?amount=100", htmx=True).text
    assert "€100.00 of the payment goes to it." in part and "€400.00" in part and "Paid in part" in part
    whole = tenant.get("/invoices/what-if?amount=510,00").text
    assert "Settled" in whole and "Late interest stops" in whole and "€10.00 is left over" in whole and "€7.81" in whole
    for wrong in ("amount=12,5,6", "amount=0", "amount=5&day=2001-01-01"):
        assert 'class="err"' in tenant.get(f"/invoices/what-if?{wrong}").text
    assert total(db, account) == 50_000


def test_whoever_left_asks_about_what_was_billed_to_them_and_no_more(client, db, cast, account):
    """The tenure goes on: what is billed from today on, and what was booked by hand, is not theirs."""
    with db.writing() as session:
        session.scalar(select(Party).where(Party.person_id == cast.tenant)).last = TODAY - timedelta(days=1)
        invoice(cast, session, account, TODAY, TODAY + timedelta(days=14), 30_000)
        book(session, account, "correction", 5_000, TODAY - timedelta(days=90), "test:beside", due=TODAY - timedelta(days=90))
    tenant = client("tenant")
    own = tenant.get("/invoices/what-if?amount=500").text
    assert "€500.00 of the payment goes to it." in own and own.count("of the payment goes to it") == 1
    assert "is left over" not in own and "€300.00" not in own
    more = tenant.get("/invoices/what-if?amount=500,01").text
    assert 'id="amount-error"' in more and "at most €500.00" in more and 'value="500,01"' in more
    assert "of the payment goes to it" not in more


def test_the_order_of_payments_is_told_in_words(client, account):
    assert "What fell due first is settled first" in client("tenant").get("/invoices/order").text
    assert "Invoices and other debts are settled first" in client("owner").get("/invoices/order").text


def test_a_year_of_an_account_with_its_documents(client, db, cast, account):
    with db.writing() as session:
        book(session, account, "payment", -12_300, TODAY, "test:paid")
    page = client("tenant").get("/invoices/account").text
    year = (TODAY - timedelta(days=74)).year
    assert f"Summary, {TODAY.year}" in page and "−€123.00" in page
    if year == TODAY.year:
        assert "€500.00" in page and "€377.00" in page
    client("tenant").get("/invoices/account?account=987654", 404)
    assert "Nothing was booked" in client("tenant").get("/invoices/account?year=2001").text


def test_documents_of_a_long_year_come_page_by_page(client, db, account):
    with db.writing() as session:
        for n in range(60):
            day = date(TODAY.year - 1, 1 + n % 12, 1 + n // 12)
            book(session, account, "invoice" if n % 2 else "payment", 100 if n % 2 else -100, day, f"test:{n}", due=day)
    tenant = client("tenant")
    page = tenant.get(f"/invoices/account?year={TODAY.year - 1}").text
    following = re.search(r'href="(/invoices/account[^"]*before=[^"]*)"', page)[1].replace("&amp;", "&")
    assert page.count("<b>Payment</b>") + tenant.get(following, htmx=True).text.count("<b>Payment</b>") == 30
