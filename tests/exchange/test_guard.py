"""Hostile and broken workbooks are refused by name, quickly, before they are opened whole (S40, M10)."""

import resource
import time
import zipfile
from io import BytesIO

import pytest

from resident.exchange import guard, sheet
from resident.exchange.sheet import Book
from tests.exchange import books

GOOD = books.octets({"buildings": books.REGISTER["buildings"]})
SHEET = "xl/worksheets/sheet1.xml"


def remade(change: dict[str, bytes | None]) -> bytes:
    """The good workbook with parts replaced, added, or (None) left out."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def doubled() -> bytes:
    out = BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning):
        archive.writestr(SHEET, b"<worksheet/>")
    return out.getvalue()


def locked() -> bytes:
    out = bytearray(GOOD)
    place = out.find(b"PK\x01\x02")
    out[place + 8] |= 1
    return bytes(out)


_ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>xxxxxxxxxxxxxxxxxxxxxxxxxxxx</t></is></c></row>'
_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
HOSTILE = {
    "bomb in a sheet": (lambda: remade({SHEET: _SHEET % (_ROW * 1_000_000)}), "bomb"),
    "bomb in the texts": (lambda: remade({"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 4_000_000}), "bomb"),
    "bomb in the styles": (lambda: remade({"xl/styles.xml": b" " * 90_000_000}), "bomb"),
    "three thousand parts": (lambda: remade({f"xl/media/{n}.xml": b"<x/>" for n in range(3000)}), "bomb"),
    "entities": (lambda: remade({SHEET: _LAUGHS + _SHEET % _ROW}), "entities"),
    "a file of the server": (
        lambda: remade({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'}),
        "entities",
    ),
    "macros": (lambda: remade({"xl/vbaProject.bin": b"x"}), "macros"),
    "another workbook inside": (lambda: remade({"xl/embeddings/inner.xlsx": GOOD}), "macros"),
    "links outside": (lambda: remade({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "links"),
    "a name that climbs": (lambda: remade({"../../evil.xml": b"<x/>"}), "broken"),
    "a name from the root": (lambda: remade({"/etc/evil.xml": b"<x/>"}), "broken"),
    "a part twice": (doubled, "broken"),
    "a password": (locked, "locked"),
    "no zip": (lambda: b"<html>", "kind"),
    "no workbook": (lambda: remade({"xl/workbook.xml": None}), "kind"),
    "half a file": (lambda: GOOD[: len(GOOD) // 2], "kind"),
    "nothing": (lambda: b"", "empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_by_name_in_no_time(tmp_path, case):
    make, why = HOSTILE[case]
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(make())
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(guard.WorkbookRefused) as refusal:
        guard.check(path, guard.WEB)
    assert refusal.value.why == why
    assert time.monotonic() - began < 2 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_large_file_is_refused_on_the_web_and_taken_by_the_shell(tmp_path):
    path = tmp_path / "large.xlsx"
    path.write_bytes(GOOD)
    small = guard.Limits(file=1000, inflated=None, whole=10**6, ratio=60)
    with pytest.raises(guard.WorkbookRefused) as refusal:
        guard.check(path, small)
    assert (refusal.value.why, refusal.value.limit, refusal.value.size) == ("large", 1000, len(GOOD))
    guard.check(path, guard.SHELL)


BROKEN = {
    "torn XML": b"<worksheet><sheetData><row><c><v>1</v>",
    "entities far behind": b"<!--" + b" " * 9000 + b"-->" + _LAUGHS + _SHEET % b"",
    "a style that there is not": _SHEET % b'<row><c s="x"><v>1</v></c></row>',
    "a text that there is not": _SHEET % b'<row><c t="s"><v>99</v></c></row>',
    "a text without end": _SHEET % (b'<row><c t="inlineStr"><is><t>' + b"x" * 200_000 + b"</t></is></c></row>"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_found_broken_on_the_way_is_refused_too(tmp_path, case):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(remade({SHEET: BROKEN[case]}))
    guard.check(path, guard.WEB)
    with pytest.raises(guard.WorkbookRefused):
        book = Book(path)
        list(book.rows(book.sheets[0]))


@pytest.mark.parametrize(
    "nothing", [b"<row/>" * 400, b"<row>" + b"<c/>" * 400 + b"</row>", b"<row>" + b"<c><v>1</v></c>" * 400 + b"</row>"]
)
def test_rows_and_cells_without_end_that_hold_nothing_are_a_bomb(tmp_path, monkeypatch, nothing):
    """They pack into a small file, and whoever counts them is busy for minutes."""
    monkeypatch.setattr(sheet, "_MOST_EMPTY", 300)
    path = tmp_path / "book.xlsx"
    path.write_bytes(remade({SHEET: _SHEET % (_ROW + nothing)}))
    book = Book(path)
    with pytest.raises(guard.WorkbookRefused) as refused:
        list(book.rows(book.sheets[0]))
    book.close()
    assert refused.value.why == "bomb"


def test_cells_far_to_the_right_are_left_out_of_memory(tmp_path):
    path = tmp_path / "wide.xlsx"
    path.write_bytes(remade({SHEET: _SHEET % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c><c r="B1048576"><v>2</v></c></row>'}))
    book = Book(path)
    assert list(book.rows(book.sheets[0])) == [(1_048_576, {1: "2"})]
