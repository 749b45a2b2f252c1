"""Print runs: ordered at the desk, drawn by the worker piece by piece, so that one that was killed goes on where it stood."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..homes import setting
from ..identity import Controller
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceDelivery
from ..money.period import BillingPeriod, lock_buildings
from ..money.sheet import Sheet, sheet
from . import scene
from .delivering import plan, record
from .print_run import PrintRun

KIND = "print_run"
KEPT = timedelta(days=7)
# Invoices drawn between two notes of how far it is.
PIECE = 100
# Invoices and setting.invoice_notes() as one PDF.
Papers = Callable[[list[Sheet], tuple[dict, ...]], bytes]


def folder(data_dir: Path) -> Path:
    return data_dir / "prints"


def order(session: Session, period: BillingPeriod, creditor: Controller, *, by, undisclosed: bool) -> PrintRun | None:
    """Order a file of all invoices that are wanted on paper and in none yet; None where there are none."""
    lock_buildings(session, [period.building_id])
    wanted = plan(session, period, creditor, undisclosed=undisclosed).to_print
    if not wanted:
        return None
    run = PrintRun(
        period_id=period.id, person_id=by.person_id, deliveries=record(session, wanted), stored=secrets.token_hex(16),
        ordered_at=clock.now(),
    )  # fmt: skip
    session.add(run)
    session.flush()
    jobs.add(session, KIND, {"run_id": run.id})
    facts = {"name": period.name, "way": "paper", "invoices": len(wanted)}
    audit.record(session, "invoices_delivered", by=by, thing=period, facts=facts)
    session.flush()
    return run


def file(run: PrintRun, data_dir: Path) -> Path | None:
    """The finished file while it is kept."""
    path = folder(data_dir) / f"{run.stored}.pdf"
    return path if run.ended_at and path.is_file() else None


def carry_out(db: Database, data_dir: Path, job: jobs.Job, papers: Papers) -> str | None:
    """Draw what a job orders. What stands on the disk already is not drawn again."""
    with db.reading() as session:
        run = session.get(PrintRun, job.payload["run_id"])
        if run is None or run.ended_at is not None:
            return "ended already"
        notes = _notes(session, run)
    folder(data_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
    pieces = []
    for begin in range(0, len(run.deliveries), PIECE):
        pieces.append(folder(data_dir) / f"{run.stored}-{begin:06d}.part")
        ids = run.deliveries[begin : begin + PIECE]
        if not pieces[-1].is_file():
            _put(pieces[-1], lambda path, ids=ids: path.write_bytes(papers(_sheets(db, ids), notes)))
        with db.writing() as session:
            jobs.hold(session, job)
            session.execute(update(PrintRun).where(PrintRun.id == run.id).values(done=begin + len(ids)))
    _put(folder(data_dir) / f"{run.stored}.pdf", lambda path: _join(path, pieces))
    now = clock.now()
    with db.writing() as session:
        session.execute(update(PrintRun).where(PrintRun.id == run.id).values(ended_at=now))
        mine = InvoiceDelivery.id.in_(run.deliveries)
        session.execute(update(InvoiceDelivery).where(mine).values(delivered_at=now))
    for piece in pieces:
        piece.unlink(missing_ok=True)
    return None


def _notes(session: Session, run: PrintRun) -> tuple[dict, ...]:
    creditor = scene.controller(session, session.get_one(BillingPeriod, run.period_id).building_id)
    return setting.invoice_notes(setting.in_force(session, creditor.id, creditor.country, creditor.today))


def _sheets(db: Database, delivery_ids: list[int]):
    """The invoices of deliveries, in their order."""
    with db.reading() as session:
        rows = select(InvoiceDelivery.id, InvoiceDelivery.invoice_id).where(InvoiceDelivery.id.in_(delivery_ids))
        invoices = dict(session.execute(rows).all())
        return [
            sheet(session, select(Invoice).join(Account, Account.id == Invoice.account_id), invoices[id]) for id in delivery_ids
        ]


def _join(path: Path, pieces: list[Path]) -> None:
    # Here and not above: a web process that prints nothing is smaller without it.
    import pikepdf

    with pikepdf.Pdf.new() as made:
        for piece in pieces:
            with pikepdf.Pdf.open(piece) as one:
                made.pages.extend(one.pages)
        made.save(path)


def _put(path: Path, make: Callable[[Path], object]) -> None:
    """A file, whole or not at all."""
    temporary = path.with_suffix(".new")
    make(temporary)
    temporary.replace(path)


def sweep(session: Session, data_dir: Path) -> None:
    """Remove files older than KEPT. Runs under way keep their pieces."""
    there = folder(data_dir)
    going = {run.stored for run in session.scalars(select(PrintRun).where(PrintRun.ended_at.is_(None)))}
    before = (clock.now() - KEPT).timestamp()
    for path in there.iterdir() if there.is_dir() else ():
        if path.name[:32] not in going and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
