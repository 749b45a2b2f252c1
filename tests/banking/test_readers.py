"""Banks' files, format by format: what they say, and why broken ones are refused whole."""

from datetime import date

import pytest

from resident.banking import camt as camt_reader
from resident.banking import csv_mapping, mt940, payment_csv, recognising
from resident.banking.csv_mapping import CsvMapping, amount
from resident.banking.recognising import CsvKind
from resident.banking.statement import FileRefused, Told
from tests.banking import files
from tests.banking.files import camt, entry, one_c, svm


@pytest.fixture
def read(tmp_path):
    """read(content) gives (movements, told)."""

    def reading(content: bytes | str, *kinds, encoding="utf-8"):
        path = tmp_path / "a file of any name"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        told = Told()
        return list(recognising.reader_of(path, kinds)(path, told)), told

    return reading


def refusal(read, content, *kinds, **given) -> dict:
    with pytest.raises(FileRefused) as refused:
        read(content, *kinds, **given)
    return refused.value.facts


# ---- camt ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["02", "04", "06", "08"])
@pytest.mark.parametrize("message", ["053", "054"])
def test_camt_of_every_version(read, message, version):
    one = entry("650.5", reference="1009", payer="Aino Virta", payer_account="FI2112345600000785", version=version, ref="A1")
    (movement,), told = read(camt([one], message=message, version=version))
    assert (movement.amount, movement.references, movement.payer) == (65050, ("1009",), "Aino Virta")
    assert (movement.value_day, movement.booked_day) == (date(2026, 11, 3), date(2026, 11, 4))
    assert (movement.account, movement.currency, movement.entry) == (files.IBAN, "EUR", "A1")
    assert movement.payer_account == "FI2112345600000785" and told.format == f"camt.{message}"


def test_an_entry_of_several_payments_is_taken_apart_and_must_add_up(read):
    parts = [("564.05", "1009"), ("100.00", "1012")]
    movements, _ = read(camt([entry("664.05", parts=parts, ref="B1")]))
    assert [(one.amount, one.references, one.entry) for one in movements] == [(56405, ("1009",), "B1"), (10000, ("1012",), "B1")]
    facts = refusal(read, camt([entry("664.06", parts=parts)]))
    assert (facts["why"], facts["is_"], facts["should"]) == ("parts", 66405, 66406) and facts["line"] > 1


def test_an_entry_may_have_any_number_of_payments_but_not_a_stretch_without_any(read, monkeypatch):
    monkeypatch.setattr(camt_reader, "_STRETCH", 100_000)
    movements, _ = read(camt([entry("900", parts=[("1", "1009")] * 900)]))
    assert sum(one.amount for one in movements) == 90000 and len(movements) == 900
    assert refusal(read, camt([entry("1", text="<b/>" * 40_000)]))["why"] == "broken"


def test_what_waits_and_what_goes_out_is_no_payment_in(read):
    entries = [entry("10", status="PDNG"), entry("20", side="DBIT"), entry("30")]
    movements, told = read(camt(entries, booked=["20:DBIT", "30"]))
    assert [one.amount for one in movements] == [3000] and (told.pending, told.outgoing) == (1, 1)


def test_a_reversed_payment_is_below_zero(read):
    movements, _ = read(camt([entry("30", side="DBIT", reversal=True)]))
    assert [(one.amount, one.kind) for one in movements] == [(-3000, "reversal")]


def test_a_batch_without_its_payments_is_told_as_one(read):
    (movement,), _ = read(camt([entry("664.05", batch=2)]))
    assert (movement.kind, movement.amount) == ("batch", 66405)


