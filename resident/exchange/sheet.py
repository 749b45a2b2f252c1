"""The rows of a workbook, one after the other, in memory that does not grow with them.

openpyxl reads what is small (the list of sheets, styles, shared texts); the rows themselves come straight from the XML
parser, because openpyxl keeps an element for every row that it has read. Numbers stay the digits that the file holds.
"""

import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from pathlib import Path
from xml.parsers import expat

from defusedxml import DefusedXmlException

from .cell import Formula, Number
from .guard import WorkbookRefused

MOST_COLUMNS = 60
_LONGEST = 32_767
# Rows and cells of a tab that hold nothing: honest ones are styled so, but hundreds of millions of them pack into a small file.
_MOST_EMPTY = 5_000_000
_CHUNK = 1 << 16
_BROKEN = (
    DefusedXmlException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError,
    SyntaxError, EOFError, OSError, OverflowError, expat.ExpatError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab: its title, and the part of the zip that holds its rows."""

    title: str
    part: str


class Book:
    """A workbook that has passed the guard. Close it when done."""

    def __init__(self, path: Path, times: bool = False):
        """times: cells of a day and a time come as texts with both, "2026-11-30 14:05:00"; else their time is left out."""
        self._times = times
        # Here and not above: a web process that never imports a workbook is 20 MB smaller without it.
        import openpyxl
        from openpyxl.utils.datetime import from_excel
        from openpyxl.utils.exceptions import InvalidFileException

        self._from_excel = from_excel
        # Files that were sent lie under names of ours: a path without .xlsx at its end would be refused unread.
        self._file = path.open("rb")
        try:
            self._book = openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
            self._zip = zipfile.ZipFile(path)
            self.sheets = [Sheet(tab.title, tab._worksheet_path.lstrip("/")) for tab in self._book.worksheets]
            self._texts = self._book.worksheets[0]._shared_strings if self.sheets else []
            self._date_styles = self._book._date_formats
            self._days: dict[str, date] = {}
        except (*_BROKEN, InvalidFileException):
            self._file.close()
            raise WorkbookRefused(why="broken") from None

    def close(self) -> None:
        self._book.close()
        self._zip.close()
        self._file.close()

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, dict[int, object]]]:
        """(row number, {column from 0: value}) of every row that holds something. WorkbookRefused when it cannot be read."""
        reader = _Rows(self)
        try:
            with self._zip.open(sheet.part) as stream:
                while chunk := stream.read(_CHUNK):
                    reader.parse(chunk)
                    yield from reader.take()
                reader.parse(b"", final=True)
                yield from reader.take()
        except _BROKEN:
            raise WorkbookRefused(why="broken") from None

    def value(self, kind: str, style: str, text: str):
        """What a cell's text means, by its type and style."""
        if kind == "n":
            if not style or int(style) not in self._date_styles:
                return Number(text)
            return self._moment(text) if self._times else self._day(text)
        if kind == "s":
            return self._texts[int(text)]
        if kind == "b":
            return text == "1"
        if kind == "d":
            return text if self._times else text[:10]
        # #N/A and its like say that something is missing.
        return None if kind == "e" else text

    def _moment(self, text: str):
        """The day and time of a serial number, to the second; the time alone where there is no day."""
        try:
            serial = int((Decimal(text) * 86_400).to_integral_value(ROUND_HALF_UP))
        except (DecimalException, OverflowError, ValueError):
            return Number(text)
        day, seconds = divmod(serial, 86_400)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{self._day(str(day))} {clock}" if day >= 1 else clock

    def _day(self, text: str):
        """The day of a serial number; its time of day is left out. What is no day stays a number."""
        whole = text.partition(".")[0]
        known = self._days.get(whole)
        if known is None:
            serial = float(text)
            if not math.isfinite(serial) or serial < 1:
                return Number(text)
            self._days[whole] = known = self._from_excel(int(serial), self._book.epoch).date()
        return known


class _Rows:
    """Collects rows from the parser's events: <row r><c r t s><f/><v>…</v><is><t>…</t></is></c></row>."""

    def __init__(self, book: Book):
        self._book = book
        self._rows: list[tuple[int, dict[int, object]]] = []
        self._number, self._cells, self._column = 0, {}, -1
        self._kind = self._style = ""
        self._text: list[str] = []
        self._empty = 0
        self._open = self._formula = self._ruby = False
        self._columns: dict[str, int] = {}
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse

    def parse(self, chunk: bytes, final: bool = False) -> None:
        self._parser.Parse(chunk, final)

    def take(self) -> list:
        taken, self._rows = self._rows, []
        return taken

    def _refuse(self, *_):
        raise WorkbookRefused(why="entities")

    def _start(self, name: str, given: dict) -> None:
        name = name.rpartition(" ")[2]
        if name == "c":
            reference = given.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._kind, self._style = given.get("t", "n"), given.get("s", "")
            self._text.clear()
            self._formula = False
        elif name == "v" or name == "t":
            self._parser.CharacterDataHandler = None if self._ruby else self._collect
        elif name == "row":
            self._number = int(given.get("r", self._number + 1))
            self._cells, self._column = {}, -1
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._ruby = True

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        if name == "c":
            self._put()
        elif name == "v" or name == "t":
            self._parser.CharacterDataHandler = None
        elif name == "row":
            if self._cells:
                self._rows.append((self._number, self._cells))
            else:
                self._nothing()
        elif name == "rPh":
            self._ruby = False

    def _collect(self, text: str) -> None:
        self._text.append(text)
        if len(self._text) > 1 and sum(map(len, self._text)) > _LONGEST:
            raise WorkbookRefused(why="bomb")

    def _put(self) -> None:
        if not 0 <= self._column < MOST_COLUMNS or not (self._formula or self._text):
            self._nothing()
        elif self._formula:
            self._cells[self._column] = Formula("=")
        else:
            text = "".join(self._text)
            value = text if self._kind in ("inlineStr", "str") else self._book.value(self._kind, self._style, text)
            if value is not None and value != "":
                self._cells[self._column] = value

    def _nothing(self) -> None:
        self._empty += 1
        if self._empty > _MOST_EMPTY:
            raise WorkbookRefused(why="bomb")

    def _place(self, reference: str) -> int:
        """The column of "AB12", from 0."""
        letters = reference.rstrip("0123456789")[:4]
        known = self._columns.get(letters)
        if known is None:
            known = 0
            for letter in letters:
                known = known * 26 + ord(letter) - 64
            self._columns[letters] = known = known - 1
        return known
