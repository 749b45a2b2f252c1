"""A resident's invoices: what shows, to whom, and on which days."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, update

from resident import clock
from resident import format as formats
from resident.homes import setting
from resident.money.invoice import Invoice, InvoiceLine
from resident.people.tenure import Party
from tests.invoices import books


def test_the_page_says_what_is_overdue_and_what_falls_due_within_30_days(client, made, today):
    tenant = client("tenant")
    text = tenant.get("/invoices").text
    assert "€1,224.80" in text, "both open invoices"
    assert "€612.40 was to be paid by" in text
    # Each in the list of its own year: they were issued eleven and forty-one days ago.
    years = {(today - timedelta(days=back)).year for back in (11, 41)}
    lists = "".join(tenant.get(f"/invoices?year={year}").text for year in years)
    assert lists.count("Waiting for payment") == 1 and lists.count('"tag no">Overdue') == 1
    assert "Balance by month" in text and "Aino" not in text


def test_what_is_due_today_is_not_overdue(client, made, later):
    later(days=9)
    assert client("tenant").get("/invoices").text.count("Waiting for payment") == 1
    later(days=10)
    assert client("tenant").get("/invoices").text.count("Waiting for payment") == 0


def test_credit_is_said_in_words(client, cast, db, today):
    with db.writing() as session:
        books.pay(session, books.account(cast, session, cast.tenure_a1), 5000, today, 1)
    text = client("tenant").get("/invoices").text
    assert "You have €50.00 in credit" in text and "In credit" in text


def test_a_home_without_invoices_gets_a_sentence(client):
    assert "No invoices for this year yet" in client("tenant").get("/invoices").text


def test_a_year_is_a_url_and_a_fragment(client, made, today):
    tenant = client("tenant")
    last_year = str(today.year - 1)
    whole = tenant.get(f"/invoices?year={last_year}").text
    part = tenant.get(f"/invoices?year={last_year}", htmx=True).text
    assert f"By month, {last_year}" in whole and part.lstrip().startswith("<title>") and "autofocus" in part
    assert f"By month, {today.year}" not in whole
    tenant.get("/invoices?year=abc", status=404)


def test_the_note_about_the_balance_is_shown_in_the_best_language(client, cast, db, made):
    with db.writing() as session:
        setting.put(session, cast.koivu, "balance_note", {"fi": "Vuokravakuus ei sisälly saldoon."})
    text = client("tenant").get("/invoices").text
    assert 'lang="fi" data-in="Suomi">Vuokravakuus ei sisälly saldoon.' in text


def test_an_invoice_shows_its_lines_payee_account_reference_and_due_day(client, cast, db, today):
    lines = [("Vesi <b>", 12_500_000, "m³", 4_850_000, 6063), ("Hyvitys", None, None, None, -1000)]
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1, number="1001")
        made = books.invoice(cast, session, to, today, today + timedelta(days=14), 5063, lines=lines)
        counter = {"serial": "24-1", "name": "keittiö", "from": 852_389_333, "to": 864_889_000, "estimated": True}
        session.execute(
            update(InvoiceLine).where(InvoiceLine.invoice_id == made, InvoiceLine.position == 1).values(readings=[counter])
        )
    text = client("tenant").get(f"/invoices/{made}").text
    for shown in (
        "12.5\u00a0m³ × 4.85",
        "24-1 keittiö: 852.389 to 864.889<",
        "60.63",
        "−10.00",
        "50.63",
        "Koivukallion Asunnot Oy",
        '<span class="all">FI79 4405 2020 0360 82</span>',
        'data-copy="FI7944052020036082"',
        "12 34561",
        'data-copy="1234561"',
        "1001",
    ):
        assert shown in text, shown
    assert "Vesi &lt;b&gt;" in text and "Nothing on this invoice is estimated" in text


def test_a_last_day_that_the_bank_moved_is_said_until_it_is_paid(client, cast, db, today):
    due, moved = today + timedelta(days=14), today + timedelta(days=16)
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1)
        plain = books.invoice(cast, session, to, today, moved, 4000)
        made = books.invoice(cast, session, to, today, due, 5000, moved=moved)
    said = "so a payment on"
    tenant = client("tenant")
    assert said not in tenant.get(f"/invoices/{plain}").text
    text = tenant.get(f"/invoices/{made}").text
    assert f"{said} {formats.of('en').long(moved)} is in time." in text and formats.of("en").long(due) in text
    with db.writing() as session:
        books.pay(session, to, 9000, today, 1)
    assert said not in tenant.get(f"/invoices/{made}").text


def test_payments_are_listed_by_day(client, made):
    tenant = client("tenant")
    assert tenant.get("/invoices/payments").text.count("<li><div>") == 22
    tenant.get("/invoices/payments?before=2026-13-45:1", status=404)


# ---- Who sees it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["neighbour", "two_homes"])
def test_another_home_gets_404(client, made, name):
    stranger = client(name)
    for url in (f"/invoices/{made[-1]}", f"/invoices/{made[-1]}/pdf"):
        stranger.get(url, status=404)
    assert "612.40" not in stranger.get("/invoices").text


@pytest.mark.parametrize("name", ["occupant", "coming"])
def test_without_the_right_to_invoices_nothing_opens(client, made, name):
    who = client(name)
    for url in ("/invoices", "/invoices/payments"):
        who.get(url, status=403)
    for url in (f"/invoices/{made[-1]}", f"/invoices/{made[-1]}/pdf"):
        who.get(url, status=404)


def test_a_former_holder_sees_neither_old_nor_new(client, made):
    answer = client("former").get(f"/invoices/{made[-1]}", status=None)
    assert answer.status_code in (403, 404)


def test_a_new_holder_never_sees_the_formers(client, cast, db, today):
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_former)
        old = books.invoice(cast, session, to, date(2020, 1, 1), date(2020, 1, 15))
    tenant = client("tenant")
    tenant.get(f"/invoices/{old}", status=404)
    assert "2020" not in tenant.get("/invoices?year=2020").text.split('id="year"')[1].split("<h2")[1].partition("</h2>")[2]


def test_a_party_sees_documents_of_its_own_days(client, cast, db, made, today):
    """The occupant becomes a co-owner 40 days ago: what was issued before is not theirs."""
    since = today - timedelta(days=40)
    with db.writing() as session:
        party = session.get(Party, cast.party_occupant)
        party.role, party.first = "co_owner", since
        issued = dict(session.execute(select(Invoice.id, Invoice.issued)).all())
    occupant = client("occupant")
    for id in made[-4:]:
        occupant.get(f"/invoices/{id}", status=200 if issued[id] >= since else 404)
        occupant.get(f"/invoices/{id}/pdf", status=200 if issued[id] >= since else 404)
    assert len(re.findall('href="/invoices/[0-9]', occupant.get("/invoices").text)) == sum(day >= since for day in issued.values())
    assert occupant.get("/invoices/payments").text.count("<li><div>") <= 1
    with db.writing() as session:
        session.get(Party, cast.party_occupant).rights = ["invoices", "history"]
    occupant.get(f"/invoices/{made[0]}")


def test_a_void_invoice_is_gone_for_the_resident(client, db, made):
    with db.writing() as session:
        session.get(Invoice, made[-1]).voided_at = clock.now()
    client("tenant").get(f"/invoices/{made[-1]}", status=404)


# ---- Speed ---------------------------------------------------------------------------------------------------------


def test_the_page_takes_four_statements_however_many_invoices_there_are(client, db, cast, made, today):
    tenant = client("tenant")
    tenant.get("/invoices")
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    tenant.get("/invoices")
    reads = [statement for statement in asked if statement.lstrip().startswith("SELECT")]
    assert len(reads) <= 7 and not [s for s in asked if s.lstrip()[:6] in ("INSERT", "UPDATE", "DELETE")], reads
    # Whose homes these are is asked for every page, and looks at accounts only where something has ended.
    money = [statement for statement in reads if "account" in statement and "acts_id" not in statement]
    assert len(money) <= 4
