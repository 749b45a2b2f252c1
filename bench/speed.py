"""Residents' pages as a ratio of a bare Flask hello on the same waitress in the same run (P1): the bar is 0.12."""

import statistics
import time

from .served import Browser, portal

ROUNDS, BATCH = 7, 120
PAGES = {"home": "/", "readings": "/readings", "invoices": "/invoices"}
BAR = 0.12


def rate(browser: Browser, path: str, requests: int = BATCH) -> float:
    """Requests a second, one after another."""
    began = time.perf_counter()
    for _ in range(requests):
        status, *_ = browser.fetch(path)
        assert status == 200, (path, status)
    return requests / (time.perf_counter() - began)


def ratios(port: int, name: str = "fi-tenant") -> dict[str, tuple[float, float]]:
    """page: (median ratio, median requests a second), interleaved with the hello."""
    browser = Browser(port)
    browser.sign_in(name)
    found = {page: [] for page in PAGES}
    for _ in range(ROUNDS):
        for page, path in PAGES.items():
            bare = rate(browser, "/bare/", BATCH * 4)
            own = rate(browser, path)
            found[page].append((own / bare, own))
    return {page: (statistics.median(r for r, _ in rows), statistics.median(o for _, o in rows)) for page, rows in found.items()}


def run() -> bool:
    good = True
    with portal() as (port, _):
        for page, (ratio, own) in ratios(port).items():
            good &= ratio >= BAR
            print(f"speed     {page:10} {ratio:6.3f} of hello ({own:5.0f}/s), bar ≥ {BAR}")
    return good
