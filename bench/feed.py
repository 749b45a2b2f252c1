"""Reads a nightly file of remote readings into an installation and prints seconds, the peak of memory, and how long a resident's
submission would wait meanwhile; then reads it again, which must change nothing.

python -m bench.feed [METERS] [DATABASE_URL]: each meter sends 96 values, one each quarter of an hour; 10,417 meters make a million.
Bars: 120 s, 300 MB, 300 ms for whoever writes meanwhile.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from resident import audit, clock, schema
from resident.db import SCALE, Database
from resident.homes.building import Building, Unit, natural
from resident.homes.organisation import Organisation
from resident.metering.feed import Feed
from resident.metering.feed_mapping import Mapping
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.sample import Sample

ROOT = Path(__file__).parent.parent
SECONDS, MEGABYTES, WAIT_MS = 120, 300, 300
A_DAY = 96
# Homes of one building.
HOMES = 200


def run(meters: int = 10_417, url: str = "") -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-feed-") as made:
        folder = Path(made)
        environ = os.environ | {"RESIDENT_DATA_DIR": made, "RESIDENT_DATABASE_URL": url or f"sqlite:///{folder}/resident.db"}
        db = Database(environ["RESIDENT_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
        schema.upgrade(db)
        organisation = _fill(db, meters)
        path = _write(folder / "night.csv", meters)
        rows = meters * A_DAY
        print(f"feed      {rows:,} values of {meters:,} meters, {path.stat().st_size / 1e6:.0f} MB, {db.engine.dialect.name}")
        with Submissions(db, organisation) as others:
            seconds, busy, peak = _read(path, environ)
        held = _stored(db)
        print(f"feed      read in {seconds:.0f} s, {busy:.0f} of a processor (bar {SECONDS})")
        print(f"feed      peak {peak:.0f} MB (bar {MEGABYTES}): {held[0]:,} samples, {held[1]:,} readings")
        print(f"feed      {others.told()}, bar ≤ {WAIT_MS} ms")
        again, *_ = _read(path, environ)
        same = _stored(db) == held == (rows, meters)
        print(f"feed      read again in {again:.0f} s: {'nothing changed' if same else 'NOT the same'}")
        db.engine.dispose()
        return same and max(seconds, again) <= SECONDS and peak < MEGABYTES and others.worst() <= WAIT_MS


def _fill(db: Database, meters: int) -> int:
    with db.writing() as session:
        organisation = Organisation(
            slug="bench",
            name="Bench",
            legal_form="rental",
            country="FI",
            currency="EUR",
            tz="Europe/Helsinki",
            languages="en",
            payee={},
        )
        session.add(organisation)
        session.flush()
        first = date(2020, 1, 1)
        for start in range(0, meters, HOMES):
            building = Building(organisation_id=organisation.id, code=f"B{start}", address=f"Bench {start}")
            session.add(building)
            session.flush()
            numbers = range(start, min(start + HOMES, meters))
            units = [
                Unit(building_id=building.id, number=str(one), sort_key=natural(None, str(one)), first=first) for one in numbers
            ]
            session.add_all(units)
            session.flush()
            common = {"medium": "cold_water", "measure": "m³", "installed": first, "remote": True}
            made = [
                Meter(organisation_id=organisation.id, unit_id=unit.id, serial=unit.number.zfill(8), **common) for unit in units
            ]
            session.add_all(made)
            session.flush()
            session.execute(insert(Register), [{"meter_id": meter.id} for meter in made])
        mapping = Mapping(heading=("serial", "time", "value"), order="ymd", zone="utc", unit="l", every=900)
        session.add(
            Feed(organisation_id=organisation.id, name="Bench", slug="night", mapping=mapping.stored(), made_at=clock.now())
        )
        return organisation.id


def _write(path: Path, meters: int) -> Path:
    """All meters, quarter by quarter, as a system writes what it hears; the local day that has passed."""
    begins = clock.begins(clock.today("Europe/Helsinki") - timedelta(days=1), "Europe/Helsinki").timestamp()
    with path.open("w") as file:
        file.write("serial;time;value\n")
        for quarter in range(A_DAY):
            moment = datetime.fromtimestamp(begins + quarter * 900, clock.UTC).strftime("%Y-%m-%d %H:%M:%S")
            file.writelines(f"{meter:08d};{moment};{100_000 + meter + quarter * (meter % 7)}\n" for meter in range(meters))
    return path


def _read(path: Path, environ: dict) -> tuple[float, float, float]:
    """(seconds, those of them that a processor worked for it, peak of memory in MB)"""
    began = time.monotonic()
    command = [sys.executable, "-m", "flask", "feed", str(path), "--feed", "night", "--organisation", "bench"]
    child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("the file could not be read")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _stored(db: Database) -> tuple[int, int]:
    with db.reading() as session:
        values = session.scalar(select(func.count()).select_from(Sample))
        return values, session.scalar(select(func.count()).select_from(Reading).where(Reading.counts, Reading.value >= SCALE))


class Submissions:
    """Another process that writes as a submission does – the turn, a row, the commit on disk – ten times a second."""

    def __init__(self, db: Database, organisation_id: int):
        self._db, self._organisation, self._over = db, organisation_id, threading.Event()
        self._thread, self.times = threading.Thread(target=self._submit), []

    def __enter__(self) -> "Submissions":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _submit(self) -> None:
        while not self._over.wait(0.1):
            began = time.perf_counter()
            with self._db.writing() as session:
                audit.record(session, "readings_submitted", organisation_id=self._organisation)
            self.times.append((time.perf_counter() - began) * 1000)

    def worst(self) -> float:
        return max(self.times)

    def told(self) -> str:
        median, slow = statistics.median(self.times), statistics.quantiles(self.times, n=100)[-1]
        return f"{len(self.times)} submissions meanwhile: median {median:.0f} ms, p99 {slow:.0f} ms, longest {self.worst():.0f} ms"


if __name__ == "__main__":
    given = sys.argv[1:]
    raise SystemExit(0 if run(*(int(word) if word.isdigit() else word for word in given)) else 1)
