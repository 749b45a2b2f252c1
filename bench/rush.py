"""The last evening of a reading window: 500 people in one minute, in bursts of 50 a second, each opening a link, checking and
confirming, while a nightly file of remote readings is read in, on SQLite and the portal's four threads.

Bars: no error, the slowest of a hundred requests within a second. Then the same again, and the portal is killed in the middle:
nothing that was acknowledged may be lost, nothing doubled. Loopback only; it ends by itself.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import func, insert, select

from bench import feed
from resident import clock, schema
from resident.db import SCALE, Database
from resident.homes.building import Building, Unit, natural
from resident.metering import entry_link
from resident.metering.entry_link import EntryLink
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading, Receipt
from resident.metering.slip import Slip
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure

from .served import Browser, portal

PEOPLE, BURST, MINUTE = 500, 50, 60
# Four registers each; a nightly file of so many meters is read meanwhile.
REGISTERS, NIGHTLY = 4, 2_000
# Seconds that it takes at the least to type four counters, and to look over what was typed; at the most as many again.
TYPING = (4.0, 1.0)
SLOWEST = 1.0
ERRORS = (OSError, HTTPException, ValueError, TypeError)


@dataclass
class Seen:
    """What one rush came to. acknowledged: by register, the value whose receipt was given."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self) -> str:
        worst = statistics.quantiles(self.times, n=100)[-1]
        return f"{len(self.times)} requests, median {statistics.median(self.times) * 1000:.0f} ms, p99 {worst * 1000:.0f} ms"

    def good(self) -> bool:
        return not self.errors and statistics.quantiles(self.times, n=100)[-1] <= SLOWEST


def run() -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-rush-") as made:
        folder = Path(made)
        links = _house(folder)
        # Behind a web server, as in production: it says which address each of them comes from.
        with portal(folder, trusted_proxy="127.0.0.1") as (port, _), _Night(folder) as night:
            seen = _rush(port, links, steps=1)
        print(f"rush      {PEOPLE} people in {MINUTE} s, bursts of {BURST}: {seen.told()}, bar ≤ {SLOWEST:.0f} s")
        print(f"rush      meanwhile a file was read {night.told()}")
        print(f"rush      {len(seen.errors)} errors {seen.errors[:3]}, bar 0")
        return all([seen.good(), night.read > 0, _kept(folder, seen), _killed(folder, links)])


def _killed(folder: Path, links: list) -> bool:
    """The rush again; in its middle the portal is killed, started anew, and everybody who got no answer sends again."""
    seen = Seen()
    with portal(folder, trusted_proxy="127.0.0.1") as (port, process):
        timer = threading.Timer(MINUTE / 4, lambda: os.kill(process, signal.SIGKILL))
        timer.start()
        _rush(port, links, steps=2, seen=seen, seconds=MINUTE / 2)
        timer.join()
    before = len(seen.acknowledged)
    everything = len(links) * REGISTERS
    print(f"rush      killed with {before} of {everything} readings acknowledged, {len(seen.errors)} people without an answer")
    lost = _kept(folder, seen)
    with portal(folder, trusted_proxy="127.0.0.1") as (port, _):
        seen.errors.clear()
        _rush(port, links, steps=2, seen=seen, seconds=MINUTE / 2)
    return lost and _kept(folder, seen) and not seen.errors and 0 < before < everything


def _kept(folder: Path, seen: Seen) -> bool:
    """Is each acknowledged value the one that counts, each form one slip and one receipt, and no register counted twice?"""
    db = Database(f"sqlite:///{folder / 'resident.db'}")
    with db.reading() as session:
        counting = dict(
            session.execute(select(Reading.register_id, Reading.value).where(Reading.counts, Reading.via == "link")).all()
        )
        lost = {register for register, value in seen.acknowledged.items() if counting.get(register) != value}
        receipts, slips, booked = (
            session.scalar(select(func.count()).select_from(Receipt)),
            session.scalar(select(func.count()).select_from(Slip)),
            session.scalar(select(func.count(Slip.receipt_id.distinct()))),
        )
        once = Reading.receipt_id, Reading.register_id
        twice = select(*once).where(Reading.receipt_id.is_not(None)).group_by(*once).having(func.count() > 1)
        doubled = session.execute(twice).all()
    db.engine.dispose()
    told = f"{len(seen.acknowledged)} values acknowledged, {len(lost)} lost, {len(doubled)} doubled"
    print(f"rush      {told}; {receipts} receipts of {slips} slips")
    return not lost and not doubled and receipts == slips == booked


# ---- People ----------------------------------------------------------------------------------------------------------


def _rush(port: int, links: list, steps: int, seen: Seen | None = None, seconds: float = MINUTE) -> Seen:
    """Bursts at a steady pace: so many people at once, each a thread of their own, then a pause."""
    seen, bursts = seen or Seen(), len(links) // BURST
    threads = [threading.Thread(target=_person, args=(port, number, link, steps, seen)) for number, link in enumerate(links)]
    began = time.monotonic()
    for burst in range(bursts):
        time.sleep(max(0.0, began + burst * seconds / bursts - time.monotonic()))
        for place, thread in enumerate(threads[burst * BURST : (burst + 1) * BURST]):
            thread.start()
            time.sleep(max(0.0, began + burst * seconds / bursts + (place + 1) / BURST - time.monotonic()))
    for thread in threads:
        thread.join(MINUTE)
    return seen


