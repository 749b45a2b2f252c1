"""A workbook read once, cell by cell, into a scratch database beside it: no lock is held, memory stays small.

What the checks need afterwards comes from there in the order that they like: readings by counter and day, lines by
invoice. Troubles are kept there too, so that a workbook of a million bad rows is no heavier than a good one.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..errors import ResidentError
from . import cell
from .codes import Codes
from .columns import SHEETS, Column, folded, headers
from .columns import sheet as sheet_of
from .guard import WorkbookRefused
from .sheet import Book, Sheet

BATCH = 5000
# Columns by which other rows, or the same row in the database, know a thing: a bad row that has them is still known.
KEYS = {
    "buildings": ("building",),
    "units": ("building", "unit"),
    "persons": ("name",),
    "tenures": ("tenure",),
    "parties": (),
    "meters": ("medium", "serial"),
    "readings": (),
    "invoices": ("invoice",),
    "lines": ("invoice",),
    "payments": (),
    "entries": ("entry",),
}


class HeadersMissing(ResidentError):
    """A sheet lacks columns that it needs: sheet (its title), columns (their keys)."""


class HeadersDoubled(ResidentError):
    """A sheet has two columns of one meaning: sheet, columns."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to mend: where, what (a name that blueprints/_import_words.py has a sentence for), and its facts."""

    sheet: str
    part: int
    row: int
    column: str | None
    name: str
    facts: dict