def test_a_reference_in_the_text_stays_text_and_credit_notes_change_nothing(read):
    noted = "<Strd><RfrdDocAmt><RmtdAmt Ccy='EUR'>900</RmtdAmt></RfrdDocAmt><CdtrRefInf><Ref>1009</Ref></CdtrRefInf></Strd>"
    noted += "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>0077</Nb></RfrdDocInf></Strd>"
    (free, strict), _ = read(camt([entry("12", text="rent 1009"), entry("700", remittance=noted)]))
    assert (free.references, free.text) == ((), "rent 1009") and (strict.amount, strict.references) == (70000, ("1009",))


def test_balances_and_sums_of_a_statement_are_proved(read):
    facts = refusal(read, camt([entry("30")], closing="129.99"))
    assert (facts["why"], facts["is_"], facts["should"]) == ("balance", 13000, 12999)
    facts = refusal(read, camt([entry("30")], count=2))
    assert (facts["why"], facts["is_"], facts["should"]) == ("count", 1, 2)
    assert read(camt([entry("30")], count=1))[1].proved >= 2


def test_another_currency_is_refused(read):
    assert refusal(read, camt([entry("30", currency="SEK")]))["why"] == "currency"


def test_an_amount_finer_than_a_cent_is_refused(read):
    assert refusal(read, camt([entry("30.005")]))["why"] == "amount"


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(read, trick):
    content = camt([entry("30", text="&b;" if "b" in trick and "SYSTEM" not in trick else "&x;" if "x SYS" in trick else "t")])
    assert refusal(read, content.replace("<Document", trick + "<Document", 1))["why"] in ("doctype", "broken")


