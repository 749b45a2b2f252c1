"""Which code pays an invoice, and what stands in it: by country, and by what is known of payee and payer."""

from dataclasses import replace

import pytest

from resident.paying import payment_code
from resident.paying.payment_code import PaymentCode
from tests.paying.sheets import CREDITOR, ESTONIAN, FINNISH, POLISH, RUSSIAN

PURPOSE = "Rent, October 2026, 2026-0154"


def lines(sheet, purpose: str = PURPOSE) -> list[str]:
    return payment_code.of(sheet, purpose).content.split("\n")


def fields(sheet) -> list[str]:
    return payment_code.of(sheet, PURPOSE).content.split("|")


def pairs(sheet, *more) -> dict[str, str]:
    said = payment_code.of(sheet, PURPOSE, *more).content.decode("utf-8")
    return dict(pair.split("=", 1) for pair in said.split("|")[1:])


def test_in_finland_the_code_says_the_due_day_and_the_national_reference_and_has_a_barcode():
    assert payment_code.of(FINNISH, PURPOSE) == PaymentCode(
        "epc",
        "BCD\n001\n1\nSCT\nOKOYFIHH\nKoivukallion Asunnot Oy\nFI7944052020036082\nEUR228.06\n\n1234561\n\nReqdExctnDt/2026-10-15",
        "m",
        "479440520200360820002280600000000000000001234561261015",
        shortened=False,
    )


def test_what_no_barcode_can_hold_is_left_out_of_it_alone():
    """An account abroad, and a reference of letters."""
    abroad = replace(FINNISH, payee=FINNISH.payee | {"iban": "EE382200221020145685"})
    assert payment_code.of(abroad).barcode == "" and lines(abroad)[6] == "EE382200221020145685"
    lettered = replace(FINNISH, reference="RF97C2H5OH")
    assert payment_code.of(lettered).barcode == "" and lines(lettered)[9] == "RF97C2H5OH"


@pytest.mark.parametrize(
    ("sheet", "reference", "said"),
    [
        (FINNISH, "RF341234561", ["RF341234561", ""]),
        (FINNISH, "A 17", ["", "A 17"]),
        (FINNISH, "13", ["", "13"]),
        (FINNISH, None, ["", PURPOSE]),
        (ESTONIAN, "121312952", ["RF31121312952"]),
        (ESTONIAN, "13", ["RF4113"]),
        (ESTONIAN, "RF341234561", ["RF341234561"]),
        (ESTONIAN, "A 17", ["", "A 17"]),
        (ESTONIAN, None, ["", PURPOSE]),
    ],
)
def test_what_is_no_reference_is_a_message(sheet, reference, said):
    assert lines(replace(sheet, reference=reference))[9:11] == said


def test_in_estonia_the_code_ends_with_what_is_known_and_there_is_no_barcode():
    assert payment_code.of(ESTONIAN, PURPOSE) == PaymentCode(
        "epc", "BCD\n002\n1\nSCT\n\nPärnaõue 7 korteriühistu\nEE382200221020145685\nEUR228.06\n\nRF31121312952"
    )
    assert payment_code.of(replace(ESTONIAN, reference=None)).content.endswith("\nEUR228.06")


@pytest.mark.parametrize(
    ("sheet", "most"), [(FINNISH, 70), (ESTONIAN, 70), (POLISH, 20), (RUSSIAN, 160)], ids=("FI", "EE", "PL", "RU")
)
def test_whether_the_payee_s_name_had_room_is_said(sheet, most):
    for letters in (most, most + 1):
        named = replace(sheet, payee=sheet.payee | {"payee": "N" * letters})
        assert payment_code.of(named, PURPOSE).shortened == (letters > most)


@pytest.mark.parametrize("sheet", [FINNISH, ESTONIAN, POLISH, RUSSIAN], ids=("FI", "EE", "PL", "RU"))
def test_what_is_open_is_asked_for_and_nothing_where_nothing_is(sheet):
    def sum_of(**given) -> str | None:
        code = payment_code.of(replace(sheet, **given), PURPOSE)
        if code is None or isinstance(code.content, bytes):
            return code and dict(pair.split("=") for pair in code.content.decode().split("|")[1:])["Sum"].zfill(6)
        return code.content.split("\n")[7][3:].replace(".", "").zfill(6) if code.scheme == "epc" else code.content.split("|")[3]

    assert (sum_of(), sum_of(open=None), sum_of(open=1)) == ("022806", "022806", "000001")
    assert sum_of(open=0) is sum_of(open=-1) is sum_of(void=True) is sum_of(total=0, open=None) is sum_of(currency="SEK") is None


