"""Which code an invoice gets, and what an independent reader finds on its paper."""

from dataclasses import replace
from datetime import date

import pytest

from blueprints import _invoice_words as invoice_words
from resident.banking import matching
from resident.paying import payment_code
from tests.invoices.test_pdf import drawn
from tests.paying.decoding import on_paper
from tests.paying.sheets import CREDITOR, ESTONIAN, POLISH, RUSSIAN
from tests.paying.sheets import FINNISH as SHEET


def paper(sheet, letters="utf-8") -> bytes:
    return invoice_words.paper(sheet, {}, letters)[1]


def test_a_finnish_paper_holds_the_european_code_and_the_bank_barcode():
    found = on_paper(paper(SHEET))
    assert found["QRCode"].decode() == (
        "BCD\n001\n1\nSCT\nOKOYFIHH\nKoivukallion Asunnot Oy\nFI7944052020036082\nEUR228.06\n\n1234561\n\nReqdExctnDt/2026-10-15"
    )
    assert found["Code128"].decode() == "479440520200360820002280600000000000000001234561261015"


def test_a_reference_in_rf_makes_version_5_and_what_is_open_is_what_is_asked_for():
    found = on_paper(paper(replace(SHEET, reference="RF341234561", open=101)))
    assert found["Code128"].decode() == "579440520200360820000010134000000000000001234561261015"
    assert found["QRCode"].decode().split("\n")[7:10] == ["EUR1.01", "", "RF341234561"]


def test_an_estonian_paper_holds_the_code_with_the_reference_in_rf_and_no_barcode():
    found = on_paper(paper(ESTONIAN))
    assert found.keys() == {"QRCode"}
    lines = found["QRCode"].decode().split("\n")
    assert lines[:2] == ["BCD", "002"] and lines[5:] == [
        "Pärnaõue 7 korteriühistu",
        "EE382200221020145685",
        "EUR228.06",
        "",
        "RF31121312952",
    ]


def test_a_polish_paper_leads_to_the_account_of_ones_own():
    found = on_paper(paper(POLISH))
    assert found["QRCode"].decode() == "5261040828|PL|73124012341234000000000017|022806|Spółdzielnia|2026-0154|||"
    assert payment_code.of(POLISH).shortened and not payment_code.of(SHEET).shortened


@pytest.mark.parametrize(("letters", "codec", "mark"), [("utf-8", "utf-8", "ST00012"), ("windows-1251", "cp1251", "ST00011")])
def test_a_russian_paper_holds_kopecks_and_the_personal_account(letters, codec, mark):
    octets = on_paper(paper(RUSSIAN, letters))["QRCode"]
    first, *pairs = octets.decode(codec).split("|")
    said = dict(pair.split("=", 1) for pair in pairs)
    assert first == mark and said["Name"] == "ООО «Три кита»" and said["CorrespAcc"] == "30101810400000000225"
    assert (said["Sum"], said["PersAcc"], said["PaymPeriod"], said["PayeeINN"]) == ("22806", "4015004217", "102026", "7707083893")
    assert "октябрь 2026" in said["Purpose"] and "2026-0154" in said["Purpose"]
    # A bank that passes on the purpose alone: the payment is known by it.
    known = matching.Known.of("RU", [("personal", "4015004217", 7)])
    assert matching.match(known, (), "", said["Purpose"]).account_id == 7


@pytest.mark.parametrize(
    "given",
    [
        {"open": 0}, {"total": -500, "open": None}, {"void": True}, {"payee": {}}, {"currency": "SEK"},
        {"creditor": CREDITOR | {"country": "RU"}, "currency": "RUB", "payee": {"account": "1", "bic": "2", "bank": "3"}},
    ],
)  # fmt: skip
def test_what_is_not_to_be_paid_has_no_code(given):
    sheet = replace(SHEET, **given)
    assert payment_code.of(sheet) is None
    assert on_paper(paper(sheet)) == {}


def test_an_invoice_that_the_ledger_does_not_know_asks_for_its_total():
    assert "EUR228.06" in payment_code.of(replace(SHEET, open=None)).content


def test_a_code_beside_long_texts_and_many_lines_still_reads():
    lines = SHEET.lines * 90
    long = replace(SHEET, lines=lines, addressee={"name": "Ы" * 400, "home": "pitkä " * 300}, due=date(2026, 12, 31))
    found = on_paper(paper(long))
    assert found.keys() == {"QRCode", "Code128"}


def test_the_paper_without_a_code_is_as_it_was():
    assert on_paper(drawn(SHEET)) == {}
