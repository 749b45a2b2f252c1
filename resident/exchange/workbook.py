"""Workbooks that go out: the template to fill in, and a workbook given back with an errors column.

A text stays a text, whatever it begins with (S41): no formulas, no links, and = + - @ under the sheet's own apostrophe,
so that saving it again makes no formula of it. Numbers stay numbers, days stay days.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from .cell import Formula, Number
from .columns import SHEETS, Column, word
from .sheet import MOST_COLUMNS, Book
from .staging import Stage, Trouble

_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}  # fmt: skip
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_LAST_ROW = 1_048_575
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class Out:
    """A workbook being written, row after row."""

    def __init__(self, path: Path, folder: Path):
        # Here and not above: a web process that never writes a workbook is smaller without it.
        import xlsxwriter

        self._titles: dict[str, int] = {}
        self._book = xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": str(folder)})
        self.head = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.red = self._book.add_format({"font_color": "#9c0006", "bg_color": "#ffc7ce", "text_wrap": True, "valign": "top"})
        self.soft = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._kept = self._book.add_format({"quote_prefix": True})

    def tab(self, title: str):
        """A new tab; its title cut to what a spreadsheet takes, and numbered when it is there already."""
        plain = _NOT_IN_TITLES.sub(" ", title).strip(" '")[:31] or "-"
        count = self._titles[plain.casefold()] = self._titles.get(plain.casefold(), 0) + 1
        return self._book.add_worksheet(plain if count == 1 else f"{plain[:26]} {count}")

    def put(self, tab, row: int, column: int, value, format=None) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            tab.write_boolean(row, column, value, format)
        elif isinstance(value, Number | int):
            tab.write_number(row, column, float(value), format)
        elif isinstance(value, date):
            tab.write_datetime(row, column, value, format)
        else:
            text = str(value)
            tab.write_string(row, column, text, format or (self._kept if text.startswith(_RISKY) else None))

    def close(self) -> None:
        self._book.close()


def mended(
    source: Path, stage: Stage, out: Path, *, language: str, said: Callable[[Trouble], str], summary: tuple[str, list[list]]
) -> None:
    """The workbook back: every known tab with a first column that says what to mend, and a tab that sums it up.

    said: the sentence of a trouble. summary: (title, rows of cells) for the first tab.
    """
    book, sheet = Book(source), Out(out, out.parent)
    try:
        _summary(sheet, *summary)
        for part, (_, tab) in enumerate(stage.parts):
            rows = book.rows(tab)
            if part in stage.coded:
                rows = _marked(rows, stage.coded[part], stage.marks(part))
            _copy(sheet, rows, tab.title, stage.troubles(part), language, said)
    finally:
        sheet.close()
        book.close()


def _summary(sheet: Out, title: str, rows: list[list]) -> None:
    tab = sheet.tab(title)
    tab.set_column(0, 0, 40)
    tab.set_column(1, 8, 14)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.put(tab, number, place, value, sheet.head if number == 0 else None)


def _marked(rows: Iterator, place: int, marks: Iterator) -> Iterator:
    """The rows with marks instead of personal codes; a cell that holds none that is good is empty."""
    known = next(marks, None)
    for count, (number, cells) in enumerate(rows):
        while known is not None and known[0] < number:
            known = next(marks, None)
        if count and place in cells:
            cells = cells | {place: known[1] if known and known[0] == number else ""}
        yield number, cells


def _copy(sheet: Out, rows: Iterator, title: str, troubles: Iterator[Trouble], language: str, said: Callable) -> None:
    tab = sheet.tab(title)
    tab.set_column(0, 0, 60)
    tab.set_column(1, MOST_COLUMNS, 16)
    tab.freeze_panes(1, 1)
    trouble, first = next(troubles, None), True
    for number, cells in rows:
        if number > _LAST_ROW:
            break
        sentences = []
        while trouble is not None and trouble.row <= number:
            sentences.append(said(trouble))
            trouble = next(troubles, None)
        sheet.put(
            tab, number - 1, 0, word("column", "errors", language) if first else "\n".join(sentences) or None, _format(sheet, first)
        )
        for place, value in sorted(cells.items()):
            text = "" if isinstance(value, Formula) else value
            sheet.put(tab, number - 1, place + 1, text, sheet.head if first else None)
        first = False


def _format(sheet: Out, first: bool):
    return sheet.head if first else sheet.red


def template(out: Path, language: str, explained: Callable[[Column], str], title: str, lead: list[str]) -> None:
    """The workbook to fill in: headers and an example row in a language, and a tab that explains every column.

    explained: what a column holds, as a sentence. title and lead: of the explaining tab.
    """
    sheet = Out(out, out.parent)
    try:
        _explain(sheet, language, explained, title, lead)
        for key, columns in SHEETS.items():
            tab = sheet.tab(word("sheet", key, language))
            tab.set_column(0, len(columns), 18)
            tab.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.put(tab, 0, place, word("column", column.key, language) + ("*" if column.required else ""), sheet.head)
            for place, column in enumerate(columns):
                sheet.put(tab, 1, place, _example(column, language))
    finally:
        sheet.close()


def _example(column: Column, language: str):
    given = column.example
    if given is None:
        return None
    if column.choices and given in column.choices:
        name = "yes" if column.kind == "flag" else column.key
        return word("choice", f"{name}.{given}", language)
    if column.kind == "day":
        return date.fromisoformat(given)
    return Number(given) if column.kind in ("money", "quantity", "counter", "percent", "count") else given


def _explain(sheet: Out, language: str, explained: Callable[[Column], str], title: str, lead: list[str]) -> None:
    tab = sheet.tab(title)
    tab.set_column(0, 1, 30)
    tab.set_column(2, 2, 90)
    row = 0
    for text in lead:
        sheet.put(tab, row, 0, text)
        row += 1
    for key, columns in SHEETS.items():
        row += 1
        sheet.put(tab, row, 0, word("sheet", key, language), sheet.head)
        for column in columns:
            row += 1
            sheet.put(tab, row, 1, word("column", column.key, language) + ("*" if column.required else ""))
            sheet.put(tab, row, 2, explained(column), sheet.soft)
