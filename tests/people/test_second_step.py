"""The second step through the pages: who needs it, what opens before it, setting it up, adding, removing, resetting."""

import re

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.people import factor, recovery, totp
from resident.people.factor import Factor
from resident.people.sign_in import LoginSession
from tests.cast import PASSWORD
from tests.client import Client, new_app
from tests.invoices.test_pdf import read as pages

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STAFF = ["office", "manager", "accountant", "caretaker", "council", "provider", "board", "operator"]


@pytest.fixture
def app_of(app, cast, db):
    """app_of("office") gives a login an app with SECRET, and recovery codes, which it returns."""

    def give(name: str) -> list[str]:
        with db.writing() as session:
            row = totp.add(
                session, cast.logins[name], "Telephone", SECRET, totp.code(SECRET), app.extensions["resident.settings"].identity_key
            )
            row.last_step -= 100
            return recovery.make(session, cast.logins[name])

    return give


@pytest.fixture
def half(app, cast):
    """half("office") has typed the password and nothing else."""
    return lambda name: Client(app, name, second=False)


def carried(client: Client) -> str:
    return client.http.get_cookie("resident").value


# ---- The step --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STAFF)
def test_staff_without_a_factor_reach_nothing_but_its_set_up(half, name):
    one = half(name)
    for url in ("/desk/", "/desk/homes", "/details", "/details/factors", "/"):
        where = one.get(url, None).headers["Location"]
        assert where.startswith("/second-factor"), url
    assert one.get("/second-factor", 303).headers["Location"].startswith("/second-factor/new")
    assert "otpauth://totp/" in one.get("/second-factor/new").text
    assert one.post("/details/sessions/end").headers.get("Location", "").startswith("/second-factor")


@pytest.mark.parametrize("name", ["tenant", "owner", "former"])
def test_residents_need_no_second_step(half, name):
    one = half(name)
    assert one.get("/details").status_code == 200
    assert one.get("/second-factor", None).status_code in (302, 303)


def test_password_and_code_open_the_desk_in_a_session_with_a_new_id(db, cast, half, app_of):
    app_of("office")
    office = half("office")
    before = carried(office)
    assert office.get("/desk/homes", 303).headers["Location"] == "/second-factor?next=%2Fdesk%2Fhomes"
    page = office.get("/second-factor?next=/desk/homes").text
    assert 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page and SECRET not in page
    answer = office.post("/second-factor", 303, code=totp.code(SECRET), next="/desk/homes")
    assert answer.headers["Location"] == "/desk/homes"
    office.get("/desk/homes")
    old = Client(office.app)
    old.http.set_cookie("resident", before)
    assert old.get("/desk/homes", 303).headers["Location"].startswith("/sign-in")
    with db.reading() as session:
        (row,) = session.scalars(select(LoginSession).where(LoginSession.login_id == cast.logins["office"]))
        assert row.second_at and row.ended_at is None


def test_a_wrong_code_is_said_at_the_field_and_a_used_one_is_wrong(half, app_of):
    app_of("office")
    code = totp.code(SECRET)
    half("office").post("/second-factor", 303, code=code)
    again = half("office")
    text = again.post("/second-factor", 422, code=code).text
    assert 'id="code-error"' in text and f'value="{code}"' not in text
    assert again.get("/desk/homes", 303).headers["Location"].startswith("/second-factor")


def test_too_many_wrong_codes_wait_though_each_session_is_new(half, app_of):
    app_of("office")
    for _ in range(5):
        half("office").post("/second-factor", 422, code="12")
    answer = half("office").post("/second-factor", 429, code=totp.code(SECRET))
    assert 0 < int(answer.headers["Retry-After"]) <= 901


def test_a_recovery_code_opens_once_and_leads_to_the_list_of_factors(db, half, app_of):
    codes = app_of("office")
    office = half("office")
    assert office.post("/second-factor", 303, recovery=codes[3]).headers["Location"] == "/details/factors"
    assert "9 codes left" in office.get("/details/factors").text
    assert 'id="recovery-error"' in half("office").post("/second-factor", 422, recovery=codes[3]).text


def test_what_leads_elsewhere_is_not_followed(half, app_of):
    app_of("office")
    assert half("office").post("/second-factor", 303, code=totp.code(SECRET), next="//evil.example").headers["Location"] == "/"


# ---- Setting it up ---------------------------------------------------------------------------------------------------


def test_the_first_app_opens_the_desk_and_shows_the_recovery_codes_once(db, cast, half):
    office = half("office")
    form = new_app(office, "/second-factor/new?next=/desk/homes")
    page = office.post("/second-factor/new/app", 200, **form).text
    codes = re.findall(r'<li class="all">([a-z2-9-]{17})</li>', page)
    assert len(codes) == 10 and 'href="/desk/homes"' in page
    office.get("/desk/homes")
    listed = office.get("/details/factors").text
    assert "Work telephone" in listed and "10 codes left" in listed and not any(code in listed for code in codes)
    with db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.login_id == cast.logins["office"])).all()
        assert {"second_factor_added", "recovery_codes_made"} <= set(acts)


