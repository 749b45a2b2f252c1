"""The PDF: read back with pypdf, in six languages, with long, many and hostile texts."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from blueprints import _invoice_words as invoice_words
from blueprints._locale import words
from resident import clock
from resident import format as formats
from resident.db import SCALE
from resident.money import invoice_pdf
from resident.money.sheet import Counted, Line, Sheet
from tests.invoices import books

LANGUAGES = ("fi", "sv", "et", "pl", "ru", "en")
RENT = Line("Vastike 54,3 m²", 54_300_000, "m²", 4_200_000, 22806, None, False)
SHEET = Sheet(
    id=1, number="2026-0154", kind="period", month="2026-10", issued=date(2026, 10, 1), due=date(2026, 10, 15), total=22806,
    currency="EUR", language="fi", addressee={"name": "Żaneta Öövel-Ёлкина", "home": "Pärnaõue 7–18"}, reference="1234561",
    estimated=False, void=False, account_id=1, account="1001",
    creditor={
        "id": 1, "name": "Koivukallion Asunnot", "country": "FI", "registry_code": "1234567-8", "address": None, "phone": None,
        "email": None, "languages": "fi sv",
    },
    payee={"payee": "Koivukallion Asunnot Oy", "iban": "FI7944052020036082", "bic": "OKOYFIHH"}, open=22806,
    last_day=date(2026, 10, 15), paid_on=None, lines=(RENT,),
)  # fmt: skip


def drawn(sheet: Sheet, language: str = "en") -> bytes:
    of = words(language)
    said = invoice_words.paper_words(sheet, of)
    return invoice_pdf.draw([invoice_pdf.laid_out(sheet, said, formats.of(language), invoice_words.remarks(sheet, {}, of))])


def read(octets: bytes) -> list[str]:
    """The text of each page, with plain spaces."""
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(BytesIO(octets)).pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_reads_back_in_every_language(language):
    sheet = replace(
        SHEET,
        language=language,
        lines=(RENT, Line("Горячая вода · Śmieci · Küte", 3_800_000, "м³", 196_500_000, 74670, None, True)),
    )
    fmt = formats.of(language)
    (text,) = read(drawn(sheet, language))
    for shown in (
        "Żaneta Öövel-Ёлкина",
        "Pärnaõue 7–18",
        "2026-0154",
        "FI79 4405 2020 0360 82",
        "12 34561",
        "Горячая вода · Śmieci · Küte",
    ):
        assert shown in text, shown
    assert fmt.money(22806, "EUR").replace("\u00a0", " ") in text and fmt.date(date(2026, 10, 15)) in text
    assert invoice_words.title("period", "2026-10", words(language)).replace("\u00a0", " ") in text


def test_papers_drawn_at_once_do_not_spoil_each_other():
    sheets = [replace(SHEET, number=str(n), lines=(replace(RENT, text="Żółć ёлка äö Щ"[n:]),)) for n in range(12)]
    alone, pause = [drawn(sheet) for sheet in sheets], sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(drawn, sheets * 6)) == alone * 6
    finally:
        sys.setswitchinterval(pause)


def test_it_is_the_same_octets_each_time_and_holds_nothing_that_acts():
    octets = drawn(SHEET)
    assert octets == drawn(SHEET)
    reader = PdfReader(BytesIO(octets))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "fi" and "/OpenAction" not in root and "/Names" not in root and "/AA" not in root
    assert reader.metadata.title == "Invoice for October 2026"
    for name in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile"):
        assert name not in octets


@pytest.mark.parametrize("name", ["<img src=file:///etc/passwd>", "<b>&amp;</b> ${x} {{7*7}}", "(a) \\ )Tj ET"])
def test_markup_in_a_name_is_text(name):
    hostile = replace(SHEET, addressee={"name": name, "home": "1"}, lines=(replace(RENT, text=name),))
    (text,) = read(drawn(hostile))
    assert " ".join(text.split()).count(name) == 2


def test_two_hundred_lines_take_several_pages_each_with_heads_and_a_number():
    lines = tuple(Line(f"Rivi {n}", SCALE, "kpl", n * 10_000, n, None, False) for n in range(1, 201))
    pages = read(drawn(replace(SHEET, lines=lines, total=20100)))
    assert 4 <= len(pages) <= 8
    whole = "\n".join(pages).split("\n")
    assert all(f"Rivi {n}" in whole for n in range(1, 201))
    for place, page in enumerate(pages, 1):
        assert f"Page {place} of {len(pages)}" in page and "Unit price" in page


def test_a_very_long_word_and_a_very_long_name_stay_on_the_sheet():
    octets = drawn(replace(SHEET, addressee={"name": "Ы" * 400, "home": "pitkä " * 60}, lines=(replace(RENT, text="Ж" * 160),)))
    (text,) = read(octets)
    assert text.count("Ж") == 160 and text.count("Ы") == 400
    places = []
    PdfReader(BytesIO(octets)).pages[0].extract_text(visitor_text=lambda text, cm, tm, font, size: places.append((tm[4], text)))
    assert max(x for x, _ in places) <= invoice_pdf.RIGHT


def test_amounts_stand_under_each_other_at_the_right():
    lines = tuple(replace(RENT, amount=amount) for amount in (1, 123456, -98765))
    octets = drawn(replace(SHEET, lines=lines), "fi")
    ends = {}

    def visit(text, cm, tm, font, size):
        if text.strip().replace("\u00a0", " ") in ("0,01", "1 234,56", "−987,65"):
            width = invoice_pdf.pdfmetrics.stringWidth(text.strip(), invoice_pdf.PLAIN, invoice_pdf.BODY)
            ends[text.strip()] = round(tm[4] + width)

    PdfReader(BytesIO(octets)).pages[0].extract_text(visitor_text=visit)
    assert len(ends) == 3 and set(ends.values()) == {round(invoice_pdf.RIGHT)}


def test_a_resident_opens_and_saves_it_and_nothing_is_written(client, cast, db):
    made = books.two_years(cast, db, cast.tenure_a1, clock.today("Europe/Helsinki"))
    tenant = client("tenant")
    shown = tenant.get(f"/invoices/{made[-1]}/pdf")
    assert shown.mimetype == "application/pdf" and shown.headers["Content-Disposition"].startswith('inline; filename="')
    saved = tenant.get(f"/invoices/{made[-1]}/pdf?download=1")
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="') and saved.data == shown.data
    assert "no-store" in shown.headers["Cache-Control"]
    assert "Aino Virta" in read(shown.data)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_units_stand_in_the_language_of_the_paper(language):
    power = Line("Энергия", 66_000_000, "кВт⋅ч", 4_220_000, 27852, None, False)
    area = Line("Area", 54_300_000, "m2", 4_200_000, 22806, None, False)
    (text,) = read(drawn(replace(SHEET, language=language, lines=(power, area)), language))
    assert ("66 кВт⋅ч" in text) == (language == "ru") and ("66 kWh" in text) == (language != "ru")
    assert ("м²" in text) == (language == "ru") and "m2" not in text


def test_a_line_for_a_part_of_a_month_says_its_days():
    month = replace(RENT, text="Whole", first=date(2026, 10, 1), last=date(2026, 11, 30))
    left = replace(RENT, text="Left", first=date(2026, 12, 1), last=date(2026, 12, 13))
    came = replace(RENT, text="Came", first=date(2026, 12, 14), last=date(2026, 12, 31))
    (text,) = read(drawn(replace(SHEET, lines=(RENT, month, left, came)), "et"))
    assert re.findall(r"\d\d\.[\d.]+–[\d.]+", text) == ["01.12.2026–13.12.2026", "14.12.2026–31.12.2026"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credit_asks_for_no_payment(language):
    (asks,) = read(drawn(SHEET, language))
    (text,) = read(drawn(replace(SHEET, total=-22806, open=0, lines=(replace(RENT, amount=-22806),)), language))
    said = invoice_words.paper_words(SHEET, words(language))
    for name in ("payee", "due", "iban", "total"):
        word = said[name].replace("\u00a0", " ")
        assert word in asks and word not in text
    assert formats.of(language).money(-22806, "EUR").replace("\u00a0", " ") in text and "1001" in text


def test_a_metered_line_tells_what_its_counters_showed():
    counters = (Counted("24-879637", 852_389_000, 855_277_000, False), Counted("24-1 keittiö", 7_000_000, 9_500_000, True))
    line = Line("Kylmä vesi", 5_388_000, "m³", 4_460_000, 2403, None, True, readings=counters)
    (text,) = read(drawn(replace(SHEET, lines=(line,)), "fi"))
    assert "24-879637: 852,389–855,277" in text and "24-1 keittiö: 7,000–9,500 (arvio" in text


def test_a_personal_account_is_said_once():
    sheet = replace(SHEET, account="4015001739", reference="4015001739", creditor=SHEET.creditor | {"country": "RU"})
    (text,) = read(drawn(sheet, "ru"))
    assert text.count("4015001739") == 1
    rows = [row for row in invoice_words.copied(sheet) if "4015001739" in row[1]]
    assert [row[2] for row in rows] == ["4015001739"]


def test_a_settlement_tells_its_own_months_and_what_becomes_of_a_credit():
    line = Line("Centralne ogrzewanie", None, None, None, -6322, None, False, first=date(2026, 1, 1), last=date(2026, 10, 31))
    (text,) = read(drawn(replace(SHEET, kind="settlement", total=-6322, lines=(line, line)), "pl"))
    assert text.count("od 01.01.2026 do 31.10.2026") == 1 or text.count("od 1.01.2026 do 31.10.2026") == 1
    assert "pokryje najbliższe należności" in text and "październik 2026" in text
