"""Imports a register workbook into an empty installation and prints rows, seconds and the peak of memory.

python -m bench.importing [HOMES] [MONTHS] [FILE]: FILE is used when it is there, else written. Bar: < 400 MB for 10,000
homes with 24 months.
"""

import os
import subprocess
import sys
import tempfile
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
        first, peak = _import(path, environ)
        say(f"database: {(Path(made) / 'resident.db').stat().st_size / 1e6:.0f} MB")
        again, _ = _import(path, environ)
        return peak < BAR_MB and first and again


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
