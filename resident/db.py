"""Base of all tables, column types, and sessions.

SQLite runs in WAL with FULL; a writing session begins IMMEDIATE behind an in-process lock, so that threads queue
in order instead of failing with "database is locked". PostgreSQL needs neither: verbs lock a parent row.
"""

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Result,
    Select,
    and_,
    create_engine,
    event,
    or_,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import JSON, TypeDecorator

from .errors import NotSaved

BUSY_MS = 5000
SCALE = 1_000_000
# After a batch nobody writes for so much of its time; in seconds at least (SQLite looks each 25 to 50 ms) and at most.
_REST, _SHORTEST_REST, _LONGEST_REST = 0.25, 0.03, 0.2


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCTime(TypeDecorator):
    """An instant. Aware on the way in and out; stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect, coltype):
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        # In one step instead of three: lists have two instants a row.
        return lambda text: None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


# Money is integer minor units; quantities and unit prices are integer millionths (SCALE). No float touches either.
Money = BigInteger
Quantity = BigInteger
Key = BigInteger().with_variant(Integer, "sqlite")
Json = JSON


def lasts(thing, day) -> ColumnElement[bool]:
    """The SQL condition "in force on a day", of whatever has a first and a last day; no last one: it has no end."""
    return and_(thing.first <= day, or_(thing.last.is_(None), thing.last >= day))


class Database:
    """One database: an engine, and sessions for reading and for writing."""

    def __init__(self, url: str, pool_size: int = 8):
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._writer = threading.RLock()
        options = {"connect_args": {"timeout": BUSY_MS / 1000}} if self.sqlite else {"pool_pre_ping": True}
        # Parameters are what people typed: no error text and no log quotes them (S57).
        self.engine = create_engine(url, pool_size=pool_size, max_overflow=8, pool_use_lifo=True, hide_parameters=True, **options)
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            # Not by an event, which would cost every statement of every reader.
            self.engine.dialect.do_begin = _begin_to_read
            self._writing = self.engine.execution_options()
            event.listen(self._writing, "begin", _begin_to_write)
        else:
            self._writing = self.engine

    def session(self, writing: bool = False) -> Session:
        """A session that the caller closes. Prefer reading() and writing()."""
        if writing:
            return Writing(self._writing, expire_on_commit=False, autoflush=True)
        return Reading(self.engine, expire_on_commit=False, autoflush=True)

    @contextmanager
    def reading(self):
        session = self.session()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def writing(self):
        """A session that commits when the block ends well. NotSaved when the store is full or stays locked."""
        self.claim()
        session = self.session(writing=True)
        try:
            yield session
            session.commit()
        except OperationalError as error:
            session.rollback()
            raise translated(error) from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
            self.release()

    @contextmanager
    def turn(self):
        """writing() for one batch of many. Others, those of other processes too, get their turn after it."""
        began = time.monotonic()
        with self.writing() as session:
            yield session
        if self.sqlite:
            time.sleep(min(max((time.monotonic() - began) * _REST, _SHORTEST_REST), _LONGEST_REST))

    def claim(self) -> None:
        """Wait for the turn to write (SQLite only). Every claim needs one release, on the same thread."""
        if self.sqlite and not self._writer.acquire(timeout=BUSY_MS / 1000):
            raise NotSaved(why="locked")

    def release(self) -> None:
        if self.sqlite:
            self._writer.release()

    def forget(self) -> None:
        """Empty SQLite's journal, which still holds pages as they were before something was erased. Waits for no reader."""
        if self.sqlite:
            with self.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Writing(Session):
    def plainly(self) -> Connection:
        return self.connection()


class Reading(Session):
    """A session that reads. Until entities are asked for it is its connection and no more: half of what it costs."""

    _connection = None

    def plainly(self) -> Connection:
        if self._connection is None and not self.in_transaction():
            # What entities are read by later on, too: on SQLite one request sees the database at one moment. On PostgreSQL
            # each statement sees what is committed (READ COMMITTED).
            self._connection = self.bind = self.bind.connect()
        return self._connection or self.connection()

    def close(self) -> None:
        super().close()
        if self._connection is not None:
            self.bind = self._connection.engine
            self._connection.close()
            self._connection = None


def plain(session: Session, statement: Select, facts: dict) -> Result:
    """The answer to a hot statement over plain tables, without the session's own part in it. Nothing is flushed before."""
    return session.plainly().execute(statement, facts)


def dialect_insert(session: Session):
    """INSERT that knows ON CONFLICT."""
    # Here and not above: PostgreSQL's takes 2 MB, which SQLite has no use for.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert


def learn(session: Session) -> None:
    """Let PostgreSQL look at its tables again: by what it knew of empty ones it would plan a walk through all rows for each."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


def translated(error: OperationalError) -> Exception:
    """NotSaved for a store that is full, locked or away, else the error itself."""
    if type(error.orig).__module__.startswith("psycopg"):
        # There the class says it: connection lost or refused, out of room, shutting down, deadlock.
        return NotSaved(why="away")
    told = str(error.orig).lower()
    if "locked" in told or "busy" in told:
        return NotSaved(why="locked")
    if "full" in told or "no space" in told or "readonly" in told or "disk i/o" in told or "unable to open" in told:
        return NotSaved(why="full")
    return error


def _prepare_sqlite(connection, _record):
    # The driver must not begin transactions by itself: _begin_sqlite does. WAL is a property of the file and is set
    # when the file is made: setting it on each connection fails on a full disk and takes reading down with it (M5).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=FULL")
    # What is deleted is overwritten: an erased person is not found in the file (S58).
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_to_write(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_to_read(connection):
    # Nothing is locked yet, so nothing can fail. Whoever writes has begun already.
    driver = connection.driver_connection
    if not driver.in_transaction:
        driver.execute("BEGIN")
