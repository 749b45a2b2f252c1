"""The desk's queue of faults with 100,000 of them: the first page against the one at the last rows (bar ≤ 1.15)."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from resident import clock, schema
from resident.access import Controller, Duty, Viewer
from resident.db import Database
from resident.homes.building import Building
from resident.homes.organisation import Organisation
from resident.people.person import Person
from resident.talk import queue
from resident.talk.case import CATEGORIES, STATES, Case
from resident.talk.queue import Filter

ROWS, BUILDINGS, ROUNDS = 100_000, 40, 41
BAR = 1.15
# As a queue of years looks: nearly everything is closed.
_STATES = (*STATES, *("closed",) * 93)
FILTERS = {
    "closed": Filter(group="closed"),
    "all": Filter(group="all"),
    "open": Filter(group="open"),
    "building": Filter(group="all", building=7),
    "assignee": Filter(group="all", assignee=1),
    "category": Filter(group="all", category="lift"),
}
_COMMON = {"tz": "Europe/Helsinki", "languages": "fi", "country": "FI", "currency": "EUR"}


def measure(rows: int = ROWS) -> dict[str, tuple[float, float, float]]:
    """filter: (milliseconds of page one, of the page before the last rows, their ratio), medians."""
    with _filled(rows) as (session, viewer):
        return {name: _timed(session, viewer, wanted) for name, wanted in FILTERS.items()}


def plans(rows: int = 5_000) -> dict[str, list[str]]:
    """filter: what SQLite says about how it reads case_file; none may be a SCAN of the table."""
    with _filled(rows) as (session, viewer):
        return {name: _plan(session, viewer, wanted) for name, wanted in FILTERS.items()}


@contextmanager
def _filled(rows: int) -> Iterator[tuple[Session, Viewer]]:
    """A database of its own with so many cases, for reading, and who looks at it."""
    with tempfile.TemporaryDirectory(prefix="resident-bench-") as folder:
        db = Database(f"sqlite:///{Path(folder) / 'resident.db'}")
        schema.upgrade(db)
        with db.writing() as session:
            viewer = _estate(session)
            _fill(session, rows)
        with db.reading() as session:
            yield session, viewer
        db.engine.dispose()


def run() -> bool:
    good = True
    for name, (first, far, ratio) in measure().items():
        good &= ratio <= BAR
        print(f"faults    {name:10} page one {first:.2f} ms, at row {ROWS:,} {far:.2f} ms: {ratio:.2f}, bar ≤ {BAR}")
    return good


def _estate(session: Session) -> Viewer:
    """One organisation with its office, and the viewer that the office's person is."""
    session.execute(insert(Organisation).values(id=1, slug="bench", name="Bench", legal_form="rental", payee={}, **_COMMON))
    session.execute(insert(Person).values(id=1, organisation_id=1, name="Office", search_key="office"))
    session.execute(
        insert(Building), [{"id": n + 1, "organisation_id": 1, "code": str(n), "address": f"Street {n}"} for n in range(BUILDINGS)]
    )
    given = {
        "id": 1,
        "name": "Bench",
        "slug": "bench",
        "legal_form": "rental",
        "phone": None,
        "emergency_phone": None,
        "hours": None,
    }
    controller = Controller(**given, **_COMMON)
    duty = Duty(controller, 1, 1, "Office", "office", 1, None, None)
    return Viewer(1, 1, "office", None, False, 0, (), (duty,), None)


def _fill(session: Session, rows: int) -> None:
    began = clock.now() - timedelta(days=2000)
    for start in range(0, rows, 10_000):
        session.execute(insert(Case), [_row(n, began + timedelta(minutes=n)) for n in range(start, min(start + 10_000, rows))])


def _row(n: int, at) -> dict:
    facts = {"subject": f"Fault {n}", "place": "", "text": "x", "entry": "yes", "pets": False, "version": 1, "kind": "fault"}
    return facts | {
        "organisation_id": 1,
        "building_id": n % BUILDINGS + 1,
        "person_id": 1,
        "number": f"F-2026-{n}",
        "category": CATEGORIES[n % len(CATEGORIES)],
        "state": _STATES[(n * 37) % len(_STATES)],
        "assignee_id": 1 if n % 3 else None,
        "opened_at": at,
        "changed_at": at,
        "seen_event": 0,
        "last_event": 0,
    }


def _timed(session: Session, viewer: Viewer, wanted: Filter) -> tuple[float, float, float]:
    # A full page must be left behind the key: the last rows of the table, in the order of the queue.
    last = session.scalar(select(func.min(Case.id))) + 90 * BUILDINGS
    first, far = [], []
    for _ in range(ROUNDS):
        for after, times in ((None, first), (last, far)):
            began = time.perf_counter()
            session.execute(queue.queue(viewer, wanted, after)).all()
            times.append((time.perf_counter() - began) * 1000)
    one, other = statistics.median(first), statistics.median(far)
    return one, other, other / one


def _plan(session: Session, viewer: Viewer, wanted: Filter) -> list[str]:
    statement = queue.queue(viewer, wanted, 4_000).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    rows = session.execute(text("EXPLAIN QUERY PLAN " + str(statement).replace(":", "\\:"))).all()
    return [row[3] for row in rows if "case_file" in row[3]]
