"""The mail of an invitation: one, to the address that was typed, with a link that stands nowhere else."""

import re
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from blueprints._mail_words import renderer
from resident import clock, jobs, worker
from resident.errors import TooMany
from resident.moves import household, inviting
from resident.people import residence
from resident.people.invitation import Invitation
from resident.people.link import Link
from tests.metering.counters import actor


@pytest.fixture
def run(app, db, settings, box):
    told = replace(settings, smtp_url=f"smtp://127.0.0.1:{box.port}")
    return lambda: worker.work(db, told, renderer(app), threading.Event(), once=True)


@pytest.fixture
def invited(db, cast):
    """An invitation ordered by mail in Estonian."""
    with db.writing() as session:
        home = residence.of_login(session, cast.logins["owner"])[0]
        part = household.Part("Peeter", "occupant", frozenset(["talk"]), clock.today("Europe/Tallinn"), None)
        by = actor(cast, "owner", cast.owner, cast.tamm)
        inviting.invite(session, home, part, 14, by=by, to="peeter@example.org", language="et")


def test_the_link_of_the_mail_leads_to_the_invitation_and_is_stored_nowhere(db, cast, invited, run, box, client):
    run()
    ((to, mail),) = box.mails
    assert to == ["peeter@example.org"]
    path = re.search(r"/invitation/[\w-]{43}", mail)[0]
    assert "Kask" not in mail and "Pärnaõue 7–1" not in mail
    assert "Mari" in client().get(path).text
    with db.reading() as session:
        job = session.scalar(select(jobs.Job).where(jobs.Job.kind == "invitation"))
        assert job.done_at and "peeter" not in str(job.payload)
        assert path[12:] not in {row.token_hash for row in session.scalars(select(Link))}


def test_a_mail_that_was_refused_is_sent_later(db, cast, invited, run, box, later):
    box.refusals = 1
    run()
    assert box.mails == []
    later(minutes=5)
    run()
    assert len(box.mails) == 1


def test_one_withdrawn_before_it_was_sent_is_not_sent(db, cast, invited, run, box):
    with db.writing() as session:
        inviting.withdraw(session, session.scalar(select(Invitation)), by=actor(cast, "owner", cast.owner, cast.tamm))
    run()
    assert box.mails == []


def test_only_a_few_mails_an_hour_go_to_one_address(db, cast, invited):
    home, part, by = None, None, actor(cast, "owner", cast.owner, cast.tamm)
    for n in range(4):
        with db.writing() as session:
            home = residence.of_login(session, cast.logins["owner"])[0]
            part = household.Part(f"Peeter {n}", "occupant", frozenset(["talk"]), clock.today("Europe/Tallinn"), None)
            if n < 3:
                inviting.invite(session, home, part, 14, by=by, to="Peeter@example.org", language="et")
            else:
                with pytest.raises(TooMany):
                    inviting.invite(session, home, part, 14, by=by, to="peeter@example.org", language="et")
