"""References at the desk: given by hand, and what the state's housing system gave; and what a resident sees of the code."""

import pytest

from resident import clock
from resident.homes.organisation import Organisation
from tests.invoices import books
from tests.paying import decoding

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def account(cast, db):
    with db.writing() as session:
        return books.account(cast, session, cast.tenure_a1, number="4015004217")


def put(db, cast, **given):
    with db.writing() as session:
        for name, value in given.items():
            setattr(session.get(Organisation, cast.koivu), name, value)


def test_an_account_without_a_reference_is_given_one(client, account):
    page = f"/desk/accounts/{account}/reference"
    assert "no payment reference yet" in client("accountant").get(page).text
    client("accountant").post(page, 303)
    shown = client("control").get(page).text
    assert "RF" in shown and '<button class="btn">' not in shown


def test_without_a_template_it_is_said_where_that_stands(client, db, cast, account):
    put(db, cast, country="PL")
    answer = client("accountant").post(f"/desk/accounts/{account}/reference", 422)
    assert "template of account numbers is missing" in answer.text


def test_numbers_of_the_state_are_stored_and_printed(client, db, cast, account):
    payee = {"payee": "ООО «Три кита»", "account": "40702810138250123017", "bic": "044525225", "bank": "Банк"}
    put(db, cast, country="RU", currency="RUB", payee=payee)
    where, accountant = f"/desk/accounts/{account}", client("accountant")
    wrong = accountant.post(f"{where}/state-numbers", 422, els="75da", zku="")
    assert "10 letters or digits" in wrong.text and 'value="75da"' in wrong.text
    accountant.post(f"{where}/state-numbers", 303, els="75da533315", zku="75da533315-01")
    assert 'value="75da533315-01"' in accountant.get(f"{where}/reference").text
    today = clock.today("Europe/Helsinki")
    with db.writing() as session:
        id = books.invoice(cast, session, account, today, today, currency="RUB", reference="4015004217")
    tenant = client("tenant")
    assert "75da533315-01" in tenant.get(f"/invoices/{id}").text
    pdf = tenant.get(f"/invoices/{id}/pdf").data
    assert b"ST00012|" in decoding.on_paper(pdf)["QRCode"]


def test_a_template_is_a_setting_that_is_checked(client, db, cast):
    office = client("office")
    form = office.form("/desk/settings/account_template")
    assert "24 places" in office.post("/desk/settings/account_template", 422, **form | {"value": "1240X"}).text
    office.post("/desk/settings/account_template", 303, **form | {"value": "1240 1234 1234 " + "X" * 12})
    assert "124012341234XXXXXXXXXXXX" in office.get("/desk/settings/account_template").text


def test_the_page_of_an_invoice_shows_the_code_until_it_is_paid(client, db, cast, account):
    today = clock.today("Europe/Helsinki")
    with db.writing() as session:
        id = books.invoice(cast, session, account, today, today)
    tenant = client("tenant")
    page = tenant.get(f"/invoices/{id}").text
    assert f'src="/invoices/{id}/code.svg"' in page and 'data-copy="FI7944052020036082"' in page and 'data-copy="612.40"' in page
    picture = tenant.get(f"/invoices/{id}/code.svg")
    assert picture.mimetype == "image/svg+xml" and "style" not in picture.text and "script" not in picture.text
    client("neighbour").get(f"/invoices/{id}/code.svg", 404)
    with db.writing() as session:
        books.pay(session, account, 61240, today, 1)
    assert "code.svg" not in tenant.get(f"/invoices/{id}").text
    tenant.get(f"/invoices/{id}/code.svg", 404)
