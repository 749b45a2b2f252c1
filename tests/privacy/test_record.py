"""The page of what is stored about me: by organisation, who looked, a copy, an erasure asked for; consents and the address."""

import re
import threading
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, update

from blueprints import _audit_words
from blueprints._mail_words import renderer
from resident import audit, clock, worker
from resident.audit import AuditEvent
from resident.delivery import mail, notice
from resident.jobs import Job
from resident.people.consent import Consent
from resident.people.person import Person
from resident.people.sign_in import LoginSession
from resident.privacy.erasure import Erasure
from resident.settings import Settings
from tests import things


def unproved(db) -> None:
    with db.writing() as session:
        session.execute(update(LoginSession).values(proved_at=clock.now() - timedelta(minutes=16)))


@pytest.mark.parametrize("name", ["tenant", "occupant", "former", "owner", "office", "council", "provider"])
def test_everybody_sees_what_is_stored_about_them(client, cast, name):
    text = client(name).get("/record").text
    assert "Name and contact details" in text and "Who looked and who changed" in text


def test_each_organisation_is_apart(db, client, cast):
    both = client("two_homes")
    here, there = both.get(f"/record?organisation={cast.koivu}").text, both.get(f"/record?organisation={cast.tamm}").text
    assert "Koivukallion Asunnot" in here and f"organisation={cast.tamm}" in here
    assert "Pärnaõue 7 korteriühistu" in there
    both.get(f"/record?organisation={cast.vesi}", 404)
    client("office").get(f"/desk/people/{cast.two_homes}")
    assert "Page of the person opened" in both.get(f"/record/events?organisation={cast.koivu}").text
    assert "Page of the person opened" not in both.get(f"/record/events?organisation={cast.tamm}").text


def test_a_look_of_staff_is_seen_by_the_person_once_an_hour(db, client, cast, later):
    office = client("office")
    for _ in range(3):
        office.get(f"/desk/people/{cast.tenant}")
        office.get(f"/desk/homes/{cast.unit_a1}")
    text = client("tenant").get("/record/events?sort=looks").text
    assert text.count("Page of the person opened") == text.count("Page of the home opened") == 1
    assert "Oili Toimisto, Customer service, Koivukallion Asunnot" in text
    later(minutes=61)
    office.get(f"/desk/people/{cast.tenant}")
    with db.reading() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.act == "person_viewed")).all()) == 2
    assert "Page of the" not in client("neighbour").get("/record/events").text


def test_a_look_from_before_one_s_own_days_is_not_one_s_own(db, client, cast):
    client("office").get(f"/desk/homes/{cast.unit_a1}")
    assert "Page of the home opened" not in client("former").get("/record/events").text


def test_the_list_goes_on_page_by_page(db, client, cast):
    tenant = client("tenant")
    with db.writing() as session:
        for _ in range(audit.ROWS + 5):
            audit.record(session, "sign_in_refused", login_id=cast.logins["tenant"])
    first = tenant.get("/record/events?sort=ways_in", htmx=True).text
    assert first.count("<li>") == audit.ROWS
    following = re.search(r'href="(/record/events\?[^"]*before=\d+[^"]*)"', first)[1].replace("&amp;", "&")
    assert 0 < tenant.get(following).text.count("Sign-in refused") < 10


def test_a_copy_is_ordered_made_and_fetched_and_nobody_else_s(app, db, client, cast, settings):
    things.make(cast, settings.files_dir)
    tenant = client("tenant")
    tenant.post("/record/copies", 303, once="copy", organisation=cast.koivu)
    tenant.post("/record/copies", 303, once="copy", organisation=cast.koivu)
    assert "being made" in tenant.get("/record").text
    worker.work(db, settings, renderer(app), threading.Event(), once=True)
    page = tenant.get("/record").text
    url = re.search(r'href="(/record/copies/\d+)"', page)[1]
    answer = tenant.get(url)
    assert "The tap drips" in zipfile.ZipFile(BytesIO(answer.data)).read("data/faults.json").decode()
    assert "no-store" in answer.headers["Cache-Control"]
    for other in ("occupant", "neighbour", "office", "two_homes"):
        client(other).get(url, 404)
    with db.writing() as session:
        session.get(Person, cast.tenant).delivered_only = True
    tenant.get(url, 404)
    with db.reading() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.act == "data_exported")).all()) == 1


def test_a_copy_and_an_erasure_ask_for_a_proof(db, client, cast):
    tenant = client("tenant")
    unproved(db)
    assert tenant.post("/record/copies", once="x").status_code == 401
    assert tenant.post("/record/erasure", confirm="tenant").status_code == 401
    with db.reading() as session:
        assert session.scalar(select(Erasure)) is None and session.scalar(select(Job.id)) is None


def test_whoever_came_by_a_letter_to_the_home_sees_no_data_yet(db, client, cast):
    tenant = client("tenant")
    with db.writing() as session:
        session.get(Person, cast.tenant).delivered_only = True
    assert "Name and contact details" not in tenant.get("/record").text
    tenant.get("/record/events", 403)
    tenant.post("/record/copies", 403, once="x")


def test_an_erasure_is_asked_for_by_typing_one_s_name_and_taken_back(db, client, cast):
    tenant = client("tenant")
    tenant.post("/record/erasure", 422, confirm="yes")
    tenant.post("/record/erasure", 303, confirm="tenant")
    assert "You asked on" in tenant.get("/record").text
    assert "Aino Virta" in client("office").get("/desk/erasures").text
    assert "Aino Virta" not in client("board").get("/desk/erasures").text
    tenant.post("/record/erasure/withdrawal", 303)
    assert "Aino Virta" not in client("office").get("/desk/erasures").text


