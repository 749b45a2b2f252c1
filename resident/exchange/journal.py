"""The journal of register imports at the desk: who tried or imported what, how far it is, how it ended, and the workbook
given back.

A row and its job are committed together when the workbook is sent; the worker does the work. What it writes comes in one
transaction with the row's end, so a worker that dies has written all or nothing, and the job is taken again. Workbooks
hold personal data: the one sent goes when it is applied or refused, and all of them after KEPT.
"""

import secrets
import shutil
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..errors import NotSaved
from ..homes.organisation import Organisation
from ..identity import Actor
from ..metering.medium import words as media_words
from ..people.personal_code import CodeKey
from . import guard, workbook
from .codes import Codes
from .importing import Import
from .outcome import Outcome
from .pouring import Overtaken
from .register_import import RegisterImport
from .staging import HeadersDoubled, HeadersMissing

KEPT = timedelta(days=1)
KIND = "import"
STEPS = ("read", "check", "apply", "settle", "write")
WHOLE = (guard.WorkbookRefused, HeadersMissing, HeadersDoubled)
WHY = {error.__name__: error for error in (*WHOLE, Overtaken)}
# Imports of one organisation that may wait or run at once.
MOST = 5
# A worker that dies three times over one workbook will die again.
TRIES = 3
# Seconds between two notes of how far it is. After each the job stays this worker's for jobs.CLAIM.
_NOTED = 2


def folder(data_dir: Path) -> Path:
    return data_dir / "imports"


# ---- At the desk -----------------------------------------------------------------------------------------------------


