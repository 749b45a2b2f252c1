"""Who an identified person is here: pairing, joining, and the wall between organisations (rule 42, L1, K4)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from blueprints._mail_words import renderer
from resident import audit, clock
from resident.delivery import notice
from resident.homes import setting
from resident.jobs import Job
from resident.people import arrival, personal_code
from resident.people.identification import Identity, IdentityCheck, PersonalCode
from resident.people.person import Login, Person
from resident.people.personal_code import BadCode, CodeTaken
from resident.people.post import Post
from resident.people.sign_in import LoginSession

FI, EE = ("FI", "131052-308T"), ("EE", "60001019906")


@pytest.fixture
def expect(db, cast, key):
    """expect("former", FI, free=True): the person's code is expected; free: they have no sign-in yet."""

    def expect(name, code, free=False):
        with db.writing() as session:
            person = session.get(Person, getattr(cast, name))
            if free:
                person.login_id = None
            person.delivered_only = True
            personal_code.expect(session, person, *code, key)

    return expect


def of(db, cast, name):
    """(login, whether a strong check stands, delivered_only) of a person."""
    with db.reading() as session:
        person = session.get(Person, getattr(cast, name))
        checked = session.scalar(
            select(IdentityCheck.id).where(IdentityCheck.person_id == person.id, IdentityCheck.method == "strong")
        )
        return person.login_id, checked is not None, person.delivered_only


@pytest.mark.parametrize("which,code", [("plain", FI), ("ftn", FI), ("tara", EE)])
def test_first_registration_and_later_sign_ins(visitor, db, cast, expect, which, code):
    expect("coming", code, free=True)
    person = visitor()
    answer = person.identify(which, "mari")
    assert answer.status_code == 303 and answer.headers["Location"] == "/welcome"
    welcome = person.get("/welcome").text
    login, checked, delivered = of(db, cast, "coming")
    assert login and checked and not delivered
    assert "Welcome" in welcome and "Tuuli" not in welcome
    again = visitor()
    assert again.identify(which, "mari", next="/details").headers["Location"] == "/details"
    assert again.signed_in and of(db, cast, "coming")[0] == login
    with db.reading() as session:
        rows = session.scalars(select(LoginSession)).all()
        assert {row.way for row in rows} == {"strong"} and all(row.second_at for row in rows)
        assert session.scalar(select(func.count()).select_from(Identity)) == 1


def test_an_unknown_person_leaves_nothing(visitor, db, cast, expect):
    expect("coming", FI, free=True)
    stranger = visitor()
    answer = stranger.identify("plain", "stranger")
    assert answer.status_code == 403 and "do not know you here yet" in answer.text
    assert "Koivukallio" not in answer.text and not stranger.signed_in
    with db.reading() as session:
        assert not session.scalars(select(Identity)).all()


def test_the_refusal_is_the_same_whatever_the_reason(visitor, db, cast, expect):
    """Nobody expected; expected where strong identification is not offered; disabled; a sign-in with a post."""
    told = [_told(visitor)]
    expect("coming", FI, free=True)
    with db.writing() as session:
        setting.put(session, cast.koivu, "ways_in", ["password"])
    told.append(_told(visitor))
    with db.writing() as session:
        setting.put(session, cast.koivu, "ways_in", ["password", "strong"])
        person = session.get(Person, cast.coming)
        person.login_id = cast.logins["coming"]
        session.get(Login, person.login_id).disabled_at = clock.now()
    told.append(_told(visitor))
    with db.writing() as session:
        session.get(Login, cast.logins["coming"]).disabled_at = None
        session.add(Post(person_id=cast.coming, organisation_id=cast.koivu, role="office", first=clock.now().date()))
    told.append(_told(visitor))
    assert len(set(told)) == 1


def _told(visitor) -> str:
    answer = visitor().identify("plain", "mari")
    assert answer.status_code == 403
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


def test_somebody_with_a_sign_in_of_one_organisation_joins_it(visitor, db, cast, expect):
    expect("tenant", FI)
    person = visitor()
    assert person.identify("plain", "mari").status_code == 303
    assert of(db, cast, "tenant") == (cast.logins["tenant"], True, False)
    assert "Pihlajakuja 6 A 1" in person.get("/").text


def test_a_second_organisation_joins_at_the_next_identification(visitor, db, cast, expect):
    expect("coming", FI, free=True)
    assert visitor().identify("plain", "mari").status_code == 303
    expect("lodger", FI, free=True)
    assert of(db, cast, "lodger")[0] is None
    person = visitor()
    assert person.identify("plain", "mari").status_code == 303
    assert of(db, cast, "lodger")[0] == of(db, cast, "coming")[0]
    assert "Pärnaõue 7" in person.get("/").text


