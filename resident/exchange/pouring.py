"""Prepared rows into the portal, in the one transaction of an import on SQLite: copied by the database itself.

Everything was checked without the lock. So first comes the question whether anything that the checks leant on has
changed since; the ledger, readings and the audit only grow, so what is new in them tells.
"""

# ruff: noqa: S608 (names of tables and columns are ours, and ids are whole numbers)

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.orm import Session

from ..audit import AuditEvent
from ..errors import ResidentError
from ..metering.reading import Reading
from ..money.ledger import Entry, Settlement
from .numbering import FIRST
from .prepared import DERIVED, NEW, Prepared

# kB of the connection's cache: indexes are filled in memory instead of page by page.
_CACHE = 128_000
# Acts after which an organisation's register is another one. Readings and the ledger are looked at row by row.
_CHANGES = (
    "person_changed", "setting_changed", "import_applied", "demo_loaded", "period_allocated", "period_confirmed",
    "period_taken_back", "settlement_prepared", "settlement_confirmed", "fact_changed",
)  # fmt: skip
# Acts after which corrections may come to something else.
_WORTH = (
    "tenure_added", "tenure_changed", "tariff_changed", "charge_changed", "membership_changed", "correction_made",
    "correction_withdrawn", "costs_corrected", "readings_corrected", "facts_corrected", "settlement_taken_back",
)  # fmt: skip
_NAMES = {table.name for table in NEW}


class Overtaken(ResidentError):
    """Somebody changed something between the check and the turn to write. Nothing was written; check again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What stood in the portal when the checks began: an organisation, and the last ids of what only grows."""

    organisation_id: int
    audit: int
    reading: int
    entry: int
    settlement: int


def moment(session: Session, organisation_id: int) -> Moment:
    last = [session.scalar(select(func.coalesce(func.max(thing.id), 0))) for thing in (AuditEvent, Reading, Entry, Settlement)]
    return Moment(organisation_id, *last)


def pour(session: Session, prepared: Prepared, since: Moment, corrects: bool = False) -> None:
    """Write it all into a writing session. corrects: were corrections of what is billed worked out, too? Overtaken when it is not
    good any more: roll back then."""
    connection = session.connection()
    # It does not go back to the pool: what is attached and the large cache end with it.
    connection.detach()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE}")
    connection.exec_driver_sql("ATTACH DATABASE ? AS prepared", (str(prepared.path),))
    if _overtaken(connection, prepared, since, _CHANGES + _WORTH if corrects else _CHANGES):
        raise Overtaken()
    for table, columns, name in prepared.changes:
        values = ", ".join(f'"{column}" = p."{column}"' for column in columns)
        connection.exec_driver_sql(f'UPDATE main."{table.name}" AS t SET {values} FROM prepared."{name}" AS p WHERE t.id = p._id')
    shifts = {table.name: _shift(connection, table) for table in NEW}
    for table in NEW:
        _copy(connection, table, shifts, f"WHERE p.id > {FIRST} ORDER BY p.id")
    _replace(connection, shifts)


def _shift(connection: Connection, table: Table) -> int:
    """What is added to a provisional id to make it the next free one."""
    return (connection.scalar(select(func.max(table.c.id))) or 0) - FIRST


def _copy(connection: Connection, table: Table, shifts: dict[str, int], which: str) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(column, shifts) for column in table.columns)
    connection.exec_driver_sql(
        f'INSERT INTO main."{table.name}" ({names}) SELECT {values} FROM prepared."{table.name}" AS p {which}'
    )


def _value(column: Column, shifts: dict[str, int]) -> str:
    name = f'p."{column.name}"'
    key = next((key.column.table.name for key in column.foreign_keys), None)
    if column.name == "id":
        return _settled(name, shifts[column.table.name])
    if key in _NAMES:
        return _settled(name, shifts[key])
    # Ids that stand inside texts: what an entry was booked for, and whom an invoice is made out to.
    if (column.table.name, column.name) == ("entry", "cause"):
        account = _settled("p.account_id", shifts["account"])
        return (
            f"CASE WHEN p.kind = 'invoice' THEN 'invoice:' || (substr(p.cause, 9) + {shifts['invoice']}) "
            f"ELSE replace(p.cause, ':~' || p.account_id || ':', ':~' || ({account}) || ':') END"
        )
    if column.name == "addressee":
        person = "json_extract(p.addressee, '$.person_id')"
        new = f"json_set(p.addressee, '$.person_id', {person} + {shifts['person']})"
        return f"CASE WHEN {person} > {FIRST} THEN {new} ELSE p.addressee END"
    return name


def _settled(name: str, shift: int) -> str:
    """NULL stays NULL, a known id stays as it is."""
    return f"{name} + ({name} > {FIRST}) * {shift}"


def _replace(connection: Connection, shifts: dict[str, int]) -> None:
    """Derived rows: the old ones of whom they are about go, the new ones come."""
    for table in DERIVED:
        about, whom = ("person_id", f"SELECT person_id FROM prepared.person_word WHERE person_id < {FIRST}")
        if table.name != "person_word":
            about, whom = "account_id", f"SELECT id FROM prepared.touched WHERE id < {FIRST}"
        connection.exec_driver_sql(f'DELETE FROM main."{table.name}" WHERE "{about}" IN ({whom})')
        keys = ", ".join(f'p."{column.name}"' for column in table.primary_key.columns)
        _copy(connection, table, shifts, f"ORDER BY {keys}")


def _overtaken(connection: Connection, prepared: Prepared, since: Moment, changes: tuple[str, ...]) -> bool:
    acts = ", ".join(f"'{act}'" for act in changes)
    given = {"audit": since.audit, "ours": since.organisation_id, "entry": since.entry, "settlement": since.settlement}
    given["reading"] = since.reading
    newer = (
        "SELECT id FROM main.reading WHERE id > :reading UNION "
        "SELECT thing_id FROM main.audit_event WHERE id > :audit AND act IN ('reading_accepted', 'reading_rejected')"
    )
    moved = [name for table, _, name in prepared.changes if table.name == "meter"]
    questions = (
        f"SELECT 1 FROM main.audit_event WHERE id > :audit AND organisation_id = :ours AND act IN ({acts})",
        # A later reading that goes on from the imported ones leaves them as good as they were.
        f"SELECT 1 FROM main.reading r JOIN prepared.reading p ON p.register_id = r.register_id WHERE r.id IN ({newer}) "
        "AND (p.day >= r.day OR p.value > r.value)",
        *(
            f"SELECT 1 FROM main.reading r JOIN main.register g ON g.id = r.register_id JOIN prepared.{name} p "
            f"ON p._id = g.meter_id WHERE r.id IN ({newer})"
            for name in moved
        ),
        "SELECT 1 FROM main.entry WHERE id > :entry AND account_id IN (SELECT id FROM prepared.touched)",
        "SELECT 1 FROM main.settlement s JOIN main.entry e ON e.id = s.entry_id WHERE s.id > :settlement "
        "AND e.account_id IN (SELECT id FROM prepared.touched)",
    )  # fmt: skip
    return any(connection.exec_driver_sql(question + " LIMIT 1", given).first() for question in questions)
