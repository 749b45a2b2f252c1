"""Imports a register workbook into an empty installation and prints rows, seconds, the peak of memory, and how long others
could not write meanwhile.

python -m bench.importing [HOMES] [MONTHS] [FILE]: FILE is used when it is there, else written. Bar: < 400 MB for 10,000
homes with 24 months. The lock has no bar: how long it is held is the machine's speed of copying rows.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import workbook

ROOT = Path(__file__).parent.parent
BAR_MB = 400
_FOUND = (
    "organisation", "add", "--slug", "bench", "--name", "Bench", "--country", "FI", "--legal-form", "rental", "--languages",
    "fi sv en", "--tz", "Europe/Helsinki", "--currency", "EUR",
)  # fmt: skip


def run(homes: int = 10_000, months: int = 24, file: Path | None = None) -> bool:
    """Print the figures; True when the bar holds and the second import changes nothing."""
    with tempfile.TemporaryDirectory(prefix="resident-import-") as made:
        path = file or Path(made) / "register.xlsx"
        if not path.exists():
            began = time.monotonic()
            rows = workbook.write(path, homes, months)
            say(f"workbook: {sum(rows.values()):,} rows, {path.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.0f} s")
        environ = os.environ | {"RESIDENT_DATA_DIR": made}
        for command in (("migrate",), _FOUND):
            subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=environ, check=True, capture_output=True)
        with Probe(Path(made) / "resident.db") as probe:
            first, peak = _import(path, environ)
        say(probe.told())
        say(f"database: {(Path(made) / 'resident.db').stat().st_size / 1e6:.0f} MB")
        again, _ = _import(path, environ)
        return peak < BAR_MB and first and again


class Probe:
    """Another writer, who tries fifty times a second and notes how long the lock was not to be had."""

    def __init__(self, path: Path):
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._try)
        self.held, self.longest = 0.0, 0.0

    def __enter__(self) -> "Probe":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()
        self._db.close()

    def _try(self) -> None:
        since = None
        while not self._over.wait(0.02):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute("ROLLBACK")
            except sqlite3.OperationalError:
                since = since or time.monotonic()
                continue
            if since:
                stretch = time.monotonic() - since
                self.held, self.longest, since = self.held + stretch, max(self.longest, stretch), None

    def told(self) -> str:
        return (
            f"write lock: held {self.held:.1f} s in all; another writer would wait {self.longest:.1f} s at most (refused after 5 s)"
        )


def _import(path: Path, environ: dict) -> tuple[bool, float]:
    """(did it end well, peak of memory in MB)"""
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, "-m", "flask", "import", str(path), "--organisation", "bench"], cwd=ROOT, env=environ)
    _, status, usage = os.wait4(child.pid, 0)
    peak = usage.ru_maxrss / 1024
    say(f"import: {time.monotonic() - began:.0f} s, peak {peak:.0f} MB (bar {BAR_MB})")
    return status == 0, peak


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    good = run(*numbers, **({"file": Path(sys.argv[3])} if len(sys.argv) > 3 else {}))
    raise SystemExit(0 if good else 1)
