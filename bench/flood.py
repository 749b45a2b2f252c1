"""A flood of sign-ins (M3): 50 a second from 50 addresses on 50 accounts may slow other pages to twice their time at most."""

import re
import statistics
import threading
import time

from resident.demo import NAMES, PASSWORD

from .served import Browser, portal

SIGN_INS, ADDRESSES = 50, 50
SECONDS = 20
BAR = 2.0
PAGE = "/readings"
ACCOUNTS = [*NAMES, *(f"resident-{number}" for number in range(50))][:50]


def run() -> bool:
    # Behind a web server, as in production: it says which address each sign-in comes from.
    with portal(trusted_proxy="127.0.0.1") as (port, _):
        reader = Browser(port)
        reader.headers["X-Forwarded-For"] = "192.0.2.250"
        reader.sign_in("fi-tenant")
        calm = _times(reader, SECONDS / 2)
        flood = _Flood(port)
        flood.begin()
        storm = _times(reader, SECONDS)
        sent, statuses = flood.end()
    ratio = statistics.median(storm) / statistics.median(calm)
    worst = statistics.quantiles(storm, n=20)[-1] / statistics.quantiles(calm, n=20)[-1]
    before, during = (statistics.median(times) * 1000 for times in (calm, storm))
    print(f"flood     {PAGE} {before:.1f} ms, in the flood {during:.1f} ms: {ratio:.2f} ×, slowest 5 % {worst:.2f} ×, bar ≤ {BAR}")
    print(f"flood     {sent / SECONDS:.0f} sign-ins/s, answered {statuses}")
    return ratio <= BAR and sent >= SIGN_INS * SECONDS * 0.9


def _times(browser: Browser, seconds: float) -> list[float]:
    """Seconds of each view, ten a second."""
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        status, *_ = browser.fetch(PAGE)
        assert status == 200, status
        found.append(time.perf_counter() - began)
        time.sleep(max(0.0, 0.1 - found[-1]))
    return found


class _Flood:
    """Ten threads that sign in at a steady pace, each from five addresses to five accounts. Those of the demo are there and
    the password is right, so that no limit stops them; the others are invented."""

    THREADS = 10

    def __init__(self, port: int):
        self.port, self.ending = port, threading.Event()
        self.counts, self.lock = {}, threading.Lock()
        self.threads = [threading.Thread(target=self._send, args=(one,)) for one in range(self.THREADS)]

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    def end(self) -> tuple[int, dict[int, int]]:
        """How many were sent, and how they were answered: status: number."""
        self.ending.set()
        for thread in self.threads:
            thread.join(30)
        return sum(self.counts.values()), self.counts

    def _send(self, one: int) -> None:
        browser = Browser(self.port)
        _, page, _ = browser.fetch("/sign-in", **{"Accept-Encoding": "identity"})
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()
        cookies = dict(browser.cookies)
        pace, turn, due = self.THREADS / SIGN_INS, 0, time.monotonic()
        while not self.ending.is_set():
            mine = one * (ADDRESSES // self.THREADS) + turn % (ADDRESSES // self.THREADS)
            sent = {"csrf_token": token, "username": ACCOUNTS[mine], "password": PASSWORD}
            # The form's cookie only: nobody is signed in already.
            browser.cookies = dict(cookies)
            status, *_ = browser.fetch("/sign-in", sent, **{"X-Forwarded-For": f"198.51.100.{mine + 1}"})
            with self.lock:
                self.counts[status] = self.counts.get(status, 0) + 1
            turn, due = turn + 1, due + pace
            time.sleep(max(0.0, due - time.monotonic()))
