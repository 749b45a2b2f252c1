"""Residents' pages with data a hundred times larger: how much slower (bar 1.15), and no full scan of a table.

Both portals run beside each other and are asked in turn, each measured against its own bare hello.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy import event

from .multiply import multiply
from .served import ROOT, Browser, portal
from .speed import BATCH, PAGES, ROUNDS, rate

TIMES, BAR = 100, 1.15
# Planner's lines that read no table from end to end; held_sample holds only what waits for somebody, a few rows.
HARMLESS = ("SCAN CONSTANT", "SCAN (", "SCAN anon", "SCAN subquery", "SCAN n", "SCAN held_sample", "SCAN edges", "SCAN json_each")
# Indexes of nothing but what waits for somebody: read from end to end on purpose, they lead to a few rows of a large table.
WAITING = ("INDEX ix_reading_pending", "INDEX ix_invoice_delivery_waiting")


def slowdown(small: int, large: int, name: str = "fi-tenant") -> dict[str, float]:
    """page: time with large data / time with small data (medians)."""
    browsers = {}
    for port in (small, large):
        browsers[port] = Browser(port)
        browsers[port].sign_in(name)
    found = {page: [] for page in PAGES}
    for _ in range(ROUNDS):
        for page, path in PAGES.items():
            ratio = {port: rate(one, path) / rate(one, "/bare/", BATCH * 4) for port, one in browsers.items()}
            found[page].append(ratio[small] / ratio[large])
    return {page: statistics.median(values) for page, values in found.items()}


def statements(app, fetch) -> list[tuple[str, object]]:
    """(SQL, parameters) of everything that a request sends to the database."""
    engine, seen = app.extensions["resident.db"].engine, []

    def note(_connection, _cursor, sql, parameters, _context, _many):
        seen.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        fetch()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [(sql, parameters) for sql, parameters in seen if not sql.startswith(("BEGIN", "PRAGMA"))]


def scans(app, asked: list[tuple[str, object]]) -> list[str]:
    """The planner's lines that read a whole table, for statements of statements()."""
    found = []
    with app.extensions["resident.db"].engine.connect() as connection:
        for sql, parameters in asked:
            if sql.startswith(("SELECT", "WITH")):
                plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, parameters).all()
                found += [row[3] for row in plan if row[3].startswith("SCAN") and not _harmless(row[3])]
    return found


def _harmless(line: str) -> bool:
    return line.startswith(HARMLESS) or line.endswith(WAITING)


def run() -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-scale-") as made:
        small, large = Path(made) / "small", Path(made) / "large"
        small.mkdir()
        for command in ("migrate", "demo"):
            environ = {"RESIDENT_DATA_DIR": str(small), "PATH": ""}
            subprocess.run([sys.executable, "-m", "flask", command], cwd=ROOT, env=environ, check=True, capture_output=True)
        shutil.copytree(small, large)
        multiply(large / "resident.db", TIMES)
        with portal(small) as (one, _), portal(large) as (hundred, _):
            found = slowdown(one, hundred)
    for page, ratio in found.items():
        print(f"scale     {page:10} with {TIMES} × the data takes {ratio:5.2f} × the time, bar ≤ {BAR}")
    return all(ratio <= BAR for ratio in found.values())
