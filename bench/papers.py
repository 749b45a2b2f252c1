"""Invoices of ten lines drawn as PDF with the code that pays them, in each of four countries; then a print run as the worker draws
it, killed in its middle and begun again. Bars: 20 ms each, 300 MB, nothing lost, nothing doubled.

python -m bench.papers [INVOICES [--whole]]: INVOICES of the print run, 1,000 unless given; --whole: 10,000.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pypdfium2
import zxingcpp
from sqlalchemy import func, select, update

from blueprints import _invoice_words as invoice_words
from resident import schema
from resident.access import Actor
from resident.charging import allocating, confirming, printing, scene
from resident.charging.print_run import PrintRun
from resident.db import SCALE, Database
from resident.jobs import Job
from resident.money.invoice import Invoice, InvoiceDelivery
from resident.money.period import BillingPeriod
from resident.money.sheet import Line, Sheet
from resident.people.person import Person

from .company import fill
from .served import ROOT

EACH, RUN, WHOLE, BAR_MS, MEGABYTES = 400, 1_000, 10_000, 20, 300
# Of so many pages the code of one is read.
SAMPLE = 100
# Country, currency, language, reference, payee.
COUNTRIES = (
    ("FI", "EUR", "fi", "1234561", {"iban": "FI7944052020036082", "bic": "OKOYFIHH"}),
    ("EE", "EUR", "et", "1234561", {"iban": "EE382200221020145685", "bic": "HABAEE2X"}),
    ("PL", "PLN", "pl", "73124012341234000000000017", {"iban": "PL61109010140000071219812874"}),
    ("RU", "RUB", "ru", "0100123", {"account": "40702810138250123017", "bic": "044525225", "bank": "Банк"}),
)


def run(invoices: int = RUN) -> bool:
    return all([*map(_drawn, COUNTRIES), _printed(invoices)])


def _drawn(country: tuple) -> bool:
    size, began = 0, time.process_time()
    for number in range(EACH):
        sheet = _sheet(number, *country)
        size += len(invoice_words.paper(sheet, ())[1])
    each = (time.process_time() - began) / EACH * 1000
    codes = invoice_words.code(sheet) is not None
    print(f"papers    {EACH:,} of {country[0]}, {size / EACH / 1000:.0f} KB, {'with' if codes else 'WITHOUT'} code: "
          f"{each:.1f} ms of a core each (bar ≤ {BAR_MS})")  # fmt: skip
    return codes and each <= BAR_MS


def _sheet(number: int, country: str, currency: str, language: str, reference: str, payee: dict) -> Sheet:
    lines = tuple(Line(f"Vastike {place}", 54_300_000, "m²", 4 * SCALE + place, 21720 + place, None, False) for place in range(10))
    total = sum(line.amount for line in lines)
    return Sheet(
        id=number, number=f"2026-{number:05d}", kind="period", month="2026-10", issued=date(2026, 10, 1), due=date(2026, 10, 15),
        total=total, currency=currency, language=language,
        addressee={"name": f"Asukas {number}", "home": f"Pihlajakuja 6 A {number}"}, reference=reference,
        estimated=False, void=False, account_id=number, account=str(number),
        creditor={
            "id": 1, "name": "Bench", "country": country, "registry_code": "1234567-8", "address": None, "phone": None,
            "email": None, "languages": language,
        },
        payee={"payee": "Bench"} | payee, open=total, last_day=date(2026, 10, 15), paid_on=None, lines=lines,
    )  # fmt: skip


# ---- A print run -----------------------------------------------------------------------------------------------------


def _printed(invoices: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-papers-") as made:
        folder = Path(made)
        db = Database(f"sqlite:///{folder / 'resident.db'}")
        _order(db, invoices)
        with _worker(folder) as process:
            first = _watch(db, process, invoices // 2)
            process.send_signal(signal.SIGKILL)
            process.wait()
        with db.writing() as session:
            # Another worker takes the job when the claim of the one that died lapses: five minutes, which are not waited for here.
            session.execute(update(Job).where(Job.kind == printing.KIND).values(claimed_until=None))
        pieces = len(list(printing.folder(folder).glob("*.part")))
        with _worker(folder) as process:
            second = _watch(db, process, invoices)
        return _whole(db, folder, invoices, first, second, pieces)


def _order(db: Database, invoices: int) -> None:
    """One building of so many homes, its month invoiced, everybody's invoice wanted on paper and ordered."""
    schema.upgrade(db)
    fill(db, invoices, invoices)
    with db.writing() as session:
        session.execute(update(Person).values(invoice_paper=True))
        period = session.scalar(select(BillingPeriod))
        creditor = scene.controller(session, period.building_id)
        by = Actor(None, None, creditor.id, "accountant", "bench")
        allocating.allocate(session, period, by=by)
        confirming.confirm(session, period, by=by)
        printing.order(session, period, creditor, by=by, undisclosed=True)


