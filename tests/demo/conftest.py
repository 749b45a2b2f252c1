"""The portal with the demo in it, loaded once for each database."""

import shutil

import pytest
from sqlalchemy import text

from app import create_app
from resident import tables
from resident.settings import load
from tests.conftest import BOTH


@pytest.fixture(scope="package", params=BOTH)
def portal(request, tmp_path_factory):
    """The portal with the demo in it."""
    folder = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_sqlite_template"), folder / "resident.db")
        url = f"sqlite:///{folder / 'resident.db'}"
    else:
        db = request.getfixturevalue("_postgres_db")
        with db.engine.begin() as connection:
            names = ", ".join(table.name for table in tables.METADATA.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        url = db.url
    app = create_app(load({"RESIDENT_DATA_DIR": str(folder), "RESIDENT_DATABASE_URL": url}))
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    yield app
    app.extensions["resident.db"].engine.dispose()


@pytest.fixture
def made(portal):
    """A reading session on the demo."""
    with portal.extensions["resident.db"].reading() as session:
        yield session
