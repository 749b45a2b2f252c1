"""The worker: what recurs, and how it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from blueprints._mail_words import renderer
from resident import clock, jobs, orders, worker
from resident.charging import delivering
from resident.jobs import Job
from resident.once import FormKey
from resident.people import limit
from resident.people.limit import Limit
from resident.people.sign_in import LoginSession, begin, end

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def run(app, db, settings):
    return lambda: worker.work(db, settings, renderer(app), threading.Event(), once=True)


def count(db, table) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_what_is_over_is_swept_and_what_is_young_stays(db, cast, run, later):
    with db.writing() as session:
        login = cast.logins["tenant"]
        session.add(FormKey(key="old", login_id=login, at=clock.now() - timedelta(days=31)))
        session.add(FormKey(key="young", login_id=login, at=clock.now() - timedelta(days=29)))
        begin(session, login, address="127.0.0.1", agent="")
        begin(session, login, address="127.0.0.1", agent="")
        limit.count(session, "somebody", "127.0.0.1")
        end(session, session.scalars(select(LoginSession.id)).first(), login)
    run()
    assert (count(db, FormKey), count(db, LoginSession), count(db, Limit)) == (1, 2, 3)
    later(days=91)
    with db.writing() as session:
        begin(session, login, address="127.0.0.1", agent="")
    run()
    assert (count(db, FormKey), count(db, LoginSession), count(db, Limit)) == (0, 1, 0)


def test_files_that_no_row_knows_go(db, cast, run, settings):
    stray = settings.files_dir / "ab" / "abcdef.jpg"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    run()
    assert stray.exists()
    os.utime(stray, (time.time() - 7200,) * 2)
    run()
    assert not stray.exists()


def test_one_thing_that_fails_holds_up_nothing_else(db, cast, settings, run):
    settings.data_dir.mkdir(exist_ok=True)
    settings.files_dir.mkdir(exist_ok=True)
    (settings.files_dir / "xx").write_bytes(b"a file where a folder should be")
    with db.writing() as session:
        jobs.add(session, "unheard of", {})
        jobs.add(session, "mail", {"person_id": cast.tenant, "kind": "message", "path": "/", "language": "en"})
        session.add(FormKey(key="old", login_id=cast.logins["tenant"], at=clock.now() - timedelta(days=31)))
    run()
    assert count(db, FormKey) == 0
    with db.reading() as session:
        unheard, mailed = session.scalars(select(Job).order_by(Job.id)).all()
    assert not unheard.done_at and unheard.error == "KeyError"
    assert mailed.done_at


def test_a_password_waits_behind_no_other_mail_and_every_job_has_one_lane(db):
    with db.writing() as session:
        for number in range(1000):
            jobs.add(session, delivering.KIND, {"delivery_id": number}, clock.now() - timedelta(hours=1))
        for kind in orders.DOES.keys() - {delivering.KIND}:
            jobs.add(session, kind, {})
    lanes = [(own,) for own in worker.BESIDE] + [tuple(~own for own in worker.BESIDE)]
    with db.writing() as session:
        first = [jobs.claim(session, *lane).kind for lane in lanes]
        found = [set(session.scalars(select(Job.kind).where(*lane))) for lane in lanes]
    assert first[1] == delivering.KIND and first[2] in found[2] >= {"reset", "registration"}
    assert sum(map(len, found)) == len(orders.DOES) == len(set.union(*found))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_worker_ends_when_told_to_and_sooner_when_asked_for_one_round(db, settings):
    environment = {**os.environ, "RESIDENT_DATA_DIR": str(settings.data_dir), "RESIDENT_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "flask", "worker"]
    once = subprocess.run([*command, "--once"], cwd=ROOT, env=environment, timeout=60, capture_output=True)
    assert once.returncode == 0, once.stderr
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"Worker ready.\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