def test_a_broken_file_is_refused_with_its_line(read):
    content = camt([entry("30")] * 3)
    facts = refusal(read, content[: len(content) // 2])
    assert facts["why"] == "broken" and facts["line"] > 1
    assert refusal(read, "<html><body>Sign in</body></html>")["why"] == "kind"
    assert refusal(read, "no file of a bank at all")["why"] == "kind"
    assert refusal(read, b"")["why"] == "empty"


CHARGE = "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>2.00</TtlChrgsAndTaxAmt></Chrgs>"


def charged(entry_text: str, where: str) -> str:
    return entry_text.replace(f"<{where}>", f"{CHARGE}<{where}>" if where == "NtryDtls" else f"<{where}>{CHARGE}")


@pytest.mark.parametrize(
    "content",
    [
        charged(entry("98", parts=[("100", "1234561")]), "TxDtls"),
        charged(entry("98", parts=[("60", "1234561"), ("40", "11112")]), "NtryDtls"),
    ],
)
def test_what_the_payees_bank_kept_of_a_payment_was_paid_too(read, content):
    movements, told = read(camt([content], version="06"))
    assert (sum(one.amount for one in movements), told.proved) == (10000, 1)
    # Another difference than the charges is one.
    assert refusal(read, camt([content.replace(">98<", ">97<")], version="06"))["why"] == "parts"


def test_a_payment_that_goes_back_is_known_without_the_word_reversal(read):
    debit = entry("50", reference="1234561", side="DBIT", end="E1", version="08")
    returned = debit.replace("<RmtInf>", "<RtrInf><Rsn><Cd>FOCR</Cd></Rsn></RtrInf><RmtInf>")
    unpaid = debit.replace(
        "<NtryDtls>",
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>",
    )
    for content in (returned, unpaid):
        (movement,), _ = read(camt([content], version="08"))
        assert (movement.kind, movement.amount, movement.end_to_end) == ("reversal", -5000, "E1")
    movements, told = read(camt([debit], version="08"))
    assert movements == [] and told.outgoing == 1


# ---- Finnish reference payments --------------------------------------------------------------------------------------


def test_reference_payments_and_their_summary(read):
    content = svm([("13013", 4900, "0"), ("1009", 100, "1")])
    movements, told = read(content, encoding="iso-8859-1")
    assert [(one.amount, one.references, one.kind) for one in movements] == [
        (4900, ("13013",), "credit"),
        (-100, ("1009",), "reversal"),
    ]
    assert movements[0].account == files.BBAN and told.proved == 4


@pytest.mark.parametrize(("field", "why"), [("count", "count"), ("sum", "sum"), ("corrections", "sum")])
def test_a_wrong_summary_is_refused_with_the_difference(read, field, why):
    facts = refusal(read, svm([("13013", 4900, "0"), ("1009", 100, "1")], **{field: 7}))
    assert facts["why"] == why and facts["should"] == 7 and facts["is_"] != 7


def test_reference_payments_without_a_summary_were_cut_off(read):
    assert refusal(read, svm([("13013", 4900, "0")]).rsplit("\n", 2)[0])["why"] == "field"


# ---- MT940 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "cp852"])
def test_mt940_in_every_encoding(read, encoding):
    movements, told = read(files.mt940([files.LABELLED]), encoding=encoding)
    (one,) = movements
    assert (one.amount, one.virtual, one.own) == (45010, "XX000000000017", "MB26110300")
    assert (one.payer, one.text) == ("JÓZEFA ŁĄCKA UL. NIJAKA 1", "CZYNSZ")
    assert one.payer_account == "56114010810000267002001001" and told.accounts == {"PL29114010810000267002001002": "PLN"}


def test_mt940_with_subfields(read):
    details = "020~00PRZELEW~20CZYNSZ 73124012341234000000~21000017 LOKAL 17~31000000000000~32JAN~33NOWAK"
    (one,), _ = read(files.mt940([f"{details}~38PL61109010140000071219812874"]))
    assert one.text == "CZYNSZ 73124012341234000000000017 LOKAL 17"
    assert (one.payer, one.payer_account) == ("JAN NOWAK", "PL61109010140000071219812874")


def test_mt940_that_does_not_balance_is_refused(read):
    facts = refusal(read, files.mt940([files.LABELLED], closing="450,11"))
    assert (facts["why"], facts["is_"], facts["should"]) == ("balance", 45010, 45011)


def test_mt940_that_ends_early_is_refused(read):
    assert refusal(read, files.mt940([files.LABELLED]).split(":62F:")[0])["why"] == "field"


# ---- 1C --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "word"), [("cp1251", "Windows"), ("cp866", "DOS"), ("utf-8", "Windows")])
def test_1c_in_every_encoding(read, encoding, word):
    movements, told = read(one_c([("4321", "л/с 0100123 за ноябрь")], word=word), encoding=encoding)
    (one,) = movements
    assert (one.amount, one.account, one.text) == (123450, files.RU, "л/с 0100123 за ноябрь")
    assert (one.value_day, one.payer) == (date(2026, 11, 4), "Иванова А. А.") and told.outgoing == 1


def test_1c_turnover_that_does_not_fit_is_refused(read):
    facts = refusal(read, one_c([("1", "a"), ("2", "b")], received="0.00"), encoding="cp1251")
    assert (facts["why"], facts["is_"], facts["should"], facts["account"]) == ("turnover", 246900, 0, files.RU)


def test_1c_that_ends_early_is_refused(read):
    assert refusal(read, one_c([("1", "a")]).replace("КонецФайла", ""), encoding="cp1251")["why"] == "field"


def described(text: str) -> tuple:
    facts = mt940.described(text)
    return facts["text"], facts["payer"], facts["payer_account"]


VIRTUAL, PAYER = "73124012341234000000000017", "PL61109010140000071219812874"


@pytest.mark.parametrize(
    "details",
    [
        f"020\n~00PRZELEW~20CZYNSZ~21{VIRTUAL}~32JAN~38{PAYER}",
        f" 020^00WPLATA^34^20CZYNSZ^21 {VIRTUAL}^32JAN^38{PAYER}",
        f"~00WPLATA~20CZYNSZ~21{VIRTUAL}~32JAN~38{PAYER}",
        f"S034<00WPLATA<20CZYNSZ<21{VIRTUAL}<32JAN<38{PAYER}",
        f"/TXT/D~PRZELEW/EREF/E2E-7/ORDP//NAME/JAN/ACC/{PAYER[:9]}\n{PAYER[9:]}/REMI/CZYNSZ {VIRTUAL}",
    ],
)
def test_field_86_in_the_shapes_of_polish_banks(details):
    assert described(details) == (f"CZYNSZ {VIRTUAL}", "JAN", PAYER)


def test_text_files_in_utf_16_and_letters_that_are_not_those_that_a_file_names(read):
    statement = files.mt940(["020~20Łódź"])
    assert read(statement, encoding="utf-16")[0][0].text == "Łódź"
    for encoding, word in (("utf-16", "Windows"), ("cp866", "Windows"), ("cp1251", "DOS")):
        movements, _ = read(one_c([("5", "Квартплата л/с 0100123")], word=word), encoding=encoding)
        assert movements[0].text == "Квартплата л/с 0100123", encoding


def test_reference_payments_whose_blanks_were_cut_off_or_whose_letters_were_changed(read):
    content = svm([("1234561", 4900, "0")])
    head, payment, summary = content.splitlines()
    cut = payment[:87].replace("VIRTA A     ", "HÄMÄLÄINEN A")
    for encoding in ("iso-8859-1", "utf-8", "utf-8-sig"):
        movements, told = read("\r\n".join([head, cut, summary.rstrip(), ""]), encoding=encoding)
        assert [(one.amount, one.payer) for one in movements] == [(4900, "HÄMÄLÄINEN A")]
    assert refusal(read, "\r\n".join([head, cut[:86], summary]))["why"] == "field"


# ---- CSV -------------------------------------------------------------------------------------------------------------

HEADING = ("Дата", "Л/с", "Сумма", "Плательщик")
KIND = CsvKind(
    1,
    CsvMapping(encoding="cp1251", heading=HEADING, day=0, account=1, amount=2, payer=3, foot="=", foot_count=1, foot_sum=2),
    files.RU,
)


def csv(*lines, foot="=;2;1 300,50;") -> str:
    return "\r\n".join([";".join(HEADING), *(lines or ("04.11.2026;0100123;1 200,50;И", "05.11.2026;0100124;100;И")), foot, ""])


def test_a_csv_by_its_heading(read):
    movements, told = read(csv(), KIND, encoding="cp1251")
    assert [(one.amount, one.references, one.value_day.day) for one in movements] == [
        (120050, ("0100123",), 4),
        (10000, ("0100124",), 5),
    ]
    assert told.proved == 2 and told.accounts == {files.RU: ""}


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (csv("04.11.2026;1;12.50;И"), "amount", 2),
        (csv("31.02.2026;1;12,50;И"), "day", 2),
        (csv("04.11.2026;1"), "columns", 2),
        (csv(foot="=;3;1300,50;"), "count", 4),
        (csv(foot="=;2;1300,51;"), "sum", 4),
        (csv(foot=""), "field", None),
    ],
)
def test_a_csv_that_is_not_as_agreed_is_refused_with_its_line(read, content, why, line):
    facts = refusal(read, content, KIND, encoding="cp1251")
    assert (facts["why"], facts.get("line")) == (why, line)


