"""What became of each file of a feed: sent at the desk, or found in the folder that is watched; read by the worker.

A row and its job are committed together; the worker books in short transactions and notes in each how far it is. A worker that
dies has booked a part: the job is taken again, the file is read again, and what was booked is known then.
Files hold what people use: those sent go when they are read, and the rows that came back after KEPT.
"""

import gzip
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock, drop_folder, jobs
from ..db import Database
from ..errors import NotSaved
from ..homes.organisation import Organisation
from ..identity import Actor
from . import feed_file, feeding
from .feed import Feed, FeedRun
from .feed_file import FileRefused, Row
from .feeding import Outcome

KIND = "feed"
KEPT = timedelta(days=60)
# Files of one organisation, sent at the desk, that may wait at once.
MOST = 20
# A worker that dies three times over one file will die again.
TRIES = 3
# Seconds between two notes of how far the reading is.
_NOTED = 2


def folder(data_dir: Path) -> Path:
    """Where files lie until they are read, and the rows that came back."""
    made = data_dir / "feed_runs"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def watched(data_dir: Path, organisation_slug: str, feed_slug: str) -> Path:
    return data_dir / "feeds" / organisation_slug / feed_slug


# ---- A file arrives --------------------------------------------------------------------------------------------------


def new_file(data_dir: Path) -> Path:
    """Where a file that somebody sends is put, in folder()."""
    return drop_folder.for_sent(folder(data_dir))


def begin(session: Session, feed: Feed, stored: Path, name: str, sha256: str, *, by: Actor | None = None) -> FeedRun:
    """Enter a file that lies at new_file(), and order the work."""
    run = FeedRun(
        feed_id=feed.id, file_name=name[-120:], stored=stored.name, size=stored.stat().st_size, sha256=sha256,
        person_id=by.person_id if by else None, at=clock.now(), counts={},
    )  # fmt: skip
    session.add(run)
    session.flush()
    jobs.add(session, KIND, {"run_id": run.id}, by=by)
    return run


def under_way(session: Session, organisation_id: int) -> int:
    """How many files of an organisation wait or are being read."""
    ours = select(func.count()).select_from(FeedRun).join(Feed, Feed.id == FeedRun.feed_id)
    return session.scalar(ours.where(Feed.organisation_id == organisation_id, FeedRun.state.in_(("waiting", "running"))))


def look(db: Database, data_dir: Path) -> int:
    """Take what lies in the watched folders and is whole; how many files."""
    taken = 0
    with db.reading() as session:
        feeds = session.execute(
            select(Feed, Organisation.slug).join(Organisation, Organisation.id == Feed.organisation_id).where(Feed.active)
        ).all()
    for feed, slug in feeds:
        for path, name in drop_folder.take(watched(data_dir, slug, feed.slug), folder(data_dir), feed.id):
            _found(db, feed, path, name)
            taken += 1
    return taken + _forgotten(db, data_dir, {feed.id: feed for feed, _ in feeds})


def _forgotten(db: Database, data_dir: Path, feeds: dict[int, Feed]) -> int:
    with db.reading() as session:
        entered = set(session.scalars(select(FeedRun.stored).where(FeedRun.state.in_(("waiting", "running")))))
    found = 0
    for path, (feed_id,) in drop_folder.left(folder(data_dir), entered):
        if feed_id in feeds:
            _found(db, feeds[feed_id], path, path.name)
            found += 1
    return found


def _found(db: Database, feed: Feed, path: Path, name: str) -> None:
    sha256 = drop_folder.digest(path)
    with db.writing() as session:
        begin(session, feed, path, name, sha256)


# ---- In the worker ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Task:
    """One file on its way."""

    db: Database
    data_dir: Path
    run: FeedRun
    feed: Feed
    job: jobs.Job
    by: Actor | None
    # What an earlier try booked already.
    before: dict
    _noted: float = field(default=0.0)

    def along(self, session: Session, outcome: Outcome) -> None:
        """In the transaction that books."""
        jobs.hold(session, self.job)
        session.execute(_of(self.run).values(counts=self.counts(outcome)))

    def progress(self, step: str, rows: int) -> None:
        if step != "read" or time.monotonic() - self._noted < _NOTED:
            return
        self._noted = time.monotonic()
        try:
            with self.db.writing() as session:
                jobs.hold(session, self.job)
                session.execute(_of(self.run).values(counts=self.before | {"reading": rows}))
        except NotSaved:
            # Somebody else writes for long: how far it is can wait.
            pass

    def counts(self, outcome: Outcome) -> dict:
        told = outcome.stored()
        for name in ("booked", "readings", "withdrawn"):
            told[name] += self.before.get(name, 0)
        told["known"] = max(told["known"] - self.before.get("booked", 0), 0)
        return told