def test_a_wrong_first_code_keeps_the_secret_and_the_name(half):
    office = half("office")
    form = new_app(office)
    text = office.post("/second-factor/new/app", 422, **form | {"code": "1"}).text
    assert form["offer"] in text and 'value="Work telephone"' in text and 'id="code-error"' in text
    office.post("/second-factor/new/app", 200, **form | {"once": "another"})


def test_somebody_else_s_or_an_old_offer_is_not_taken(half, later):
    form = new_app(half("manager"))
    office = half("office")
    assert office.post("/second-factor/new/app", 303, **form).headers["Location"].startswith("/second-factor/new")
    mine = new_app(office)
    later(minutes=31)
    assert office.post("/second-factor/new/app", 303, **mine).headers["Location"].startswith("/second-factor/new")
    assert office.get("/desk/homes", 303).headers["Location"].startswith("/second-factor")


def test_who_has_a_factor_cannot_set_up_another_instead_of_showing_it(db, half, app_of):
    office = half("office")
    form = new_app(office)
    app_of("office")
    assert office.get("/second-factor/new", 303).headers["Location"] == "/second-factor"
    assert office.post("/second-factor/new/app", 303, **form).headers["Location"] == "/second-factor"
    assert office.get("/desk/homes", 303).headers["Location"].startswith("/second-factor")
    with db.reading() as session:
        assert len(session.scalars(select(Factor)).all()) == 1


def test_a_session_that_stood_open_sets_nothing_up(half, later):
    office = half("office")
    later(minutes=20)
    page = office.get("/second-factor/new").text
    assert "otpauth" not in page and 'action="/sign-out"' in page


# ---- Adding and removing ---------------------------------------------------------------------------------------------


def test_adding_and_removing_ask_for_a_proof_after_a_while(client, cast, app_of, later):
    app_of("office")
    office = client("office")
    office.get("/second-factor/new")
    later(minutes=20)
    assert office.get("/second-factor/new", 303).headers["Location"].startswith("/proof")
    answer = office.post("/details/factors/1/removal")
    assert answer.status_code in (303, 401)
    assert "Telephone" in office.get("/details/factors").text


def test_staff_keep_the_last_factor_and_may_remove_one_of_two(db, client, cast, app_of):
    app_of("office")
    office = client("office")
    with db.reading() as session:
        (first,) = factor.held(session, cast.logins["office"])
    assert "Add another one first" in office.post(f"/details/factors/{first.id}/removal", 422).text
    answer = office.post("/second-factor/new/app", **new_app(office))
    assert answer.headers["Location"] == "/details/factors"
    office.post(f"/details/factors/{first.id}/removal", 303)
    text = office.get("/details/factors").text
    assert "Work telephone" in text and "<b>Telephone</b>" not in text


def test_the_same_form_sent_twice_adds_one_app(db, client, cast):
    tenant = client("tenant")
    form = new_app(tenant)
    assert tenant.post("/second-factor/new/app", **form).status_code == 200
    assert tenant.post("/second-factor/new/app", 303, **form).headers["Location"] == "/details/factors"
    with db.reading() as session:
        assert len(session.scalars(select(Factor)).all()) == 1


def test_a_resident_who_chose_an_app_is_asked_for_its_code(half, client, app_of, db, cast):
    app_of("tenant")
    tenant = half("tenant")
    assert tenant.get("/invoices", 303).headers["Location"].startswith("/second-factor")
    assert tenant.get("/second-factor/new", 303).headers["Location"] == "/second-factor"
    tenant.post("/second-factor", 303, code=totp.code(SECRET))
    tenant.get("/invoices")
    with db.reading() as session:
        (row,) = factor.held(session, cast.logins["tenant"])
    tenant.post(f"/details/factors/{row.id}/removal", 303)
    half("tenant").get("/invoices")


def test_nobody_removes_another_s_factor(db, client, cast, app_of):
    app_of("tenant")
    with db.reading() as session:
        (row,) = factor.held(session, cast.logins["tenant"])
    client("neighbour").post(f"/details/factors/{row.id}/removal", 404)
    client("office").post(f"/details/factors/{row.id}/removal", 404)


def test_new_recovery_codes_end_the_old_ones(half, client, cast, app_of):
    old = app_of("office")
    office = client("office")
    form = dict(re.findall(r'name="(once)" value="([^"]+)"', office.get("/details/factors").text))
    codes = re.findall(r'<li class="all">([a-z2-9-]{17})</li>', office.post("/details/factors/codes", 200, **form).text)
    assert len(codes) == 10
    assert office.post("/details/factors/codes", 303, **form).headers["Location"] == "/details/factors"
    half("office").post("/second-factor", 422, recovery=old[0])
    half("office").post("/second-factor", 303, recovery=codes[0])


