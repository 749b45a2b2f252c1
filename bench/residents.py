"""Residents who open their pages all the time while something else goes on, and how long the slowest of them waits."""

import re
import statistics
import threading
import time
from collections import defaultdict

from .served import Browser

PAUSE = 0.05
HOME, INVOICES, INVOICE = "/", "/invoices", "/invoices/ID"


class Residents:
    """In a with block, one thread each. times: by page, milliseconds of each answer."""

    def __init__(self, port: int, names: list[str]):
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self._over = threading.Event()
        self._browsers = [Browser(port) for _ in names]
        for browser, name in zip(self._browsers, names, strict=True):
            browser.sign_in(name)
        self._threads = [threading.Thread(target=self._look, args=(browser,)) for browser in self._browsers]

    def __enter__(self) -> "Residents":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _look(self, browser: Browser) -> None:
        _, listed, _ = browser.fetch(INVOICES, **{"Accept-Encoding": "identity"})
        invoice = re.search(rb'href="(/invoices/\d+)"', listed)
        pages = {HOME: HOME, INVOICES: INVOICES} | ({INVOICE: invoice[1].decode()} if invoice else {})
        while not self._over.is_set():
            for page, path in pages.items():
                began = time.perf_counter()
                status, *_ = browser.fetch(path)
                self.times[page].append((time.perf_counter() - began) * 1000)
                if status != 200:
                    self.errors.append(f"{status} {path}")
                self._over.wait(PAUSE)

    @property
    def slowest(self) -> float:
        return max(max(times) for times in self.times.values())

    def told(self) -> list[str]:
        """A line for each page."""
        return [
            f"{page:12} {len(times):5} times: median {statistics.median(times):.0f} ms, "
            f"p99 {statistics.quantiles(times, n=100)[-1]:.0f} ms, slowest {max(times):.0f} ms"
            for page, times in self.times.items()
        ]