def test_an_amount_is_read_as_agreed_or_not_at_all():
    assert [amount(text, "comma") for text in ("12,5", "1 234,50", "1.234,50", "-3", "12.5", "1,234.50", "")] == [
        1250, 123450, 123450, -300, None, None, None,
    ]  # fmt: skip
    assert [amount(text, "point") for text in ("12.5", "1,234.50", "12,5", "1.234,50")] == [1250, 123450, None, None]
    assert [amount(text, "minor") for text in ("1250", "12,50")] == [1250, None]


def test_an_amount_may_bear_its_sign_at_either_end_and_its_currency():
    assert [amount(text, "comma") for text in ("20,00-", "100,00+", "(5,00)", "\u2212 12,00", "-12,50 PLN", "12,50 zł", "7 €")] == [
        -2000, 10000, -500, -1200, -1250, 1250, 700,
    ]  # fmt: skip
    assert [amount(text, "comma") for text in ("-5,00-", "(-5,00)", "(5,00", "5,00)", "5-00", "PLN", "1,2,3", "--5")] == [None] * 8


def mapped(tmp_path, content: str, **given) -> tuple[list, Told]:
    path, told = tmp_path / "a.csv", Told()
    path.write_text(content)
    return list(payment_csv.read(path, told, csv_mapping.checked(CsvMapping(**given)), "OWN")), told


