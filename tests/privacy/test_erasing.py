"""Erasure: what stands against it, what is gone, what stays and until when, and that nothing else is lost (rule 38, S58)."""

import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from blueprints._mail_words import renderer
from resident import clock, worker
from resident.access import Actor
from resident.audit import AuditEvent
from resident.banking import forgetting
from resident.homes import setting
from resident.metering.reading import Reading
from resident.money.invoice import Invoice
from resident.people.person import ERASED, Login, Person
from resident.people.sign_in import LoginSession
from resident.people.tenure import Party
from resident.privacy import erasing, export, retention
from resident.privacy.erasure import Erasure
from resident.talk.case import Case
from resident.talk.thread import Message
from tests.invoices.books import account, invoice
from tests.privacy.canaries import billed, everywhere, plant


def by(cast) -> Actor:
    return Actor(cast.logins["office"], cast.office, cast.koivu, "office", "Oili Toimisto")


def erased(cast, app, settings, name: str = "former") -> None:
    with cast.db.writing() as session:
        erasing.erase(session, session.get(Person, getattr(cast, name)), by=by(cast))
    worker.work(cast.db, settings, renderer(app), threading.Event(), once=True)


def test_of_an_erased_person_nothing_is_left_but_what_is_listed(app, db, cast, settings):
    words = plant(cast, settings.files_dir)
    before = everywhere(db)
    assert all(word in before for word in {**words.told, **words.kept, **words.others}.values())
    erased(cast, app, settings)
    left = everywhere(db)
    found = [name for where in (words.told, words.hidden, words.others) for name, word in where.items() if word in left]
    assert not found
    assert all(word in left for word in words.kept.values())
    assert not [path for path in settings.files_dir.rglob("*") if path.is_file()]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_not_even_in_the_octets_of_the_database_and_its_journal(app, db, cast, settings):
    words = plant(cast, settings.files_dir)
    erased(cast, app, settings)
    path = db.url.removeprefix("sqlite:///")
    octets = b"".join(Path(path + end).read_bytes() for end in ("", "-wal"))
    gone = {**words.told, **words.hidden, **words.others}
    assert not [name for name, word in gone.items() if word.encode() in octets]
    assert b"040 555 9876" not in octets


def test_what_bookkeeping_keeps_is_said_with_its_day(app, db, cast, settings):
    plant(cast, settings.files_dir)
    erased(cast, app, settings)
    with db.reading() as session:
        row = session.scalar(select(Erasure))
        assert row.kept == {"invoices": 1, "entries": 2, "readings": 1}
        assert row.until == date(billed().year + 6, 12, 31)
        assert session.get(Person, cast.former).name == ERASED
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "person_erased"))
        assert (event.thing, event.thing_id, event.person_id) == ("person", cast.former, cast.office)


def test_numbers_of_threads_and_faults_stay(app, db, cast, settings):
    plant(cast, settings.files_dir)
    erased(cast, app, settings)
    with db.reading() as session:
        case = session.scalar(select(Case).where(Case.person_id == cast.former))
        assert (case.number, case.text) == ("F-2015-0001", ERASED)
        assert {message.text for message in session.scalars(select(Message))} == {ERASED}
        assert session.scalar(select(Reading.value)) == 5_000_000


def test_the_time_of_what_was_kept_ends_by_itself(app, db, cast, settings):
    words = plant(cast, settings.files_dir)
    erased(cast, app, settings)
    with db.writing() as session:
        assert retention.end_due(session) == 0
        setting.put(session, cast.koivu, "retention_years", 2)
        assert retention.end_due(session) == 1
        assert retention.end_due(session) == 0
    with db.reading() as session:
        assert session.scalar(select(Invoice.addressee))["name"] == ERASED
        assert session.scalar(select(Invoice.total)) == 61240
        assert session.scalar(select(Erasure.done_at)) is not None
        assert session.scalar(select(AuditEvent.thing_id).where(AuditEvent.act == "retention_ended")) == cast.former
    assert words.kept["street"] not in everywhere(db)
    assert forgetting.end_all(db) == 1 and forgetting.end_all(db) == 0
    assert "canarybankpayerqx" not in everywhere(db) and words.kept["banktext"] not in everywhere(db)


@pytest.mark.parametrize(
    ("name", "what"), [("tenant", "tenure"), ("occupant", "tenure"), ("coming", "tenure"), ("office", "post"), ("owner", "tenure")]
)
def test_what_stands_against_it_is_told(db, cast, name, what):
    with db.reading() as session:
        person = session.get(Person, getattr(cast, name))
        assert what in erasing.against(session, person, clock.today("Europe/Helsinki"))
    with db.writing() as session, pytest.raises(erasing.StandsAgainst):
        erasing.erase(session, session.get(Person, getattr(cast, name)), by=by(cast))


def test_open_money_and_open_faults_stand_against_it(db, cast, settings):
    plant(cast, settings.files_dir)
    with db.writing() as session:
        to = account(cast, session, cast.tenure_former)
        named = {"name": "F", "home": "A 1", "person_id": cast.former}
        invoice(cast, session, to, date(2016, 1, 1), date(2016, 2, 1), addressee=named)
        session.scalar(select(Case).where(Case.person_id == cast.former)).state = "waiting"
    with db.reading() as session:
        person = session.get(Person, cast.former)
        assert erasing.against(session, person, clock.today("Europe/Helsinki")) == ["money", "case"]


def test_a_sign_in_of_two_organisations_goes_on_in_the_other(app, db, cast, settings):
    with db.writing() as session:
        session.get(Party, cast.party_two_homes).last = session.get(Party, cast.party_two_homes).first
    erased(cast, app, settings, "two_homes")
    with db.reading() as session:
        login = session.get(Login, cast.logins["two_homes"])
        assert login.name == "two_homes" and login.disabled_at is None
        other = session.get(Person, cast.two_homes_tamm)
        assert (other.login_id, other.name) == (login.id, "Kaisa Kahdentalo")


def test_every_session_ends_and_the_sign_in_opens_nothing(app, db, cast, client, settings):
    former = client("former")
    erased(cast, app, settings)
    assert former.get("/details", None).status_code == 303
    assert client().post("/sign-in", username="former", password="a long enough password 7").status_code != 303
    with db.reading() as session:
        assert not session.scalars(select(LoginSession).where(LoginSession.login_id == cast.logins["former"])).all()


def test_it_is_done_once(app, db, cast, settings):
    erased(cast, app, settings)
    with db.writing() as session, pytest.raises(erasing.AlreadyErased):
        erasing.erase(session, session.get(Person, cast.former), by=by(cast))


def test_the_note_of_a_reading_goes_but_never_changes(db, cast, settings):
    plant(cast, settings.files_dir)
    with pytest.raises(Exception, match="append-only"), db.engine.begin() as connection:
        connection.execute(text("UPDATE reading SET note = 'another'"))
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE reading SET note = NULL"))


def test_a_copy_under_way_is_not_made_for_somebody_who_is_gone(app, db, cast, settings):
    with db.writing() as session:
        export.ask(session, session.get(Person, cast.former), "en", by=by(cast))
    erased(cast, app, settings)
    assert not list(export.folder(settings.data_dir).glob("*.zip"))
