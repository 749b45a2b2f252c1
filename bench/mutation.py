"""Are the rules of metering and of money held by their tests? Each is changed in many small ways, and some test must notice.

`python -m bench mutation` tries every part, `python -m bench mutation interest money/order` those that are named: parts, or
modules of them. All of it takes hours, so it is not one of ALL: make mutation. What survives, and why: docs/mutation.md.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from configparser import ConfigParser
from pathlib import Path

from .served import ROOT

BAR = 0.9
# Each part is tried in a folder of its own, which stays: there `mutmut show NAME` shows a change.
WORK = ROOT / "mutants"
COPIED = ("app.py", "blueprints", "templates", "static", "translations", "bench", "deploy")
NOTICED = ("killed", "timeout")

# By part: {module of resident/: the tests next to it, under tests/}. A test that does not come to a changed function does not run.
PARTS = {
    "use": {
        "metering/value": ("metering/test_value.py",),
        "metering/usual": ("metering/test_usual.py", "metering/test_idle.py"),
        "metering/crossed": ("metering/test_idle.py",),
        "metering/counter": (
            "metering/test_counter.py",
            "metering/test_form.py",
            "metering/test_submission.py",
            "metering/test_remote_readings.py",
        ),
        "metering/checking": ("metering/test_verdicts.py", "metering/test_checking.py"),
    },
    "changes": {
        "metering/changing": (
            "desk/test_change_of_meter.py",
            "metering/test_changing.py",
            "metering/test_fitting.py",
            "metering/test_restoring.py",
            "metering/test_shared_meter.py",
        ),
    },
    "estimates": {
        "metering/ladder": ("metering/test_ladder.py",),
        "metering/estimating": ("metering/test_estimating.py", "metering/test_estimating_norm.py"),
    },
    "allocation": {
        "charging/calendar": ("charging/test_days.py",),
        "charging/counted": ("charging/test_days.py",),
        "charging/dividing": ("charging/test_dividing.py",),
        "charging/held": ("charging/test_days.py",),
        "charging/vat": ("charging/test_dividing.py",),
        "charging/weighing": ("charging/test_days.py", "charging/test_weighing.py"),
    },
    "interest": {
        "money/interest": ("money/test_interest.py",),
        "money/holiday": ("money/test_rates.py",),
        "money/rates": ("money/test_rates.py",),
    },
    "reference": {
        "money/references": ("money/test_references.py",),
        "paying/fitting": ("paying/test_codes.py",),
        "paying/epc": ("paying/test_codes.py",),
        "paying/bank_barcode": ("paying/test_codes.py",),
        "paying/st00012": ("paying/test_codes.py",),
        "paying/zbp": ("paying/test_codes.py",),
        "paying/payment_code": ("paying/test_payment_code.py",),
    },
    "matching": {
        "banking/matching": ("banking/test_matching.py",),
        "banking/likeness": ("banking/test_matching.py",),
        "banking/pattern": ("banking/test_matching.py",),
        "banking/evidence": ("banking/test_matching.py",),
    },
    "order": {
        "money/order": ("money/test_order.py",),
        "money/what_if": ("money/test_order.py",),
    },
}


def run(names: Iterable[str] = ()) -> bool:
    tried = [_part(part, modules) for part, modules in _wanted(tuple(names) or tuple(PARTS)).items()]
    return all(tried)


def _wanted(names: tuple[str, ...]) -> dict[str, dict[str, tuple[str, ...]]]:
    unknown = set(names) - {*PARTS, *(module for modules in PARTS.values() for module in modules)}
    if unknown:
        sys.exit(f"no such part or module: {', '.join(sorted(unknown))}; parts: {', '.join(PARTS)}")
    chosen = {part: {m: tests for m, tests in all_.items() if part in names or m in names} for part, all_ in PARTS.items()}
    return {part: modules for part, modules in chosen.items() if modules}


def _part(part: str, modules: dict[str, tuple[str, ...]]) -> bool:
    """Try these modules anew; prints the score of each and of all, and what no test noticed."""
    folder = WORK / part
    _prepare(folder, modules)
    _mutmut(folder, "run", "--max-children", "1")
    found = dict(line.split(": ") for line in _mutmut(folder, "results", "--all", "true").replace(" " * 4, "").splitlines())
    scores = [_score(module, {name: how for name, how in found.items() if _of(name, module)}) for module in modules]
    noticed, tried = (sum(one) for one in zip(*scores, strict=True))
    print(f"mutation of {part}: {noticed} of {tried} changes noticed, {noticed / tried:.3f} (bar {BAR})", flush=True)
    untold = Counter(name.rpartition("__mutmut_")[0] for name, how in found.items() if how == "no tests")
    print("".join(f"    {name}: {number} that no test comes to\n" for name, number in untold.items()), end="")
    print("".join(f"    {name}: {how}\n" for name, how in found.items() if how not in (*NOTICED, "no tests")), flush=True)
    return all(noticed >= BAR * tried for noticed, tried in scores)


def _score(module: str, found: dict[str, str]) -> tuple[int, int]:
    noticed = sum(how in NOTICED for how in found.values())
    print(f"  {module}: {noticed} of {len(found)}, {noticed / max(len(found), 1):.3f}")
    return noticed, len(found)


def _of(name: str, module: str) -> bool:
    return name.startswith(f"resident.{module.replace('/', '.')}.")


def _prepare(folder: Path, modules: dict[str, tuple[str, ...]]) -> None:
    """An empty place to try in: the house by links, and what mutmut and pytest are told."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in (*COPIED, "resident", "tests"):
        (folder / name).symlink_to(ROOT / name)
    told = ConfigParser()
    told["mutmut"] = {
        "source_paths": "resident",
        "only_mutate": _lines(f"resident/{module}.py" for module in modules),
        "also_copy": _lines(COPIED),
        "pytest_add_cli_args": _lines(("-k", "not postgresql", "--hypothesis-profile=mutation")),
        "pytest_add_cli_args_test_selection": _lines(sorted({f"tests/{test}" for tests in modules.values() for test in tests})),
    }
    told["tool:pytest"] = {
        "addopts": "-q -p no:cacheprovider",
        "markers": "\nbrowser: needs Chromium\nbar: measures a bar of the issue",
    }
    with (folder / "setup.cfg").open("w") as file:
        told.write(file)


def _lines(values: Iterable[str]) -> str:
    return "\n" + "\n".join(values)


def _mutmut(folder: Path, *what: str) -> str:
    """mutmut, as modestly as it can be run. What it says when it fails is said."""
    command = ["nice", "-n", "15", str(Path(sys.executable).with_name("mutmut")), *what]
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutmut {' '.join(what)} in {folder}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout
