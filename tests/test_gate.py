"""What opens before what: the second factor, an own password, proof before sensitive acts, and looking as a resident."""

from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from resident.audit import AuditEvent
from resident.homes.organisation import Mandate
from resident.people.person import Login, Person
from resident.people.sign_in import LoginSession
from tests.cast import LONG_AGO
from tests.client import fields


def events(db, *acts) -> list[AuditEvent]:
    with db.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.act.in_(acts)).order_by(AuditEvent.id)))


# ---- Before anything else opens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["office", "caretaker", "provider", "operator"])
def test_staff_with_a_password_only_reach_no_page_but_the_second_step(client, cast, name):
    half = client(name, second=False)
    for url in ("/desk/", "/", "/details", "/proof", "/identify"):
        assert half.get(url, 303).headers["Location"].startswith("/second-factor"), url
    assert half.get("/desk/", htmx=True).headers["HX-Redirect"].startswith("/second-factor")
    half.get("/appearance")
    half.post("/sign-out", 303)


def test_the_second_step_leads_back_to_the_page_that_was_asked_for(client, cast):
    half = client("office", second=False)
    assert unquote(half.get("/desk/homes?kind=home", 303).headers["Location"]) == "/second-factor?next=/desk/homes?kind=home"


def test_on_pages_for_everybody_the_half_signed_in_are_nobody(client, cast):
    half = client("office", second=False)
    assert "Username or e-mail" in half.get("/sign-in").text
    # Nothing of theirs changes there either.
    half.post("/language", 303, language="fi")


def test_signing_in_anew_ends_the_session_that_was_half_open(db, client, cast):
    half = client("office", second=False)
    half.post("/sign-in", 303, username="tenant", password="a long enough password 7")
    with db.reading() as session:
        rows = session.execute(select(LoginSession.login_id, LoginSession.ended_at).order_by(LoginSession.id)).all()
    assert [(login == cast.logins["office"], ended is None) for login, ended in rows] == [(True, False), (False, True)]


def test_a_cookie_of_a_library_that_somebody_made_up_opens_and_breaks_nothing(client, cast):
    stranger = client()
    stranger.http.set_cookie("remember_token", "1|ä")
    assert stranger.get("/invoices", 303).location.startswith("/sign-in")


def test_residents_need_no_second_step(client, cast):
    client("tenant", second=False).get("/")


def test_whoever_came_with_a_start_password_chooses_an_own_one_before_anything_else(app, db, client, cast):
    if "passwords.own" not in app.view_functions:
        pytest.skip("no such page")
    tenant = client("tenant")
    with db.writing() as session:
        session.execute(update(LoginSession).values(way="letter"))
    for url in ("/", "/readings", "/details", "/proof"):
        assert tenant.get(url, 303).headers["Location"].startswith("/own-password"), url
    assert tenant.post("/details", phone="1").headers["Location"].startswith("/own-password")
    tenant.get("/appearance")
    tenant.get("/own-password")


# ---- Proof -----------------------------------------------------------------------------------------------------------


def test_a_page_of_a_sensitive_act_asks_first_who_it_is(client, cast, later):
    office = client("office")
    office.get(f"/desk/posts/new?person={cast.council}")
    later(minutes=16)
    office.get("/desk/posts")
    asked = office.get(f"/desk/posts/new?person={cast.council}", 303).headers["Location"]
    assert unquote(asked) == f"/proof?next=/desk/posts/new?person={cast.council}"
    form = fields(office.get(asked).text)
    refused = office.post("/proof", 422, **form | {"proof": "not this one"})
    assert "not your password" in refused.text and "not this one" not in refused.text
    before = office.http.get_cookie("resident").value
    answer = office.post("/proof", 303, **form | {"proof": "a long enough password 7"})
    assert answer.headers["Location"] == f"/desk/posts/new?person={cast.council}"
    assert office.http.get_cookie("resident").value != before
    office.get(answer.headers["Location"])


def contact(client) -> dict[str, str]:
    """The form of contact data, without those of the password on the same page."""
    return {name: value for name, value in client.form("/details").items() if name not in ("current", "new", "username")}


def test_a_form_that_was_sent_too_late_is_kept_and_sent_on_after_the_proof(db, client, cast, later):
    tenant = client("tenant")
    later(minutes=16)
    tenant.post("/details", 303, **contact(tenant) | {"phone": "040 123 4567"})
    form = contact(tenant)
    asked = tenant.post("/details", 401, **form | {"email": "new@example.org"})
    held = fields(asked.text)
    assert held["email"].strip() == "new@example.org" and held["then"] == "/details"
    held = {name: value.strip("\n") for name, value in held.items()}
    answer = tenant.post("/proof", 307, **held | {"proof": "a long enough password 7"})
    assert answer.headers["Location"] == "/details"
    tenant.post("/details", 303, **held | {"proof": "a long enough password 7"})
    with db.reading() as session:
        who = session.get(Person, cast.tenant)
        assert "new@example.org" in (who.email, getattr(who, "email_wanted", None))
    assert len(events(db, "proved")) == 1


def test_a_stolen_cookie_from_before_the_proof_is_worthless_after_it(app, client, cast, later):
    tenant = client("tenant")
    stolen = tenant.http.get_cookie("resident").value
    tenant.post("/proof", 303, proof="a long enough password 7")
    tenant.get("/")
    tenant.http.set_cookie("resident", stolen)
    tenant.get("/", 303)


# ---- Looking as a resident -------------------------------------------------------------------------------------------


def look(client, cast, name="office", party=None, why="asked"):
    staff = client(name)
    url = f"/desk/view-as/{party or cast.party_tenant}"
    staff.post(url, 303, **staff.form(url) | {"why": why})
    return staff


def test_staff_see_what_the_resident_sees_and_do_nothing(db, client, cast):
    office = look(client, cast)
    page = office.get("/").text
    assert "Pihlajakuja 6 A 1" in page and "You see the portal as Aino Virta does." in page
    assert 'href="/details"' not in page
    for url in ("/readings", "/invoices", "/messages", "/faults"):
        assert "Back to work" in office.get(url).text, url
    for url in ("/desk/", "/desk/homes", "/details", f"/desk/people/{cast.tenant}", "/identify", "/proof"):
        assert office.http.get(url).status_code == 403, url
    before = events(db, "person_changed", "message_sent", "thread_opened", "language_chosen")
    for url, sent in (
        ("/faults", {"text": "x"}),
        ("/messages", {"text": "x"}),
        ("/language", {"language": "fi"}),
        ("/readings", {}),
    ):
        assert office.post(url, **sent).status_code in (403, 405), url
    assert "nothing can be sent or changed" in office.post("/language", 403, language="fi").text
    assert events(db, "person_changed", "message_sent", "thread_opened", "language_chosen") == before == []


def test_looking_is_logged_with_its_reason_and_ends(db, client, cast):
    office = look(client, cast)
    answer = office.post("/desk/view-as/end", 303)
    assert answer.headers["Location"] == f"/desk/homes/{cast.unit_a1}"
    assert "You see the portal as" not in office.get("/desk/").text
    began, ended = events(db, "viewed_as_resident", "view_as_ended")
    assert (began.thing, began.thing_id, began.person_id) == ("person", cast.tenant, cast.office)
    assert began.facts == {"party": cast.party_tenant, "why": "asked"}
    assert (ended.thing_id, ended.person_id) == (cast.tenant, cast.office)


def test_without_a_reason_nobody_looks(db, client, cast):
    office = client("office")
    assert "Choose why you look" in office.post(f"/desk/view-as/{cast.party_tenant}", 422, why="  ").text
    assert "Choose why you look" in office.post(f"/desk/view-as/{cast.party_tenant}", 422, why="curious").text
    assert events(db, "viewed_as_resident") == []


