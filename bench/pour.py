"""Pours a SQLite database into an empty PostgreSQL one, table by table, as it is."""

import sqlite3
from pathlib import Path

import psycopg

from resident import schema, tables
from resident.db import Database

_MADE = {"Boolean": bool, "DateTime": "{}+00".format}


def pour(path: Path, url: str) -> None:
    """url: as RESIDENT_DATABASE_URL. What is unique and what belongs together was right before and is not looked at again."""
    db = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    schema.upgrade(db)
    db.engine.dispose()
    with sqlite3.connect(path) as source, psycopg.connect(url.replace("+psycopg", "")) as target:
        target.execute("SET session_replication_role = replica")
        for table in tables.METADATA.sorted_tables:
            target.execute(f'TRUNCATE "{table.name}" CASCADE')
        for table in tables.METADATA.sorted_tables:
            _copied(source, target, table)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as target:
        target.execute("ANALYZE")


def _copied(source, target, table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    made = [_MADE.get(column.type._type_affinity.__name__, lambda value: value) for column in table.columns]
    with target.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as rows:
        for row in source.execute(f'SELECT {names} FROM "{table.name}"'):  # noqa: S608 – our own names
            rows.write_row([None if value is None else make(value) for value, make in zip(row, made, strict=True)])
    if "id" in table.columns and table.columns.id.autoincrement:
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        target.execute(f'SELECT setval({sequence}, (SELECT coalesce(max(id), 1) FROM "{table.name}"))')  # noqa: S608
