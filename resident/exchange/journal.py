"""The journal of register imports at the desk: who tried or imported what, how it ended, and the workbook given back.

A row is committed before the work begins, so that the same form sent ten times finds the first one's row (S45) and a
process that dies leaves a trace. Workbooks hold personal data: the one sent is removed when the work is done, the one
given back after KEPT.
"""

import secrets
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database
from ..errors import Busy, ResidentError
from ..homes.organisation import Organisation
from . import guard, workbook
from .importing import Import, RowsInTrouble
from .outcome import Outcome
from .register_import import RegisterImport
from .staging import HeadersDoubled, HeadersMissing

KEPT = timedelta(days=7)
WHOLE = (guard.WorkbookRefused, HeadersMissing, HeadersDoubled)
# One at a time in a process: it takes memory and a processor for as long as it runs.
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Work:
    """What carry_out needs: the workbook's file, the folder for scratch files and results, who acts, who puts it in words."""

    source: Path
    folder: Path
    limits: guard.Limits
    by: object
    words: object


def begin(session: Session, organisation_id: int, name: str, *, trial: bool, by) -> RegisterImport:
    row = RegisterImport(
        organisation_id=organisation_id, person_id=by.person_id, name=name[:120], trial=trial, sheets=[], at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, "import_tried", by=by, organisation_id=organisation_id, thing=row, facts={"trial": trial})
    session.flush()
    return row


def carry_out(db: Database, run_id: int, trial: bool, work: Work) -> None:
    """Read, check and, unless it is a trial or rows are in trouble, apply. The row tells how it ended.

    Raises what the workbook as a whole is refused for (WHOLE), Busy, or NotSaved; the row says so too.
    """
    state, outcome, stored = "stopped", Outcome(), None
    if not _turn.acquire(blocking=False):
        _end(db, run_id, "refused", outcome, None)
        raise Busy(retry_after=60)
    try:
        with Import(work.source, work.folder, work.limits) as task:
            task.read()
            state, outcome = _through(db, run_id, trial, task, work.by)
            if state != "applied":
                stored = _give_back(task, work, outcome)
    except WHOLE:
        state = "refused"
        raise
    finally:
        _turn.release()
        if state != "applied":
            _end(db, run_id, state, outcome, stored)


def _through(db: Database, run_id: int, trial: bool, task: Import, by) -> tuple[str, Outcome]:
    with db.reading() as session:
        organisation = session.get_one(Organisation, session.get_one(RegisterImport, run_id).organisation_id)
        outcome = task.check(session, organisation)
    if outcome.errors:
        return "tried" if trial else "refused", outcome
    if trial:
        return "tried", outcome
    try:
        with db.writing() as session:
            outcome = task.apply(session, organisation, by)
            _put(session.get_one(RegisterImport, run_id), "applied", outcome, None)
    except RowsInTrouble:
        # Somebody changed something between the check and the turn to write.
        with db.reading() as session:
            return "refused", task.check(session, organisation)
    return "applied", outcome


def _give_back(task: Import, work: Work, outcome: Outcome) -> str:
    name = f"{secrets.token_hex(12)}.xlsx"
    words = work.words
    workbook.mended(
        task.path, task.stage, work.folder / name, language=words.language, said=words.said, summary=words.summary(outcome)
    )
    return name


def _end(db: Database, run_id: int, state: str, outcome: Outcome, stored: str | None) -> None:
    with suppress(ResidentError), db.writing() as session:
        _put(session.get_one(RegisterImport, run_id), state, outcome, stored)


def _put(row: RegisterImport, state: str, outcome: Outcome, stored: str | None) -> None:
    row.state, row.stored, row.ended_at = state, stored, clock.now()
    row.sheets = [asdict(count) for count in outcome.sheets]


def sweep(folder: Path) -> int:
    """Remove files that nobody needs any more: given back longer ago than KEPT, or left by a process that died."""
    if not folder.is_dir():
        return 0
    before, removed = (clock.now() - KEPT).timestamp(), 0
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