def _person(port: int, number: int, link: tuple, steps: int, seen: Seen) -> None:
    """Opens the link, types, checks, looks, confirms. steps: what the counters show beside the first rush's."""
    path, registers, start = link
    if steps == 2 and all(register in seen.acknowledged for register in registers):
        return
    browser = Browser(port)
    browser.headers |= {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250 + 1}", "Accept-Encoding": "identity"}
    value, pace = start + steps * 3 * SCALE, number * 37 % 100 / 100
    try:
        page = _fetch(browser, seen, path)
        time.sleep(TYPING[0] * (1 + pace))
        typed = {f"m{register}": str(value // SCALE) for register in registers}
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()
        checked = _fetch(
            browser, seen, f"{path}/check", {"csrf_token": token, "day": clock.today("Europe/Helsinki").isoformat(), **typed}
        )
        form = dict(re.findall(rb'<input type="hidden" name="(\w+)" value="([^"]*)"', checked[checked.index(b'id="entry"') :]))
        time.sleep(TYPING[1] * (1 + pace))
        _fetch(browser, seen, path, {name.decode(): given.decode() for name, given in form.items()}, 303)
        with seen.lock:
            seen.acknowledged |= dict.fromkeys(registers, value)
    except ERRORS as error:
        with seen.lock:
            seen.errors.append(f"{type(error).__name__} {error}")


def _fetch(browser: Browser, seen: Seen, path: str, body: dict | None = None, wanted: int = 200) -> bytes:
    began = time.perf_counter()
    status, content, _headers = browser.fetch(path, body)
    with seen.lock:
        seen.times.append(time.perf_counter() - began)
    if status != wanted:
        raise ValueError(f"{status} {path[-12:]}")
    return content


# ---- The house and the night -----------------------------------------------------------------------------------------


def _house(folder: Path) -> list[tuple[str, list[int], int]]:
    """A house of 500 homes with four counters each and an open window, beside the meters of the nightly file.
    [(address of the link, its registers, last value)]"""
    db = Database(f"sqlite:///{folder / 'resident.db'}")
    schema.upgrade(db)
    organisation = feed._fill(db, NIGHTLY)
    feed._write(folder / "night.csv", NIGHTLY)
    today, start = clock.today("Europe/Helsinki"), 400 * SCALE
    key = _key(folder)
    found = []
    with db.writing() as session:
        building = Building(organisation_id=organisation, code="R", address="Rush 1")
        session.add(building)
        session.flush()
        period = BillingPeriod(
            building_id=building.id, name=today.isoformat()[:7], state="open", use_first=today.replace(day=1), use_last=today,
            bill_first=today.replace(day=1), bill_last=today,
        )  # fmt: skip
        session.add(period)
        session.flush()
        window = {"first": today - timedelta(days=2), "last": today + timedelta(days=2), "opened_at": clock.now()}
        session.add(ReadingWindow(period_id=period.id, **window))
        for number in range(PEOPLE):
            link, registers = _home(session, organisation, building.id, period.id, number)
            rows = [{"register_id": id, "day": today - timedelta(days=30), "value": start} for id in registers]
            session.execute(insert(Reading), [row | {"source": "import", "at": clock.now()} for row in rows])
            found.append((f"/e/{entry_link.token(key, link)}", registers, start))
    db.engine.dispose()
    return found


def _key(folder: Path) -> str:
    from resident.settings import load

    return load({"RESIDENT_DATA_DIR": str(folder)}).secret_key


def _home(session, organisation: int, building: int, period: int, number: int) -> tuple[EntryLink, list[int]]:
    first = date(2020, 1, 1)
    unit = Unit(building_id=building, number=str(number + 1), sort_key=natural(None, str(number + 1)), first=first)
    person = Person(organisation_id=organisation, name=f"Person {number}", search_key=f"person {number}")
    tenure = Tenure(organisation_id=organisation, kind="lease", first=first)
    session.add_all((unit, person, tenure))
    session.flush()
    session.add(Holding(tenure_id=tenure.id, unit_id=unit.id, first=first))
    session.add(Party(tenure_id=tenure.id, person_id=person.id, role="primary", first=first))
    registers = []
    for place, medium in enumerate(("cold_water", "cold_water", "hot_water", "hot_water")[:REGISTERS]):
        common = {"organisation_id": organisation, "unit_id": unit.id, "medium": medium, "measure": "m³", "installed": first}
        meter = Meter(serial=f"R-{number}-{place}", place=f"tap {place}", **common)
        session.add(meter)
        session.flush()
        register = Register(meter_id=meter.id)
        session.add(register)
        session.flush()
        registers.append(register.id)
    return EntryLink(unit.id, period, tenure.id, person.id if number % 2 else None), registers


class _Night:
    """The nightly file, read again and again by the portal's own command as long as the rush lasts."""

    def __init__(self, folder: Path):
        self._folder, self._over, self.read = folder, threading.Event(), 0
        self._thread = threading.Thread(target=self._again)

    def __enter__(self) -> "_Night":
        self._thread.start()
        return self

    def __exit__(self, *_given) -> None:
        self._over.set()
        self._thread.join()

    def told(self) -> str:
        return f"{self.read} times, {NIGHTLY * feed.A_DAY:,} values each"

    def _again(self) -> None:
        environ = os.environ | {"RESIDENT_DATA_DIR": str(self._folder)}
        command = [
            sys.executable,
            "-m",
            "flask",
            "feed",
            str(self._folder / "night.csv"),
            "--feed",
            "night",
            "--organisation",
            "bench",
        ]
        while not self._over.is_set():
            # The worker would try again what found the store locked for too long.
            done = subprocess.run(command, cwd=feed.ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.read += done.returncode == 0
