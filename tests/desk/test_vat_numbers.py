"""VAT numbers of the organisation and of a holder: checked, said at the field, and told in the audit."""

import pytest
from sqlalchemy import select, update

from resident.audit import AuditEvent
from resident.homes.organisation import Organisation
from resident.homes.vat_number import BadVatNumber, checked
from resident.people.person import Person

SELLER = "/desk/settings/vat-number"


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("1234567-1", "FI", "FI12345671"), ("fi 1234 5671", "FI", "FI12345671"), ("EE100931558", "FI", "EE100931558"),
        ("123-456-32-18", "PL", "PL1234563218"), ("7700000009", "RU", "7700000009"), ("  ", "FI", None),
        ("DE136695976", "RU", "DE136695976"),
    ],
)  # fmt: skip
def test_a_number_is_stored_in_one_form(typed, country, stored):
    assert checked(typed, country) == stored


@pytest.mark.parametrize(
    ("typed", "country"),
    [("1234567-2", "FI"), ("EE100931559", "FI"), ("123", "PL"), ("7700000001", "RU"), ("ZZ12345671", "FI"), ("<b>", "EE")],
)
def test_what_fails_its_check_is_refused(typed, country):
    with pytest.raises(BadVatNumber):
        checked(typed, country)


def test_the_office_enters_the_sellers_number(client, cast, db):
    office = client("office")
    form = office.form(SELLER)
    text = office.post(SELLER, 422, **form | {"number": "FI12345672"}).text
    assert 'href="#number"' in text and "its length or its check digit does not hold" in text and 'value="FI12345672"' in text
    office.post(SELLER, 303, **form | {"number": "1234567-1"})
    assert "FI12345671" in office.get("/desk/settings").text
    told = office.post(SELLER, 409, **form | {"number": "FI20774740"}).text
    assert "Somebody changed the number" in told and "FI12345671" in told
    with db.reading() as session:
        assert session.get(Organisation, cast.koivu).vat_number == "FI12345671"
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "setting_changed"))
        assert event.facts == {"fields": ["vat_number"]}


def test_the_desk_enters_a_holders_number_and_the_page_of_the_person_says_it(client, cast, db):
    desk, url = client("accountant"), f"/desk/people/{cast.tenant}/vat-number"
    assert url in desk.get(f"/desk/people/{cast.tenant}").text
    form = desk.form(url)
    desk.post(url, 422, **form | {"number": "12"})
    desk.post(url, 303, **form | {"number": "EE 100 931 558"})
    assert "EE100931558" in desk.get(f"/desk/people/{cast.tenant}").text
    desk.post(url, 303, **desk.form(url) | {"number": ""})
    with db.writing() as session:
        assert session.get(Person, cast.tenant).vat_number is None
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    desk.get(url, 404)
    client("office").get(url)
