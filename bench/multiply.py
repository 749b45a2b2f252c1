"""Makes a SQLite database n times as large: every row copied with its keys moved, in SQL.

What is unique by itself gets a suffix or a number of its own; what is unique together with a moved key is unique again by that.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import UniqueConstraint

from resident import tables

KEEP = {"alembic_version", "sign_in_limit", "login_session", "form_key"}
# What a company has more of as it grows; all that hangs on these comes with them.
GROWS = {"building", "tenure", "person"}
COUNTED = ("last_id", "seen_by_resident", "seen_by_staff", "seen_event", "last_event")


def multiply(path: Path, times: int, within: bool = False) -> None:
    """times=100: the database holds what it held a hundred times over; within: in the same organisations, which have a hundred
    times the buildings, tenures and persons, and one set of sign-ins, charges and settings."""
    tables_ = tables.METADATA.sorted_tables
    moved = _hanging(GROWS) if within else {table.name for table in tables_ if table.name not in KEEP}
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        connection.execute("BEGIN")
        step = 1 + max(_highest(connection, table) for table in tables_)
        for table in tables_:
            if table.name in moved:
                _copy(connection, table, moved, step, times)
        connection.execute("COMMIT")


def _hanging(roots: set[str]) -> set[str]:
    """The tables whose rows belong to a row of these, near or far."""
    found, before = set(roots), 0
    while len(found) > before:
        before = len(found)
        found |= {table.name for table in tables.METADATA.sorted_tables if _owners(table.columns) & found}
    return found


def _owners(columns) -> set[str]:
    return {key.column.table.name for column in columns for key in column.foreign_keys}


def _kind(column) -> str:
    return column.type._type_affinity.__name__


def _highest(connection, table) -> int:
    key = next(iter(table.primary_key.columns))
    if _kind(key) not in ("Integer", "BigInteger"):
        return 0
    return connection.execute(f"SELECT coalesce(max({key.name}), 0) FROM {table.name}").fetchone()[0]  # noqa: S608 – our own names


def _moves(column, moved: set[str]) -> bool:
    """Is it a key of something that is copied too, or the row's own?"""
    if _kind(column) not in ("Integer", "BigInteger"):
        return False
    return bool(_owners([column]) & moved) if column.foreign_keys else column.primary_key or column.name in COUNTED


def _copy(connection, table, moved: set[str], step: int, times: int) -> None:
    alone = _alone(table, moved)
    names = [f'"{column.name}"' for column in table.columns]
    values = [
        f"{name} + {step} * n.n" if _moves(column, moved) else alone.get(column.name, "{name}").format(name=name, step=step)
        for name, column in zip(names, table.columns, strict=True)
    ]
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {times - 1}) "  # noqa: S608
    copied = f"INSERT INTO {table.name} ({', '.join(names)}) {numbers}SELECT {', '.join(values)} FROM {table.name} CROSS JOIN n"  # noqa: S608
    connection.execute(copied)


def _alone(table, moved: set[str]) -> dict[str, str]:
    """Of what is unique without any moved key: the column that makes it unique again, and how."""
    groups = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    groups += [index.columns for index in table.indexes if index.unique]
    groups.append(table.primary_key.columns)
    found = {}
    for group in groups:
        if not any(_moves(column, moved) for column in group):
            found |= _made_unique(list(group))
    return found


def _made_unique(columns: list) -> dict[str, str]:
    for column in reversed(columns):
        if _kind(column) == "String":
            return {column.name: "{name} || '~' || n.n"}
        if _kind(column) in ("Integer", "BigInteger") and not column.foreign_keys:
            return {column.name: "{name} + {step} * n.n"}
    # As of a person's sign-in: the copies have none.
    return {column.name: "NULL" for column in columns if column.nullable}