def begin(session: Session, sent: Path, name: str, language: str, *, trial: bool, by: Actor) -> RegisterImport:
    """Enter a workbook that lies in the folder under its own name, and order the work."""
    row = RegisterImport(
        organisation_id=by.organisation_id, person_id=by.person_id, name=name[:120], trial=trial, sheets=[], at=clock.now(),
        sent=sent.name, language=language,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _order(session, row, by)
    return row


def not_read(session: Session, name: str, language: str, *, by: Actor) -> RegisterImport:
    """Enter files of which no workbook could be made: nothing of them was imported."""
    row = RegisterImport(
        organisation_id=by.organisation_id, person_id=by.person_id, name=name[:120], trial=False, sheets=[], at=clock.now(),
        state="stopped", ended_at=clock.now(), language=language,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def apply(session: Session, row: RegisterImport, language: str, *, by: Actor) -> bool:
    """Order that what was tried well be applied. False when that was done already."""
    tried = RegisterImport.id == row.id, RegisterImport.state == "tried", RegisterImport.trial
    values = {"trial": False, "state": "running", "begun_at": None, "ended_at": None, "progress": None, "language": language}
    if not session.execute(update(RegisterImport).where(*tried).values(values)).rowcount:
        return False
    session.refresh(row)
    _order(session, row, by)
    return True


def _order(session: Session, row: RegisterImport, by: Actor) -> None:
    jobs.add(session, KIND, {"import_id": row.id}, by=by)
    audit.record(session, "import_tried", by=by, organisation_id=row.organisation_id, thing=row, facts={"trial": row.trial})
    session.flush()


def under_way(session: Session, organisation_id: int) -> int:
    """How many imports of an organisation wait or run."""
    ours = RegisterImport.organisation_id == organisation_id, RegisterImport.state == "running"
    return session.scalar(select(func.count()).select_from(RegisterImport).where(*ours))


# ---- In the worker ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Task:
    """One import on its way: whose it is, where its files lie, who puts remarks into words."""

    db: Database
    row: RegisterImport
    job: jobs.Job
    folder: Path
    words: object
    by: Actor
    key: CodeKey
    _noted: float = field(default=0.0)

    def progress(self, step: str, sheet: str, rows: int) -> None:
        """Told now and then; noted at most every few seconds, and before the rows are written, when nothing can be noted."""
        if time.monotonic() - self._noted < _NOTED and step != "write":
            return
        self._noted = time.monotonic()
        try:
            with self.db.writing() as session:
                jobs.hold(session, self.job)
                session.execute(_of(self.row).values(progress=[step, sheet, rows]))
        except NotSaved:
            # Somebody else writes for long: how far it is can wait.
            pass


def carry_out(db: Database, data_dir: Path, job: jobs.Job, words, key: CodeKey) -> str | None:
    """Do what a job orders; a note when there is nothing to do. words(language) puts remarks into words; key: of the hashes
    of personal codes.

    What goes wrong with the machine is raised, so that the job is tried again; at the last try the row says that it stopped.
    """
    with db.reading() as session:
        row = session.get(RegisterImport, job.payload["import_id"])
    if row is None or row.state != "running":
        return "ended already"
    task = Task(db, row, job, folder(data_dir), words(row.language), job.by, key)
    if job.tries > TRIES:
        _end(task, "stopped", Outcome())
        return "given up"
    try:
        _through(task)
    except Exception:
        if job.tries >= TRIES:
            _end(task, "stopped", Outcome())
            return "given up"
        with db.writing() as session:
            session.execute(_of(row).values(begun_at=None, progress=None))
        raise
    return None


def _through(task: Task) -> None:
    with task.db.writing() as session:
        session.execute(_of(task.row).values(begun_at=clock.now(), progress=None))
    source = task.folder / (task.row.sent or "")
    if not source.is_file():
        return _end(task, "stopped", Outcome())
    with task.db.reading() as session:
        country = session.get_one(Organisation, task.row.organisation_id).country
        media = media_words(session, task.row.organisation_id)
    try:
        with Import(source, task.folder, guard.WEB, task.progress, Codes(task.key, country), media) as work:
            work.read()
            _work(task, work)
    except (*WHOLE, Overtaken) as error:
        _end(task, "stopped" if isinstance(error, Overtaken) else "refused", Outcome(), why=error)


def _work(task: Task, work: Import) -> None:
    with task.db.reading() as session:
        organisation = session.get_one(Organisation, task.row.organisation_id)
        if task.row.trial:
            outcome = work.check(session, organisation, task.by)
    if not task.row.trial:
        applied = []

        def along(session: Session, outcome: Outcome) -> None:
            session.execute(_of(task.row).values(_ended("applied", outcome)))
            applied.append(outcome)

        outcome = work.carry_out(task.db, organisation, task.by, along)
        if applied:
            (task.folder / task.row.sent).unlink(missing_ok=True)
            return
    stored = _give_back(task, work, outcome)
    if work.stage.coded:
        # What waits to be applied holds no code either.
        shutil.copyfile(task.folder / stored, task.folder / task.row.sent)
    _end(task, "tried" if task.row.trial else "refused", outcome, stored=stored)


def _give_back(task: Task, work: Import, outcome: Outcome) -> str:
    name, words = f"{secrets.token_hex(12)}.xlsx", task.words
    workbook.mended(
        work.path, work.stage, task.folder / name, language=words.language, said=words.said, summary=words.summary(outcome)
    )
    return name


def _end(task: Task, state: str, outcome: Outcome, *, stored: str | None = None, why: Exception | None = None) -> None:
    kept = state == "tried" and not outcome.errors
    with task.db.writing() as session:
        values = _ended(state, outcome) | {"stored": stored, "why": [type(why).__name__, why.facts] if why else None}
        session.execute(_of(task.row).values(values | ({} if kept else {"sent": None})))
    if task.row.sent and not kept:
        (task.folder / task.row.sent).unlink(missing_ok=True)


def _ended(state: str, outcome: Outcome) -> dict:
    return {
        "state": state, "sheets": [asdict(count) for count in outcome.sheets], "progress": None, "ended_at": clock.now(),
        **({"sent": None} if state == "applied" else {}),
    }  # fmt: skip


def _of(row: RegisterImport):
    """Its row, while nobody else has ended it."""
    return update(RegisterImport).where(RegisterImport.id == row.id, RegisterImport.state == "running")


def sweep(session: Session, folder: Path) -> int:
    """Remove workbooks older than KEPT, and what processes that died left; how many. What still waits stays."""
    if not folder.is_dir():
        return 0
    waiting = set(session.scalars(select(RegisterImport.sent).where(RegisterImport.state == "running")))
    before, removed = (clock.now() - KEPT).timestamp(), 0
    for path in folder.iterdir():
        if path.is_file() and path.name not in waiting and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