TWO = "Data;Opis;Obciążenia;Uznania;Saldo\n"
TWO_COLUMNS = {"day": 0, "text": 1, "out": 2, "amount": 3, "balance": 4, "order": "ymd"}


@pytest.mark.parametrize("rows", [1, -1])
def test_what_went_out_may_have_a_column_of_its_own_and_balances_hold_in_either_order(tmp_path, rows):
    lines = ["2026-11-03;CZYNSZ 17;;1 250,00;2 250,00", "2026-11-04;OPŁATA;-12,50;;2 237,50", "2026-11-05;X;0,00;10,00;2 247,50"]
    movements, told = mapped(tmp_path, TWO + "\n".join(lines[::rows]), **TWO_COLUMNS)
    assert sorted(one.amount for one in movements) == [1000, 125000]
    assert (told.outgoing, told.proved) == (1, 1)
    lines[2] = lines[2].replace("247,50", "248,50")
    with pytest.raises(FileRefused) as refused:
        mapped(tmp_path, TWO + "\n".join(lines[::rows]), **TWO_COLUMNS)
    assert refused.value.facts["why"] == "balance"


SWEDBANK = '"Konto";"Reatüüp";"Kuupäev";"Selgitus";"Summa";"Valuuta";"D/K";"Viitenumber"\n'
SIDES = {"own": 0, "row": 1, "row_is": "20", "day": 2, "text": 3, "amount": 4, "currency": 5, "side": 6, "side_is": "K"}


def test_amounts_without_a_sign_and_rows_that_are_no_payments(tmp_path):
    content = (
        SWEDBANK
        + '"EE38";"10";"01.11.2026";"Algsaldo";"100,00";"EUR";"K";""\n"EE38";"20";"03.11.2026";"Korter 18;\nüür";"195,86";"EUR";'
        + '"K";"7000 2601"\n"EE38";"20";"04.11.2026";"Elekter";"50,00";"EUR";"D";""\n'
    )
    movements, told = mapped(tmp_path, content, **SIDES)
    assert [(one.line, one.amount, one.currency, one.text) for one in movements] == [(3, 19586, "EUR", "Korter 18; üür")]
    assert told.outgoing == 1


@pytest.mark.parametrize(
    "rows",
    [
        '3.11.2026;1,00;"putki;A\n4.11.2026;2,00;x;B\n',
        '3.11.2026;1,00;"putki;A\n4.11.2026;2,00;x;B\n5.11.2026;3,00;y";C\n',
        '3.11.2026;1,00;"putki;A\n5.11.2026;3,00;y";C\n',
    ],
)
def test_a_stray_quote_swallows_no_payment(tmp_path, rows):
    with pytest.raises(FileRefused) as refused:
        mapped(tmp_path, "Pvm;Summa;Viesti;Maksaja\n" + rows, day=0, amount=1, text=2, payer=3)
    assert (refused.value.facts["why"], refused.value.facts["line"]) == ("columns", 2)


def test_a_mark_without_its_column_is_no_mapping():
    for part, given in (("side_is", {"side": 3}), ("side_is", {"side_is": "K"}), ("row_is", {"row": 3})):
        with pytest.raises(csv_mapping.BadMapping) as bad:
            csv_mapping.checked(CsvMapping(**given))
        assert bad.value.facts["part"] == part
