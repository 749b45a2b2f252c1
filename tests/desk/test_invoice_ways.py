"""The desk writes down how a person wants their invoices (K5); the person sees that it did."""

import pytest
from sqlalchemy import select, update

from resident.audit import AuditEvent
from resident.people.person import Person

WANTED = {"invoice_paper": "yes", "invoice_email": "yes", "invoice_addresses": "books@example.org, son@example.org"}


@pytest.fixture
def ways(cast) -> str:
    return f"/desk/people/{cast.tenant}/invoices"


def person(db, cast) -> Person:
    with db.reading() as session:
        return session.get_one(Person, cast.tenant)


def test_the_desk_changes_it_all_at_once_and_the_person_sees_who_did(client, db, cast, ways):
    office = client("office")
    assert ways in office.get(f"/desk/people/{cast.tenant}").text
    office.post(ways, 303, **office.form(ways) | WANTED | {"invoice_language": "sv"})
    who = person(db, cast)
    assert (who.invoice_paper, who.invoice_email, who.invoice_attached) == (True, True, False)
    assert (who.invoice_addresses, who.invoice_language) == ("books@example.org son@example.org", "sv")
    with db.reading() as session:
        events = session.execute(select(AuditEvent.person_id, AuditEvent.facts).where(AuditEvent.act == "person_changed")).all()
    fields = ["invoice_paper", "invoice_email", "invoice_language", "invoice_addresses"]
    assert events == [(cast.office, {"fields": fields})]
    seen = client("tenant").get("/record/events").text
    assert "Contact details changed" in seen and "Oili Toimisto" in seen


def test_what_cannot_be_is_said_and_what_was_typed_stays(client, db, cast, ways):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(email=None))
    office = client("office")
    form = office.form(ways)
    assert "none is known of this person" in office.post(ways, 422, **form | WANTED).text
    told = office.post(ways, 422, **form | {"invoice_paper": "yes", "invoice_addresses": "books at example"})
    assert "is no e-mail address" in told.text and 'value="books at example"' in told.text
    assert not person(db, cast).invoice_paper


def test_who_wrote_meanwhile_is_not_overwritten_unseen(client, db, cast, ways):
    office = client("office")
    form = office.form(ways)
    client("tenant").post("/details/choices/invoice_paper", 303, wanted="yes")
    assert "Somebody changed these details" in office.post(ways, 409, **form | {"invoice_email": "yes"}).text
    assert person(db, cast).invoice_paper


def test_only_posts_that_see_contact_data_do_it(client, db, cast, ways):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    client("accountant").get(ways, 404)
    client("council").get(ways, 404)
    client("manager").get(ways)
