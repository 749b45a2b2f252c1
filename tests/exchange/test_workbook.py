"""Workbooks that go out: the template, and the one given back with remarks."""

import json
from dataclasses import asdict

import openpyxl
import pytest

from blueprints import _import_corrections
from blueprints._import_words import ImportWords
from resident.exchange import columns, guard, outcome, workbook
from resident.exchange.importing import Import
from resident.homes.organisation import Organisation
from tests.exchange import books

SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@SQLITE
@pytest.mark.parametrize("language", columns.LANGUAGES)
def test_the_template_can_be_imported_as_it_is(house, tmp_path, language):
    words, path = ImportWords(language), tmp_path / "template.xlsx"
    workbook.template(path, language, words.explained, "?", words.lead())
    came = house.load(path)
    assert house.troubles == [] and set(came) == set(columns.SHEETS) and {counts[0] for counts in came.values()} == {1}


def given_back(house, tmp_path, sheets, language="en"):
    path, out = books.write(tmp_path / "register.xlsx", sheets), tmp_path / "back.xlsx"
    words = ImportWords(language)
    with Import(path, tmp_path / "scratch", guard.WEB) as task:
        task.read()
        with house.db.reading() as session:
            outcome = task.check(session, session.get_one(Organisation, house.id))
        workbook.mended(path, task.stage, out, language=language, said=words.said, summary=words.summary(outcome))
    return out


@SQLITE
def test_the_workbook_comes_back_with_remarks_at_their_rows_and_can_be_sent_again(house, tmp_path):
    sheets = books.register()
    sheets["payments"][1]["amount"] = "much"
    sheets["tenures"][0]["unit"] = "Z 9"
    out = given_back(house, tmp_path, sheets)
    book = openpyxl.load_workbook(out)
    assert book["payments"]["A1"].value == "What to mend" and book["payments"]["A2"].value is None
    assert book["payments"]["A3"].value == "Amount: This must be a number, such as 12.345 or 12,345."
    assert "“Z 9” is not on the sheet Homes" in book["tenures"]["A2"].value
    assert [cell.value for cell in book["Summary"][1]][:2] == ["Sheet", "Rows"]
    house.load(out)
    assert {name for _, _, name in house.troubles} >= {"NotANumber", "Unknown"}, "the remarks do not get in the way"


@SQLITE
def test_cells_that_look_like_formulas_come_back_as_text_and_numbers_as_numbers(house, tmp_path):
    sheets = books.register()
    risky = ["@SUM(A1)", "+358 40 555", "-2+3", "'=1+1"]
    sheets["buildings"] += [{"building": f"R{n}", "address": text, "city": text} for n, text in enumerate(risky)]
    sheets["payments"][0]["amount"] = -5.25
    out = given_back(house, tmp_path, sheets)
    book = openpyxl.load_workbook(out)
    cells = [cell for tab in book for row in tab.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [book["buildings"].cell(row, 3).value for row in range(3, 7)] == risky
    assert all(book["buildings"].cell(row, 3).quotePrefix for row in range(3, 6))
    assert -5.25 in [cell.value for row in book["payments"].iter_rows() for cell in row]


NAMES = {
    "Missing": {}, "Unknown": {"key": "x", "sheet": "units"}, "Doubled": {"key": "x", "row": 3}, "TooLong": {"limit": 40},
    "TooManyDecimals": {"decimals": 2}, "NotAChoice": {"choice": "role"}, "LanguageNotServed": {"key": "pl", "languages": ["fi"]},
    "OutsideTenure": {"first": "2026-01-01", "last": None}, "OutsideMeter": {"first": "2026-01-01", "last": "2026-02-01"},
    "TooManyDigits": {"digits": 5}, "LowerThanEarlier": {"earlier": 5_000_000, "day": "2026-01-01"},
    "HigherThanLater": {"later": 5_000_000, "day": "2026-01-01"}, "AlreadyBilled": {"day": "2026-01-01", "value": 5_000_000},
    "WouldOrphan": {"count": 2, "invoices": ["V-1", "V-2"]}, "WouldOrphanReadings": {"first": "2026-01-01", "last": "2026-02-01"},
    "AlreadyBooked": {"key": "V-1", "total": 100}, "PaymentBooked": {"key": None, "amount": 100, "day": "2026-01-01"},
    "SumDiffers": {"total": 100, "sum": 90}, "OwnershipsOverlap": {"key": "T2"},
    "ReadingDoubled": {"key": "x", "day": "2026-01-01"},
    "FactBilled": {"month": "2026-03"}, "FactInDrafts": {"month": "2026-03"}, "NobodyPays": {"charge": "HEAT"},
    "FactInSettlement": {"begins": "2026-01", "ends": "2026-03"},
    "DaysShared": {"month": "2026-03"}, "TenureDiffers": {"key": "x", "row": 2}, "NoLines": {"key": "V-1"},
}  # fmt: skip


def named_in_the_code() -> set[str]:
    """Every name that a row or a cell can be refused for."""
    import re
    from pathlib import Path

    code = "".join(path.read_text() for path in Path(workbook.__file__).parent.glob("*.py"))
    told = re.findall(r"trouble\(\s*\"?\w+\"?,[^()]*?(?:\([^()]*\)[^()]*?)*?\"([A-Z]\w+)\"", code)
    return {*told, *re.findall(r"Bad\(\"(\w+)\"", code)}


@pytest.mark.parametrize("language", columns.LANGUAGES)
def test_every_trouble_has_its_sentence(language):
    words = ImportWords(language)
    known = {**words._cells(), **words._rows(), **words._days(), **words._money(), **_import_corrections.refusals(words._)}
    for name in named_in_the_code():
        assert name in known or hasattr(words, f"_{name}"), f"{name} has no sentence"
    for name, facts in NAMES.items():
        assert words._sentence(name, facts).strip()


def test_what_is_billed_already_is_told_in_sentences_after_the_journal_kept_it():
    corrected = [outcome.Corrected("Kastanjakuja 1", "2026-01", "2026-03", 2, -1250, "EUR")] * 100
    moved = [
        outcome.Moved("Kastanjakuja 1, A 2", "2026-03-21", None),
        outcome.Moved("Kastanjakuja 1, A 3", "2026-03-21", "2026-03-31"),
    ]
    counts = [outcome.Count("units", 1, corrected=corrected[:1]), outcome.Count("tenures", 2, moved=moved)]
    kept = outcome.Outcome([outcome.Count(**json.loads(json.dumps(asdict(one)))) for one in counts])
    assert ImportWords("en").corrected(kept) == [
        "Kastanjakuja 1, January 2026 to March 2026: 2 corrections, −€12.50 together.",
        "Kastanjakuja 1, A 2, from 21 Mar 2026: what is billed goes to whoever holds it then.",
        "Kastanjakuja 1, A 3, 21 Mar 2026 to 31 Mar 2026: what is billed goes to whoever holds it then.",
    ]
    many = outcome.Outcome([outcome.Count("units", 1, corrected=corrected), counts[1]])
    assert ImportWords("en").corrected(many)[-1] == "2 more are not listed here."
