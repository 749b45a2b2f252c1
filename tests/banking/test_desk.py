"""Payments in at the desk: a file sent, what waits, decisions about it, bank accounts and CSVs."""

import threading
from datetime import date

import pytest
from sqlalchemy import select, update

from blueprints._mail_words import renderer
from resident import drop_folder, worker
from resident.audit import AuditEvent
from resident.banking import bank_account
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit, BankCsv, BankFile, PayerAccount
from resident.homes.organisation import Organisation
from resident.money.ledger import Entry
from tests.banking.bank import FIRST, NEIGHBOUR, TENANT
from tests.banking.files import camt, entry
from tests.invoices.books import invoice

PAYER = "FI2112345600000785"


@pytest.fixture
def run(app, db, settings):
    return lambda: worker.work(db, settings, renderer(app), threading.Event(), once=True)


@pytest.fixture
def office(client):
    return client("office")


def send(who, content, *, status=303, once="a-key-of-the-form", **fields):
    files = {"file": [(content.encode(), "day.xml")]} if content is not None else {}
    return who.post("/desk/payments/files", status=status, once=once, files=files, **fields)


def only(bank) -> BankCredit:
    (credit,) = bank.credits(state="waiting")
    return credit


def test_a_file_is_sent_read_and_told(office, bank, run):
    where = send(office, camt([entry("650", reference=TENANT), entry("20", text="hello", payer="Niilo Salo")])).location
    assert "The file waits its turn" in office.get(where).text
    run()
    page = office.get(where).text
    assert "1 payment waits for you" in page and "670.00" in page and "Booked at once" in page
    queue = office.get("/desk/payments").text
    assert "Niilo Salo" in queue and "No reference" in queue and "1 payment" in queue


def test_a_file_is_told_while_it_is_read_and_when_it_brings_no_payment(office, bank, run):
    content = camt([entry("5", side="DBIT")])
    where = send(office, content).location
    with bank.db.writing() as session:
        session.execute(update(BankFile).values(state="running"))
    assert "The file is being read" in office.get(where).text
    with bank.db.writing() as session:
        session.execute(update(BankFile).values(state="waiting"))
    run()
    assert "Nothing new" in office.get(where).text
    for page in ("/desk/payments", "/desk/payments/files"):
        assert "0 new payments" in office.get(page).text


def test_a_refused_file_says_line_and_difference(office, bank, run):
    where = send(office, camt([entry("650", reference=TENANT)], closing="749")).location
    run()
    page = office.get(where).text
    assert "nothing was booked" in page and "Difference: €1.00" in page.replace("\u00a0", "") and "Line " in page
    assert bank.credits() == []


def test_no_file_is_said_at_the_field(office, bank):
    assert "Choose a file." in send(office, None, status=422).text


@pytest.fixture
def waits(bank, db, cast):
    """A payment of 650 that waits: of the tenant's usual sum, with the tenant's name."""
    with db.writing() as session:
        invoice(cast, session, bank.tenant, date(2026, 11, 1), date(2026, 11, 15), 65000)
    bank.take(camt([entry("650", text="invoice 2026-0001", payer="Virta Aino", payer_account=PAYER, ref="A1")]))
    return only(bank)


def test_suggestions_say_why_and_accepting_one_teaches(office, bank, waits, db):
    page = office.get(f"/desk/payments/{waits.id}").text
    assert "Pihlajakuja 6 A 1" in page and "Exactly this sum is open" in page and "The payer has the holder’s name" in page
    assert "The number of its invoice is in the text" in page and "Virta Aino" in page
    office.post(f"/desk/payments/{waits.id}/booking", status=303, account=str(bank.tenant), learn="yes")
    assert bank.booked() == {bank.tenant: -65000} and bank.total(bank.tenant) == 0
    bank.take(camt([entry("650", text="again", payer_account=PAYER, payer="Somebody", ref="A2")]))
    page = office.get(f"/desk/payments/{only(bank).id}").text
    assert page.index("Paid from this account before") > 0
    with db.reading() as session:
        assert session.scalar(select(PayerAccount.account_id)) == bank.tenant


def test_a_trusted_payer_is_booked_at_once(office, bank, waits):
    office.post(f"/desk/payments/{waits.id}/booking", status=303, account=str(bank.tenant), learn="yes")
    url = f"/desk/bank-accounts/{bank.account.id}"
    office.post(url, status=303, name="Operations", last="", trusts="yes", pattern="")
    bank.take(camt([entry("650", text="again", payer_account=PAYER, payer="Somebody", ref="A2")]))
    assert bank.booked() == {bank.tenant: -130000} and bank.credits(how="payer")
    bank.take(camt([entry("650", reference="222222", payer_account=PAYER, payer="Somebody", ref="A3")]))
    assert only(bank).why == "unknown"