def test_a_code_of_one_organisation_opens_nothing_of_another(visitor, db, cast, expect):
    """Koivu expects mari's code of its person, who has a sign-in that also opens a home of Tamm: she is not let into it."""
    expect("two_homes", FI)
    assert visitor().identify("plain", "mari").status_code == 403
    assert of(db, cast, "two_homes")[1] is False


def test_a_code_does_not_open_a_sign_in_with_a_post(visitor, cast, expect):
    expect("office", FI)
    assert visitor().identify("plain", "mari").status_code == 403


def test_known_by_issuer_and_subject_after_the_code_is_gone(visitor, db, cast, expect):
    expect("coming", EE, free=True)
    assert visitor().identify("tara", "mari").status_code == 303
    with db.writing() as session:
        personal_code.forget(session, session.get(Person, cast.coming))
        assert not session.scalars(select(PersonalCode)).all()
    person = visitor()
    assert person.identify("tara", "mari").status_code == 303 and person.signed_in
    # By another provider the code alone would tell who it is: nobody any more.
    assert visitor().identify("plain", "mari").status_code == 403


def test_another_subject_of_the_same_provider_does_not_take_a_sign_in_over(visitor, db, cast, expect, key):
    expect("coming", FI, free=True)
    assert visitor().identify("plain", "mari").status_code == 303
    with db.writing() as session:
        personal_code.expect(session, session.get(Person, cast.coming), "FI", "131052Y308T", key)
    assert visitor().identify("plain", "stranger").status_code == 403


def test_adding_an_identity_when_signed_in(visitor, db, cast):
    office = visitor("office")
    answer = office.identify("plain", "mari", "/add")
    assert answer.status_code == 303 and answer.headers["Location"] == "/identify"
    assert "Any bank" in office.get("/identify").text
    again = visitor()
    assert again.identify("plain", "mari").status_code == 303
    assert again.get("/desk/").status_code == 200, "a high level counts as the second factor"
    # Somebody else cannot add the same identity.
    other = visitor("tenant")
    assert other.identify("plain", "mari", "/add").status_code == 403
    with db.reading() as session:
        (identity,) = session.scalars(select(Identity)).all()
        assert identity.login_id == cast.logins["office"]
    assert other.post(f"/identify/{identity.id}/remove").status_code == 404
    assert office.post(f"/identify/{identity.id}/remove").status_code == 303
    assert visitor().identify("plain", "mari").status_code == 403


def test_an_answer_to_adding_is_of_no_use_to_another_sign_in(visitor, provider, db):
    tenant = visitor("tenant")
    back = provider.identify(tenant.begin("plain", "/add"), "mari")
    tenant.post("/sign-out", 303)
    assert tenant.come_back(back).status_code == 400
    with db.reading() as session:
        assert not session.scalars(select(Identity)).all()


def test_another_persons_identity_is_not_added_where_a_code_is_expected(visitor, cast, expect):
    expect("tenant", ("FI", "131052Y308T"))
    assert visitor("tenant").identify("plain", "mari", "/add").status_code == 403


@pytest.fixture
def a_while_ago(db):
    """All that was proved was proved sixteen minutes ago. The provider's clock cannot be moved with the portal's."""

    def move():
        with db.writing() as session:
            session.execute(update(LoginSession).values(proved_at=clock.now() - timedelta(minutes=16)))

    return move


def test_adding_wants_a_proof(visitor, a_while_ago):
    tenant = visitor("tenant")
    a_while_ago()
    answer = tenant.post("/identify/plain/add")
    assert "127.0.0.1" not in answer.headers.get("Location", "") and answer.status_code in (303, 401)


def test_proving_by_identification(visitor, a_while_ago):
    tenant = visitor("tenant")
    tenant.identify("plain", "mari", "/add")
    a_while_ago()
    assert tenant.get("/identify", status=303)
    assert tenant.identify("plain", "stranger", "/prove").status_code == 403
    assert tenant.get("/identify", status=303)
    assert tenant.identify("plain", "mari", "/prove", next="/identify").headers["Location"] == "/identify"
    assert tenant.get("/identify")


def test_the_only_way_in_is_not_removed(visitor, db, cast, expect):
    expect("coming", FI, free=True)
    person = visitor()
    person.identify("plain", "mari")
    with db.reading() as session:
        identity = session.scalars(select(Identity)).one()
    assert 'href="/welcome"' in person.get("/identify").text and 'href="/identify"' in person.get("/details").text
    person.post(f"/identify/{identity.id}/remove", 303)
    assert visitor().identify("plain", "mari").status_code == 303