class Stage:
    """The scratch database of one workbook. parts: (sheet key, tab) as they stand in the workbook. media: name → code of
    those that the organisation has added (metering/medium.py)."""

    def __init__(self, path: Path, codes: Codes | None = None, media: dict[str, str] | None = None):
        self._path, self._codes = path, codes
        self._media = {folded(name): code for name, code in (media or {}).items()}
        self._named = [name for name, code in (media or {}).items() if name != code]
        # part: where its column of codes stands.
        self.coded: dict[int, int] = {}
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE trouble (n INTEGER PRIMARY KEY, sheet, part, row, col, name, facts)")
        for sheet, columns in SHEETS.items():
            names = ", ".join(_quoted(column.key) for column in columns)
            self._db.execute(f"CREATE TABLE {sheet} (n INTEGER PRIMARY KEY, part, row, bad, {names})")
        self._db.execute("BEGIN")
        self.parts: list[tuple[str, Sheet]] = []
        self.given: dict[str, set[str]] = {}

    def close(self) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

    # What goes in ---------------------------------------------------------------------------------------------------

    def take(self, book: Book, progress: Callable[[str, int], None]) -> None:
        """Read every known tab. WorkbookRefused("sheets") when there is none."""
        self.parts = [(key, tab) for tab in book.sheets if (key := sheet_of(tab.title))]
        if not self.parts:
            raise WorkbookRefused(why="sheets")
        for part, (key, tab) in enumerate(self.parts):
            self._take(part, key, book.rows(tab), tab.title, progress)

    def _take(self, part: int, key: str, rows: Iterable, title: str, progress) -> None:
        heading = next(iter(rows), None)
        if heading is None:
            return
        places = _places(key, title, heading[1])
        self.given.setdefault(key, set()).update(column.key for column in places.values())
        self.coded.update((part, place) for place, column in places.items() if column.kind == "code")
        columns = [column.key for column in SHEETS[key]]
        sql = f"INSERT INTO {key} VALUES (NULL, ?, ?, ?{', ?' * len(columns)})"  # noqa: S608
        batch, count = [], 0
        for number, cells in rows:
            row = self._row(part, key, number, cells, places)
            if row:
                batch.append(row)
            if len(batch) >= BATCH:
                self._db.executemany(sql, batch)
                count += len(batch)
                batch.clear()
                progress(title, count)
        self._db.executemany(sql, batch)
        progress(title, count + len(batch))

    def _row(self, part: int, key: str, number: int, cells: dict, places: dict[int, Column]) -> list | None:
        """The row as it is staged; None when it is blank in every known column, or lacks what it is known by."""
        values, bad = dict.fromkeys([column.key for column in SHEETS[key]]), 0
        if not any(place in cells for place in places):
            return None
        for place, column in places.items():
            try:
                value = self._read(column, cells.get(place))
            except cell.Bad as trouble:
                bad = 1
                facts = trouble.facts | ({"own": self._named} if column.key == "medium" and self._named else {})
                self.trouble(Trouble(key, part, number, column.key, trouble.name, facts))
            else:
                values[column.key] = value.toordinal() if isinstance(value, date) else value
        if bad and any(values[name] is None for name in KEYS[key]):
            return None
        return [part, number, bad, *values.values()]

    def _read(self, column: Column, raw):
        if column.key == "medium" and isinstance(raw, str) and (code := self._media.get(folded(raw))):
            return code
        value = cell.read(column, raw)
        if column.kind != "code" or value is None:
            return value
        if self._codes is None:
            raise cell.Bad("CodesNotTaken")
        return self._codes.mark(value)

    def marks(self, part: int) -> Iterator[tuple[int, str]]:
        """(row, mark) of the codes on a tab, in the order of its rows."""
        sql = "SELECT row, personal_code FROM persons WHERE part = ? AND personal_code IS NOT NULL ORDER BY n"
        return iter(self._db.cursor().execute(sql, (part,)))

    def trouble(self, trouble: Trouble) -> None:
        facts = json.dumps(trouble.facts)
        row = (trouble.sheet, trouble.part, trouble.row, trouble.column, trouble.name, facts)
        self._db.execute("INSERT INTO trouble VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)

    def forget_found(self) -> None:
        """Before the checks run again: only what the reading of the cells found stays."""
        self._db.execute("DELETE FROM trouble WHERE n > ?", (self._cells_end,))

    def seal(self) -> None:
        """The cells are read; what is found from now on comes from the checks."""
        self._cells_end = self._db.execute("SELECT coalesce(max(n), 0) FROM trouble").fetchone()[0]

    # What comes out -------------------------------------------------------------------------------------------------

    def rows(self, sheet: str, order: str = "n", where: str = "1") -> Iterator[sqlite3.Row]:
        """The staged rows, read by name; days are dates again through day()."""
        cursor = self._db.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(f"SELECT * FROM {sheet} WHERE {where} ORDER BY {order}")  # noqa: S608

    def has(self, sheet: str) -> bool:
        return any(key == sheet for key, _ in self.parts)

    def count(self, sheet: str) -> int:
        return self._db.execute(f"SELECT count(*) FROM {sheet}").fetchone()[0]  # noqa: S608

    def troubles(self, part: int) -> Iterator[Trouble]:
        """In the order of the rows of one tab."""
        found = self._db.cursor().execute(
            "SELECT sheet, part, row, col, name, facts FROM trouble WHERE part = ? ORDER BY row, n", (part,)
        )
        return (Trouble(*row[:5], json.loads(row[5])) for row in found)

    def rows_in_trouble(self) -> dict[str, int]:
        """How many rows of each sheet have something to mend."""
        return dict(self._db.execute("SELECT sheet, count(DISTINCT part || ':' || row) FROM trouble GROUP BY sheet").fetchall())


def day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _places(key: str, title: str, heading: dict[int, object]) -> dict[int, Column]:
    """Which column stands where, by the words of the first row. Headers that mean nothing here are left alone."""
    known = headers(key)
    places = {place: known[word] for place, text in heading.items() if (word := folded(str(text).partition("*")[0])) in known}
    found = [column.key for column in places.values()]
    doubled = sorted({name for name in found if found.count(name) > 1})
    if doubled:
        raise HeadersDoubled(sheet=title, columns=doubled)
    missing = [column.key for column in SHEETS[key] if column.required and column.key not in found]
    if missing:
        raise HeadersMissing(sheet=title, columns=missing)
    return places


def _quoted(name: str) -> str:
    return f'"{name}"'
