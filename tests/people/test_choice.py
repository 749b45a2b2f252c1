"""What one wants to be written to about: turned off and on among one's own details (K5)."""

from sqlalchemy import select

from resident.people.person import Person


def reminds(db, cast) -> bool:
    with db.reading() as session:
        return session.scalar(select(Person.remind_readings).where(Person.id == cast.tenant))


def test_reminders_of_readings_are_turned_off_and_on(client, cast, db):
    tenant = client("tenant")
    assert "there is no way to reach you yet" in tenant.get("/details").text
    tenant.post("/details/choices/remind_readings", 303, wanted="no")
    assert not reminds(db, cast) and "Turn on" in tenant.get("/details").text
    tenant.post("/details/consents/email", 303, given="yes")
    tenant.post("/details/choices/remind_readings", 303, wanted="yes")
    assert reminds(db, cast) and "On, by e-mail" in tenant.get("/details").text
    tenant.post("/details/choices/non_disclosure", 404, wanted="yes")