def test_the_office_erases_whom_nothing_stands_against(db, client, cast):
    office = client("office")
    page = f"/desk/erasures/{cast.former}"
    assert "Erase for good" not in office.get(f"/desk/erasures/{cast.tenant}").text
    office.post(f"/desk/erasures/{cast.tenant}", 422, confirm="Aino Virta")
    office.post(page, 422, confirm="Somebody else")
    office.post(page, 303, confirm="Frans Entinen")
    office.get(page, 404)
    assert "Erased person" in office.get(f"/desk/people/{cast.former}").text
    assert "Erased person" in office.get("/desk/erasures").text
    for other in ("accountant", "board", "tenant", "caretaker"):
        assert client(other).http.get(f"/desk/erasures/{cast.neighbour}").status_code in (403, 404)


# ---- Consents and the address ----------------------------------------------------------------------------------------


def test_a_consent_is_given_and_withdrawn_alike_with_a_log(db, client, cast):
    tenant = client("tenant")
    for kind in ("email", "sms", "alert_copies"):
        tenant.post(f"/details/consents/{kind}", 303, given="yes")
    tenant.post("/details/consents/email", 303, given="no")
    with db.reading() as session:
        person = session.get(Person, cast.tenant)
        assert (person.notify_email, person.notify_sms, person.alert_copies) == (False, True, True)
        log = [(row.kind, row.given, row.by_person_id) for row in session.scalars(select(Consent).order_by(Consent.id))]
        assert log[0] == ("email", True, cast.tenant) and log[-1] == ("email", False, cast.tenant)
    assert "Withdrawn on" in tenant.get("/details").text
    tenant.post("/details/consents/fax", 404, given="yes")


def test_notices_go_by_the_consent(db, client, cast):
    tenant = client("tenant")
    for given, ordered in (("no", False), ("yes", True), ("no", False)):
        tenant.post("/details/consents/email", 303, given=given)
        with db.writing() as session:
            assert (notice.tell(session, cast.tenant, "message", "/messages/1") is not None) == ordered


def test_a_consent_needs_where_to_send(db, client, cast):
    with db.writing() as session:
        session.get(Person, cast.tenant).phone = None
    assert "Save your number first" in client("tenant").post("/details/consents/sms", 422, given="yes").text


@pytest.fixture
def outbox(app, db, settings, monkeypatch):
    """deliver() lets the worker do what waits; what it would hand to the mail server is kept."""
    kept = []
    monkeypatch.setattr(mail, "send", lambda mail, url, host: kept.append(mail))
    given = {name: getattr(settings, name) for name in Settings.__dataclass_fields__} | {"smtp_url": "smtp://localhost:1"}
    app.extensions["resident.settings"] = Settings(**given)

    def deliver():
        kept.clear()
        worker.work(db, Settings(**given), renderer(app), threading.Event(), once=True)
        return {mail.to: mail.text for mail in kept}

    return deliver


def test_a_new_address_holds_once_its_link_was_followed_and_the_old_one_is_told(db, client, cast, outbox):
    tenant = client("tenant")
    tenant.post("/details", 303, **{**tenant.form("/details"), "email": "aino@example.net"})
    assert "not confirmed yet" in tenant.get("/details").text
    mails = outbox()
    assert "palauta vanha osoite" in mails["tenant@example.org"].replace("\u00a0", " ")
    link = re.search(r"http://[^/\s]+(/address/[\w-]{40,})", mails["aino@example.net"])[1]
    stranger = client()
    answer = stranger.get(link)
    stranger.get(link)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    with db.reading() as session:
        assert session.get(Person, cast.tenant).email == "tenant@example.org", "a look changes nothing"
    stranger.post(link, 303)
    stranger.post(link, 404)
    with db.reading() as session:
        person = session.get(Person, cast.tenant)
        assert (person.email, person.email_wanted) == ("aino@example.net", None) and person.email_confirmed_at


def test_a_wished_address_is_taken_back(db, client, cast, outbox):
    tenant = client("tenant")
    tenant.post("/details", 303, **{**tenant.form("/details"), "email": "aino@example.net"})
    link = re.search(r"(/address/[\w-]{40,})", outbox()["aino@example.net"])[1]
    tenant.post("/details/address/withdrawal", 303)
    client().get(link, 404)


# ---- The desk's audit ------------------------------------------------------------------------------------------------


def test_every_act_has_words(app):
    with app.test_request_context():
        assert set(_audit_words.acts()) == set(audit.ACTS)


def test_the_desk_reads_its_own_audit_narrowed(db, client, cast):
    office = client("office")
    office.get(f"/desk/people/{cast.tenant}")
    client("board").get(f"/desk/people/{cast.owner}")
    text = office.get("/desk/audit?sort=looks").text
    assert text.count("Page of the person opened") == 2  # the list of acts, and the one event
    assert f'href="/desk/people/{cast.tenant}"' in text and f"/desk/people/{cast.owner}" not in text
    today = clock.today("Europe/Helsinki")
    assert "Nothing fits" in office.get(f"/desk/audit?until={today - timedelta(days=1)}").text
    assert "Nothing fits" in office.get(f"/desk/audit?person={cast.manager}").text
    assert "Nothing fits" in office.get("/desk/audit?act=case_opened", htmx=True).text
    office.get(f"/desk/audit?organisation={cast.tamm}", 404)
    office.get("/desk/audit?since=nonsense&until=2026-99-99&before=x")