def carry_out(db: Database, data_dir: Path, job: jobs.Job) -> str | None:
    """Do what a job orders; a note when there is nothing to do. What goes wrong with the machine is raised, so that the job is
    tried again; at the last try the row says that it stopped."""
    with db.reading() as session:
        run = session.get(FeedRun, job.payload["run_id"])
        feed = session.get(Feed, run.feed_id) if run else None
    if run is None or run.state not in ("waiting", "running"):
        return "ended already"
    before = {name: run.counts.get(name, 0) for name in ("booked", "readings", "withdrawn")}
    task = Task(db, data_dir, run, feed, job, job.by, before)
    if job.tries > TRIES:
        _end(task, "stopped")
        return "given up"
    try:
        _through(task)
    except Exception:
        if job.tries >= TRIES:
            _end(task, "stopped")
            return "given up"
        raise
    return None


def _through(task: Task) -> None:
    with task.db.writing() as session:
        session.execute(_of(task.run).values(state="running", begun_at=clock.now()))
    source = folder(task.data_dir) / (task.run.stored or "")
    if not source.is_file():
        _end(task, "stopped")
        return
    failed = f"{secrets.token_hex(12)}.jsonl.gz"
    place = folder(task.data_dir)
    try:
        outcome = feeding.read(
            task.db, task.feed, source, limits=feed_file.WEB if task.by else feed_file.WATCHED, scratch=place,
            back=lambda rows: keep_failed(place / failed, rows), along=task.along, progress=task.progress, by=task.by,
        )  # fmt: skip
    except FileRefused as error:
        _end(task, "refused", why=error.facts)
    else:
        _end(task, "done", counts=task.counts(outcome), failed=failed if outcome.failed else None)


def _end(task: Task, state: str, **values) -> None:
    with task.db.writing() as session:
        session.execute(_of(task.run).values(state=state, ended_at=clock.now(), **values))
        if state != "done":
            audit.record(
                session, "feed_read", by=task.by, organisation_id=task.feed.organisation_id, thing=task.feed, facts={"state": state}
            )
    _put_away(task, "done" if state == "done" else "failed")


def _put_away(task: Task, where: str) -> None:
    kept = folder(task.data_dir) / (task.run.stored or "")
    if not task.run.stored or not kept.is_file():
        return
    with task.db.reading() as session:
        slug = session.get_one(Organisation, task.feed.organisation_id).slug
    drop_folder.put_away(kept, watched(task.data_dir, slug, task.feed.slug) / where, task.run.file_name, task.run.id)


def _of(run: FeedRun):
    """Its row, while nobody else has ended it."""
    return update(FeedRun).where(FeedRun.id == run.id, FeedRun.state.in_(("waiting", "running")))


# ---- Rows that came back ---------------------------------------------------------------------------------------------


def keep_failed(path: Path, rows: Iterator) -> None:
    """As they stand in the file, with the name of the reason: words are found for it in the language of whoever looks."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for row, name, facts in rows:
            file.write(json.dumps([row.line, row.cells, row.raw, name, facts], ensure_ascii=False) + "\n")


def failed_rows(data_dir: Path, run: FeedRun) -> Iterator[tuple[Row, str, dict]] | None:
    """The rows of a run that came back, after the heading (which has no reason); None when there are none to be had."""
    path = folder(data_dir) / run.failed if run.failed else None
    return _rows(path) if path and path.is_file() else None


def _rows(path: Path) -> Iterator[tuple[Row, str, dict]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            line, cells, raw, name, facts = json.loads(text)
            yield Row(line, cells, raw), name, facts


def sweep(db: Database, data_dir: Path) -> int:
    """Remove what is older than KEPT, and what processes that died left; how many files. What still waits stays."""
    with db.reading() as session:
        waiting = set(session.scalars(select(FeedRun.stored).where(FeedRun.state.in_(("waiting", "running")))))
    places = [folder(data_dir), *(data_dir / "feeds").glob("*/*/done"), *(data_dir / "feeds").glob("*/*/failed")]
    # A scratch database of a reading that goes on is written to.
    return drop_folder.sweep(places, waiting, lambda path: timedelta(days=1) if path.suffix == ".stage" else KEPT)
