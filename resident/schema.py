"""Bringing the database's schema to this version: Alembic, run from code, with the guards of append-only tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from .db import Database

_HERE = Path(__file__).parent / "migrations"


def _config(connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(db: Database, to: str = "head") -> None:
    with db.engine.begin() as connection:
        command.upgrade(_config(connection), to)


def downgrade(db: Database, to: str) -> None:
    with db.engine.begin() as connection:
        command.downgrade(_config(connection), to)


def revision(db: Database, message: str) -> None:
    """Write a new migration from the difference between the tables and this database. For developers."""
    with db.engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{_count() + 1:04d}")


def _count() -> int:
    return len(list((_HERE / "versions").glob("[0-9]*.py")))


def state(db: Database) -> tuple[str | None, str]:
    """(revision of the database, revision that this code wants)."""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory(str(_HERE)).get_current_head()