def test_a_payment_is_split(office, bank, waits):
    url = f"/desk/payments/{waits.id}"
    page = office.get(f"{url}?with={bank.tenant}&with={bank.neighbour}&text=A+2").text
    assert "Split the payment" in page and "Pihlajakuja 6 A 2" in page
    parts = {"account": [str(bank.tenant), str(bank.neighbour)], "amount": "each"}
    one, other = f"amount-{bank.tenant}", f"amount-{bank.neighbour}"
    page = office.post(f"{url}/booking", status=422, **parts, **{one: "600", other: "12,5"}).text
    assert "€612.50" in page.replace("\u00a0", "") and "12,5" in page
    page = office.post(f"{url}/booking", status=422, **parts, **{one: "600", other: "5.0.0"}).text
    assert "Write the amount in figures" in page and "5.0.0" in page and bank.booked() == {}
    office.post(f"{url}/booking", status=303, **parts, **{one: "637,5", other: "12,5"})
    assert bank.booked() == {bank.tenant: -63750, bank.neighbour: -1250}


def test_a_wrong_booking_is_undone_by_reversal(office, bank, waits, db):
    url = f"/desk/payments/{waits.id}"
    office.post(f"{url}/booking", status=303, account=str(bank.neighbour), learn="yes")
    assert "Undo the booking" in office.get(url).text
    office.post(f"{url}/reopening", status=303)
    assert bank.booked() == {} and only(bank).why == "undone"
    with db.reading() as session:
        assert len(session.scalars(select(Entry).where(Entry.kind == "payment")).all()) == 2
        assert session.scalar(select(PayerAccount.id)) is None
    office.post(f"{url}/booking", status=303, account=str(bank.tenant))
    assert bank.booked() == {bank.tenant: -65000}
    office.post(f"{url}/booking", status=409, account=str(bank.tenant))
    # The account says whose it is, and its entry leads back to the payment.
    account = office.get(f"/desk/accounts/{bank.tenant}").text
    assert "Pihlajakuja 6 A 1</a>" in account and f'href="{url}">Payment</a>' in account


def test_what_is_not_ours_is_set_aside_and_brought_back(office, bank, waits):
    url = f"/desk/payments/{waits.id}"
    office.post(f"{url}/aside", status=303, note="A loan")
    assert "A loan" in office.get(url).text and bank.credits(state="waiting") == []
    office.post(f"{url}/reopening", status=303)
    assert only(bank).id == waits.id and bank.booked() == {}


def test_another_organisations_account_is_not_found_and_not_booked_to(office, bank, waits):
    url = f"/desk/payments/{waits.id}"
    assert "No billing account fits" in office.get(f"{url}?text=559582243294671").text
    assert "Split the payment" not in office.get(f"{url}?with={bank.owner}").text
    office.post(f"{url}/booking", status=422, account=str(bank.owner))
    assert bank.booked() == {}


def test_accounts_are_found_by_number_reference_and_home(office, bank, waits):
    for text in ("1002", NEIGHBOUR, "Pihlajakuja 6 A 2", "Niilo Salo"):
        page = office.get(f"/desk/payments/{waits.id}?text={text.replace(' ', '+')}").text
        assert "Pihlajakuja 6 A 2" in page, text


def test_the_desk_says_which_payment_the_bank_took_back(office, bank, waits):
    office.post(f"/desk/payments/{waits.id}/booking", status=303, account=str(bank.tenant))
    bank.take(camt([entry("650", side="DBIT", reversal=True, ref="R1", booked="2026-11-09", value="2026-11-09")], opening="900"))
    back = only(bank)
    assert "Take this one back" in office.get(f"/desk/payments/{back.id}").text
    office.post(f"/desk/payments/{back.id}/reversal", status=303, payment=str(waits.id))
    assert bank.booked() == {} and bank.credits(state="reversed")[0].id == waits.id


def test_bank_accounts_are_added_ended_and_checked(office, bank):
    add = {"organisation": str(bank.cast.koivu), "first": "2026-01-01", "name": "Loans", "bic": ""}
    for number, sentence in (
        ("FI2112345600000786", "check digits"),
        ("", "Write the number"),
        ("FI7944052020036082", "there already"),
    ):
        page = office.post("/desk/bank-accounts", status=422, once=f"k{number}", number=number, **add).text
        assert sentence in page
    where = office.post("/desk/bank-accounts", status=303, once="k", number="FI21 1234 5600 0007 85", **add).location
    page = office.post(where, status=422, name="Loans", last="2025-12-31", pattern="").text
    assert "cannot be before" in page and "2025-12-31" in page
    assert "brackets" in office.post(where, status=422, name="Loans", last="", pattern=r"\d+").text
    assert "too long" in office.post(where, status=422, name="Loans", last="", pattern=r"(?:a+)+(b)").text
    office.post(where, status=303, name="Loans", last="2026-06-30", pattern=r"flat (\d+)")
    assert "Ended" in office.get("/desk/bank-accounts").text


