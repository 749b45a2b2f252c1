"""Start letters at the desk: for a staircase, for one person, who has come in; registration and checks of identity."""

import io
import re
import threading

import pikepdf
import pytest
from sqlalchemy import func, select

from blueprints._mail_words import renderer
from resident import worker
from resident.delivery import mail, notice
from resident.homes import setting
from resident.jobs import Job
from resident.people.identification import IdentityCheck
from resident.people.letter import StartLetter
from resident.people.person import CONTACT, Login, Person, change_contact, forget_addresses, index_words
from resident.people.post import Post, PostBuilding
from resident.people.tenure import Party
from tests.cast import LONG_AGO
from tests.invoices.test_pdf import read as pages
from tests.paying import decoding
from tests.people.test_letter import everything

NEW = "kolme vihreää kuusta 9"


def newcomer(db, cast, name="Uuno Uusi", role="occupant", **given) -> int:
    with db.writing() as session:
        person = Person(organisation_id=cast.koivu, name=name, search_key=name.casefold(), language="fi", **given)
        session.add(person)
        session.flush()
        index_words(session, person)
        tenure = session.get_one(Party, cast.party_tenant)
        session.add(Party(tenure_id=tenure.tenure_id, person_id=person.id, role=role, first=tenure.first))
        return person.id


def words_of(answer) -> str:
    assert answer.mimetype == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
    return "\n".join(pages(answer.data))


def secrets_in(text: str) -> tuple[str, str]:
    """(user name, start password) of the first letter."""
    return re.search(r"\d{3} \d{3} \d{3}", text)[0], re.search(r"[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}", text)[0]


def make(office, person: int, method="passport", once="k1", status=200):
    return office.post(f"/desk/people/{person}/letters", status, once=once, method=method)


def test_a_letter_signs_in_once_and_leads_to_an_own_password_before_anything_else(db, cast, client):
    person = newcomer(db, cast)
    letter = make(client("office"), person)
    assert decoding.on_paper(letter.data)["QRCode"].decode().endswith("/sign-in/koivu")
    name, password = secrets_in(words_of(letter))
    guest = client()
    guest.post("/sign-in", 303, username=name, password=password.upper().replace("-", ""))
    for url in ("/", "/readings", "/invoices", "/details"):
        assert guest.get(url, 303).headers["Location"].startswith("/own-password"), url
    assert 'autocomplete="new-password"' in guest.get("/own-password").text
    guest.post("/own-password", 422, new="koivukallio1")
    before = guest.http.get_cookie("resident").value
    guest.post("/own-password", 303, new=NEW)
    assert guest.http.get_cookie("resident").value != before
    guest.get("/readings")
    client().post("/sign-in", 422, username=name, password=password)
    client().post("/sign-in", 303, username=name, password=NEW)
    with db.reading() as session:
        assert session.scalar(select(StartLetter.activated_at))


def test_without_a_method_there_is_no_letter_and_what_was_made_is_shown_once(db, cast, client):
    person, office = newcomer(db, cast), client("office")
    answer = make(office, person, method="", status=422)
    assert "Choose how the identity was checked." in answer.text
    _, password = secrets_in(words_of(make(office, person, once="k2")))
    assert make(office, person, once="k2", status=303).headers["Location"] == f"/desk/people/{person}/entry"
    shown = office.get(f"/desk/people/{person}/entry").text
    assert password not in shown and "Passport" in shown and "Letter on its way" in shown
    assert password not in everything(db)


def test_whoever_is_in_already_is_told_by_mail_of_a_new_letter(db, cast, client):
    make(client("office"), cast.tenant)
    with db.reading() as session:
        (job,) = session.scalars(select(Job).where(Job.kind == "mail")).all()
        assert job.payload["kind"] == "letter" and job.payload["person_id"] == cast.tenant


def test_the_address_before_is_told_too_for_thirty_days_after_a_change(db, cast, client, later):
    with db.writing() as session:
        who = session.get_one(Person, cast.tenant)
        contact = {name: getattr(who, name) for name in CONTACT}
        for address in ("new@example.net", "newer@example.net"):
            change_contact(session, who, contact | {"email": address}, who.version, by=None)
        before = contact["email"]
    office = client("office")
    make(office, cast.tenant)
    with db.reading() as session:
        orders = session.scalars(select(Job).where(Job.kind == "mail").order_by(Job.id)).all()
        assert [notice.of(session, order).to for order in orders] == ["newer@example.net", before]
        assert before not in str([order.payload for order in orders])
    later(days=31)
    with db.writing() as session:
        assert notice.of(session, orders[0]).to == "newer@example.net"
        forget_addresses(session)
        assert notice.of(session, orders[1]) is None and session.get_one(Person, cast.tenant).email_before is None


