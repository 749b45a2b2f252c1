"""Triggers that keep append-only tables append-only, on SQLite and PostgreSQL.

Alembic's table copy on SQLite drops triggers in silence, so every migration that touches a guarded table ends with
put(); a test looks after up and down.
"""

from sqlalchemy import inspect

# No row of these is ever changed or removed.
APPEND_ONLY = ("entry", "item", "settlement", "audit_event", "entry_wish", "interest_posting")
# Of a reading these never change, what was decided about it may; no row is removed. A note may go (erasure), not change.
READING_KEPT = (
    "register_id",
    "period_id",
    "day",
    "value",
    "source",
    "rolled_over",
    "reason",
    "supersedes_id",
    "receipt_id",
    "person_id",
    "at",
    "via",
    "typed_at",
)

_FUNCTION = """
CREATE OR REPLACE FUNCTION resident_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$
"""


def put(connection) -> None:
    """Make the guards, or make them anew."""
    drop(connection)
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql(_FUNCTION.replace("%", "%%"))
    # A migration of before knows the tables that there were then.
    tables = set(inspect(connection).get_table_names())
    for table in (name for name in APPEND_ONLY if name in tables):
        _guard(connection, sqlite, table, "UPDATE")
        _guard(connection, sqlite, table, "DELETE")
    _guard(connection, sqlite, "reading", "DELETE")
    differs = "NOT" if sqlite else "DISTINCT FROM"
    # A migration of before guards the columns that there were then.
    there = {column["name"] for column in inspect(connection).get_columns("reading")}
    changed = " OR ".join(f"OLD.{name} IS {differs} NEW.{name}" for name in READING_KEPT if name in there)
    changed += f" OR (NEW.note IS NOT NULL AND OLD.note IS {differs} NEW.note)"
    _guard(connection, sqlite, "reading", "UPDATE", changed)


def drop(connection) -> None:
    tables = set(inspect(connection).get_table_names())
    for table in (name for name in (*APPEND_ONLY, "reading") if name in tables):
        for act in ("UPDATE", "DELETE"):
            on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, act)}{on}")


def missing(connection) -> list[str]:
    """Names of guards that are not there."""
    wanted = {_name(table, act) for table in (*APPEND_ONLY, "reading") for act in ("UPDATE", "DELETE")}
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return sorted(wanted - {row[0] for row in connection.exec_driver_sql(catalogue)})


def _name(table: str, act: str) -> str:
    return f"guard_{table}_{act.lower()}"


def _guard(connection, sqlite: bool, table: str, act: str, when: str | None = None) -> None:
    condition = f"WHEN ({when}) " if when else ""
    body = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END" if sqlite else "EXECUTE FUNCTION resident_refuse()"
    sql = f"CREATE TRIGGER {_name(table, act)} BEFORE {act} ON {table} FOR EACH ROW {condition}{body}"
    connection.exec_driver_sql(sql)
