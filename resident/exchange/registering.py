"""What a register import works with: one organisation, one staged workbook, what is known and what is new.

A trial run and an import go the same way through the same checks; a trial run gives out provisional ids and writes
nothing. Rows go in through Core in chunks: a unit of work for each would take fifteen times as long (P4).
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count, islice

from sqlalchemy import Table, bindparam, insert, text, update
from sqlalchemy.orm import Session

from ..homes import setting
from ..homes.building import Building, Unit, UnitFact
from ..homes.organisation import Organisation
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money.account import Account, Reference
from ..money.holiday import effective_due
from ..money.invoice import Invoice, InvoiceLine
from ..people.identification import PersonalCode
from ..people.person import Person, reindex
from ..people.tenure import Holding, Party, Tenure
from .numbering import FIRST
from .staging import Stage, Trouble

CHUNK = 2000
# Parents before children.
_ORDER = (
    Building, Unit, UnitFact, Person, PersonalCode, Tenure, Holding, Party, Account, Reference, Meter, Register, Reading, Invoice,
    InvoiceLine,
)  # fmt: skip


class Straight:
    """Takes rows into the portal itself, on PostgreSQL, where nobody else has to wait for it."""

    def __init__(self, session: Session):
        self.session = session

    def insert(self, table: Table, rows: list[dict]) -> None:
        self.session.connection().execute(insert(table), rows)

    def update(self, table: Table, columns: tuple[str, ...], rows: list[dict]) -> None:
        values = {column: bindparam(column) for column in columns}
        self.session.connection().execute(update(table).where(table.c.id == bindparam("_id")).values(values), rows)

    def reindex(self, organisation_id: int, _renamed: dict[int, tuple]) -> None:
        reindex(self.session, organisation_id)

    def ids(self, table: Table) -> Iterator[int]:
        """Ids from the table's sequence, so that others who insert meanwhile never get the same."""
        draw = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, 500)")
        while True:
            yield from self.session.scalars(draw, {"table": table.name}).all()


class Registering:
    """One pass over a staged workbook. into: takes what is new and changed (Straight, prepared.Prepared); None: only count."""

    def __init__(self, session: Session, organisation: Organisation, stage: Stage, today: date, *, into=None, by=None):
        self.session, self.organisation, self.stage = session, organisation, stage
        self.today, self.into, self.by = today, into, by
        self.writing = into is not None
        self.counts: dict[str, Counter] = {}
        self.told: Callable[[str, int], None] = lambda sheet, rows: None
        self._waiting: dict[Table, list[dict]] = {thing.__table__: [] for thing in _ORDER}
        self._changes: dict[tuple[Table, tuple[str, ...]], list[dict]] = {}
        self._size = 0
        self._ids: dict[Table, Iterator[int]] = {}
        self.languages = organisation.languages.split()
        self._rules = setting.in_force(session, organisation.id, organisation.country, today)

    # Rows -----------------------------------------------------------------------------------------------------------

    def rows(self, sheet: str, order: str = "n") -> Iterator[sqlite3.Row]:
        for number, row in enumerate(self.stage.rows(sheet, order), start=1):
            yield row
            if not number % CHUNK:
                self.told(sheet, number)

    def trouble(self, sheet: str, row: sqlite3.Row, column: str | None, name: str, /, **facts) -> None:
        self.stage.trouble(Trouble(sheet, row["part"], row["row"], column, name, facts))
        self.count(sheet, "errors")

    def count(self, sheet: str, what: str) -> None:
        self.counts.setdefault(sheet, Counter())[what] += 1

    def moved(self, due: date) -> date:
        """A due day by the holiday rule of the organisation."""
        return effective_due(due, self.organisation.country, self._rules)

    # What is written ------------------------------------------------------------------------------------------------

    def id(self, thing) -> int:
        """The id of a row to be."""
        table = thing.__table__
        if table not in self._ids:
            self._ids[table] = self.into.ids(table) if isinstance(self.into, Straight) else count(FIRST + 1)
        return next(self._ids[table])

    def insert(self, thing, **values) -> None:
        if self.writing:
            self._waiting[thing.__table__].append(values)
            self._grown()

    def change(self, thing, id: int, **values) -> None:
        if self.writing:
            self._changes.setdefault((thing.__table__, tuple(values)), []).append({"_id": id, **values})
            self._grown()

    def _grown(self) -> None:
        self._size += 1
        if self._size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Changes first: a reading that no longer counts makes room for the one that does."""
        for (table, columns), rows in self._changes.items():
            self.into.update(table, columns, rows)
        self._changes.clear()
        for table, rows in self._waiting.items():
            if rows:
                self.into.insert(table, rows)
                rows.clear()
        self._size = 0

    # Comparing ------------------------------------------------------------------------------------------------------

    def keep(self, sheet: str, thing, id: int, old: dict, new: dict) -> None:
        """Count a known row as changed or unchanged, and change it. An empty cell leaves what is there."""
        changed = {name: value for name, value in new.items() if value is not None and value != old[name]}
        self.count(sheet, "changed" if changed else "unchanged")
        if changed:
            self.change(thing, id, **changed)


def chunked(things: Iterable, size: int) -> Iterator[list]:
    things = iter(things)
    while chunk := list(islice(things, size)):
        yield chunk