def test_a_username_and_password_are_chosen_after_the_first_identification(visitor, client, cast, expect):
    expect("coming", FI, free=True)
    person = visitor()
    person.identify("plain", "mari")
    for name, password in (
        ("tenant", "several unrelated words 4"), ("ab", "several unrelated words 4"), ("mari.k", "short"),
        ("Erased-7", "several unrelated words 4"),
    ):  # fmt: skip
        answer = person.post("/welcome", 422, username=name, password=password)
        assert f'value="{name}"' in answer.text and password not in answer.text
    assert 'href="/welcome"' in person.get("/details").text and 'name="current"' not in person.get("/details").text
    assert person.post("/welcome", 303, username="mari.k", password="several unrelated words 4").headers["Location"] == "/"
    assert client("MARI.K", password="several unrelated words 4").get("/details")
    assert 'name="current"' in person.get("/details").text
    # A second password is not chosen here.
    assert person.post("/welcome", 303, username="x.y.z", password="another few words 55").headers["Location"] == "/details"


def test_whoever_is_to_hold_a_post_chooses_the_longer_password_at_once(visitor, db, cast, expect):
    expect("coming", FI, free=True)
    with db.writing() as session:
        begins = clock.now().date() + timedelta(days=20)
        session.add(Post(person_id=cast.coming, organisation_id=cast.koivu, role="accountant", first=begins))
    person = visitor()
    person.identify("ftn", "mari")
    assert "12" in re.search(r'id="password-hint"[^>]*>([^<]+)<', person.get("/welcome").text)[1]
    assert "12 characters" in person.post("/welcome", 422, username="mari.k", password="kuusi ja 7").text
    person.post("/welcome", 303, username="mari.k", password="kuusi ja seitsemän")


def test_codes(db, cast, key):
    with db.writing() as session:
        tenant, neighbour, owner = (session.get(Person, one) for one in (cast.tenant, cast.neighbour, cast.owner))
        row = personal_code.expect(session, tenant, "fi", " 131052-308t ", key)
        assert personal_code.expect(session, tenant, *FI, key).id == row.id
        assert personal_code.person_with(session, cast.koivu, *FI, key).id == tenant.id
        assert personal_code.person_with(session, cast.tamm, *FI, key) is None
        with pytest.raises(CodeTaken) as taken:
            personal_code.expect(session, neighbour, *FI, key)
        assert taken.value.person_id == tenant.id
        personal_code.expect(session, owner, *FI, key)
        # The sign is part of a code: another century, another person. A new code of the same country replaces the old one.
        personal_code.expect(session, tenant, "FI", "131052Y308T", key)
        assert personal_code.person_with(session, cast.koivu, *FI, key) is None
        personal_code.expect(session, tenant, *EE, key)
        assert personal_code.countries(session, tenant.id) == ["EE", "FI"]


@pytest.mark.parametrize(
    "country,code,why",
    [
        ("FI", "131052-308S", "checksum"), ("FI", "131352-308T", "shape"), ("FI", "", "shape"), ("EE", "60001019907", "checksum"),
        ("PL", "44051401358", "checksum"), ("PL", "4405", "shape"), ("RU", "500100732259", "country"), ("FI", "070770-905D", None),
    ],
)  # fmt: skip
def test_bad_codes(country, code, why):
    if why is None:
        assert personal_code.normalised(country, code, True)
        why = "temporary"
    with pytest.raises(BadCode) as refusal:
        personal_code.normalised(country, code)
    assert refusal.value.why == why and (not code or code not in str(refusal.value))


def test_no_code_is_kept_anywhere(visitor, db, cast, expect, settings):
    expect("coming", FI, free=True)
    visitor().identify("plain", "mari")
    visitor().identify("ftn", "mari")
    with db.reading() as session:
        facts = session.scalars(select(audit.AuditEvent.facts)).all()
        assert "131052" not in str(facts)
        kept = [session.execute(select(table)).all() for table in (PersonalCode.__table__, Identity.__table__)]
    assert "131052" not in str(kept)
    if db.sqlite:
        assert b"131052-308T" not in (settings.data_dir.parent / "resident.db").read_bytes()


def test_remove_and_identities_are_of_one_login(db, cast, visitor):
    visitor("tenant").identify("plain", "mari", "/add")
    with db.reading() as session:
        assert len(arrival.identities(session, cast.logins["tenant"])) == 1
        assert not arrival.identities(session, cast.logins["neighbour"])


def test_whoever_has_a_sign_in_is_told_by_mail_of_an_identity_that_was_added(visitor, app, db, cast, expect):
    expect("coming", FI, free=True)
    visitor().identify("plain", "mari")
    with db.reading() as session:
        assert not session.scalars(select(Job).where(Job.kind == "mail")).all(), "a new sign-in is not warned of itself"
    visitor("tenant").identify("plain", "stranger", "/add")
    with db.reading() as session:
        login = Person.login_id == cast.logins["tenant"]
        email = session.scalar(select(Person.email).where(login))
        (order,) = [job for job in session.scalars(select(Job).where(Job.kind == "mail")) if job.payload["kind"] == "identity"]
        told = notice.of(session, order)
    subject, text = renderer(app).mail(told)
    assert told.to == email and told.path == "/identify" and subject and "/identify" in text and "131052" not in text
