"""The house's list, of who has submitted, by staircase: at home and at the desk, and the building's use and balance, as a ratio of
a bare hello in the same run, and octets on the wire (bars of issue 4: 0.08 and 8 kB for the lists)."""

import statistics

from .served import Browser, portal
from .speed import rate

ROUNDS, BATCH = 5, 40
# name: (who opens it, its address, is it under the bars).
PAGES = {
    "house list": ("ru-owner", "/readings/house", True),
    "desk list": ("fi-office", "/desk/readings", True),
    "desk in Russian": ("ru-office", "/desk/readings", True),
    "staircase": ("fi-office", "/desk/readings?staircase=A", True),
    "building": ("ee-owner", "/consumption/building", False),
    "balance": ("fi-office", "/desk/balance", False),
    "estimates": ("fi-office", "/desk/estimates", False),
}
BAR, OCTETS = 0.08, 8000


def run() -> bool:
    good = True
    with portal() as (port, _):
        for name, (who, path, under) in PAGES.items():
            browser = Browser(port)
            browser.sign_in(who)
            octets = len(browser.fetch(path)[1])
            found = []
            for _round in range(ROUNDS):
                bare = rate(browser, "/bare/", BATCH * 4)
                found.append(rate(browser, path, BATCH) / bare)
            ratio = statistics.median(found)
            good &= not under or (ratio >= BAR and octets <= OCTETS)
            bar = f", bars ≥ {BAR}, ≤ {OCTETS}" if under else ""
            print(f"house     {name:15} {ratio:6.3f} of hello, {octets} octets{bar}")
    return good
