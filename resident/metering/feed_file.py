"""Files of feeds, opened with care: CSV in any of the usual encodings, alone or in a zip or gzip, and workbooks.

Rows come one by one, in memory that does not grow with them. What cannot be opened as a whole is FileRefused; a row that is
broken is a row like any other and fails by itself.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..errors import ResidentError
from ..exchange import guard
from ..exchange.cell import Bad, Formula, Number, exact
from .feed_mapping import Mapping


class FileRefused(ResidentError):
    """Nothing of the file can be read: why (one of REASONS); line and name or columns where they are known."""


REASONS = ("empty", "large", "kind", "broken", "bomb", "many", "locked", "columns", "nothing", *guard.REASONS)


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets. file: as it comes; inflated: when unpacked; ratio: between the two (S40, M10)."""

    file: int
    inflated: int
    ratio: int = 100


WEB = Limits(25_000_000, 500_000_000)
WATCHED = Limits(2_000_000_000, 4_000_000_000)
# Below this a ratio says nothing.
_SMALL = 3_000_000
# Longer than any row that is one.
LONGEST = 20_000
# More empty lines after each other than any file has that is one: packed, hundreds of millions of them are a small file.
_EMPTY = 1000
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, gzip.BadGzipFile)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(slots=True)
class Row:
    """line: from 1, as an editor or a spreadsheet counts. raw: the line as it stands in a CSV, None in a workbook. column: which
    of several values of the line it is (feed_spread.py)."""

    line: int
    cells: list[str]
    raw: str | None
    column: str | None = None


class _Counted(io.RawIOBase):
    """A stream that may not give more than agreed."""

    def __init__(self, stream, most: int):
        self._stream, self._left = stream, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        got = self._stream.read(len(buffer))
        self._left -= len(got)
        if self._left < 0:
            raise FileRefused(why="bomb")
        buffer[: len(got)] = got
        return len(got)


def kind_of(path: Path, limits: Limits) -> str:
    """csv | xlsx, by what the file is and not by its name. FileRefused."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused(why="empty")
    if size > limits.file:
        raise FileRefused(why="large", size=size, limit=limits.file)
    with path.open("rb") as file:
        head = file.read(4)
    if head != _ZIP:
        return "csv"
    try:
        with zipfile.ZipFile(path) as archive:
            return "xlsx" if "[Content_Types].xml" in archive.namelist() else "csv"
    except _BROKEN:
        raise FileRefused(why="broken") from None


@contextmanager
def opened(path: Path, limits: Limits):
    """The octets of the one CSV that a file is or holds. FileRefused."""
    size = path.stat().st_size
    most = max(min(limits.inflated, size * limits.ratio), _SMALL)
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            if head == _ZIP:
                with zipfile.ZipFile(file) as archive, archive.open(_only(archive, most)) as inside:
                    yield io.BufferedReader(_Counted(inside, most), 1 << 16)
            elif head[:2] == _GZIP:
                with gzip.GzipFile(fileobj=file) as inside:
                    yield io.BufferedReader(_Counted(inside, most), 1 << 16)
            else:
                yield file
    except _BROKEN:
        raise FileRefused(why="broken") from None


def _only(archive: zipfile.ZipFile, most: int) -> zipfile.ZipInfo:
    parts = archive.infolist()
    if len(parts) > 100 or sum(part.file_size for part in parts) > most:
        raise FileRefused(why="bomb")
    files = [part for part in parts if not part.is_dir() and not part.filename.startswith("__MACOSX/")]
    if len(files) != 1:
        raise FileRefused(why="many", count=len(files))
    if files[0].flag_bits & 1:
        raise FileRefused(why="locked")
    return files[0]


def encoding_of(head: bytes, told: str) -> str:
    """What a file begins with goes before what was agreed."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), told)


def rows(path: Path, mapping: Mapping, limits: Limits) -> Iterator[Row]:
    """Every line that holds something, the heading too. FileRefused."""
    return _workbook(path, limits) if mapping.kind == "xlsx" else _lines(path, mapping, limits)


def _lines(path: Path, mapping: Mapping, limits: Limits) -> Iterator[Row]:
    with opened(path, limits) as stream:
        head = stream.peek(4)[:4] if hasattr(stream, "peek") else b""
        text = io.TextIOWrapper(stream, encoding_of(head, mapping.encoding), errors="replace")
        delimiter, number, last = mapping.delimiter, 0, 0
        while raw := text.readline(LONGEST):
            number += 1
            # No database takes NUL, of which a file that is no text is full.
            raw = raw.rstrip("\n").replace("\0", "")
            if not raw or raw.isspace():
                if number - last > _EMPTY:
                    raise FileRefused(why="broken")
                continue
            last = number
            yield Row(number, split(raw, delimiter), raw)


def split(raw: str, delimiter: str) -> list[str]:
    """The cells of one line. Quotes never reach over a line's end: a forgotten one costs its own row only."""
    if '"' not in raw:
        return raw.split(delimiter)
    try:
        return next(csv.reader([raw], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return raw.split(delimiter)


def _workbook(path: Path, limits: Limits) -> Iterator[Row]:
    # Here and not above: a web process that never reads a workbook is smaller without it.
    from ..exchange.sheet import Book

    try:
        guard.check(path, guard.Limits(limits.file, limits.inflated, guard.SHELL.whole, limits.ratio))
        book = Book(path, times=True)
    except guard.WorkbookRefused as error:
        raise FileRefused(**error.facts) from None
    try:
        for number, cells in book.rows(book.sheets[0]) if book.sheets else ():
            last = max(cells)
            yield Row(number, [_text(cells.get(place)) for place in range(last + 1)], None)
    except guard.WorkbookRefused as error:
        raise FileRefused(**error.facts) from None
    finally:
        book.close()


def _text(cell) -> str:
    if cell is None or isinstance(cell, Formula):
        return ""
    if isinstance(cell, Number):
        try:
            return format(exact(cell), "f")
        except Bad:
            return str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
