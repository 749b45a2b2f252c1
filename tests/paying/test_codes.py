"""The published vectors of payment codes (standards 2), and what each refuses."""

from datetime import date

import pytest

from resident.paying import bank_barcode, epc, fitting, st00012, zbp

SAMPLE = {"name": "Asiakas T. Meikäläinen", "iban": "FI79 4405 2020 0360 82", "bic": "OKOYFIHH"}


def test_the_sample_of_finance_finland():
    said = epc.text(**SAMPLE, amount=15824, reference="RF07663321328510", due=date(2014, 1, 22))
    assert said == (
        "BCD\n001\n1\nSCT\nOKOYFIHH\nAsiakas T. Meikäläinen\nFI7944052020036082\nEUR158.24\n\nRF07663321328510\n\n"
        "ReqdExctnDt/2014-01-22"
    )


def test_a_code_of_the_second_version_ends_with_what_is_known():
    """As an independent library writes it, with both decimals of the sum."""
    said = epc.text(
        "Franz Mustermänn", "DE71110220330123456789", 1230, bic="BHBLDEHHXXX", purpose="GDDS", reference="RF18539007547034",
        version="002",
    )  # fmt: skip
    assert said == ("BCD\n002\n1\nSCT\nBHBLDEHHXXX\nFranz Mustermänn\nDE71110220330123456789\nEUR12.30\nGDDS\nRF18539007547034")


SUM = "amount, or a reference and a message"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"amount": 0}, SUM), ({"amount": -1}, SUM), ({"amount": 10**11}, SUM),
        ({"amount": 1, "reference": "13", "message": "both"}, SUM), ({"amount": 1, "version": "001", "bic": ""}, "bic"),
    ],
)  # fmt: skip
def test_what_is_no_european_code(given, why):
    with pytest.raises(ValueError, match=f"^{why}$"):
        epc.text(**{**SAMPLE, **given})


def test_a_european_code_says_no_more_than_it_is_told():
    assert epc.text("Asunto Oy", SAMPLE["iban"], 99_999_999_999) == (
        "BCD\n002\n1\nSCT\n\nAsunto Oy\nFI7944052020036082\nEUR999999999.99"
    )
    assert epc.text("Asunto Oy", SAMPLE["iban"], 1, message="X ").endswith("\nEUR0.01\n\n\nX")
    assert epc.text("Asunto Oy", SAMPLE["iban"], 1, purpose="GDDSX").endswith("\nGDDS")
    message = epc.text("Asunto Oy", SAMPLE["iban"], 1, message="m" * 141).split("\n")[10]
    assert message == "m" * 140


def test_a_european_code_has_room_for_331_octets_and_a_name_of_70_letters():
    def octets(amount: int) -> str:
        return epc.text("Ж" * 70, SAMPLE["iban"], amount, message="Щ" * 71)

    assert len(octets(1_000_000).encode()) == epc.LONGEST == 331
    with pytest.raises(ValueError, match="^long$"):
        octets(10_000_000)
    assert epc.text("N" * 71, SAMPLE["iban"], 1).split("\n")[5] == "N" * 70
    long = epc.text("Asunto Oy " * 10, SAMPLE["iban"], 1).split("\n")[5]
    assert long == "Asunto Oy Asunto Oy Asunto Oy Asunto Oy Asunto Oy Asunto Oy Asunto Oy"


