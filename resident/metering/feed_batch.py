"""What a file changes, in pieces of a few milliseconds each: samples, readings, and what is held back."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import delete, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from . import day_reading
from .feed_judge import Verdict
from .held_sample import HeldSample
from .sample import Sample

# Rows that one transaction writes at most, and at least where the machine is slow; a reading weighs several samples.
MOST, LEAST = 3_000, 200
_WEIGHT = 4
_sample, _held = Sample.__table__, HeldSample.__table__
_UNNESTED = text(
    "INSERT INTO sample (register_id, at, value) SELECT * FROM"
    " unnest(CAST(:register_id AS bigint[]), CAST(:at AS bigint[]), CAST(:value AS bigint[])) ON CONFLICT DO NOTHING"
)


@dataclass(slots=True)
class Batch:
    """What some registers change: so much as a transaction may take, or one register's alone."""

    samples: list[dict] = field(default_factory=list)
    withdrawn: list[tuple] = field(default_factory=list)
    held: dict[int, list[dict]] = field(default_factory=dict)
    readings: day_reading.Change = field(default_factory=day_reading.Change)

    def add(self, register_id: int, verdict: Verdict, had_held: bool, wanted: day_reading.Change) -> None:
        self.samples += [{"register_id": register_id, "at": at, "value": value} for at, value in verdict.good]
        self.withdrawn += [(register_id, at) for at in verdict.withdrawn]
        if verdict.held or had_held:
            rows = [{"register_id": register_id, "at": at, "value": value, "before": before} for at, value, before in verdict.held]
            self.held[register_id] = rows
        self.readings.add(wanted)

    def parts(self, most: int) -> Iterator["Batch"]:
        """The same in pieces, each for one transaction of about so many rows; samples go first, so that a reading never stands
        without its own."""
        made, step = self.readings.made, most // _WEIGHT or 1
        if len(self.samples) + _WEIGHT * len(made) <= 2 * most:
            if self.samples or self.withdrawn or self.held or made or self.readings.dropped:
                yield self
            return
        for start in range(0, len(self.samples), most):
            yield Batch(samples=self.samples[start : start + most])
        if self.withdrawn or self.held or self.readings.dropped:
            yield Batch(withdrawn=self.withdrawn, held=self.held, readings=day_reading.Change(dropped=self.readings.dropped))
        for start in range(0, len(made), step):
            yield Batch(readings=day_reading.Change(made[start : start + step]))

    def write(self, session: Session) -> int:
        if self.samples:
            _store(session, self.samples)
        for register_id, at in self.withdrawn:
            session.execute(delete(_sample).where(_sample.c.register_id == register_id, _sample.c.at == at))
        for register_id, rows in self.held.items():
            session.execute(delete(_held).where(_held.c.register_id == register_id))
            if rows:
                session.execute(_held.insert(), rows)
        return day_reading.write(session, self.readings)


def _store(session: Session, samples: list[dict]) -> None:
    """Samples that are there already stay. PostgreSQL takes them as three arrays, in less than half the time of single rows."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(_sample).on_conflict_do_nothing(), samples)
        return
    session.execute(_UNNESTED, {name: [row[name] for row in samples] for name in ("register_id", "at", "value")})
