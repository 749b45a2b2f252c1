"""One's own details: contact data, password, sessions; and which home the portal shows."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.errors import WrongCredentials
from resident.people import admission, password
from resident.people.person import Person
from resident.people.post import Post
from resident.people.sign_in import LoginSession
from tests.cast import PASSWORD

NEW = "violets under the bridge"


@pytest.mark.parametrize("name", ["tenant", "owner", "office", "provider", "caretaker", "operator"])
def test_everybody_has_a_page_of_their_own(client, cast, name):
    page = client(name).get("/details?lang=en").text
    assert name in page and "This device" in page


def test_the_buttons_that_show_a_password_say_which_one(client, cast):
    text = client("tenant").get("/details?lang=en").text
    assert 'aria-label="Show the current password"' in text and 'aria-label="Show the new password"' in text


def test_own_contact_data_change_and_nobody_else_s(db, client, cast):
    tenant = client("tenant")
    tenant.post("/details", 303, **{**tenant.form("/details"), "phone": "040 123 4567"})
    with db.reading() as session:
        assert session.get(Person, cast.tenant).phone == "040 123 4567"
        assert session.get(Person, cast.occupant).phone == "040 555 0100"
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "person_changed"))
        assert event.person_id == cast.tenant


def test_contact_data_belong_to_the_chosen_home_s_organisation(db, client, cast):
    owner = client("two_homes")
    form = owner.form("/details")
    owner.post("/details", 303, **{**form, "phone": "040 777 7777"})
    with db.reading() as session:
        phones = {session.get(Person, id).phone for id in (cast.two_homes, cast.two_homes_tamm)}
    assert phones == {"040 777 7777", None}


def test_a_stale_edit_of_one_s_own_details_is_told(client, cast):
    phone, desk = client("tenant"), client("office")
    old = phone.form("/details")
    page = f"/desk/people/{cast.tenant}"
    desk.post(page, 303, **{**desk.form(page), "phone": "040 222 2222"})
    told = phone.post("/details", 409, **{**old, "phone": "040 333 3333"})
    assert "040 222 2222" in told.text and 'value="040 333 3333"' in told.text


# ---- Password --------------------------------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(db, client, cast):
    here, there = client("tenant"), client("tenant")
    here.post("/details/password", 303, current=PASSWORD, new=NEW)
    here.get("/details")
    there.get("/details", 303)
    assert admission.check(db, "tenant", NEW, address="127.0.0.1")
    with pytest.raises(WrongCredentials):
        admission.check(db, "tenant", PASSWORD, address="127.0.0.1")
    with db.reading() as session:
        assert (
            session.scalars(select(AuditEvent).where(AuditEvent.act == "password_changed")).one().login_id == cast.logins["tenant"]
        )


@pytest.mark.parametrize(
    ("name", "current", "new", "field"),
    [
        ("tenant", "not this one", NEW, "current"),
        ("tenant", PASSWORD, "violets 9", "new"),
        ("office", PASSWORD, "violets xyz", "new"),
        ("tenant", PASSWORD, "salasana2026!!", "new"),
        ("tenant", PASSWORD, "1234567890", "new"),
        ("tenant", PASSWORD, "QWERTYuiop", "new"),
        ("tenant", PASSWORD, "my Virta and me", "new"),
        ("tenant", PASSWORD, "koivukallion rules", "new"),
        ("tenant", PASSWORD, "the Resident of ours", "new"),
        ("tenant", PASSWORD, PASSWORD, "new"),
        ("tenant", PASSWORD, "ä" * 300, "new"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_its_reason(db, client, cast, name, current, new, field):
    answer = client(name).post("/details/password", 422, current=current, new=new)
    assert f'id="{field}-error"' in answer.text
    assert new not in answer.text
    assert admission.check(db, name, PASSWORD, address="127.0.0.1")


def test_a_post_to_come_asks_for_the_longer_password_already(db, client, cast):
    with db.writing() as session:
        begins = clock.today("Europe/Helsinki") + timedelta(days=5)
        session.add(Post(person_id=cast.tenant, organisation_id=cast.koivu, role="office", first=begins))
    tenant = client("tenant")
    assert "12 characters" in tenant.get("/details").text
    assert 'id="new-error"' in tenant.post("/details/password", 422, current=PASSWORD, new="violets xyz").text


def test_guesses_at_the_present_password_are_counted(client, cast):
    tenant = client("tenant")
    statuses = [tenant.post("/details/password", None, current="guess", new=NEW).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_ten_characters_will_do_for_a_resident_and_twelve_for_staff():
    password.check("violetsand", staff=False, names=[])
    password.check("violets and ", staff=True, names=[])
    with pytest.raises(password.WeakPassword):
        password.check("violetsandx", staff=True, names=[])


def test_the_list_of_common_passwords_is_long_and_holds_patterns():
    assert len(password._common()) >= 3000
    for pattern in ("1q2w3e4r5t", "password1234", "Summer2026!", "йцукенгшщз", "aaaaaaaaaa", "12121212121212"):
        assert password.common(pattern), pattern
    assert not password.common(NEW)


# ---- Sessions --------------------------------------------------------------------------------------------------------


def test_one_of_one_s_sessions_is_ended_from_another_device(db, client, cast):
    here, there = client("tenant"), client("tenant")
    with db.reading() as session:
        mine = session.scalars(
            select(LoginSession.id).where(LoginSession.login_id == cast.logins["tenant"]).order_by(LoginSession.id)
        ).all()
    here.post(f"/details/sessions/{mine[1]}/end", 303)
    there.get("/details", 303)
    here.get("/details")
    here.post(f"/details/sessions/{mine[1]}/end", 404)
    assert here.post(f"/details/sessions/{mine[0]}/end", 303).headers["Location"].startswith("/sign-in")
    here.get("/details", 303)


def test_nobody_ends_another_s_session(db, client, cast):
    client("tenant")
    with db.reading() as session:
        other = session.scalars(select(LoginSession.id).where(LoginSession.login_id == cast.logins["tenant"])).one()
    client("neighbour").post(f"/details/sessions/{other}/end", 404)
    client("operator").post(f"/details/sessions/{other}/end", 404)


def test_all_other_sessions_end_at_once(client, cast):
    here, *others = (client("tenant") for _ in range(3))
    here.post("/details/sessions/end", 303)
    here.get("/details")
    for other in others:
        other.get("/details", 303)


# ---- Homes -----------------------------------------------------------------------------------------------------------


def test_homes_of_all_organisations_are_listed_and_one_is_chosen(client, cast):
    owner = client("two_homes")
    page = owner.get("/homes?lang=en").text
    assert "Pihlajakuja 6 B 10" in page and "Pärnaõue 7–2" in page and "Shown now" in page
    party = page.split("<main")[1].split('name="party_id" value="')[1].split('"')[0]
    owner.post("/homes/choice", 303, party_id=party)
    assert "Pärnaõue 7 korteriühistu" in owner.get("/homes").text.split("</header>")[0]
    # Another session of the same login keeps its own home.
    assert "Koivukallion" in client("two_homes").get("/homes").text.split("</header>")[0]


@pytest.mark.parametrize("name", ["tenant", "two_homes", "former", "office"])
def test_nobody_chooses_a_home_that_is_not_theirs(client, cast, name):
    for party in (cast.party_neighbour, cast.party_owner, 0, 99999):
        assert client(name).post("/homes/choice", None, party_id=str(party)).status_code in (403, 404)


def test_a_home_that_has_not_begun_says_when_it_does(client, cast):
    assert "Begins on" in client("coming").get("/homes?lang=en").text
