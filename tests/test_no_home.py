"""The first page of somebody whose homes have all ended, or are not entered yet."""

from sqlalchemy import delete, update

from resident.people.person import Person
from resident.people.tenure import Party


def test_it_names_whom_to_ask_of_those_who_know_the_person(client, cast, db):
    shown = client("former").get("/").text
    assert "010 555 0140" in shown and "Koivukallion Asunnot" in shown and "555 0117" not in shown


def test_without_an_organisation_it_says_who_gives_access(client, cast, db):
    former = client("former")
    with db.writing() as session:
        session.execute(delete(Party).where(Party.person_id == cast.former))
        session.execute(update(Person).where(Person.id == cast.former).values(login_id=None))
    shown = former.get("/").text
    assert "The office or the board of your building gives access." in shown and "010 555 0140" not in shown
