"""Personal codes at the desk: given, replaced, forgotten, and never shown (rule 42)."""

import threading

import pytest
from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.homes.organisation import Mandate
from resident.moves import household
from resident.people import personal_code
from resident.people.identification import PersonalCode
from resident.people.person import Person
from resident.people.post import Post
from tests.cast import LONG_AGO
from tests.desk.test_letters import newcomer

FI, OTHER, EE = "131052-308T", "131052Y308T", "60001019906"


def codes(db, person: int) -> list[tuple]:
    with db.reading() as session:
        rows = select(PersonalCode.country, PersonalCode.hmac).where(PersonalCode.person_id == person)
        return [tuple(row) for row in session.execute(rows.order_by(PersonalCode.country))]


def test_a_code_is_given_replaced_and_forgotten_and_never_shown(db, cast, client):
    person, office = newcomer(db, cast), client("office")
    page, url = f"/desk/people/{person}/entry", f"/desk/people/{person}/code"
    assert "No code is recorded." in office.get(page).text
    office.post(url, 303, country="FI", personal_code=f" {FI.lower()} ")
    (first,) = codes(db, person)
    shown = office.get(page).text
    assert "Finland: a code is recorded since" in shown and "308" not in shown
    office.post(url, 303, country="FI", personal_code=OTHER)
    office.post(url, 303, country="EE", personal_code=EE)
    (_estonian, finnish) = codes(db, person)
    assert finnish != first
    office.post(f"{url}/removal", 303)
    assert codes(db, person) == []
    with db.reading() as session:
        events = session.execute(
            select(AuditEvent.act, AuditEvent.facts).where(AuditEvent.act.in_(["code_expected", "code_forgotten"]))
        ).all()
    assert [event.act for event in events] == ["code_expected"] * 3 + ["code_forgotten"]
    assert "308" not in str(events)


@pytest.mark.parametrize(
    ("country", "code", "told"),
    [
        ("FI", "131052-308U", "not a personal code"),
        ("FI", "", "not a personal code"),
        ("RU", FI, "Choose the country"),
        ("FI", "010190-900P", "temporary"),
    ],
)
def test_a_code_that_cannot_be_is_refused_and_not_shown_again(db, cast, client, country, code, told):
    person, office = newcomer(db, cast), client("office")
    page = office.post(f"/desk/people/{person}/code", 422, country=country, personal_code=code).text
    assert told in page and codes(db, person) == []
    assert not code or code not in page


def test_a_code_of_somebody_else_is_refused_without_naming_them(db, cast, client):
    one, two, office = newcomer(db, cast, "Yksi Eka"), newcomer(db, cast, "Kaksi Toka"), client("office")
    office.post(f"/desk/people/{one}/code", 303, country="FI", personal_code=FI)
    page = office.post(f"/desk/people/{two}/code", 422, country="FI", personal_code=FI).text
    assert "recorded for somebody else" in page and "Yksi" not in page and FI not in page
    assert codes(db, two) == []


def test_only_whoever_may_replace_a_password_gives_a_code_to_somebody_who_is_in(db, cast, client):
    office = client("office")
    office.post(f"/desk/people/{cast.tenant}/code", 303, country="FI", personal_code=FI)
    client("caretaker").post(f"/desk/people/{cast.tenant}/code", 404, country="FI", personal_code=OTHER)
    client("tenant").post(f"/desk/people/{cast.tenant}/code", 404, country="FI", personal_code=OTHER)


def test_the_council_says_whose_a_code_is_of_nobody(db, cast, client):
    person, council = newcomer(db, cast), client("council")
    page, url = f"/desk/people/{person}/entry", f"/desk/people/{person}/code"
    assert "Personal code" not in council.get(page).text
    council.post(url, 403, country="FI", personal_code=FI)
    client("office").post(url, 303, country="FI", personal_code=FI)
    council.post(f"{url}/removal", 403)
    assert len(codes(db, person)) == 1


