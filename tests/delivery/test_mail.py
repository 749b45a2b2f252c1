"""Mail: ordered in the cause's transaction, sent by the worker, retried, never twice, and with nothing personal in it."""

import threading
from dataclasses import replace
from email import message_from_string, policy

import pytest
from sqlalchemy import select, update

from blueprints._mail_words import renderer
from resident import jobs, worker
from resident.delivery import mail, notice
from resident.jobs import Job
from resident.people.person import Login, Person
from tests.messages.test_residents import write


@pytest.fixture
def reader(db, cast):
    """The tenant, who wants mail."""
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(notify_email=True, language="en"))
    return cast.tenant


@pytest.fixture
def run(app, db, settings, box):
    """run() does what waits, with the mail server of the test."""
    with_mail = replace(settings, smtp_url=f"smtp://127.0.0.1:{box.port}")
    return lambda given=with_mail: worker.work(db, given, renderer(app), threading.Event(), once=True)


def tell(db, person, kind="message", path="/messages/1"):
    with db.writing() as session:
        notice.tell(session, person, kind, path)


def job(db) -> Job:
    with db.reading() as session:
        return session.scalars(select(Job)).one()


def test_an_answer_of_staff_tells_the_resident_by_mail_without_a_word_of_it(client, db, reader, run, box):
    url = write(client("tenant"), subject="My secret sauna").location
    with db.reading() as session:
        assert not session.scalars(select(Job)).all()
    client("office").post(f"/desk{url}/answers", 303, text="The key is under the mat", once="a")
    ordered = job(db)
    assert ordered.payload == {"person_id": reader, "kind": "message", "path": url, "language": "en"}
    run()
    ((to, text),) = box.mails
    parsed = message_from_string(text, policy=policy.default)
    assert to == ["tenant@example.org"] and parsed["Subject"] == "You have a new message"
    assert parsed["From"] == "Koivukallion Asunnot <no-reply@127.0.0.1>"
    assert parsed["Message-ID"] == f"<job-{ordered.id}@127.0.0.1>" and parsed["Auto-Submitted"] == "auto-generated"
    body = parsed.get_content()
    assert f"http://127.0.0.1:8000{url}" in body and "Koivukallion Asunnot" in body
    for word in ("mat", "sauna", "Aino", "Virta", "Toimisto", "Pihlajakuja"):
        assert word not in body + parsed["Subject"], word
    assert "{{" not in body and "{%" not in body
    run()
    assert len(box.mails) == 1 and job(db).done_at


def test_the_order_is_lost_with_its_cause(db, reader):
    with pytest.raises(RuntimeError), db.writing() as session:
        notice.tell(session, reader, "message", "/messages/1")
        raise RuntimeError("the answer was not saved")
    with db.reading() as session:
        assert not session.scalars(select(Job)).all()


@pytest.mark.parametrize("without", [{"notify_email": False}, {"email": None}, {"email": ""}, {"login_id": None}])
def test_whoever_wants_no_mail_gets_none(db, reader, without):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == reader).values(**without))
        assert notice.tell(session, reader, "message", "/messages/1") is None
        assert not session.scalars(select(Job)).all()


def test_whoever_changed_their_mind_before_sending_gets_none(db, reader, run, box):
    tell(db, reader)
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == reader).values(notify_email=False))
    run()
    assert box.tried == 0 and job(db).done_at and job(db).error == "not wanted any more"


def test_a_refused_mail_is_tried_again_later_as_the_same_mail_and_arrives_once(db, reader, run, box, later):
    box.refusals = 2
    tell(db, reader)
    run()
    first = job(db)
    assert not first.done_at and first.tries == 1 and first.error == "NotSent SMTPDataError 451"
    run()
    assert box.tried == 1
    for minutes in (2, 5, 30):
        later(minutes=minutes)
        run()
    assert box.tried == 3 and len(box.mails) == 1
    assert f"<job-{first.id}@" in box.mails[0][1] and job(db).done_at and job(db).error is None


def test_neither_log_nor_row_names_the_reader_whom_the_mail_server_refuses(db, reader, run, box, caplog):
    box.unknown = True
    tell(db, reader)
    run()
    assert "SMTPRecipientsRefused 450" in caplog.text and "tenant@" not in caplog.text
    assert job(db).error == "NotSent SMTPRecipientsRefused 450"


