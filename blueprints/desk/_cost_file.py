"""A file of costs, CSV or an XLSX workbook, as the lines that would be pasted from it."""

import csv
import io
from pathlib import Path

from resident import drop_folder
from resident.exchange import guard, journal
from resident.exchange.cell import Bad, Formula, Number, exact

from .. import _feed_words
from .._locale import _
from .._uploads import sent
from .._web import settings

# In octets; a workbook of as many lines as are taken is far smaller.
LARGEST_CSV = 300_000
LIMITS = guard.Limits(file=2 * guard.MEGABYTE, inflated=40 * guard.MEGABYTE, whole=10 * guard.MEGABYTE, ratio=60)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TooMany(Exception):
    """The file has more lines than are taken at once."""


def chosen(most: int) -> tuple[list[str], str | None]:
    """(its lines as in the file, an empty one for each empty row; why it cannot be read, or None). Neither when none is chosen.

    To be called before `session` is touched. most: so many lines are taken.
    """
    folder = journal.folder(settings().data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with sent("file", drop_folder.for_sent(folder)) as file:
        if file.path is None:
            return [], None
        try:
            return _read(file.path, most), None
        except guard.WorkbookRefused as error:
            return [], _feed_words.refusal(error.facts)
        except TooMany:
            return [], _("There are too many lines. Paste at most %(n)d.", n=most)


def _read(path: Path, most: int) -> list[str]:
    """By what the file is, and not by its name."""
    with path.open("rb") as file:
        held = file.read(LARGEST_CSV + 1)
    if not held:
        raise guard.WorkbookRefused(why="empty")
    if held.startswith(b"PK\x03\x04"):
        return _workbook(path, most)
    mark = next((name for bom, name in _BOMS if held.startswith(bom)), None)
    if mark != "utf-16" and b"\x00" in held:
        raise guard.WorkbookRefused(why="kind")
    if len(held) > LARGEST_CSV:
        raise TooMany()
    return _decoded(held, mark).replace("\x00", "").splitlines()


def _decoded(held: bytes, mark: str | None) -> str:
    try:
        return held.decode(mark or "utf-8")
    except UnicodeDecodeError:
        # What spreadsheets of our countries write when they do not write UTF-8; figures and codes are the same in all.
        return held.decode("cp1252", "replace")


def _workbook(path: Path, most: int) -> list[str]:
    """The first tab. Its rows keep their numbers: rows that hold nothing are empty lines."""
    # Here and not above: a web process that never reads a workbook is smaller without it.
    from resident.exchange.sheet import Book

    if path.stat().st_size > LIMITS.file:
        raise TooMany()
    guard.check(path, LIMITS)
    book, lines = Book(path), []
    try:
        for number, cells in book.rows(book.sheets[0]) if book.sheets else ():
            if number > 2 * most:
                raise TooMany()
            lines += [""] * (number - 1 - len(lines))
            lines.append(_line([_text(cells.get(place)) for place in range(max(cells) + 1)]))
    finally:
        book.close()
    return lines


def _line(cells: list[str]) -> str:
    """With tabs between them, as a spreadsheet's rows are pasted."""
    made = io.StringIO()
    csv.writer(made, delimiter="\t", lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
    return made.getvalue()


def _text(cell) -> str:
    """A formula stays one, so that its row is told."""
    if isinstance(cell, Number):
        try:
            return format(exact(cell), "f")
        except Bad:
            return str(cell)
    return "=" if isinstance(cell, Formula) else "" if cell is None else str(cell)
