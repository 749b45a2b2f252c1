"""VAT on the page and on paper (rule 30): by line and by rate, whose numbers they are, and that an invoice keeps what it said."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from blueprints import _invoice_words as invoice_words
from blueprints import _vat_words
from blueprints._locale import words
from resident.charging import separate
from resident.charging.charge import ChargeType
from resident.homes.organisation import Organisation
from resident.money.account import Account
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.sheet import Line, sheet
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.charging.house import House, minor
from tests.invoices.test_pdf import SHEET, read

MONTH = "2026-03"
LAW = {"en": "Exempt: VAT Act, section 27.", "fi": "Veroton: AVL 27 §."}
WATER = Line("Water", 12_000_000, "m³", 5_100_000, 7681, 2550, False, vat_amount=1561, vat_net=True, note="By meter.")
HEAT = Line("Heat", None, None, None, 12550, 2550, False, vat_amount=2550, vat_net=False)
RENT = Line("Rent", None, None, None, 60000, None, False, note="Exempt: VAT Act, section 27.")
TAXED = replace(SHEET, lines=(WATER, HEAT, RENT), total=80231, seller_vat="FI12345671", language="en")


def test_rates_come_to_the_invoice_and_exempt_lines_are_among_them():
    said = _vat_words.of_sheet(TAXED, words("en"))
    assert [tuple(rate) for rate in said.rates] == [("25.5%", 16120, 4111, 20231), ("No VAT", 60000, 0, 60000)]
    assert sum(rate.gross for rate in said.rates) == TAXED.total
    assert said.lines == ["plus VAT 25.5%: 15.61", "of which VAT 25.5%: 25.50", "No VAT"]


def test_lines_of_other_programs_tell_a_rate_and_its_sum_is_the_part_of_what_is_paid():
    lines = tuple(Line("Water", None, None, None, amount, 2400, False) for amount in (10033, 10033, 10034))
    said = _vat_words.of_sheet(replace(TAXED, lines=lines, total=30100), words("en"))
    assert [tuple(rate) for rate in said.rates] == [("24%", 24274, 5826, 30100)]
    assert said.lines == ["of which VAT 24%: 19.42", "of which VAT 24%: 19.42", "of which VAT 24%: 19.42"]


def test_an_invoice_without_vat_says_nothing_of_it():
    bare = replace(TAXED, lines=(RENT,), total=60000, seller_vat=None)
    assert _vat_words.of_sheet(bare, words("en")) is None
    # Whoever is liable says of exempt lines too that they are.
    assert _vat_words.of_sheet(replace(bare, seller_vat="FI12345671"), words("en")).lines == ["No VAT"]


def test_the_paper_says_rates_numbers_and_notes():
    buyer = replace(TAXED, addressee={"name": "Kukkakauppa Oy", "home": "Pihlajakuja 6 A 1", "vat_number": "FI20774740"})
    (text,) = read(invoice_words.paper(buyer, ())[1])
    for shown in (
        "VAT number of the seller: FI12345671", "FI20774740", "plus VAT 25.5%: 15.61", "of which VAT 25.5%: 25.50",
        "Exempt: VAT Act, section 27.", "161.20", "41.11", "202.31", "No VAT",
    ):  # fmt: skip
        assert shown in text, shown
    assert "VAT" not in read(invoice_words.paper(replace(SHEET, language="en"), ())[1])[0]


@pytest.fixture
def house(db, cast):
    with db.writing() as session:
        made = House(session, cast)
        made.home("1", "40")
        made.hold("Kask", "1", language="en", vat_number="EE100931558")
        made.charge("CARE", "cost", "area", note=LAW)
        made.charge("HEAT", "cost", "area")
        made.vat("HEAT", 2550, net=True)
        made.period(MONTH)
        made.cost(MONTH, "CARE", "100.00")
        made.cost(MONTH, "HEAT", "200.00")
        _number(session, cast, "FI12345671")
        yield made


def _number(session, cast, number):
    session.execute(update(Organisation).where(Organisation.id == cast.koivu).values(vat_number=number))


def test_an_invoice_keeps_the_numbers_and_notes_of_its_day(house, cast):
    session = house.session
    house.bill(MONTH)
    _number(session, cast, "FI20774740")
    session.execute(update(Person).where(Person.name == "Kask").values(vat_number=None))
    session.execute(update(ChargeType).values(note={"en": "Another law."}))
    (invoice,) = house.invoices(MONTH)
    told = sheet(session, select(Invoice).join(Account, Account.id == Invoice.account_id), invoice.id)
    assert (told.seller_vat, told.addressee["vat_number"]) == ("FI12345671", "EE100931558")
    assert [(line.text, line.note, line.vat_amount, line.vat_net) for line in told.lines] == [
        ("Care", LAW["en"], None, None),
        ("Heat", "", minor("51.00"), True),
    ]
    assert [rate.gross for rate in _vat_words.of_sheet(told, words("en")).rates] == [minor("251.00"), minor("100.00")]


def test_a_single_invoice_keeps_them_too(house, cast):
    session = house.session
    house.charge("KEY", "tariff", billed="separate", note=LAW)
    house.price("KEY", "12.00")
    tenure, charge = session.get(Tenure, house.tenures["Kask"]), session.get(ChargeType, house.charges["KEY"])
    made = separate.invoice(session, tenure, charge, by=house.by, issued=date(2026, 3, 2))
    (line,) = house.lines(made)
    assert (made.seller_vat, line.note) == ("FI12345671", LAW["en"])


def test_a_note_that_several_lines_share_stands_once(house, cast):
    house.charge("CARE2", "tariff", "area", note=LAW)
    house.price("CARE2", "4.20")
    house.price("CARE2", "4.50", first=date(2026, 3, 16))
    house.bill(MONTH)
    (invoice,) = house.invoices(MONTH)
    told = sheet(house.session, select(Invoice).join(Account, Account.id == Invoice.account_id), invoice.id)
    assert [line.note for line in told.lines].count(LAW["en"]) == 1


def test_the_page_says_it_and_hides_a_number_with_its_name(client, cast, db, made):
    with db.writing() as session:
        line = select(InvoiceLine.id).where(InvoiceLine.invoice_id == made[-1]).scalar_subquery()
        given = {"vat_rate": 2550, "vat_amount": 12443, "vat_net": True, "note": LAW["en"]}
        session.execute(update(InvoiceLine).where(InvoiceLine.id == line).values(**given))
        bill = session.get(Invoice, made[-1])
        bill.seller_vat, bill.addressee = "FI12345671", bill.addressee | {"vat_number": "EE100931558"}
    text = client("tenant").get(f"/invoices/{made[-1]}").text
    for shown in ("plus VAT 25.5%: 124.43", LAW["en"], "VAT by rate", "487.97", "FI12345671", "EE100931558"):
        assert shown in text, shown
    assert "VAT" not in client("tenant").get(f"/invoices/{made[-2]}").text
    assert "EE100931558" in client("accountant").get(f"/desk/invoices/{made[-1]}").text
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    text = client("accountant").get(f"/desk/invoices/{made[-1]}").text
    assert "FI12345671" in text and "EE100931558" not in text