@contextmanager
def _worker(folder: Path):
    environ = os.environ | {"RESIDENT_DATA_DIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "flask", "worker"], cwd=ROOT, env=environ, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _watch(db: Database, process: subprocess.Popen, until: int) -> tuple[int, float, float, float]:
    """(invoices drawn, seconds, seconds of a core, peak of memory in MB) when so many are drawn; when all are, with the file."""
    began, place = time.monotonic(), Path(f"/proc/{process.pid}")
    while True:
        with db.reading() as session:
            run = session.scalar(select(PrintRun))
        peak = re.search(r"VmHWM:\s+(\d+)", (place / "status").read_text())
        used = (place / "stat").read_text().rpartition(")")[2].split()
        if run.ended_at or (run.done >= until and until < len(run.deliveries)):
            core = (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")
            return run.done, time.monotonic() - began, core, int(peak[1]) / 1024
        if process.poll() is not None:
            raise SystemExit("the worker ended by itself")
        time.sleep(0.02)


def _whole(db: Database, folder: Path, invoices: int, first: tuple, second: tuple, pieces: int) -> bool:
    """Is each invoice in the file once, in the order of numbers, and recorded once?"""
    with db.reading() as session:
        run = session.scalar(select(PrintRun))
        numbers = session.scalars(select(Invoice.number).order_by(Invoice.number)).all()
        recorded = session.execute(
            select(func.count(), func.count(InvoiceDelivery.run_id), func.count(InvoiceDelivery.invoice_id.distinct()))
        ).one()
    path = printing.file(run, folder)
    papers, codes = _read(path)
    peak = max(first[3], second[3])
    times = Counter(papers)
    lost, doubled = set(numbers) - times.keys(), [number for number in times if times[number] > 1]
    each, size = (first[2] + second[2]) / invoices * 1000, path.stat().st_size / 1e6
    print(f"papers    print run of {invoices:,}: killed at {first[0]:,} after {first[1]:.1f} s, begun again with {pieces} pieces, "
          f"ended after {second[1]:.1f} s more")  # fmt: skip
    print(f"papers    {each:.1f} ms of a core each (bar ≤ {BAR_MS}), peak {peak:.0f} MB (bar {MEGABYTES}), file of {size:.1f} MB")
    print(f"papers    {len(papers):,} papers with {codes} of {-(-len(papers) // SAMPLE)} codes tried, {len(lost)} lost, "
          f"{len(doubled)} doubled, {recorded[1]:,} of {recorded[0]:,} deliveries recorded")  # fmt: skip
    whole = papers == list(numbers) and tuple(recorded) == (invoices,) * 3 and second[0] == invoices and pieces
    return whole and codes == -(-len(papers) // SAMPLE) and each <= BAR_MS and peak < MEGABYTES


def _read(path: Path) -> tuple[list[int], int]:
    """(the number of the invoice on each page, how many of every SAMPLEth page have a code that another program reads)."""
    papers, codes = [], 0
    with pypdfium2.PdfDocument(path) as made:
        for place in range(len(made)):
            page = made[place]
            papers.append(int(re.search(r"\b2\d{3}-(\d+)\b", page.get_textpage().get_text_bounded())[1]))
            if place % SAMPLE == 0:
                codes += bool(zxingcpp.read_barcodes(page.render(scale=3).to_pil()))
    return papers, codes


if __name__ == "__main__":
    given = [WHOLE if word == "--whole" else int(word) for word in sys.argv[1:]]
    sys.exit(0 if run(*given[-1:]) else 1)
