"""Bringing the database's schema to this version: Alembic, run from code, with the guards of append-only tables.

Alembic is imported where it is run: a web process never needs its 10 MB.
"""

from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect, text

from .db import Database

_HERE = Path(__file__).parent / "migrations"


def _config(connection):
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _unchecked(db: Database):
    """One transaction. SQLite copies a table to change it and drops the old one, which the rows that point at it forbid: there
    references are looked at when all is done, before the commit."""
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if db.sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                astray = driver.execute("PRAGMA foreign_key_check").fetchall() if db.sqlite else ()
                if astray:
                    raise RuntimeError(f"rows point at nothing: {sorted({row[0] for row in astray})}")
        finally:
            if db.sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def upgrade(db: Database, to: str = "head") -> None:
    from alembic import command

    with _unchecked(db) as connection:
        command.upgrade(_config(connection), to)


def downgrade(db: Database, to: str) -> None:
    from alembic import command

    with _unchecked(db) as connection:
        command.downgrade(_config(connection), to)


def revision(db: Database, message: str) -> None:
    """Write a new migration from the difference between the tables and this database. For developers."""
    from alembic import command

    with db.engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{_count() + 1:04d}")


def _count() -> int:
    return len(_revisions())


def _revisions() -> list[str]:
    """Migrations are numbered: 0001, 0002 …"""
    return sorted(path.name[:4] for path in (_HERE / "versions").glob("[0-9]*.py"))


def state(db: Database) -> tuple[str | None, str]:
    """(revision of the database, revision that this code wants)."""
    with db.engine.connect() as connection:
        there = inspect(connection).has_table("alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    return current, _revisions()[-1]