@pytest.mark.parametrize(
    ("iban", "amount", "reference", "due", "digits"),
    [
        ("FI3715903000000776", 110, "RF9811112", date(2017, 1, 1), "537159030000007760000011098000000000000000011112170101"),
        ("FI0250004640001302", 69380, "69875672083435364", date(2011, 7, 24),
         "402500046400013020006938000000069875672083435364110724"),
        ("FI1566010001530641", 744454, "7758474790647489", date(2019, 12, 19),
         "415660100015306410074445400000007758474790647489191219"),
        ("FI0250004640001302", 69380, "RF61698756720839", date(2011, 7, 24),
         "502500046400013020006938061000000000698756720839110724"),
        ("FI37 1590 3000 0007 76", None, "11112", None, "437159030000007760000000000000000000000000011112000000"),
        ("FI3715903000000776", 100_000_000, "1 1112", None, "437159030000007760000000000000000000000000011112000000"),
        ("FI3715903000000776", 99_999_999, "11112", None, "437159030000007769999999900000000000000000011112000000"),
        ("FI3715903000000776", 1, "0001 1112", None, "437159030000007760000000100000000000000000011112000000"),
        ("FI3715903000000776", 1, "0" * 20 + "11112", None, "437159030000007760000000100000000000000000011112000000"),
        ("FI3715903000000776", 0, "1070", None, "437159030000007760000000000000000000000000001070000000"),
        ("FI3715903000000776", -5, "RF741", None, "537159030000007760000000074000000000000000000001000000"),
    ],
)  # fmt: skip
def test_published_bank_barcodes(iban, amount, reference, due, digits):
    assert bank_barcode.digits(iban, amount, reference, due) == digits


@pytest.mark.parametrize(
    ("iban", "reference", "why"),
    [
        ("FI3715903000000777", "11112", "iban"), ("EE382200221020145685", "11112", "iban"),
        ("FI3715903000000776", "11113", "reference"), ("FI3715903000000776", "RF97C2H5OH", "reference"),
        ("FI3715903000000776", "RF35123ABCZ", "reference"), ("FI3715903000000776", "RF68A1", "reference"),
        ("FI3715903000000776", "", "reference"), ("FI3715903000000776", "123", "reference"),
    ],
)  # fmt: skip
def test_what_has_no_bank_barcode(iban, reference, why):
    with pytest.raises(ValueError, match=f"^{why}$"):
        bank_barcode.digits(iban, 100, reference)


ACCOUNT = "92124012340001567890123456"


@pytest.mark.parametrize(
    ("nip", "amount", "title", "said"),
    [
        ("123-456-78-90", 1200, "FV 1234/34/2012", f"1234567890|PL|{ACCOUNT}|001200|Odbiorca 1|FV 1234/34/2012|||"),
        ("1234567890", 0, "FV 1234/34/2012", f"1234567890|PL|{ACCOUNT}|000000|Odbiorca 1|FV 1234/34/2012|||"),
        ("", 1200, "Przelew ekspress", f"|PL|{ACCOUNT}|001200|Odbiorca 1|Przelew ekspress|||"),
    ],
)
def test_the_vectors_of_the_polish_recommendation(nip, amount, title, said):
    assert zbp.text(ACCOUNT, amount, "Odbiorca 1", title, nip=nip) == said


def test_a_polish_code_cuts_between_words_and_holds_no_sign_of_its_own_in_a_value():
    fields = zbp.text(f"PL {ACCOUNT}", 123_456_789, "Spółdzielnia Mieszkaniowa | Nad Strugą", "a|b " * 20).split("|")
    assert len(fields) == 9 and fields[3:6] == ["123456789", "Spółdzielnia", "a b a b a b a b a b a b a b a b"]
    assert zbp.text(ACCOUNT, 1, "X", "Y", reserve=("r" * 21, "", "s" * 25)).endswith(f"|{'r' * 20}||{'s' * 24}")


@pytest.mark.parametrize(
    ("account", "amount", "nip"), [("93124012340001567890123456", 1, ""), (ACCOUNT, -1, ""), (ACCOUNT, 1, "123456789")]
)
def test_what_is_no_polish_code(account, amount, nip):
    with pytest.raises(ValueError, match="^account, amount or nip$"):
        zbp.text(account, amount, "X", "Y", nip=nip)


PAYEE = {
    "Name": "ООО «Три кита»", "PersonalAcc": "40702810138250123017", "BankName": 'ОАО "БАНК"', "BIC": "044525225",
    "CorrespAcc": "30101810965770000413",
}  # fmt: skip


def test_the_published_russian_codes():
    assert st00012.octets(PAYEE).decode() == (
        'ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО "БАНК"|BIC=044525225'
        "|CorrespAcc=30101810965770000413"
    )
    known = st00012.octets(
        PAYEE | {"CorrespAcc": "30101810400000000225"}, {"Sum": 125000, "LastName": "Herrmann", "FirstName": "Raffael"}
    )
    assert known.decode().endswith("|CorrespAcc=30101810400000000225|Sum=125000|LastName=Herrmann|FirstName=Raffael")


