"""Are the rules of metering held by their tests? Each is changed in many small ways, and some test must notice (bar 0.9).

What is changed, and by which tests it must be noticed: [tool.mutmut] in pyproject.toml. It takes an hour and more, so it is
not one of ALL: make mutation. What survives, and why that is right: docs/mutation.md.
"""

import json
import subprocess
import sys
from pathlib import Path

from .served import ROOT

BAR = 0.9
CHILDREN = "2"
_STATS = Path("mutants/mutmut-cicd-stats.json")


def run() -> bool:
    _mutmut("run", "--max-children", CHILDREN)
    _mutmut("export-cicd-stats")
    found = json.loads((ROOT / _STATS).read_text())
    tried = found["total"] - found["skipped"]
    noticed = found["killed"] + found["timeout"]
    score = noticed / tried
    print(f"mutation: {noticed} of {tried} changes noticed, {score:.3f} (bar {BAR})")
    print(_mutmut("results").stdout)
    return score >= BAR


def _mutmut(*what: str) -> subprocess.CompletedProcess:
    """mutmut, as modestly as it can be run."""
    command = ["nice", "-n", "19", str(Path(sys.executable).with_name("mutmut")), *what]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
