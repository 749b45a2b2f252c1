"""Print runs: ordered at the desk, drawn by the worker piece by piece, so that one that was killed goes on where it stood; made
again when the file is no longer kept; posted when somebody says so."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..errors import ResidentError
from ..homes import setting
from ..homes.organisation import lock_organisation
from ..identity import Controller
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceDelivery
from ..money.period import BillingPeriod, lock_buildings
from ..money.settling import batched
from ..money.sheet import Sheet, sheet
from . import scene
from .delivering import papers as papers_waiting
from .delivering import plan, record
from .print_run import PrintRun

KIND = "print_run"
KEPT = timedelta(days=7)
# Invoices drawn between two notes of how far it is.
PIECE = 100
CHUNK = 500
# Invoices and setting.invoice_notes() as one PDF.
Papers = Callable[[list[Sheet], tuple[dict, ...]], bytes]


class NotDrawn(ResidentError):
    """The file is being made: run_id."""


def folder(data_dir: Path) -> Path:
    return data_dir / "prints"


def order(session: Session, period: BillingPeriod, creditor: Controller, *, by, undisclosed: bool) -> PrintRun | None:
    """Order a file of all invoices that are wanted on paper and in none yet; None where there are none."""
    lock_buildings(session, [period.building_id])
    wanted = plan(session, period, creditor, undisclosed=undisclosed).to_print
    if not wanted:
        return None
    run = _begun(session, record(session, wanted), by, period_id=period.id)
    facts = {"name": period.name, "way": "paper", "invoices": len(wanted)}
    audit.record(session, "invoices_delivered", by=by, thing=period, facts=facts)
    session.flush()
    return run


def order_waiting(session: Session, creditor: Controller, within, *, by, undisclosed: bool) -> PrintRun | None:
    """Order a file of the papers of invoices made by themselves (delivering.papers); None where none waits."""
    lock_organisation(session, creditor.id)
    found, _ = papers_waiting(session, creditor.id, within, undisclosed=undisclosed)
    if not found:
        return None
    run = _begun(session, [one.delivery_id for one in found], by, organisation_id=creditor.id)
    facts = {"way": "paper", "invoices": len(found)}
    audit.record(session, "invoices_delivered", by=by, organisation_id=creditor.id, thing=run, facts=facts)
    session.flush()
    return run


def _begun(session: Session, delivery_ids: list[int], by, **whose) -> PrintRun:
    run = PrintRun(person_id=by.person_id, deliveries=delivery_ids, stored=secrets.token_hex(16), ordered_at=clock.now(), **whose)
    session.add(run)
    session.flush()
    _update(session, run, run_id=run.id)
    jobs.add(session, KIND, {"run_id": run.id})
    return run


def _update(session: Session, run: PrintRun, **values) -> None:
    """Write something of all the papers of a run."""
    for ids in batched(run.deliveries, CHUNK):
        mine = update(InvoiceDelivery).where(InvoiceDelivery.id.in_(ids)).values(**values)
        session.execute(mine, execution_options={"synchronize_session": False})


def again(session: Session, run: PrintRun, *, by) -> None:
    """Make the file of a run anew, of the same papers, when it is no longer kept. NotDrawn while it is being made."""
    session.refresh(run, with_for_update=True)
    if run.ended_at is None:
        raise NotDrawn(run_id=run.id)
    run.ended_at, run.done, run.stored = None, 0, secrets.token_hex(16)
    jobs.add(session, KIND, {"run_id": run.id})
    facts = {"invoices": len(run.deliveries)}
    audit.record(session, "invoices_reprinted", by=by, organisation_id=creditor_of(session, run).id, thing=run, facts=facts)
    session.flush()


def posted(session: Session, run: PrintRun, *, by) -> None:
    """Its papers are printed and posted, now: each is delivered. Twice is once. NotDrawn while there is no file."""
    session.refresh(run, with_for_update=True)
    if run.posted_at is not None:
        return
    if run.ended_at is None:
        raise NotDrawn(run_id=run.id)
    run.posted_at = clock.now()
    _update(session, run, delivered_at=run.posted_at)
    facts = {"invoices": len(run.deliveries)}
    audit.record(session, "invoices_posted", by=by, organisation_id=creditor_of(session, run).id, thing=run, facts=facts)
    session.flush()


def creditor_of(session: Session, run: PrintRun) -> Controller:
    if run.period_id is None:
        return scene.creditor_of(session, run.organisation_id)
    return scene.controller(session, session.get_one(BillingPeriod, run.period_id).building_id)


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
    for piece in pieces:
        piece.unlink(missing_ok=True)
    return None


def _notes(session: Session, run: PrintRun) -> tuple[dict, ...]:
    creditor = creditor_of(session, run)
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