def test_a_russian_code_takes_another_sign_when_a_value_holds_the_usual_one():
    assert st00012.octets(PAYEE | {"BankName": 'ОАО | "БАНК"', "CorrespAcc": "30101810400000000225"}).decode() == (
        'ST00012#Name=ООО «Три кита»#PersonalAcc=40702810138250123017#BankName=ОАО | "БАНК"#BIC=044525225'
        "#CorrespAcc=30101810400000000225"
    )
    assert st00012.octets(PAYEE, {"Purpose": "#|~"}).startswith(b"ST00012^Name=")


def test_a_russian_code_in_windows_1251_and_what_that_does_not_hold():
    octets = st00012.octets(PAYEE, letters="windows-1251")
    assert octets.startswith(b"ST00011|Name=") and "«Три кита»" in octets.decode("cp1251")
    assert st00012.octets(PAYEE, {"Purpose": "Ąžuolas"}, letters="windows-1251").startswith(b"ST00012|")


def test_a_russian_code_wants_an_account_that_fits_its_bank_and_keeps_what_is_mandatory_to_300_octets():
    for wrong, why in (
        ({"PersonalAcc": "40702810238250123017"}, "PersonalAcc"), ({"BIC": "044525226"}, "PersonalAcc"), ({"Name": ""}, "Name"),
        ({"BankName": ""}, "BankName"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"^{why}$"):
            st00012.octets(PAYEE | wrong)
    long = st00012.octets(PAYEE | {"Name": "Товарищество собственников жилья «Берёзовая роща на Кедровой» " * 3, "CorrespAcc": ""})
    said = dict(pair.split("=") for pair in long.decode().split("|")[1:])
    assert len(long) <= 308 and said["CorrespAcc"] == "0" and said["Name"].startswith("Товарищество собственников жилья")


def named(name: str, bank: str) -> str:
    """The payee's name as a code says it, beside a bank's."""
    said = st00012.octets(PAYEE | {"Name": name, "BankName": bank}).decode()
    return said.split("|")[1].removeprefix("Name=")


def test_a_russian_name_gives_way_to_300_octets_and_not_one_more():
    # Beside a bank of 90 octets there is room for 116.
    assert named("N" * 116, "Б" * 45) == named("N" * 117, "Б" * 45) == "N" * 116
    # And for 40 and 39 beside letters that no bank's name has; less than twenty letters are nobody's name.
    assert named("Я" * 30, "𝔅" * 41 + "bb") == "Я" * 20
    with pytest.raises(ValueError, match="^Name$"):
        named("Я" * 30, "𝔅" * 41 + "bbb")


def test_what_is_not_said_is_left_out_of_a_russian_code_and_a_long_text_is_cut():
    said = st00012.octets(PAYEE, {"Sum": 0, "PayeeINN": "", "Purpose": "x" * 1001, "PersAcc": None}).decode()
    assert said.endswith(f"|CorrespAcc=30101810965770000413|Sum=0|Purpose={'x' * 1000}")
    # Half a letter, as a broken file brings one, is in no alphabet.
    for letters in st00012.LETTERS:
        with pytest.raises(ValueError, match="^letters$"):
            st00012.octets(PAYEE, {"Purpose": "\ud800"}, letters)


def test_what_no_sign_divides_is_no_russian_code():
    with pytest.raises(ValueError, match="^no sign divides these values$"):
        st00012.octets(PAYEE, {"Purpose": "a|b#c~d^e;f*g_h"})


def test_texts_are_cut_between_words():
    assert [fitting.fitted(text, 3) for text in ("abc", "abcd", "a bcd", "ab cd", " a  b")] == ["abc", "abc", "a", "ab", "a b"]
    assert fitting.fitted("abcde fg", 4) == "abcd"
    assert fitting.fitted("one  two three", 7) == "one two" and fitting.fitted("abcdefgh", 3) == "abc"
    assert fitting.fits(" one  two ", 7) and not fitting.fits("one two three", 7)
