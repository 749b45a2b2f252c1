"""Where Chromium is: Debian's, the one named in RESIDENT_TEST_CHROMIUM, or one that Playwright brought.

Where Debian's is there without its window as well (chromium-headless-shell), that takes most journeys in two thirds of the time.
"""

import os
import shutil
from pathlib import Path

HOW = "Chromium is missing. On Debian or Ubuntu: apt-get install chromium. Elsewhere: .venv/bin/playwright install chromium."


def executable() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("RESIDENT_TEST_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    brought = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(brought[-1]) if brought else None


def shell() -> str | None:
    """The path of a Chromium for journeys that need no more than pages: no background work, no second start."""
    return os.environ.get("RESIDENT_TEST_CHROMIUM") or shutil.which("chromium-headless-shell") or executable()
