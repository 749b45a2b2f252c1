"""Several homes, roles and organisations under one sign-in: a switch on every page, and a wall between organisations (K4, S2)."""

import pytest
from sqlalchemy import select, update

from resident.people.person import Person
from resident.people.post import Post
from tests.cast import LONG_AGO


def header(page) -> str:
    return page.text.split("<header")[1].split("</header>")[0]


def test_whoever_has_one_home_sees_no_switch(client):
    page = header(client("tenant").get("/"))
    assert "/homes" not in page
    assert "/homes" not in header(client("office").get("/desk/"))


def test_the_switch_stands_on_every_page_and_works_without_scripts(client, cast, db):
    two = client("two_homes")
    for url in ("/", "/readings", "/invoices", "/messages", "/details", "/homes"):
        switch = header(two.get(url))
        assert 'action="/homes/choice"' in switch and "Pihlajakuja 6 B 10" in switch and "Pärnaõue 7–2" in switch
    with db.reading() as session:
        other = session.scalar(select(Person.id).where(Person.id == cast.two_homes_tamm))
    assert other
    party = two.get("/homes").text.split('name="party_id" value="')[-1].split('"')[0]
    two.post("/homes/choice", status=303, party_id=party)
    assert "Pärnaõue 7–2" in two.get("/").text.split("<h1>")[1].split("</h1>")[0]
    two.post("/homes/choice", status=404, party_id=cast.party_tenant)


def test_a_resident_with_a_post_goes_from_one_to_the_other(client, cast, db):
    with db.writing() as session:
        session.add(Post(person_id=cast.occupant, organisation_id=cast.koivu, role="council", first=LONG_AGO))
    occupant = client("occupant")
    assert 'href="/desk/"' in header(occupant.get("/"))
    assert "Pihlajakuja 6 A 1" in header(occupant.get("/desk/"))
    listed = occupant.get("/homes").text
    assert "Council member" in listed and "Occupant" in listed


@pytest.mark.parametrize("chosen", ["koivu", "tamm"])
def test_contact_data_are_one_for_each_organisation_and_the_page_says_whose(client, cast, db, chosen):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.two_homes_tamm).values(email="tamm@example.org"))
    two = client("two_homes")
    if chosen == "tamm":
        parties = [part.split('"')[0] for part in two.get("/homes").text.split('name="party_id" value="')[1:]]
        two.post("/homes/choice", status=303, party_id=parties[-1])
    page = two.get("/details").text
    names = {"koivu": "Koivukallion Asunnot", "tamm": "Pärnaõue 7 korteriühistu"}
    mails = {"koivu": "two_homes@example.org", "tamm": "tamm@example.org"}
    other = "tamm" if chosen == "koivu" else "koivu"
    main = page.split("<main")[1].split("</main>")[0]
    assert names[chosen] in main and mails[chosen] in main and mails[other] not in main
    form = two.form("/details") | {"email": "new@example.org"}
    two.post("/details", status=303, **form)
    with db.reading() as session:
        ids = {"koivu": cast.two_homes, "tamm": cast.two_homes_tamm}
        assert session.get(Person, ids[chosen]).email == "new@example.org"
        assert session.get(Person, ids[other]).email == mails[other]
