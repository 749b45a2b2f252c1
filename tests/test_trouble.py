"""When the store is full, locked or away, or the moment is wrong: reading goes on, and what was typed comes back (S29, S53)."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app import create_app
from resident import clock, files
from resident import db as store
from resident.people.sign_in import LoginSession
from resident.settings import load
from resident.talk.case import Case
from resident.talk.thread import Message, Thread
from tests.cast import PASSWORD
from tests.client import Client, fields

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
LETTER = {"to": "customer_service", "subject": "The key <b>jams", "text": "Line one\n\nLine two & more", "once": "k1"}


@pytest.fixture
def locked(db, url, monkeypatch):
    """locked() keeps SQLite's write lock from outside until the test ends, or until unlock() is called."""
    monkeypatch.setattr(store, "BUSY_MS", 100)
    db.engine.dispose()
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    yield lambda: other.execute("BEGIN IMMEDIATE") and (lambda: other.execute("ROLLBACK"))
    other.close()


def kept(answer) -> dict:
    """The form of an error's page, as a browser would send it again."""
    found = fields(answer.text[answer.text.find("<main") : answer.text.find("</main>")])
    return {name: value.removeprefix("\n") for name, value in found.items() if name}


@ONE
def test_a_locked_store_gives_the_text_back_and_takes_it_later(client, db, locked):
    tenant = client("tenant")
    unlock = locked()
    answer = tenant.post("/messages", status=503, **LETTER)
    assert "&lt;b&gt;jams" in answer.text and "<b>jams" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    again = kept(answer)
    assert again | LETTER == again
    assert tenant.get("/messages").status_code == tenant.get("/").status_code == 200
    unlock()
    del again["csrf_token"]
    assert tenant.post("/messages", **again).status_code == 303
    with db.reading() as session:
        assert session.scalar(select(Message.text)) == LETTER["text"]


@ONE
def test_a_locked_store_leaves_the_form_of_htmx_alone(client, locked):
    tenant = client("tenant")
    locked()
    answer = tenant.post("/messages", status=503, htmx=True, **LETTER)
    assert answer.headers["HX-Retarget"] == "#say" and "<form" not in answer.text


@ONE
def test_a_locked_store_does_not_stop_whoever_comes_back_after_an_hour(client, db, locked):
    tenant = client("tenant")
    with db.writing() as session:
        session.execute(update(LoginSession).values(seen_at=clock.now() - timedelta(hours=2)))
    locked()
    tenant.get("/", status=200)


def test_a_full_disk_gives_the_text_back(client, monkeypatch, db):
    tenant = client("tenant")

    def full(*_given, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    report = {"category": "water", "where": "home", "text": "It drips", "entry": "yes"}
    answer = tenant.post("/faults", status=503, once="k3", files={"files": [(_jpeg(), "tap.jpg")]}, **report)
    assert "It drips" in answer.text and "tap.jpg" in answer.text
    with db.reading() as session:
        assert session.scalar(select(func.count(Case.id))) == 0


def _jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return out.getvalue()


def test_a_database_that_is_away_is_told_with_503(tmp_path):
    url = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2"
    app = create_app(load({"RESIDENT_DATA_DIR": str(tmp_path), "RESIDENT_DATABASE_URL": url}))
    assert app.test_client().get("/healthz").status_code == 503
    page = app.test_client().get("/appearance")
    assert page.status_code == 200


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_connections_that_the_server_cut_are_made_anew(client, db):
    tenant = client("tenant")
    with db.engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"))
    tenant.get("/", status=200)


@ONE
def test_a_session_that_ended_while_somebody_typed_loses_no_text(client, db):
    tenant = client("tenant")
    with db.writing() as session:
        session.execute(update(LoginSession).values(ended_at=clock.now()))
    answer = tenant.post("/messages", status=401, **LETTER)
    again = kept(answer)
    assert again | LETTER == again
    # Signed in in another window, the form is sent again; its token is the old one's.
    tenant.post("/sign-in", username="tenant", password=PASSWORD, status=303)
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = tenant.http.post("/messages", data=again, headers=headers)
    assert answer.status_code == 400
    answer = tenant.http.post("/messages", data=kept(answer), headers=headers)
    assert answer.status_code == 303


@ONE
def test_a_stranger_is_led_to_the_sign_in_page_as_before(client):
    assert client().post("/messages", **LETTER).status_code == 303


@ONE
def test_a_form_that_no_page_of_ours_sent_is_not_offered_for_sending(client):
    answer = client("tenant").http.post("/messages", data=LETTER)
    assert answer.status_code == 400 and "jams" not in answer.text


@ONE
def test_a_password_never_comes_back(client, locked):
    tenant = client("tenant")
    locked()
    answer = tenant.post("/details/password", status=503, current=PASSWORD, new="quite another phrase 1")
    assert PASSWORD not in answer.text and "quite another" not in answer.text
    answer = client().post("/sign-in", status=503, username="tenant", password=PASSWORD)
    assert PASSWORD not in answer.text


def test_nul_is_no_letter(client, db):
    tenant = client("tenant")
    sent = {name: value + "\0" for name, value in LETTER.items()}
    assert tenant.post("/messages", **sent).status_code == 303
    with db.reading() as session:
        assert session.scalar(select(Thread.subject)) == LETTER["subject"]
    office = client("office")
    for path in ("/desk/messages?q=a%00b", "/desk/homes?after=%00&text=%00", "/desk/search?q=%00", "/desk/readings?staircase=%00"):
        office.get(path, status=200)


def test_first_failures_at_once_are_counted_and_make_no_trouble(app, cast):
    start = threading.Barrier(8)

    def wrong(number):
        one = Client(app)
        token = one.token()
        start.wait()
        return one.http.post("/sign-in", data={"csrf_token": token, "username": f"x{number}", "password": "wrong one"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(wrong, range(8))) <= {422, 429}


def test_the_log_says_where_but_not_what_was_typed(settings, caplog):
    typed, app = "Sala" + "dus", create_app(settings)

    @app.post("/broken")
    def broken():
        from blueprints._web import session

        session.execute(text("insert into nothing (a) values (:a)"), {"a": typed})

    broken.audience = ("public", None)
    answer = Client(app).post("/broken", a=typed, status=500)
    assert typed in answer.text
    assert "insert into nothing" in caplog.text and typed not in caplog.text


def test_a_key_that_another_form_used_is_not_taken_for_this_one(client, db):
    tenant = client("tenant")
    assert tenant.post("/messages", **LETTER).status_code == 303
    answer = tenant.post("/faults", once=LETTER["once"], category="water", where="home", text="It drips", entry="yes")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/faults/")
    with db.reading() as session:
        assert session.scalar(select(func.count(Case.id))) == session.scalar(select(func.count(Thread.id))) == 1
