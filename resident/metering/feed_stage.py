"""The scratch database of one file: what was understood, sorted by register and time, and which rows come back and why."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

BATCH = 5_000


class FeedStage:
    def __init__(self, path: Path):
        self._path = path
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE row (register, at, line, value)")
        self._db.execute("CREATE TABLE failed (line INTEGER PRIMARY KEY, name, facts)")
        self._db.execute("BEGIN")
        self._rows: list[tuple] = []

    def close(self) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

    def add(self, register: int, at: int, line: int, value: int) -> None:
        self._rows.append((register, at, line, value))
        if len(self._rows) >= BATCH:
            self._flush()

    def fail(self, line: int, name: str, facts: dict) -> None:
        self._db.execute("INSERT OR IGNORE INTO failed VALUES (?, ?, ?)", (line, name, json.dumps(facts)))

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", self._rows)
        self._rows.clear()

    def registers(self) -> Iterator[tuple[int, list[tuple]]]:
        """(register, its rows as (at, value, line)), rows in order of time."""
        self._flush()
        rows = self._db.cursor().execute("SELECT register, at, value, line FROM row ORDER BY register, at, line")
        for register, some in groupby(rows, key=itemgetter(0)):
            yield register, [row[1:] for row in some]

    def failed(self) -> Iterator[tuple[int, str, dict]]:
        """(line, name, facts) in the order of the file."""
        rows = self._db.cursor().execute("SELECT line, name, facts FROM failed ORDER BY line")
        return ((line, name, json.loads(facts)) for line, name, facts in rows)

    def reasons(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, count(*) FROM failed GROUP BY name ORDER BY 2 DESC, 1").fetchall())

    def first_failed(self) -> tuple[int, str, dict] | None:
        return next(self.failed(), None)
