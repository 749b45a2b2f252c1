"""Reading a feed's file: into samples, and the day's last of them into readings (rule 17). What is good is booked, what is not
comes back with its reasons.

The key of a sample is (register, instant), so the same file twice changes nothing, and one that a dying process left half
booked is simply read again. It is booked in transactions of a few milliseconds, so that nobody waits for it.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database, plain
from ..homes.organisation import Organisation
from . import day_reading, feed_file, feed_mapping
from .day_reading import Periods
from .feed import Feed
from .feed_batch import LEAST, MOST, Batch
from .feed_file import FileRefused, Limits, Row
from .feed_judge import Verdict, judge
from .feed_mapping import Mapping
from .feed_meters import BadMeter, Found, Meters
from .feed_rows import Understanding, placed
from .feed_stage import FeedStage
from .feed_time import BadTime
from .feed_value import BadShown
from .held_sample import HeldSample
from .reading import Reading
from .sample import Sample

# Between two transactions others get their turn: a share of the time that the last one took.
_REST = 1.0
# Seconds that a transaction may take before the next ones are made smaller, on a machine that has much to do; and larger again.
_LONG, _SHORT = 0.08, 0.03
# Rows between two looks at how far it is.
_SHOWN = 20_000
_QUARTER = 900

_sample, _held = Sample.__table__, HeldSample.__table__
_s = _sample.c
_ours = _s.register_id == bindparam("register")
# The third one before what the file holds of a register, and the first one after it.
_third = select(_s.at).where(_ours, _s.at < bindparam("since")).order_by(_s.at.desc()).limit(1).offset(2).scalar_subquery()
_after = select(func.min(_s.at)).where(_ours, _s.at > bindparam("until")).scalar_subquery()
_STORED = (
    select(_s.at, _s.value)
    .where(_ours, _s.at >= func.coalesce(_third, 0), _s.at <= func.coalesce(_after, bindparam("until")))
    .order_by(_s.at)
)
# What somebody saw before the first day that a file is about: of remote readings the samples tell, and may turn out to be a
# spike; an estimate may have been too high (rule 11).
_SEEN = (
    select(Reading.day, Reading.value)
    .where(Reading.register_id == bindparam("register"), Reading.counts, Reading.source.not_in(day_reading.YIELDS))
    .where(Reading.day < bindparam("first"))
    .order_by(Reading.day.desc())
    .limit(1)
)


@dataclass(slots=True)
class Outcome:
    """What became of a file. reasons: rows that came back, by the name of the reason."""

    rows: int = 0
    registers: int = 0
    booked: int = 0
    known: int = 0
    left_out: int = 0
    failed: int = 0
    gaps: int = 0
    backwards: int = 0
    withdrawn: int = 0
    readings: int = 0
    reasons: dict = field(default_factory=dict)
    # Registers whose counter seems to have been changed.
    changed: list = field(default_factory=list)
    # Seconds of the first and the last instant.
    first: int | None = None
    last: int | None = None

    def stored(self) -> dict:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class Days:
    """The organisation's day of an instant, quickly: no zone changes its offset within a quarter of an hour."""

    def __init__(self, tz: str):
        self.tz, self._known, self._zone = tz, {}, clock.zone(tz)

    def of(self, at: int) -> date:
        day = self._known.get(at // _QUARTER)
        if day is None:
            day = self._known[at // _QUARTER] = datetime.fromtimestamp(at, self._zone).date()
        return day

    def begins(self, day: date) -> int:
        return clock.seconds(day, self.tz)


def read(
    db: Database,
    feed: Feed,
    path: Path,
    *,
    limits: Limits = feed_file.WATCHED,
    trial: bool = False,
    most: int | None = None,
    scratch: Path | None = None,
    back: Callable[[Iterator], None] | None = None,
    along: Callable[[Session, Outcome], None] | None = None,
    progress: Callable[[str, int], None] | None = None,
    by=None,
) -> Outcome:
    """Read one file. FileRefused when nothing of it can be read.

    trial: nothing is booked. most: rows that are read. scratch: the folder for what is needed meanwhile. back: gets the rows that
    failed, as (Row, name of the reason, facts). along: called in each transaction that writes. progress: told the step and how
    many rows.
    """
    with db.reading() as session:
        tz = session.get_one(Organisation, feed.organisation_id).tz
        mapping = feed_mapping.of(feed.mapping)
        meters = Meters(session, feed.organisation_id, tz, mapping)
    folder = scratch or Path(tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stage = FeedStage(folder / f"{secrets.token_hex(12)}.stage")
    try:
        task = FileReading(db, mapping, Days(tz), meters, stage, trial, along or _nothing, progress or _nothing)
        task.understand(path, limits, most)
        task.book()
        outcome = task.close(feed, by)
        if back and outcome.failed:
            back(given_back(path, mapping, limits, stage))
        return outcome
    finally:
        stage.close()


def _nothing(*_) -> None:
    pass


def given_back(path: Path, mapping: Mapping, limits: Limits, stage: FeedStage) -> Iterator[tuple[Row, str, dict]]:
    """The rows that failed as they stand in the file, after its heading (with an empty name)."""
    failed = stage.failed()
    line, name, facts = next(failed, (None, "", {}))
    for row in feed_file.rows(path, mapping, limits):
        if row.line <= mapping.skip:
            if row.line == mapping.skip:
                yield row, "", {}
            continue
        if row.line == line:
            yield row, name, facts
            line, name, facts = next(failed, (None, "", {}))
            if line is None:
                return


@dataclass(slots=True)
class FileReading:
    """One file on its way."""

    db: Database
    mapping: Mapping
    days: Days
    meters: Meters
    stage: FeedStage
    trial: bool
    along: Callable
    progress: Callable
    outcome: Outcome = field(default_factory=Outcome)
    # Rows of a transaction, as the machine lets it be.
    size: int = MOST // 4
    _batch: Batch = field(default_factory=Batch)

    # ---- First: what the rows mean ----

    def understand(self, path: Path, limits: Limits, most: int | None) -> None:
        """Into the scratch database. FileRefused when the columns are not there, or no row means anything."""
        if feed_file.kind_of(path, limits) != self.mapping.kind:
            raise FileRefused(why="kind")
        rows = feed_file.rows(path, self.mapping, limits)
        mapping, rows = placed(self.mapping, rows)
        reader, outcome, understood, line = Understanding(mapping, self.meters, self.days.tz), self.outcome, 0, 0
        for row in islice(rows, most):
            outcome.rows += row.line != line
            line = row.line
            understood += self._take(reader, row)
            if outcome.rows % _SHOWN == 0:
                self.progress("read", outcome.rows)
        if not outcome.rows:
            raise FileRefused(why="empty")
        if not understood:
            line, name, _ = self.stage.first_failed()
            raise FileRefused(why="nothing", line=line, name=name)

    def _take(self, reader: Understanding, row: Row) -> bool:
        """Could the row be read? It may be of a meter that nobody knows."""
        try:
            taken = reader.take(row.cells)
        except (BadMeter, BadTime, BadShown) as error:
            facts = getattr(error, "facts", {})
            self.stage.fail(row.line, error.args[0], facts | {"column": row.column} if row.column else facts)
            return isinstance(error, BadMeter)
        if taken is None:
            self.outcome.left_out += 1
        else:
            register, at, value = taken
            self.stage.add(register, at, row.line, value)
        return True

    # ---- Then: what is good of them ----

    def book(self) -> None:
        with self.db.reading() as session:
            held = _held_samples(session, self.meters.registers)
        registers = self.stage.registers()
        while some := list(_some(registers, self.size)):
            self._batch = Batch()
            with self.db.reading() as session:
                periods = Periods(session)
                for register_id, rows in some:
                    self._judge(session, self.meters.registers[register_id], rows, held.get(register_id, []), periods)
            if not self.trial:
                self._write(self._batch)
            self.progress("book", self.outcome.booked + self.outcome.known)

    def _judge(self, session, register: Found, rows: list[tuple], held: list[tuple], periods: Periods) -> None:
        days, outcome = self.days, self.outcome
        first, last = days.of(min(rows[0][0], held[0][0] if held else rows[0][0])), days.of(rows[-1][0])
        facts = {"register": register.id, "since": days.begins(first), "until": days.begins(last + timedelta(days=1)) - 1}
        stored = [tuple(row) for row in plain(session, _STORED, facts)]
        since, shown = self._begun(session, register, first, stored)
        known, kept = ([one for one in some if one[0] > since] for some in (stored, held))
        verdict = judge(rows, known, kept, register.digits, shown, since)
        for line, name, told in verdict.failed:
            # What the counter began with, it showed on the day it was put in.
            self.stage.fail(line, name, told if told.get("at") != 0 else told | {"at": register.since})
        outcome.registers += 1
        outcome.booked += len(verdict.good) if self.trial else 0
        outcome.known += verdict.known
        outcome.backwards += verdict.backwards
        outcome.withdrawn += len(verdict.withdrawn)
        outcome.gaps += self._gaps(rows, stored)
        outcome.first = min(outcome.first or rows[0][0], rows[0][0])
        outcome.last = max(outcome.last or 0, rows[-1][0])
        if verdict.changed:
            outcome.changed.append(register.id)
        wanted = self._readings(session, register, rows, stored, verdict, periods)
        self._batch.add(register.id, verdict, bool(held), wanted)

    def _begun(self, session, register: Found, first: date, stored: list[tuple]) -> tuple[int, int]:
        """(instant, value) that the counter is known to have shown before the file: what somebody read before a feed began, where
        that is later than all samples before the first day, else what the counter began with."""
        seen = plain(session, _SEEN, {"register": register.id, "first": first}).first()
        if seen is None:
            return 0, register.initial
        read = self.days.begins(seen.day + timedelta(days=1)) - 1
        before = max((at for at, _ in stored if at < self.days.begins(first)), default=0)
        return (read, seen.value) if read > before else (0, register.initial)

    def _gaps(self, rows, stored) -> int:
        """Pauses of more than three times the usual, the one before the file's first row included."""
        most, before = 3 * self.mapping.every, max((at for at, _ in stored if at < rows[0][0]), default=rows[0][0])
        instants = [before, *(row[0] for row in rows)]
        return sum(after - one > most for one, after in zip(instants, instants[1:], strict=False))

    def _readings(self, session, register: Found, rows, stored, verdict: Verdict, periods: Periods) -> day_reading.Change:
        """Of the days that the file touches and that are done: the day is over, or a later sample is there."""
        of = self.days.of
        touched = {of(at) for at in chain((row[0] for row in rows), (at for at, _ in verdict.good), verdict.withdrawn)}
        gone = set(verdict.withdrawn)
        samples = sorted(chain((one for one in stored if one[0] not in gone), verdict.good))
        lasts: dict[date, int | None] = {of(at): None for at in verdict.withdrawn}
        lasts.update((of(at), value) for at, value in samples if of(at) in touched)
        newest, today = of(samples[-1][0]) if samples else date.min, of(int(clock.now().timestamp()))
        done = {day: value for day, value in lasts.items() if day < newest or day < today}
        return day_reading.change(session, register, done, periods) if done else day_reading.Change()

    def _write(self, batch: Batch) -> None:
        for part in batch.parts(self.size):
            began = time.monotonic()
            with self.db.writing() as session:
                self.outcome.readings += part.write(session)
                self.outcome.booked += len(part.samples)
                self.along(session, self.outcome)
            took = time.monotonic() - began
            if took > _LONG:
                self.size = max(LEAST, self.size // 2)
            elif took < _SHORT:
                self.size = min(MOST, self.size * 2)
            # Others get their turn, those of other processes too.
            time.sleep(took * _REST)

    def close(self, feed: Feed, by) -> Outcome:
        """Add up, and write the run into the audit trail."""
        outcome = self.outcome
        outcome.reasons = self.stage.reasons()
        outcome.failed = sum(outcome.reasons.values())
        if not self.trial:
            facts = {name: getattr(outcome, name) for name in ("rows", "booked", "known", "failed", "readings")}
            with self.db.writing() as session:
                audit.record(session, "feed_read", by=by, organisation_id=feed.organisation_id, thing=feed, facts=facts)
                self.along(session, outcome)
        return outcome


def _some(registers: Iterator, most: int) -> Iterator[tuple[int, list[tuple]]]:
    """As many registers as make a batch."""
    count = 0
    for register_id, rows in registers:
        yield register_id, rows
        count += len(rows)
        if count >= most:
            return


def _held_samples(session: Session, registers) -> dict[int, list[tuple]]:
    found: dict[int, list[tuple]] = {}
    for register_id, at, value in session.execute(select(_held.c.register_id, _held.c.at, _held.c.value).order_by(_held.c.at)):
        if register_id in registers:
            found.setdefault(register_id, []).append((at, value))
    return found
