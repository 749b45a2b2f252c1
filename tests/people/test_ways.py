"""The ways in: what is offered where, what is refused once the person is known, and by which name somebody signs in."""

from datetime import date

import pytest
from sqlalchemy import select

from resident import clock
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.jobs import Job
from resident.people import limit
from resident.people import person as people
from resident.people.device import Device
from resident.people.letter import StartLetter
from resident.people.person import Login, Person
from tests.cast import PASSWORD
from tests.client import Client

OPEN = list(setting.WAYS)


def offer(db, organisation, ways, name="ways_in"):
    with db.writing() as session:
        setting.put(session, organisation, name, ways)


def without(*ways):
    return [way for way in OPEN if way not in ways]


def enter(client, name, password=PASSWORD, at="/sign-in", **given):
    return client.post(at, username=name, password=password, **given)


# ---- What is offered -------------------------------------------------------------------------------------------------


def test_the_page_of_an_organisation_offers_its_ways_and_the_common_page_all_together(db, client, cast):
    offer(db, cast.koivu, ["strong", "passkey"])
    own = client().get("/sign-in/koivu").text
    assert "Koivukallion Asunnot" in own and 'name="password"' not in own
    assert 'name="password"' in client().get("/sign-in/tamm").text
    assert 'name="password"' in client().get("/sign-in").text
    for organisation in (cast.tamm, cast.vesi):
        offer(db, organisation, ["strong"])
    assert 'name="password"' not in client().get("/sign-in").text


def test_an_unknown_organisation_has_no_page(client, cast):
    client().get("/sign-in/nobody", 404)
    assert client().post("/sign-in/nobody", username="tenant", password=PASSWORD).status_code == 404


def test_an_organisation_s_page_speaks_its_language_to_whoever_has_chosen_none(app, client, cast):
    assert '<html lang="et"' in Client(app, language=None).get("/sign-in/tamm").text
    assert '<html lang="fi"' in Client(app, language=None).get("/sign-in/koivu").text


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_organisation_answers_at_its_own_host(url, tmp_path):
    from app import create_app
    from resident.settings import load
    from tests.cast import Cast

    given = {
        "RESIDENT_DATA_DIR": str(tmp_path / "var"),
        "RESIDENT_DATABASE_URL": url,
        "RESIDENT_HOSTS": "koti.example.org, tamm.example.org",
    }
    app = create_app(load(given))
    cast = Cast(app.extensions["resident.db"])
    shell = app.test_cli_runner()
    assert shell.invoke(args=["organisation", "hosts", "tamm", "tamm.example.org"]).exit_code == 0
    assert "another organisation’s" in shell.invoke(args=["organisation", "hosts", "koivu", "tamm.example.org"]).output
    there = app.test_client()
    assert "Pärnaõue 7 korteriühistu" in there.get("/sign-in", base_url="http://tamm.example.org").text
    assert "Pärnaõue" not in there.get("/sign-in", base_url="http://koti.example.org").text
    assert there.get("/sign-in", base_url="http://evil.example.org").status_code == 400
    assert cast.tamm


# ---- Once the person is known ----------------------------------------------------------------------------------------


def test_a_way_that_none_of_one_s_organisations_offers_is_refused_with_the_others_named(db, client, cast):
    offer(db, cast.koivu, without("password"))
    stranger = client()
    refused = enter(stranger, "tenant")
    assert refused.status_code == 422 and "strong identification" in refused.text
    assert "username and password" not in refused.text.split("What it offers")[1].split("<")[0]
    stranger.get("/", 303)
    # Whoever has the wrong password learns nothing of it.
    assert "What it offers" not in enter(client(), "tenant", "wrong").text
    assert enter(client(), "owner").status_code == 303


def test_what_belongs_to_an_organisation_that_does_not_offer_the_way_stays_closed(db, client, cast):
    offer(db, cast.tamm, without("password"))
    both = client("two_homes")
    page = both.get("/homes").text
    assert "Pihlajakuja 6 B 10" in page and "Pärnaõue 7–2" not in page
    assert "Pärnaõue 7 korteriühistu" in page and "strong identification" in page
    offer(db, cast.tamm, OPEN)
    assert "Pärnaõue 7–2" in client("two_homes").get("/homes").text


def test_a_post_in_an_organisation_that_does_not_offer_the_way_is_closed_too(db, client, cast):
    offer(db, cast.koivu, without("password"))
    assert enter(client(), "office").status_code == 422


def test_the_operator_is_in_nobody_s_hands(db, client, cast):
    for organisation in (cast.koivu, cast.tamm, cast.vesi):
        offer(db, organisation, ["strong"])
    assert enter(client(), "operator").status_code == 303