def under_a_mandate(db, cast) -> tuple[int, int]:
    """Koivu manages tamm; (who is elected to tamm's board from today on, koivu's manager as somebody of tamm)."""
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=LONG_AGO))
        chair = Person(organisation_id=cast.tamm, name="Uus Esimees", search_key="uus esimees")
        own = Person(organisation_id=cast.tamm, name="Martti", search_key="martti", login_id=cast.logins["manager"])
        session.add_all([chair, own])
        session.flush()
        session.add(Post(person_id=chair.id, organisation_id=cast.tamm, role="council", first=LONG_AGO))
        return chair.id, own.id


def test_a_firm_under_a_mandate_records_no_code_of_who_holds_a_post_nor_of_its_own_people(db, cast, client):
    firm, board = client("manager"), client("board")
    for person, code in zip(under_a_mandate(db, cast), (EE, "38001085718"), strict=True):
        page, url = f"/desk/people/{person}/entry", f"/desk/people/{person}/code"
        assert "The organisation itself records the personal code." in firm.get(page).text
        assert "The organisation itself" in firm.post(url, 422, country="EE", personal_code=code).text and codes(db, person) == []
        board.post(url, 303, country="EE", personal_code=code)
        firm.post(f"{url}/removal", 422)
        assert len(codes(db, person)) == 1
    firm.post(f"/desk/people/{cast.owner}/code", 303, country="EE", personal_code="37605030299")


def test_a_late_proof_is_asked_and_the_code_does_not_stand_on_its_page(db, cast, client, later):
    person, office = newcomer(db, cast), client("office")
    later(minutes=16)
    page = office.post(f"/desk/people/{person}/code", country="FI", personal_code=FI)
    assert page.status_code in (303, 401) and FI not in page.text and codes(db, person) == []


def at_once(*doings) -> list:
    """What each raised, or None; they begin together."""
    gate, told = threading.Barrier(len(doings)), [None] * len(doings)

    def run(n, doing):
        gate.wait()
        try:
            doing()
        except Exception as error:
            told[n] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_one_code_for_two_people_at_the_same_moment_is_one_of_theirs(db, cast):
    persons = [newcomer(db, cast, "Yksi Eka"), newcomer(db, cast, "Kaksi Toka")]
    both_read = threading.Barrier(2)

    def give(person):
        with db.writing() as session:
            who = session.get(Person, person)
            if not db.sqlite:
                both_read.wait()
            personal_code.expect(session, who, "FI", FI, "key")

    told = at_once(*[lambda person=person: give(person) for person in persons])
    assert sorted(type(error) for error in told if error) == [personal_code.CodeTaken] and None in told
    with db.reading() as session:
        assert session.scalar(select(func.count(PersonalCode.id))) == 1


def test_whoever_loses_the_race_keeps_the_code_they_had_and_the_rest_of_the_work(db, cast, monkeypatch):
    one, two = newcomer(db, cast, "Yksi Eka"), newcomer(db, cast, "Kaksi Toka")
    with db.writing() as session:
        personal_code.expect(session, session.get(Person, one), "FI", FI, "key")
        personal_code.expect(session, session.get(Person, two), "FI", OTHER, "key")
    asked, row = [], personal_code._row

    def not_there_yet(*given):
        asked.append(given)
        return None if len(asked) == 1 else row(*given)

    monkeypatch.setattr(personal_code, "_row", not_there_yet)
    with db.writing() as session:
        who = session.get(Person, two)
        with pytest.raises(personal_code.CodeTaken):
            personal_code.expect(session, who, "FI", FI, "key")
        who.phone = "040 1"
    assert len(codes(db, two)) == 1
    with db.reading() as session:
        assert session.get(Person, two).phone == "040 1"


def test_the_household_that_comes_second_adds_the_person_of_the_first(db, cast, monkeypatch):
    one = newcomer(db, cast, "Yksi Eka")
    with db.writing() as session:
        personal_code.expect(session, session.get(Person, one), "FI", FI, "key")
        before = session.scalar(select(func.count(Person.id)))
    with db.writing() as session:
        home = type("Home", (), {"organisation": type("House", (), {"id": cast.koivu})})
        found = household._expected(session, home, "Uusi", "FI", FI, "key", None)
        assert found.id == one
        assert session.scalar(select(func.count(Person.id))) == before
