"""Keyset paging of the desk's lists: page one beside the page at row 100,000, on SQLite. The bar is 1.15."""

import tempfile
from pathlib import Path

from app import create_app
from resident import schema
from resident.settings import load
from tests.cast import Cast
from tests.client import Client
from tests.desk import test_register_paging as homes
from tests.invoices import many

from . import faults

ROW, BAR = 100_000, 1.15


def _portal(folder: Path):
    app = create_app(load({"RESIDENT_DATA_DIR": str(folder)}))
    schema.upgrade(app.extensions["resident.db"])
    return app


def invoices(folder: Path) -> float:
    """Through the whole portal: far page / page one."""
    app = _portal(folder)
    db = app.extensions["resident.db"]
    cast = Cast(db)
    many.fill(db, cast.koivu, ROW + 10_000)
    office = Client(app, "office")
    near, far = many.measured(office.get, "/desk/invoices", f"/desk/invoices?after={many.key_at(db, cast.koivu, ROW)}")
    return far / near


def register(folder: Path) -> float:
    """The list's own statements: far page / page one."""
    db = _portal(folder).extensions["resident.db"]
    near, far = homes.figures(db, homes.filled(db, ROW + 10_000), ROW)
    return far / near


def run() -> bool:
    good = True
    for name, measure in (("invoices", invoices), ("homes", register)):
        with tempfile.TemporaryDirectory(prefix="resident-paging-") as made:
            ratio = measure(Path(made))
        good &= ratio <= BAR
        print(f"paging    {name:10} page at row {ROW:,} takes {ratio:4.2f} × page one, bar ≤ {BAR}")
    return faults.run() and good