def test_an_own_password_that_began_with_a_letter_opens_where_letters_are_offered(db, client, cast):
    offer(db, cast.koivu, ["letter", "strong"])
    assert enter(client(), "tenant").status_code == 422
    with db.writing() as session:
        session.add(
            StartLetter(
                organisation_id=cast.koivu, person_id=cast.tenant, login_id=cast.logins["tenant"], method="delivered",
                issued_on=date(2026, 1, 1), issued_at=clock.now(), issued_by_id=cast.office, expires_at=clock.now(),
                used_at=clock.now(), activated_at=clock.now(),
            )
        )  # fmt: skip
    assert enter(client(), "tenant").status_code == 303


# ---- By which name ---------------------------------------------------------------------------------------------------


@pytest.fixture
def indexed(db, cast):
    with db.writing() as session:
        for organisation in (cast.koivu, cast.tamm):
            people.reindex(session, organisation)


def test_an_address_that_leads_to_one_sign_in_is_as_good_as_its_name(client, cast, indexed):
    assert enter(client(), "Tenant@Example.org ").status_code == 303


def test_an_address_of_several_opens_none_until_one_has_confirmed_it(db, client, cast, indexed):
    assert enter(client(), "kask@example.org").status_code == 422
    with db.writing() as session:
        session.get(Person, cast.coowner).email_confirmed_at = clock.now()
    coowner = client()
    assert enter(coowner, "kask@example.org").status_code == 303
    assert "coowner" in coowner.get("/details").text


def test_a_closed_sign_in_and_an_erased_person_are_nobody(db, client, cast, indexed):
    with db.writing() as session:
        session.get(Login, cast.logins["tenant"]).disabled_at = clock.now()
        session.get(Person, cast.neighbour).erased_at = clock.now()
    unknown = enter(client(), "nobody")
    for name in ("tenant", "tenant@example.org", "neighbour", "neighbour@example.org"):
        answer = enter(client(), name)
        assert answer.status_code == unknown.status_code == 422
        assert "The username or password is not right" in answer.text


# ---- Browsers --------------------------------------------------------------------------------------------------------


def test_a_new_browser_is_told_of_and_the_very_first_is_not(db, client, cast):
    with db.writing() as session:
        session.get(Person, cast.tenant).notify_email = True
    first = client("tenant")
    with db.reading() as session:
        assert session.scalars(select(Job)).all() == []
    first.post("/sign-out")
    enter(first, "tenant")
    with db.reading() as session:
        assert session.scalars(select(Job)).all() == []
    second = client("tenant")
    with db.reading() as session:
        (job,) = session.scalars(select(Job))
        assert job.payload["kind"] == "device" and job.payload["person_id"] == cast.tenant
        assert len(session.scalars(select(Device)).all()) == 2
    assert "New browser" in second.get("/details").text


def test_nobody_is_told_by_mail_who_did_not_agree_to_mails(db, client, cast):
    client("tenant"), client("tenant")
    with db.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_strangers_cannot_keep_an_owner_out_of_a_browser_that_is_known(client, cast):
    known, stranger = client("tenant"), client()
    known.post("/sign-out")
    for _ in range(limit.BUCKETS["account"][0]):
        enter(stranger, "tenant", "not this one")
    assert enter(stranger, "tenant").status_code == 429
    assert enter(known, "tenant").status_code == 303
    assert enter(stranger, "tenant").status_code == 429


def test_a_known_browser_has_a_limit_of_its_own(client, cast):
    known = client("tenant")
    known.post("/sign-out")
    for _ in range(limit.BUCKETS["device"][0]):
        assert enter(known, "tenant", "not this one").status_code == 422
    answer = enter(known, "tenant")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert enter(client(), "tenant").status_code == 303


def test_the_cookie_of_the_browser_is_not_for_scripts(client, cast):
    stranger = client()
    set_cookie = [one for one in enter(stranger, "tenant").headers.getlist("Set-Cookie") if "device" in one]
    assert len(set_cookie) == 1
    assert "HttpOnly" in set_cookie[0] and "SameSite=Lax" in set_cookie[0] and "Max-Age=31536000" in set_cookie[0]


def test_signing_in_again_ends_the_session_that_was_there(client, cast):
    tenant = client("tenant")
    kept = tenant.http.get_cookie("resident").value
    enter(tenant, "neighbour")
    assert tenant.http.get_cookie("resident").value != kept
    tenant.http.set_cookie("resident", kept)
    tenant.get("/", 303)


def test_the_sign_in_page_of_the_demo_tells_beginners_the_same_as_any_other(client, db, cast):
    with db.writing() as session:
        session.get_one(Organisation, cast.koivu).demo = True
    page = client().get("/sign-in").text
    assert page.index("Try the demo") < page.index("No username yet?")
    assert 'href="/register"' in page and 'href="/reset"' in page