def test_a_dead_mail_server_stops_nothing_and_is_given_up_in_the_end(app, db, settings, reader, later):
    tell(db, reader)
    dead = replace(settings, smtp_url="smtp://127.0.0.1:9")
    for days in range(12):
        later(days=days)
        worker.work(db, dead, renderer(app), threading.Event(), once=True)
    given_up = job(db)
    assert given_up.tries == jobs.TRIES and not given_up.done_at and "NotSent" in given_up.error


def test_without_a_mail_server_orders_are_put_aside(db, reader, run, settings, box):
    tell(db, reader)
    run(settings)
    assert job(db).done_at and job(db).error == "not configured" and not box.mails


def test_of_two_workers_at_once_one_sends(app, db, settings, reader, box):
    for n in range(12):
        tell(db, reader, path=f"/messages/{n}")
    with_mail = replace(settings, smtp_url=f"smtp://127.0.0.1:{box.port}")
    workers = [threading.Thread(target=worker.work, args=(db, with_mail, renderer(app), threading.Event(), True)) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    sent = [message_from_string(text)["Message-ID"] for _to, text in box.mails]
    assert len(sent) == len(set(sent)) == 12


def test_a_job_is_claimed_by_one_of_many(db, reader):
    tell(db, reader)
    barrier, claimed = threading.Barrier(6), []

    def claim():
        barrier.wait()
        with db.writing() as session:
            found = jobs.claim(session)
        if found:
            claimed.append(found.id)

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 1


def test_what_a_killed_worker_had_claimed_is_done_by_the_next(db, reader, run, box, later):
    tell(db, reader)
    with db.writing() as session:
        assert jobs.claim(session)
    run()
    assert not box.mails
    later(minutes=6)
    run()
    assert len(box.mails) == 1


@pytest.mark.parametrize("language", ["fi", "sv", "et", "pl", "ru", "en", "xx"])
def test_the_mail_is_in_the_language_that_the_person_chose(db, cast, reader, run, box, language):
    with db.writing() as session:
        session.execute(update(Login).where(Login.id == cast.logins["tenant"]).values(language=language))
        session.execute(update(Person).where(Person.id == cast.tenant).values(consumption_mail=True))
    for kind in notice.KINDS:
        tell(db, reader, kind)
    run()
    assert len(box.mails) == len(notice.KINDS)
    with db.reading() as session:
        assert {job.payload["language"] for job in session.scalars(select(Job))} == {language}


@pytest.mark.parametrize("hostile", ["a\r\nBcc: victim@example.org", "a\nX-Evil: 1", "a\x00b\u2028c", "\r\n\r\nbody"])
def test_nothing_given_begins_a_header_of_its_own(hostile, box):
    mail.send(mail.Mail("job-1", "a@example.org", hostile, hostile, "text"), f"smtp://127.0.0.1:{box.port}", "portal.example")
    ((to, text),) = box.mails
    parsed = message_from_string(text, policy=policy.default)
    assert to == ["a@example.org"]
    known = {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version", "X-Peer",
    }  # fmt: skip
    assert set(parsed.keys()) <= known
    assert parsed.get_content().strip() == "text"


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>", "nobody", ""])
def test_an_address_that_is_not_one_gets_nothing(to, box):
    with pytest.raises(mail.NoAddress):
        mail.send(mail.Mail("job-1", to, "Homes", "s", "t"), f"smtp://127.0.0.1:{box.port}", "portal.example")
    assert not box.tried


def test_the_sender_is_the_mail_account_when_it_is_an_address():
    assert mail.sender("smtp://portal%40homes.example:pw@mail.homes.example:587", "x") == "portal@homes.example"
    assert mail.sender("smtp://mail.homes.example", "homes.example") == "no-reply@homes.example"


def test_a_warning_about_factors_goes_to_each_address_of_a_login_though_no_mail_was_asked_for(db, cast, run, box):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.two_homes).values(language="en", notify_email=False))
        session.execute(update(Person).where(Person.id == cast.two_homes_tamm).values(email="Two_homes@example.org"))
        notice.warn(session, cast.logins["two_homes"], "factor", "/details/factors")
    run()
    ((to, text),) = box.mails
    parsed = message_from_string(text, policy=policy.default)
    assert to == ["two_homes@example.org"] and parsed["Subject"] == "Your second sign-in step has changed"
    assert "http://127.0.0.1:8000/details/factors" in parsed.get_content()