def test_a_csv_is_named_once_and_recognised(office, bank, db):
    content = "Päivä;Viite;Määrä;Maksaja\n04.11.2026;1234561;1 650,50;Aino\n"
    files = {"example": [(content.encode("cp1252"), "e.csv")]}
    make = {"organisation": str(bank.cast.koivu), "bank": str(bank.account.id)}
    assert "Give it a name." in office.post("/desk/bank-csvs", status=422, once="a", files=files, name="", **make).text
    where = office.post("/desk/bank-csvs", status=303, once="b", files=files, name="Nets", **make).location
    page = office.get(where).text
    assert "1,650.50" in page and "1234561" in page
    form = office.form(where)
    assert (form["day"], form["reference"], form["amount"], form["payer"], form["decimals"]) == ("0", "1", "2", "3", "comma")
    page = office.post(where, status=422, **form | {"payer": "2", "act": "save"}).text
    assert "each column once" in page
    assert "refused" in office.post(where, status=200, **form | {"decimals": "point", "act": "look"}).text
    office.post(where, status=303, **form | {"act": "save"})
    bank.take(content, "cp1252")
    assert bank.booked() == {bank.tenant: -165050}
    with db.reading() as session:
        assert session.scalar(select(BankCsv.slug)) == "nets"


def test_the_watched_folder_is_read(bank, run, settings, later, monkeypatch):
    monkeypatch.setattr(drop_folder, "STILL", -1)
    place = settings.data_dir / "bank" / "koivu"
    place.mkdir(parents=True)
    path = place / "night.xml"
    path.write_text(camt([entry("650", reference=TENANT)]))
    run()
    run()
    assert bank.booked() == {bank.tenant: -65000}
    assert (place / "done" / "night.xml").is_file() and not path.exists()


def test_the_shell_reads_a_file(app, bank, tmp_path):
    path = tmp_path / "day.xml"
    path.write_text(camt([entry("650", reference=TENANT)]))
    told = app.test_cli_runner().invoke(args=["bank", str(path), "--organisation", "koivu"])
    assert told.exit_code == 0 and "650.00" in told.output, told.output
    path.write_text(camt([entry("650")], account=PAYER))
    told = app.test_cli_runner().invoke(args=["bank", str(path), "--organisation", "koivu"])
    assert told.exit_code == 1 and "not one of your bank accounts" in told.output
    assert bank.booked() == {bank.tenant: -65000}


def test_the_desk_chooses_the_account_that_invoices_tell(db, cast, office, bank):
    url = f"/desk/bank-accounts/{bank.account.id}"
    with db.writing() as session:
        organisation = session.get_one(Organisation, cast.koivu)
        assert bank_account.on_invoices(organisation, session.get_one(BankAccount, bank.account.id)), "the first one is told"
        organisation.payee |= {"payee": "Koivukallion Asunnot Oy"}
        reserve = "FI21 1234 5600 0007 85", "NDEAFIHH", "Reserve", FIRST
        other = bank_account.add(session, organisation, *reserve, bank="Lehto Pankki").id
    page = office.post(url, status=422, **office.form(url) | {"last": "2026-12-31"}).text
    assert 'id="last-error"' in page and "Put another one on invoices first" in page
    office.post(f"/desk/bank-accounts/{other}/invoices", 303, **office.form(f"/desk/bank-accounts/{other}"))
    with db.reading() as session:
        assert session.get_one(Organisation, cast.koivu).payee == {
            "payee": "Koivukallion Asunnot Oy", "iban": "FI2112345600000785", "bic": "NDEAFIHH", "bank": "Lehto Pankki",
        }  # fmt: skip
    assert "Invoices, payment codes and demands show this account" in office.get(f"/desk/bank-accounts/{other}").text
    assert office.get("/desk/bank-accounts").text.count("On invoices") == 1
    office.post(url, status=303, **office.form(url) | {"last": "2020-12-31"})
    page = office.post(f"{url}/invoices", status=422, **office.form(url)).text
    assert "This account is not in use today" in page and 'href="#on-invoices"' in page
    with db.reading() as session:
        told = [event.facts for event in session.scalars(select(AuditEvent).where(AuditEvent.act == "bank_account_changed"))]
        assert told.count({"on_invoices": True}) == 2, "the first one, and the one that was chosen"


def test_putting_an_account_on_invoices_wants_a_fresh_proof(db, cast, office, bank, later):
    url = f"/desk/bank-accounts/{bank.account.id}/invoices"
    form = office.form(f"/desk/bank-accounts/{bank.account.id}")
    later(hours=1)
    assert "Confirm that it is you" in office.post(url, None, **form).text


def test_polish_and_russian_accounts_are_told_as_their_codes_want_them(db, cast):
    with db.writing() as session:
        organisation = session.get_one(Organisation, cast.tamm)
        organisation.country, organisation.payee = "PL", {}
        bank_account.add(session, organisation, "PL61109010140000071219812874", "", "Main", FIRST, bank="Bank Rzeczny")
        assert organisation.payee["account"] == "61109010140000071219812874" and "iban" not in organisation.payee
        organisation.country, organisation.payee = "RU", {}
        corresp = {"bank": "Банк Берёза", "corresp": "30101810400000000225"}
        made = bank_account.add(session, organisation, "40702810138250123017", "044525225", "", FIRST, **corresp)
        assert (made.called(organisation.payee["account"]), organisation.payee["corresp"]) == (True, corresp["corresp"])
        with pytest.raises(bank_account.BadNumber):
            bank_account.checked_corresp("30101810400000000226", "044525225")