def test_codes_are_for_whoever_has_a_factor(client):
    client("tenant").post("/details/factors/codes", 404, once="x")


# ---- The demo, and whoever lost everything ---------------------------------------------------------------------------


def test_the_demo_s_page_tells_the_code_and_no_other_does(app, db, cast, half, app_of):
    key = app.extensions["resident.settings"].identity_key
    app_of("office")
    assert totp.code(SECRET) not in half("office").get("/second-factor").text
    with db.writing() as session:
        totp.add(session, cast.logins["board"], "Demo", totp.PUBLISHED, totp.code(totp.PUBLISHED), key)
    board = half("board")
    text = board.get("/second-factor").text
    assert totp.PUBLISHED in text
    board.post("/second-factor", 303, code=re.search(r"code now is (\d{6})", text)[1])


def test_the_operator_at_the_shell_removes_all_factors_of_a_login(app, db, cast, half, app_of):
    app_of("office")
    waiting = half("office")
    answer = app.test_cli_runner().invoke(args=["login", "reset-factors", "Office"])
    assert answer.exit_code == 0 and "1" in answer.output
    assert app.test_cli_runner().invoke(args=["login", "reset-factors", "nobody"]).exit_code == 1
    with db.reading() as session:
        assert not factor.has(session, cast.logins["office"])
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "second_factor_removed"))
        assert event.login_id == cast.logins["office"] and event.facts["all"] == 1
        assert not session.scalars(
            select(LoginSession).where(LoginSession.login_id == cast.logins["office"], LoginSession.ended_at.is_(None))
        ).all()
    assert waiting.get("/second-factor", 303).headers["Location"].startswith("/sign-in")


def test_the_office_removes_a_resident_s_factors_once_it_has_checked_who_it_is(db, client, cast, half, app_of):
    app_of("tenant")
    office, url = client("office"), f"/desk/people/{cast.tenant}/factors"
    assert "Telephone" not in office.get(url).text.split("<main")[1].split("Lost telephone")[0]
    assert 'id="method-error"' in office.post(f"{url}/removal", 422).text
    assert half("tenant").get("/", 303).headers["Location"].startswith("/second-factor")
    office.post(f"{url}/removal", 303, method="passport")
    half("tenant").get("/")
    with db.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.person_id == cast.office)).all()
        assert [event.act for event in events] == ["identity_checked", "sessions_ended", "second_factor_removed"]


def test_somebody_who_lost_both_phone_and_password_comes_back_by_way_of_the_office(client, cast, half, app_of):
    app_of("tenant")
    thief, office = half("tenant"), client("office")
    thief.post("/second-factor", 303, code=totp.code(SECRET))
    office.post(f"/desk/people/{cast.tenant}/factors/removal", 303, method="passport")
    thief.get("/", 303)
    answer = office.post(f"/desk/people/{cast.tenant}/letters", 200, once="k1", method="passport")
    (start,) = re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}", "\n".join(pages(answer.data)))
    back = client()
    back.post("/sign-in", 303, username="tenant", password=start)
    back.post("/own-password", 303, new="kolme vihreää kuusta 9")
    assert "A 1" in back.get("/").text
    assert client().post("/sign-in", 422, username="tenant", password=PASSWORD)


def test_a_letter_alone_does_not_pass_a_lost_telephone_by(client, cast, app_of):
    app_of("tenant")
    answer = client("office").post(f"/desk/people/{cast.tenant}/letters", 200, once="k1", method="passport")
    (start,) = re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}", "\n".join(pages(answer.data)))
    back = client()
    back.post("/sign-in", 303, username="tenant", password=start)
    back.post("/own-password", 303, new="kolme vihreää kuusta 9")
    assert back.get("/", 303).headers["Location"].startswith("/second-factor")
    assert "Go to the office with a document" in back.get("/second-factor").text


@pytest.mark.parametrize("name", ["caretaker", "board", "council", "tenant"])
def test_a_resident_s_factors_are_removed_by_the_register_s_staff_only(client, cast, app_of, name):
    app_of("neighbour")
    one, url = client(name), f"/desk/people/{cast.neighbour}/factors"
    one.get(url, 404)
    assert one.post(f"{url}/removal", method="passport").status_code == 404


@pytest.mark.parametrize("name", ["manager", "two_homes", "office"])
def test_factors_of_staff_and_of_who_is_elsewhere_too_are_not_removed_at_the_desk(db, client, cast, app_of, name):
    app_of(name)
    office, url = client("office"), f"/desk/people/{getattr(cast, name)}/factors"
    assert 'name="method"' not in office.get(url).text
    office.post(f"{url}/removal", 403, method="passport")
    with db.reading() as session:
        assert factor.has(session, cast.logins[name])
