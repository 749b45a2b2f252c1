"""The pages that residents open most: few and constant SELECTs, no write, no full scan, few octets."""

import shutil

import pytest

from bench.scale import scans, statements
from tests.client import Client

HOT = ("/", "/readings", "/invoices", *(f"/consumption?step={step}" for step in ("day", "week", "month", "year")))
NAMES = ("fi-tenant", "ee-owner", "pl-member", "ru-owner")


@pytest.fixture(scope="module")
def demo(loaded, tmp_path_factory):
    """The portal with the demo on SQLite."""
    from app import create_app
    from resident.settings import load

    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    app = create_app(load({"RESIDENT_DATA_DIR": str(folder)}))
    yield app
    app.extensions["resident.db"].engine.dispose()


@pytest.fixture
def signed_in(demo):
    from resident.demo import PASSWORD

    return lambda name: Client(demo, name, PASSWORD)


@pytest.mark.parametrize("path", HOT)
@pytest.mark.parametrize("name", NAMES)
def test_a_view_asks_at_most_six_times_writes_nothing_and_scans_no_table(demo, signed_in, name, path):
    client = signed_in(name)
    client.get(path)
    asked = statements(demo, lambda: client.get(path))
    assert len(asked) <= 6, [sql[:120] for sql, _ in asked]
    assert all(sql.startswith(("SELECT", "WITH")) for sql, _ in asked)
    assert scans(demo, asked) == []


@pytest.mark.parametrize("path", ["/desk/", "/desk/readings", "/desk/faults", "/desk/messages", "/desk/invoices", "/desk/homes"])
@pytest.mark.parametrize("name", ["fi-office", "ru-office"])
def test_the_desks_lists_scan_no_table_and_write_nothing(demo, signed_in, name, path):
    client = signed_in(name)
    asked = statements(demo, lambda: client.get(path))
    assert all(sql.startswith(("SELECT", "WITH")) for sql, _ in asked)
    assert scans(demo, asked) == []