@pytest.mark.parametrize("sheet", [FINNISH, ESTONIAN, POLISH, RUSSIAN], ids=("FI", "EE", "PL", "RU"))
def test_what_was_typed_for_an_account_and_is_none_makes_no_code(sheet):
    for payee in ({}, {"account": "1"}, {"iban": ""}):
        assert payment_code.of(replace(sheet, payee=payee, reference="x")) is None


def test_the_creditor_is_the_payee_where_nobody_else_is_named():
    unnamed = [replace(sheet, payee=sheet.payee | {"payee": ""}) for sheet in (FINNISH, POLISH, RUSSIAN)]
    assert lines(unnamed[0])[5] == "Koivukallion Asunnot"
    assert fields(unnamed[1])[4] == "Koivukallion Asunnot"
    assert pairs(unnamed[2])["Name"] == "Koivukallion Asunnot"


def test_in_poland_the_payer_s_own_account_number_is_the_account():
    assert payment_code.of(POLISH, PURPOSE) == PaymentCode(
        "zbp", "5261040828|PL|73124012341234000000000017|022806|Spółdzielnia|2026-0154|||", "l", shortened=True
    )
    shared = replace(POLISH, reference="1001")
    assert fields(shared)[2] == "92124012340001567890123456"
    assert fields(replace(POLISH, reference=None))[2] == "92124012340001567890123456"
    for code in (None, "526-10-40-829"):
        assert fields(replace(POLISH, creditor=POLISH.creditor | {"registry_code": code}))[0] == ""


@pytest.mark.parametrize(
    ("sheet", "payee", "said"),
    [
        (FINNISH, {"iban": "FI7944052020036082", "account": "9"}, ("iban", "FI7944052020036082")),
        (FINNISH, {"account": "9"}, ("account", "9")),
        (FINNISH, {}, ("", "")),
        (replace(FINNISH, reference="73124012341234000000000017"), {"account": "9"}, ("account", "9")),
        (POLISH, {"iban": "PL1"}, ("account", "73124012341234000000000017")),
        (replace(POLISH, reference=None), {"iban": "PL1"}, ("iban", "PL1")),
    ],
)
def test_where_an_invoice_is_paid_to(sheet, payee, said):
    assert payment_code.account(replace(sheet, payee=payee)) == said


def test_in_russia_the_code_says_all_that_the_bank_and_the_accountant_ask_for():
    assert payment_code.of(RUSSIAN, PURPOSE) == PaymentCode(
        "st00012",
        (
            "ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО «БАНК»|BIC=044525225"
            f"|CorrespAcc=30101810400000000225|Sum=22806|Purpose={PURPOSE}, л/с 4015004217|PayeeINN=7707083893|PersAcc=4015004217"
            "|PayerAddress=ул. Кедровая, д. 15, кв. 42|PaymPeriod=102026|TechCode=02"
        ).encode(),
    )
    assert payment_code.of(RUSSIAN, PURPOSE, "windows-1251").content.startswith(b"ST00011|Name=")
    assert "|Purpose=л/с 4015004217|" in payment_code.of(RUSSIAN).content.decode()


def test_what_is_not_known_in_russia_is_left_out():
    payee = {name: value for name, value in RUSSIAN.payee.items() if name != "corresp"}
    bare = replace(
        RUSSIAN, payee=payee, reference=None, addressee={"name": "Наталья"}, creditor=RUSSIAN.creditor | {"registry_code": None}
    )
    said = pairs(bare)
    assert (said["CorrespAcc"], said["PersAcc"]) == ("0", "1001") and not {"PayeeINN", "PayerAddress"} & said.keys()
    assert "PayeeINN" not in pairs(replace(RUSSIAN, creditor=RUSSIAN.creditor | {"registry_code": "7707083894"}))
    for wanted in ("bank", "bic", "account"):
        assert payment_code.of(replace(RUSSIAN, payee={**RUSSIAN.payee, wanted: ""})) is None
        assert (
            payment_code.of(replace(RUSSIAN, payee={name: value for name, value in RUSSIAN.payee.items() if name != wanted}))
            is None
        )


def test_a_long_purpose_is_cut_to_210_letters():
    assert len(pairs(replace(RUSSIAN, number="1"), "utf-8")["Purpose"]) == len(PURPOSE) + len(", л/с 4015004217")
    long = payment_code.of(RUSSIAN, "x" * 300).content.decode()
    assert f"|Purpose={'x' * (210 - len(', л/с 4015004217'))}, л/с 4015004217|" in long


def test_a_creditor_s_country_decides():
    assert {payment_code.of(sheet, PURPOSE).scheme for sheet in (POLISH, RUSSIAN, FINNISH)} == {"zbp", "st00012", "epc"}
    # Finland's due day is not said to Estonia's banks.
    assert len(lines(replace(FINNISH, creditor=CREDITOR | {"country": "EE"}))) == 10
