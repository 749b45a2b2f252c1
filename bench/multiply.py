"""Makes a SQLite database n times as large: every row of every table copied with its keys moved, in SQL.

What is unique by text alone gets a suffix; what is unique together with a key is unique again by the moved key.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import UniqueConstraint

from resident import tables

KEEP = {"alembic_version", "sign_in_limit", "login_session", "form_key"}


def multiply(path: Path, times: int) -> None:
    """times=100: the database holds what it held a hundred times over."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        connection.execute("BEGIN")
        step = 1 + max(_highest(connection, table) for table in tables.METADATA.sorted_tables)
        for table in tables.METADATA.sorted_tables:
            if table.name not in KEEP:
                _copy(connection, table, step, times)
        connection.execute("COMMIT")


def _highest(connection, table) -> int:
    key = next(iter(table.primary_key.columns))
    if not _is_key(key):
        return 0
    return connection.execute(f"SELECT coalesce(max({key.name}), 0) FROM {table.name}").fetchone()[0]  # noqa: S608 – our own names


def _is_key(column) -> bool:
    return column.type._type_affinity.__name__ in ("Integer", "BigInteger") and (column.primary_key or bool(column.foreign_keys))


def _copy(connection, table, step: int, times: int) -> None:
    alone = _unique_alone(table)
    names, values = [], []
    for column in table.columns:
        names.append(f'"{column.name}"')
        if _is_key(column) or column.name in ("last_id", "seen_by_resident", "seen_by_staff", "seen_event", "last_event"):
            values.append(f'"{column.name}" + {step} * n.n')
        elif column.name in alone:
            values.append(f"\"{column.name}\" || '~' || n.n")
        else:
            values.append(f'"{column.name}"')
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {times - 1}) "  # noqa: S608
    copied = f"INSERT INTO {table.name} ({', '.join(names)}) {numbers}SELECT {', '.join(values)} FROM {table.name} CROSS JOIN n"  # noqa: S608
    connection.execute(copied)


def _unique_alone(table) -> set[str]:
    """Text columns that are unique by themselves."""
    groups = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    groups += [index.columns for index in table.indexes if index.unique]
    groups.append(table.primary_key.columns)
    found = set()
    for group in groups:
        columns = list(group)
        if not any(_is_key(column) for column in columns):
            found.update(c.name for c in columns if c.type._type_affinity.__name__ == "String")
    return found
