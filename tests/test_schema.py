"""Migrations up and down on both databases; guards of append-only tables stay through it."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from resident import guards, schema, tables
from tests import things
from tests.cast import Cast


def test_down_and_up_again_gives_the_same_schema_with_its_guards(db):
    schema.downgrade(db, "base")
    with db.engine.connect() as connection:
        left = set(connection.dialect.get_table_names(connection)) - {"alembic_version"}
    assert not left
    schema.upgrade(db)
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []
        found = compare_metadata(MigrationContext.configure(connection), tables.METADATA)
    assert found == []
    assert len(set(schema.state(db))) == 1


def test_one_step_down_and_up_again_keeps_the_rows(db, tmp_path):
    things.make(Cast(db), tmp_path / "files")
    before = _rows(db)
    schema.downgrade(db, "-1")
    with db.engine.connect() as connection:
        # What the step made has no rows to keep.
        stood = set(connection.dialect.get_table_names(connection))
    schema.upgrade(db)
    assert {name: count for name, count in _rows(db).items() if name in stood} == {
        name: count for name, count in before.items() if name in stood
    }
    assert before["reading"] and before["attachment"] and before["meter"]


def _rows(db) -> dict[str, int]:
    with db.engine.connect() as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables.METADATA.sorted_tables}


@pytest.mark.parametrize("table", ["audit_event"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_is_append_only_cannot_be_changed_or_removed(db, table, change):
    made = Cast(db)
    from resident.people import sign_in

    with db.writing() as session:
        sign_in.begin(session, made.logins["tenant"], address="127.0.0.1", agent="")
    with pytest.raises(DatabaseError, match="append-only"), db.writing() as session:
        session.execute(text(change.format(table)))


def test_sqlite_keeps_what_was_acknowledged(db):
    if not db.sqlite:
        pytest.skip("about SQLite's own settings")
    with db.engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
