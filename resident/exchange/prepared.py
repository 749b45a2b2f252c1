"""What an import is going to write, worked out beforehand in a scratch database, so that SQLite's one write lock is held
only while finished rows are copied (pouring.py).

Its tables bear the portal's names, so the ledger's own functions settle and add up in here. Ids above FIRST are
provisional: in the order in which they were given, they become the next free ones when the rows are poured.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import BigInteger, Column, MetaData, Table, create_engine, event, insert, select, true
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from ..homes.building import Building, Unit, UnitFact
from ..homes.organisation import Organisation, OrganisationSetting
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money import booking
from ..money.account import Account, Reference
from ..money.invoice import Invoice, InvoiceLine
from ..money.ledger import AccountTotal, Balance, Entry, EntryWish, Item, OpenItem, Settlement
from ..people.identification import PersonalCode
from ..people.person import Person, PersonWord, indexed
from ..people.tenure import Holding, Party, Tenure
from .numbering import FIRST

CHUNK = 2000
_SQLITE = sqlite.dialect()
# Parents before children.
NEW = tuple(
    thing.__table__
    for thing in (
        Building, Unit, UnitFact, Person, PersonalCode, Tenure, Holding, Party, Account, Reference, Meter, Register, Reading,
        Invoice, InvoiceLine, Entry, Item, Settlement,
    )
)  # fmt: skip
# Rows that stand in for all that the person or the account had.
DERIVED = tuple(thing.__table__ for thing in (PersonWord, OpenItem, AccountTotal, Balance))
# Rows of the portal's that settling looks at, and that are never copied back.
LOOKED_AT = tuple(thing.__table__ for thing in (Organisation, OrganisationSetting, EntryWish))
_LEDGER = (
    "entry (account_id, value_day, id)", "entry (reverses_id)", "item (account_id)", "item (entry_id)", "settlement (entry_id)",
    "settlement (item_id)", "settlement (reverses_id)", "open_item (account_id)", "balance (account_id)", "reading (register_id)",
)  # fmt: skip


class Prepared:
    """The rows of one import, taken as registering.Straight takes them. session: where the ledger's functions write."""

    def __init__(self, path: Path):
        self.path = path
        # (table of the portal, columns, name of the table here that holds their new values by _id)
        self.changes: list[tuple[Table, tuple[str, ...], str]] = []
        self._changed: dict[tuple[Table, tuple[str, ...]], Table] = {}
        self._engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
        event.listen(self._engine, "connect", _careless)
        self.session = Session(self._engine)
        for table in (*NEW, *DERIVED, *LOOKED_AT):
            self._make(table)
        self._do("CREATE UNIQUE INDEX cause ON entry (cause)")
        self._do("CREATE TABLE touched (id INTEGER PRIMARY KEY)")

    def _do(self, sql: str, *given):
        return self.session.connection().exec_driver_sql(sql, *given)

    def _make(self, table: Table) -> None:
        # Of the portal's own types: an index serves only what compares without converting.
        types = ["INTEGER PRIMARY KEY AUTOINCREMENT" if c.name == "id" else c.type.compile(_SQLITE) for c in table.columns]
        columns = [f'"{column.name}" {type}' for column, type in zip(table.columns, types, strict=True)]
        self._do(f'CREATE TABLE "{table.name}" ({", ".join(columns)})')
        if "id" in table.c:
            self._do("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, FIRST))

    def insert(self, table: Table, rows: list[dict]) -> None:
        self.session.connection().execute(insert(table), rows)

    def update(self, table: Table, columns: tuple[str, ...], rows: list[dict]) -> None:
        """New values of rows that are in the portal; "_id" names the row."""
        if (table, columns) not in self._changed:
            name = f"change_{len(self.changes)}"
            typed = [Column(column, table.c[column].type) for column in columns]
            self._changed[table, columns] = made = Table(name, MetaData(), Column("_id", BigInteger), *typed)
            self._make(made)
            self.changes.append((table, columns, name))
        self.session.connection().execute(insert(self._changed[table, columns]), rows)

    def reindex(self, organisation_id: int, renamed: dict[int, tuple]) -> None:
        """Search words of the new persons, and of renamed ones: {id: (name, search key, e-mail)}."""
        words = PersonWord.__table__
        known = [word for id, said in renamed.items() for word in indexed(organisation_id, id, *said)]
        if known:
            self.insert(words, known)
        people = select(Person.id, Person.name, Person.search_key, Person.email).order_by(Person.id).limit(CHUNK)
        last = 0
        while rows := self.session.execute(people.where(Person.id > last)).all():
            last = rows[-1].id
            self.insert(words, [word for row in rows for word in indexed(organisation_id, *row)])

    def settle(self, session: Session, touched: Iterable[int]) -> None:
        """Settlements, open items, totals and balances of accounts on which something is booked. session: the portal's."""
        for sql in _LEDGER:
            self._do(f'CREATE INDEX "{sql.translate(str.maketrans("", "", " ,()"))}" ON {sql}')
        ids = sorted(touched)
        if ids:
            self.session.connection().exec_driver_sql("INSERT INTO touched VALUES (?)", [(id,) for id in ids])
        for thing in (Organisation, OrganisationSetting):
            self._take(session, thing, true())
        known = [id for id in ids if id < FIRST]
        for start in range(0, len(known), 500):
            self._copy(session, known[start : start + 500])
        booking.refresh(self.session, ids)

    def _copy(self, session: Session, accounts: list[int]) -> None:
        entries = select(Entry.id).where(Entry.account_id.in_(accounts))
        of_theirs = (
            (Account, Account.id.in_(accounts)), (Entry, Entry.account_id.in_(accounts)), (Item, Item.account_id.in_(accounts)),
            (Settlement, Settlement.entry_id.in_(entries)), (EntryWish, EntryWish.entry_id.in_(entries)),
        )  # fmt: skip
        for thing, which in of_theirs:
            self._take(session, thing, which)

    def _take(self, session: Session, thing, which) -> None:
        table = thing.__table__
        for rows in session.execute(select(*table.columns).where(which)).mappings().partitions(CHUNK):
            self.insert(table, [dict(row) for row in rows])

    def seal(self) -> None:
        """All is there: from now on another connection may read it."""
        self.session.commit()
        self.session.close()
        self._engine.dispose()

    def close(self) -> None:
        self.session.close()
        self._engine.dispose()
        self.path.unlink(missing_ok=True)


def _careless(connection, _record) -> None:
    """What is lost here is worked out again."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "temp_store=FILE"):
        connection.execute(f"PRAGMA {pragma}")
