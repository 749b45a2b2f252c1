"""Lighthouse (mobile) on the sign-in page, home, readings and invoices: the bar is 98 in each category, median of 5.

Needs Node and Chromium; the tool itself is installed here by npm, without its install scripts.
"""

import json
import os
import statistics
import subprocess
from pathlib import Path

from tests import chromium

from .served import Browser, portal

HERE = Path(__file__).parent
PAGES = {"sign-in": "/sign-in", "home": "/", "readings": "/readings", "invoices": "/invoices"}
CATEGORIES = ("performance", "accessibility", "best-practices")
RUNS, BAR = 5, 98


def scores(port: int, path: str, cookies: dict[str, str]) -> dict[str, float]:
    """category: points of 100, one run."""
    headers = json.dumps({"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {})
    command = [
        str(HERE / "node_modules/.bin/lighthouse"), f"http://127.0.0.1:{port}{path}", "--quiet", "--output=json",
        f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers}",
        "--chrome-flags=--headless=new --no-sandbox",
    ]  # fmt: skip
    environ = os.environ | {"CHROME_PATH": chromium.executable() or ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=180, check=True)
    categories = json.loads(done.stdout)["categories"]
    return {name: round(categories[name]["score"] * 100) for name in CATEGORIES}


def run() -> bool:
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)
    good = True
    with portal() as (port, _):
        browser = Browser(port)
        browser.sign_in("fi-tenant")
        for page, path in PAGES.items():
            found = [scores(port, path, {} if page == "sign-in" else browser.cookies) for _ in range(RUNS)]
            medians = {name: statistics.median(run[name] for run in found) for name in CATEGORIES}
            good &= all(value >= BAR for value in medians.values())
            print(f"lighthouse {page:9} " + ", ".join(f"{name} {value:.0f}" for name, value in medians.items()) + f", bar ≥ {BAR}")
    return good