def test_a_staircase_gets_its_letters_in_one_file_and_in_each_readers_language(db, cast, client):
    with db.writing() as session:
        session.query(Person).filter(Person.id == cast.neighbour).update({"login_id": None})
    for number, language in enumerate(("fi", "sv", "et", "pl", "ru", "en")):
        newcomer(db, cast, f"Łucja Цветкова {number}")
        with db.writing() as session:
            session.query(Person).filter(Person.name == f"Łucja Цветкова {number}").update({"language": language})
    office = client("office")
    page = office.get(f"/desk/letters/new?building={cast.building}&staircase=A&who=all")
    assert "Make 7 letters" in page.text and "signs in already" in page.text
    given = {"building": cast.building, "staircase": "A", "who": "all"}
    answer = office.post("/desk/letters", 200, once="run", **given)
    sheets = pages(answer.data)
    assert len(sheets) == 7
    for sheet in sheets:
        secrets_in(sheet)
        assert "Pihlajakuja 6 A" in sheet and "/sign-in/koivu" in sheet and "010 555 0140" in sheet
    assert any("Цветкова 4" in sheet for sheet in sheets)
    with db.reading() as session:
        letters = session.scalars(select(StartLetter)).all()
        assert {letter.method for letter in letters} == {"delivered"} and len({letter.batch for letter in letters}) == 1
        assert session.scalar(select(func.count()).where(Person.delivered_only)) == 7
    assert office.post("/desk/letters", 303, once="run", **given).headers["Location"].startswith("/desk/letters?")
    office.post("/desk/letters", 422, once="again", **given)


def test_who_is_left_out_of_a_staircase(db, cast, client):
    newcomer(db, cast, "Salla Salainen", non_disclosure=True)
    newcomer(db, cast, "Kuusi Oy", kind="legal")
    page = client("office").get(f"/desk/letters/new?building={cast.building}&who=all").text
    for word in ("under non-disclosure", "a company or an estate", "the tenure has not begun", "signs in already"):
        assert word in page, word
    assert "Frans Entinen" not in page
    assert "Salla Salainen" not in client("council").get(f"/desk/letters/new?building={cast.building}&who=all").text


def test_the_list_tells_who_has_come_in(db, cast, client, later):
    person, office = newcomer(db, cast), client("office")
    url = f"/desk/letters?building={cast.building}&staircase=A"
    assert "No letter yet" in office.get(url).text
    make(office, person)
    assert "Uuno Uusi" in office.get(f"{url}&state=issued").text and "Aino Virta" in office.get(f"{url}&state=active").text
    later(days=15)
    office = client("office")
    assert "Uuno Uusi" in office.get(f"{url}&state=expired", htmx=True).text
    assert "Uuno Uusi" not in office.get(f"{url}&state=never").text


def test_a_check_of_identity_gives_back_the_rights_that_a_letter_to_the_home_withheld(db, cast, client):
    person, office = newcomer(db, cast), client("office")
    make(office, person, method="delivered")
    assert "Fewer rights until it is" in office.get(f"/desk/people/{person}").text
    office.post(f"/desk/people/{person}/identity", 422)
    office.post(f"/desk/people/{person}/identity", 303, method="id_card")
    shown = office.get(f"/desk/people/{person}").text
    assert re.search(r"Identity checked on .*: Identity card", shown) and "Fewer rights" not in shown
    with db.reading() as session:
        assert session.scalar(select(IdentityCheck.by_person_id)) == cast.office


def limited(db, cast, client):
    """The office, for one building only."""
    with db.writing() as session:
        post = session.scalar(select(Post.id).where(Post.person_id == cast.office))
        session.add(PostBuilding(post_id=post, building_id=cast.building))
        session.add(Party(tenure_id=cast.tenure_a1, person_id=cast.manager, role="occupant", first=LONG_AGO))
    return client("office")


def test_letters_are_for_those_who_may_and_the_organisation_that_offers_them(db, cast, client):
    person = newcomer(db, cast)
    for who in ("accountant", "caretaker", "tenant", "owner"):
        assert make(client(who), person, status=None).status_code in (403, 404)
    make(client("board"), person, status=404)
    make(client("council"), person, method="known")
    make(client("council"), cast.neighbour, method="known", once="k3", status=422)
    client("council").post(f"/desk/people/{person}/registration", 403, method="known", email="mine@example.org")
    make(limited(db, cast, client), cast.manager, once="k5", status=403)
    with db.writing() as session:
        setting.put(session, cast.koivu, "ways_in", ["password", "strong"])
    assert "by letter" in make(client("manager"), person, once="k4", status=422).text


