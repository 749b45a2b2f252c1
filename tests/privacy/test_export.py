"""The copy of what is stored about a person: whole, nobody else's, made by the worker, gone after a day (S58)."""

import json
import re
import threading
import zipfile

import pytest
from sqlalchemy import select

from blueprints._mail_words import renderer
from resident import clock, worker
from resident.access import Actor
from resident.people.person import Person
from resident.privacy import export, record
from tests.cast import LONG_AGO
from tests.invoices.books import account, invoice, two_years
from tests.privacy.canaries import plant


def made(app, db, cast, settings, name: str = "former") -> zipfile.ZipFile:
    by = Actor(cast.logins[name], getattr(cast, name), cast.koivu, "resident", "")
    with db.writing() as session:
        row = export.ask(session, session.get(Person, getattr(cast, name)), "fi", by=by)
    worker.work(db, settings, renderer(app), threading.Event(), once=True)
    with db.reading() as session:
        return zipfile.ZipFile(export.place(settings.data_dir, session.get(export.DataExport, row.id)))


def everything(copy: zipfile.ZipFile) -> str:
    return "\n".join(copy.read(name).decode("utf-8", "replace") for name in copy.namelist()) + "\n".join(copy.namelist())


def test_a_copy_holds_everything_about_the_person_and_nothing_of_others(app, db, cast, settings):
    words = plant(cast, settings.files_dir)
    text = everything(made(app, db, cast, settings))
    assert not [name for name, word in {**words.told, **words.kept}.items() if word not in text]
    # A hash, a secret, what staff noted among themselves; the name of somebody else.
    assert not [name for name, word in {**words.hidden, **words.others}.items() if word in text and name != "inpdf"]
    for other in ("Oili", "Aino", "Niilo", "tenant@example.org"):
        assert other not in text
    assert text.count("%PDF-") == 5, "the files themselves are in it, and the invoice"


def test_it_can_be_read_by_people_and_programs(app, db, cast, settings):
    plant(cast, settings.files_dir)
    copy = made(app, db, cast, settings)
    assert json.loads(copy.read("data/readings.json"))[0]["value"] == "5"
    assert json.loads(copy.read("data/invoices.json"))[0]["total"] == "612.40"
    assert "README.txt" in copy.namelist()
    for row in json.loads(copy.read("data/files.json")):
        assert row["file"] in copy.namelist() and "stored" not in row


def test_each_invoice_is_in_it_as_the_paper_that_the_portal_gives(app, db, cast, client, settings):
    ids = two_years(cast, db, cast.tenure_a1, clock.today("Europe/Helsinki"))
    with db.writing() as session:
        invoice(cast, session, account(cast, session, cast.tenure_a2, number="1002"), LONG_AGO, LONG_AGO)
    copy = made(app, db, cast, settings, "tenant")
    rows = {row["id"]: row["file"] for row in json.loads(copy.read("data/invoices.json"))}
    assert sorted(rows) == sorted(ids) and len(set(rows.values())) == 24
    assert sorted(rows.values()) == sorted(name for name in copy.namelist() if name.startswith("invoices/"))
    tenant = client("tenant")
    for id in (ids[0], ids[-1]):
        assert copy.read(rows[id]) == tenant.get(f"/invoices/{id}/pdf").data and rows[id].endswith(".pdf")


def test_a_neighbour_s_copy_has_nothing_of_the_person(app, db, cast, settings):
    words = plant(cast, settings.files_dir)
    text = everything(made(app, db, cast, settings, "neighbour"))
    assert not [word for word in re.findall(r"canary\w+qx", text)]
    assert words.told


@pytest.mark.usefixtures("settings")
def test_a_copy_is_removed_after_a_day(app, db, cast, settings, later):
    made(app, db, cast, settings).close()
    assert len(list(export.folder(settings.data_dir).glob("*.zip"))) == 1
    later(days=1, minutes=1)
    worker.work(db, settings, renderer(app), threading.Event(), once=True)
    assert not list(export.folder(settings.data_dir).iterdir())
    with db.reading() as session:
        assert session.scalar(select(export.DataExport)) is None


def test_counts_are_those_of_the_rows(db, cast, settings):
    plant(cast, settings.files_dir)
    with db.reading() as session:
        mine = record.whose(session, session.get(Person, cast.former))
        counted = record.counts(session, mine)
        assert counted == {name: len(record.rows(session, mine, name)) for name in record.KINDS}
        assert min(counted[name] for name in ("person", "messages", "faults", "files", "devices", "invoices", "readings")) > 0
