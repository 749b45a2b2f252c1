"""The charts of a home with hourly data for two years, as a ratio of a bare hello in the same run: the bar is 0.08; 8 kB."""

import os
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from resident import clock, tables  # noqa: F401 – every table, for the keys between them
from resident.db import Database
from resident.homes.building import Unit
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.sample import Sample
from resident.people.person import Login, Person
from resident.people.tenure import Holding, Party

from .served import ROOT, Browser, portal
from .speed import BATCH, ROUNDS, rate

BAR, MOST, HOURS, NAME = 0.08, 8_000, 2 * 365 * 24, "fi-tenant"
PAGES = {
    "months": "/consumption?medium=gas",
    "days": "/consumption?medium=gas&step=day",
    "weeks": "/consumption?medium=gas&step=week",
    "years": "/consumption?medium=gas&step=year",
    "hours": "/consumption/hours?medium=gas",
    # Read by hand, with similar homes and prices.
    "water": "/consumption?medium=cold_water",
}


def with_hours(folder: Path) -> None:
    """The demo in a folder, the tenant's home with a meter that told each hour of two years."""
    for command in (["migrate"], ["demo"], ["worker", "--once"]):
        subprocess.run(
            [sys.executable, "-m", "flask", *command], cwd=ROOT, env=os.environ | {"RESIDENT_DATA_DIR": str(folder)}, check=True,
            capture_output=True,
        )  # fmt: skip
    db = Database(f"sqlite:///{folder / 'resident.db'}")
    with db.writing() as session:
        held = select(Unit.id).join(Holding, Holding.unit_id == Unit.id).join(Party, Party.tenure_id == Holding.tenure_id)
        held = held.join(Person, Person.id == Party.person_id).join(Login, Login.id == Person.login_id).where(Login.name == NAME)
        unit = session.get_one(Unit, session.scalar(held.order_by(Unit.kind != "home", Unit.id).limit(1)))
        organisation_id = session.scalar(select(Meter.organisation_id).where(Meter.unit_id == unit.id).limit(1))
        end = clock.now().replace(minute=0, second=0, microsecond=0)
        began = end - timedelta(hours=HOURS)
        meter = Meter(
            organisation_id=organisation_id, unit_id=unit.id, medium="gas", serial="BENCH-1", measure="m³",
            installed=began.date(), remote=True,
        )  # fmt: skip
        session.add(meter)
        session.flush()
        register = Register(meter_id=meter.id)
        session.add(register)
        session.flush()
        values = [(began + timedelta(hours=n), n * 7_000 + n % 24 * 3_000) for n in range(HOURS + 1)]
        session.execute(
            insert(Sample), [{"register_id": register.id, "at": int(at.timestamp()), "value": value} for at, value in values]
        )
        last = {at.date(): value for at, value in values}
        session.execute(
            insert(Reading),
            [
                {"register_id": register.id, "day": day, "value": value, "source": "remote", "state": "accepted", "counts": True,
                 "rolled_over": False, "via": "feed", "at": end}
                for day, value in last.items()
            ],
        )  # fmt: skip
    db.engine.dispose()


def run() -> bool:
    good = True
    with tempfile.TemporaryDirectory(prefix="resident-use-") as made:
        with_hours(Path(made))
        with portal(Path(made)) as (port, _):
            browser = Browser(port)
            browser.sign_in(NAME)
            for page, path in PAGES.items():
                ratios = []
                for _ in range(ROUNDS):
                    bare = rate(browser, "/bare/", BATCH * 2)
                    ratios.append(rate(browser, path, BATCH // 2) / bare)
                ratio, size = statistics.median(ratios), len(browser.fetch(path)[1])
                good &= ratio >= BAR and size <= MOST
                print(f"use       {page:10} {ratio:6.3f} of hello, {size:5} octets, bars ≥ {BAR}, ≤ {MOST}")
    return good