def test_what_the_council_says_it_looked_at_counts_as_a_letter_to_the_home(db, cast, client):
    person = newcomer(db, cast)
    make(client("council"), person, method="passport")
    client("council").post(f"/desk/people/{person}/identity", 303, method="passport")
    with db.reading() as session:
        assert session.get(Person, person).delivered_only
        assert set(session.scalars(select(IdentityCheck.method).where(IdentityCheck.person_id == person))) == {"delivered"}
    client("office").post(f"/desk/people/{person}/identity", 303, method="passport")
    with db.reading() as session:
        assert not session.get(Person, person).delivered_only


def test_a_pdf_of_letters_holds_no_script_and_no_markup(db, cast, client):
    person = newcomer(db, cast, "<img src=file:///etc/passwd> &amp;")
    answer = make(client("office"), person)
    assert "<img src=file" in words_of(answer).replace("\n", " ")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert not {"/OpenAction", "/AA", "/Names"} & set(pdf.Root.keys())


@pytest.fixture
def outbox(app, db, settings, monkeypatch):
    from tests.people.test_reset import Settings

    kept = []
    monkeypatch.setattr(mail, "send", lambda mail, url, host: kept.append(mail))
    given = {name: getattr(settings, name) for name in Settings.__dataclass_fields__} | {"smtp_url": "smtp://localhost:1"}
    return lambda: worker.work(db, Settings(**given), renderer(app), threading.Event(), once=True) or kept


def test_registration_after_a_check_at_the_office(db, cast, client, outbox):
    person, office, guest = newcomer(db, cast), client("office"), client()
    guest.post("/register", 303, email="uuno@example.org", new=NEW)
    assert outbox() == []
    office.post(f"/desk/people/{person}/registration", 422, email="uuno@example.org")
    office.post(f"/desk/people/{person}/registration", 422, email="uuno", method="passport")
    office.post(f"/desk/people/{person}/registration", 303, email="uuno@example.org", method="passport")
    guest.post("/register", 303, email="Uuno@Example.org ", new=NEW)
    (mail,) = outbox()
    to = re.search(r"http://[^/\s]+(/activate/\S+)", mail.text)[1]
    assert mail.to == "uuno@example.org" and NEW not in mail.text
    client().post("/sign-in", 422, username="uuno@example.org", password=NEW)
    assert guest.get(to).headers["Referrer-Policy"] == "no-referrer"
    guest.post(to, 422, password="another password 1")
    guest.post(to, 303, password=NEW)
    guest.get(to, 410)
    with db.reading() as session:
        who = session.get(Person, person)
        assert who.email_confirmed_at and not who.delivered_only
        name = session.get(Login, who.login_id).name
    for typed in (name, "uuno@example.org"):
        client().post("/sign-in", 303, username=typed, password=NEW)
    assert NEW not in everything(db)


def test_registering_tells_nobody_who_is_known(db, cast, client):
    answers = [client().post("/register", 303, email=email, new=NEW) for email in ("tenant@example.org", "nobody@example.org")]
    assert answers[0].text == answers[1].text and answers[0].headers["Location"] == answers[1].headers["Location"]
    with db.reading() as session:
        assert {job.kind for job in session.scalars(select(Job))} == {"registration"}


def test_a_link_of_registration_that_never_was_and_one_that_is_over_say_the_same(client):
    assert "This link no longer works" in client().get("/activate/" + "x" * 43, 410).text
    client().post("/activate/" + "x" * 43, 410, password=NEW)


def test_an_own_password_ends_the_sessions_of_others_and_staff_need_a_longer_one(db, cast, client):
    thief = client("tenant")
    name, password = secrets_in(words_of(make(client("office"), cast.tenant)).replace("tenant", "000 000 000"))
    assert name == "000 000 000"
    owner = client()
    owner.post("/sign-in", 303, username="tenant", password=password)
    owner.post("/own-password", 303, new=NEW)
    assert thief.get("/", 303).headers["Location"].startswith("/sign-in")
    owner.get("/")
    _, password = secrets_in(words_of(make(client("manager"), cast.council, once="k9")).replace("council", "000 000 000"))
    staff = client()
    staff.post("/sign-in", 303, username="council", password=password)
    assert "12 characters" in staff.post("/own-password", 422, new="kuusi ja 7").text
    staff.post("/own-password", 303, new=NEW)
    assert staff.get("/desk/", 303).headers["Location"].startswith("/second-factor")
