"""Files of banks: sent at the desk or found in the folder that is watched, read by the worker, kept as rows with what they brought.

A row and its job are committed together. A worker that dies has kept a part: the job is taken again, and what was kept is known
then. What was sent goes when it is read; what was found is moved to done/ or failed/ beside where it lay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock, drop_folder, jobs
from ..db import Database
from ..homes.organisation import Organisation
from ..identity import Actor
from . import csv_mapping, taking
from .bank_account import BankAccount
from .bank_file import BankCsv, BankFile
from .recognising import WATCHED, WEB, CsvKind, reader_of
from .statement import FileRefused

KIND = "bank_file"
KEPT = timedelta(days=60)
# Files of one organisation, sent at the desk, that may wait at once.
MOST = 20
# A worker that dies three times over one file will die again.
TRIES = 3


def folder(data_dir: Path) -> Path:
    """Where files lie until they are read."""
    made = data_dir / "bank_files"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def watched(data_dir: Path, organisation_slug: str, csv_slug: str = "") -> Path:
    """Beneath an organisation's folder each named CSV has one; what lies in the organisation's own is told by its content."""
    place = data_dir / "bank" / organisation_slug
    return place / csv_slug if csv_slug else place


def new_file(data_dir: Path) -> Path:
    """Where a file that somebody sends is put, in folder()."""
    return drop_folder.for_sent(folder(data_dir))


def begin(session: Session, organisation_id: int, stored: Path, name: str, *, csv_id: int | None = None, by: Actor | None = None):
    """Enter a file that lies at new_file(), and order the work."""
    row = enter(session, organisation_id, stored, name, csv_id=csv_id, by=by)
    row.stored = stored.name
    jobs.add(session, KIND, {"file_id": row.id}, by=by)
    return row


def enter(session: Session, organisation_id: int, path: Path, name: str, *, csv_id: int | None, by: Actor | None) -> BankFile:
    row = BankFile(
        organisation_id=organisation_id, csv_id=csv_id, file_name=name[-120:], size=path.stat().st_size,
        sha256=drop_folder.digest(path), person_id=by.person_id if by else None, at=clock.now(), counts={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def under_way(session: Session, organisation_id: int) -> int:
    """How many files of an organisation wait or are being read."""
    ours = BankFile.organisation_id == organisation_id, BankFile.state.in_(("waiting", "running")), BankFile.stored.is_not(None)
    return session.scalar(select(func.count()).select_from(BankFile).where(*ours))


def kinds(session: Session, organisation_id: int, csv_id: int | None = None) -> list[CsvKind]:
    """The CSVs that the desk has named; the one that was chosen alone."""
    rows = select(BankCsv, BankAccount.number).join(BankAccount, BankAccount.id == BankCsv.bank_account_id)
    rows = rows.where(BankCsv.organisation_id == organisation_id).order_by(BankCsv.id)
    if csv_id is not None:
        rows = rows.where(BankCsv.id == csv_id)
    return [CsvKind(row.id, csv_mapping.of(row.mapping), number) for row, number in session.execute(rows)]


# ---- The watched folder ----------------------------------------------------------------------------------------------


def look(db: Database, data_dir: Path) -> int:
    """Take what lies in the watched folders and is whole; how many files."""
    taken = 0
    for organisation_id, csv_id, place in _places(db, data_dir):
        for path, name in drop_folder.take(place, folder(data_dir), organisation_id, csv_id or 0):
            with db.writing() as session:
                begin(session, organisation_id, path, name, csv_id=csv_id)
            taken += 1
    return taken + _forgotten(db, data_dir)


def _places(db: Database, data_dir: Path) -> Iterator[tuple[int, int | None, Path]]:
    if not (data_dir / "bank").is_dir():
        return
    with db.reading() as session:
        organisations = session.execute(select(Organisation.id, Organisation.slug)).all()
        named = session.execute(select(BankCsv.organisation_id, BankCsv.id, BankCsv.slug)).all()
    for id, slug in organisations:
        yield id, None, watched(data_dir, slug)
        for _, csv_id, csv_slug in (row for row in named if row.organisation_id == id):
            yield id, csv_id, watched(data_dir, slug, csv_slug)


def _forgotten(db: Database, data_dir: Path) -> int:
    with db.reading() as session:
        entered = set(session.scalars(select(BankFile.stored).where(BankFile.state.in_(("waiting", "running")))))
    found = 0
    for path, (organisation_id, csv_id) in drop_folder.left(folder(data_dir), entered):
        with db.writing() as session:
            begin(session, organisation_id, path, path.name, csv_id=csv_id or None)
        found += 1
    return found


# ---- Reading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Task:
    """One file on its way; job is None in the shell."""

    db: Database
    file: BankFile
    organisation: Organisation
    by: Actor | None
    job: jobs.Job | None = None
    limit: int = WATCHED
    told: dict = field(default_factory=dict)

    def along(self, session: Session, counts: dict) -> None:
        """In the transaction that writes."""
        if self.job is not None:
            jobs.hold(session, self.job)
        session.execute(_of(self.file).values(counts=counts))


def carry_out(db: Database, data_dir: Path, job: jobs.Job) -> str | None:
    """Do what a job orders; a note when there is nothing to do. What goes wrong with the machine is raised, so that the job is
    tried again; at the last try the row says that it stopped."""
    with db.reading() as session:
        file = session.get(BankFile, job.payload["file_id"])
        organisation = session.get(Organisation, file.organisation_id) if file else None
    if file is None or file.state not in ("waiting", "running"):
        return "ended already"
    task = Task(db, file, organisation, job.by, job, WEB if job.by else WATCHED)
    path = folder(data_dir) / (file.stored or "")
    try:
        if job.tries > TRIES or not path.is_file():
            _end(task, "stopped")
        else:
            read(task, path)
    except Exception:
        if job.tries < TRIES:
            raise
        _end(task, "stopped")
    _put_away(task, data_dir, path)
    return None


def read(task: Task, path: Path) -> str:
    """Read one file to its end; how it ended: done | refused, which its row says too."""
    with task.db.writing() as session:
        session.execute(_of(task.file).values(state="running", begun_at=clock.now()))
    with task.db.reading() as session:
        named = kinds(session, task.organisation.id, task.file.csv_id)
    try:
        reader = reader_of(path, named, task.limit)
        work = taking.Taking(task.db, task.organisation, task.file, path, reader, by=task.by, along=task.along)
        task.told = taking.take(work)
    except FileRefused as error:
        return _end(task, "refused", why=error.facts)
    return _end(task, "done", counts=task.told, format=work.told.format)


def _end(task: Task, state: str, **values) -> str:
    with task.db.writing() as session:
        ended = session.execute(_of(task.file).values(state=state, ended_at=clock.now(), **values))
        if ended.rowcount:
            facts = {"state": state}
            audit.record(session, "bank_file_read", by=task.by, organisation_id=task.organisation.id, thing=task.file, facts=facts)
    task.file.state = state
    return state


def _of(file: BankFile):
    """Its row, while nobody else has ended it."""
    open_ones = BankFile.id == file.id, BankFile.state.in_(("waiting", "running"))
    return update(BankFile).where(*open_ones).execution_options(synchronize_session=False)


def _put_away(task: Task, data_dir: Path, kept: Path) -> None:
    if not task.file.stored or not kept.is_file():
        return
    with task.db.reading() as session:
        slug = session.scalar(select(BankCsv.slug).where(BankCsv.id == task.file.csv_id)) if task.file.csv_id else ""
    place = watched(data_dir, task.organisation.slug, slug or "") / ("done" if task.file.state == "done" else "failed")
    drop_folder.put_away(kept, place, task.file.file_name, task.file.id)


def sweep(db: Database, data_dir: Path) -> int:
    """Remove files older than KEPT, and what processes that died left; how many. What still waits stays."""
    with db.reading() as session:
        waiting = set(session.scalars(select(BankFile.stored).where(BankFile.state.in_(("waiting", "running")))))
    base = data_dir / "bank"
    places = [
        folder(data_dir),
        *(place for end in ("done", "failed") for place in (*base.glob(f"*/{end}"), *base.glob(f"*/*/{end}"))),
    ]
    return drop_folder.sweep(places, waiting, lambda _path: KEPT)
