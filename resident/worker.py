"""The worker: takes jobs one by one, and does what recurs. Beside the web process, or several of it."""

import logging
import threading
import time
from collections.abc import Callable

from . import clock, jobs
from .banking import journal as bank_journal
from .charging import delivering, printing
from .db import Database
from .errors import NotSaved
from .exchange import journal
from .metering import feed_journal, reminding
from .money import demand_run, posting_run
from .moves import inviting
from .orders import DOES
from .people import address, registration, reset
from .privacy import export
from .recurring import RECURS
from .sending import Words
from .settings import Settings

log = logging.getLogger("resident.worker")
# Seconds between two looks at an empty queue.
PAUSE = 2
# Seconds between tries to note the end of a job while somebody else holds the lock.
PATIENCE = (1, 2, 4, 8, 15, 30)
# Kinds of jobs with a lane of their own: what takes minutes; mails by the thousand; mails that somebody waits for.
READ = journal.KIND, export.KIND, feed_journal.KIND, bank_journal.KIND
LONG = jobs.Job.kind.in_((*READ, posting_run.KIND, demand_run.KIND, printing.KIND))
MANY = jobs.Job.kind.in_((delivering.KIND, reminding.JOB))
PROMPT = jobs.Job.kind.in_((reset.KIND, registration.KIND, address.KIND, inviting.JOB))
BESIDE = (LONG, MANY, PROMPT)


def work(db: Database, settings: Settings, words: Words, stopping: threading.Event, once: bool = False) -> None:
    """Until `stopping` is set; a job that was begun is brought to its end. once: what waits now, and what recurs."""
    if once:
        _lane(db, settings, words, stopping, recurs=True, once=True)
        return
    lanes = [threading.Thread(target=_lane, args=(db, settings, words, stopping, own)) for own in BESIDE]
    for lane in lanes:
        lane.start()
    _lane(db, settings, words, stopping, *(~own for own in BESIDE), recurs=True)
    for lane in lanes:
        lane.join()


def _lane(
    db: Database, settings: Settings, words: Words, stopping: threading.Event, *which, recurs: bool = False, once: bool = False
) -> None:
    """One job after the other, of those that `which` says."""
    due = dict.fromkeys(RECURS, clock.now()) if recurs else {}
    while not stopping.is_set():
        _recur(db, settings, due)
        if not _guarded("a job", lambda: one(db, settings, words, *which)):
            if once:
                return
            stopping.wait(PAUSE)


def _recur(db: Database, settings: Settings, due: dict) -> None:
    for thing, at in due.items():
        if at <= clock.now():
            due[thing] = clock.now() + thing.every
            _guarded(thing.name, lambda thing=thing: thing.run(db, settings))


def _guarded(name: str, do: Callable):
    """A full disk, a locked database or a lost connection passes; the worker stays."""
    try:
        return do()
    except Exception:
        log.exception("%s could not be done now", name)
        return None


def one(db: Database, settings: Settings, words: Words, *which) -> bool:
    """Take one job and do it outside of any transaction. False when none waits."""
    with db.reading() as session:
        if not jobs.waits(session, *which):
            return False
    with db.writing() as session:
        job = jobs.claim(session, *which)
    if job is None:
        return False
    try:
        note = DOES[job.kind](db, settings, words, job)
    except Exception as error:
        failed = _kind(error)
    else:
        _noted(db, lambda session: jobs.finish(session, job, note))
        return True
    # Outside of the except: were the database away as well, its traceback would tell the first error's words.
    log.warning("job %s (%s), try %s: %s", job.id, job.kind, job.tries, failed)
    _noted(db, lambda session: jobs.retry(session, job, failed))
    return True


def _noted(db: Database, note: Callable) -> None:
    """What was done is done: while somebody else writes for long, wait rather than do it twice."""
    for pause in PATIENCE:
        try:
            with db.writing() as session:
                note(session)
                return
        except NotSaved:
            time.sleep(pause)
    with db.writing() as session:
        note(session)


def _kind(error: Exception) -> str:
    """What went wrong, for the log and the row: a mail server's own words name the reader's address (S57)."""
    cause = error.__cause__ or error
    refused = getattr(cause, "recipients", None) or {}
    codes = getattr(cause, "smtp_code", None), *(code for code, _words in refused.values()), getattr(cause, "errno", None)
    names = dict.fromkeys((type(error).__name__, type(cause).__name__))
    return " ".join(str(part) for part in (*names, *codes) if part)