@pytest.mark.parametrize("name", ["accountant", "control", "caretaker", "council", "provider", "board", "neighbour", "operator"])
def test_whoever_has_no_such_post_there_looks_at_nobody(client, cast, name):
    client(name).get(f"/desk/view-as/{cast.party_tenant}", 404)
    assert client(name).post(f"/desk/view-as/{cast.party_tenant}", why="curious").status_code == 404


def test_the_undisclosed_are_looked_at_by_those_only_who_see_them(db, client, cast):
    with db.writing() as session:
        session.get(Person, cast.tenant).non_disclosure = True
    client("manager").get(f"/desk/view-as/{cast.party_tenant}")
    client("office").get(f"/desk/view-as/{cast.party_tenant}")


def test_looking_ends_with_the_post_by_which_somebody_looks(db, client, cast):
    office = look(client, cast)
    with db.writing() as session:
        from resident.people.post import Post

        session.execute(update(Post).where(Post.person_id == cast.office).values(role="caretaker"))
    assert "Aino Virta" not in office.http.get("/", follow_redirects=True).text


def test_of_somebody_with_two_organisations_only_the_one_is_seen(client, cast):
    page = look(client, cast, party=cast.party_two_homes).get("/homes").text
    assert "Pihlajakuja 6 B 10" in page and "Pärnaõue" not in page


# ---- Ended from the other side ---------------------------------------------------------------------------------------


def test_staff_end_the_sessions_of_a_resident_at_once(db, client, cast):
    tenant, office = client("tenant"), client("office")
    url = f"/desk/people/{cast.tenant}/sign-in"
    assert "1 device" in office.get(url).text
    office.post(f"{url}/end", 303)
    tenant.get("/", 303)
    (event,) = events(db, "sessions_ended")
    assert event.facts == {"why": "staff"} and event.person_id == cast.office


def test_a_closed_sign_in_opens_nothing_until_it_is_open_again(db, client, cast):
    tenant, office = client("tenant"), client("office")
    url = f"/desk/people/{cast.tenant}/sign-in"
    office.post(f"{url}/disable", 303)
    tenant.get("/", 303)
    again = client()
    again.post("/sign-in", 422, username="tenant", password="a long enough password 7")
    office.post(f"{url}/enable", 303)
    again.post("/sign-in", 303, username="tenant", password="a long enough password 7")
    assert [event.act for event in events(db, "login_disabled", "login_enabled")] == ["login_disabled", "login_enabled"]


def test_a_sign_in_that_opens_something_elsewhere_is_not_closed_here(db, client, cast):
    office, url = client("office"), f"/desk/people/{cast.two_homes}/sign-in"
    assert "Close the sign-in</button>" not in office.get(url).text
    office.post(f"{url}/disable", 403)
    with db.reading() as session:
        assert session.get(Login, cast.logins["two_homes"]).disabled_at is None


def test_the_sign_in_of_staff_is_for_those_who_give_posts(client, cast):
    client("accountant").get(f"/desk/people/{cast.caretaker}/sign-in", 404)
    client("office").get(f"/desk/people/{cast.caretaker}/sign-in")
    assert "your own sign-in" in client("office").get(f"/desk/people/{cast.office}/sign-in").text
    client("board").get(f"/desk/people/{cast.tenant}/sign-in", 404)


def test_a_firm_under_a_mandate_does_not_close_the_sign_in_of_the_board(db, client, cast):
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=LONG_AGO))
    manager = client("manager")
    manager.get(f"/desk/people/{cast.owner}/sign-in")
    manager.get(f"/desk/people/{cast.board}/sign-in", 403)
    for act in ("end", "disable"):
        manager.post(f"/desk/people/{cast.board}/sign-in/{act}", 403)
    client("board").get(f"/desk/people/{cast.owner}/sign-in")


def test_sessions_of_staff_end_sooner(client, cast, later):
    tenant, office = client("tenant"), client("office")
    later(hours=11)
    office.get("/desk/", 303)
    tenant.get("/")
    later(days=15)
    tenant.get("/", 303)
