"""Where Chromium is: Debian's, the one named in RESIDENT_TEST_CHROMIUM, or one that Playwright brought."""

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
