"""Posts and mandates at the desk: given, limited, ended by day, by the organisation's own people only."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.homes.organisation import Mandate, Organisation
from resident.people.person import Person
from resident.people.post import Post, PostBuilding

TODAY = clock.today("Europe/Helsinki")


def give(client, cast, person: int, status: int = 303, **given):
    office = client("office")
    fields = {**office.form(f"/desk/posts/new?person={person}"), "role": "accountant", "first": TODAY.isoformat(), **given}
    return office.post("/desk/posts", status, **fields)


def newest(db, table):
    with db.reading() as session:
        return session.scalars(select(table).order_by(table.id.desc())).first()


def test_a_new_accountant_gets_her_post_and_works_from_her_first_day(db, client, cast, later):
    with db.writing() as session:
        session.add(person := Person(organisation_id=cast.koivu, name="Uusi Kirjanpitäjä", search_key="uusi kirjanpitaja"))
        session.flush()
        new = person.id
    give(client, cast, new, first=(TODAY + timedelta(days=2)).isoformat())
    post = newest(db, Post)
    assert (post.person_id, post.role, post.last) == (new, "accountant", None)
    with db.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "post_added")).one()
        assert (event.person_id, event.thing_id, event.facts["role"]) == (cast.office, post.id, "accountant")


def test_the_same_form_ten_times_is_one_post(db, client, cast):
    office = client("office")
    fields = {**office.form(f"/desk/posts/new?person={cast.neighbour}"), "role": "council", "first": TODAY.isoformat()}
    places = {office.post("/desk/posts", 303, **fields).location for _ in range(10)}
    assert len(places) == 1
    with db.reading() as session:
        assert len(session.scalars(select(Post).where(Post.person_id == cast.neighbour)).all()) == 1


def test_whoever_gets_a_post_is_signed_out_everywhere(client, cast):
    neighbour = client("neighbour")
    neighbour.get("/")
    give(client, cast, cast.neighbour, role="council")
    assert neighbour.get("/", None).status_code == 303


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"role": "king"}, "Choose a position from the list"),
        ({"first": ""}, "Choose the first day"),
        ({"last": "2001-01-01"}, "before the first"),
        ({"last": "soon"}, "Write the day as year"),
    ],
)
def test_a_post_that_cannot_be_is_refused_with_all_that_was_typed(db, client, cast, given, told):
    page = give(client, cast, cast.neighbour, 422, **given).text
    assert told in page
    with db.reading() as session:
        assert not session.scalars(select(Post).where(Post.person_id == cast.neighbour)).all()


def test_a_post_is_limited_to_buildings_and_ended_on_a_day(db, client, cast):
    office = client("office")
    with db.reading() as session:
        post = session.scalars(select(Post).where(Post.person_id == cast.control)).one()
    url = f"/desk/posts/{post.id}"
    fields = office.form(url)
    office.post(url, 303, **{**fields, f"building-{cast.building}": "yes", "last": (TODAY + timedelta(days=30)).isoformat()})
    with db.reading() as session:
        assert session.get(Post, post.id).last == TODAY + timedelta(days=30)
        assert session.scalars(select(PostBuilding.building_id).where(PostBuilding.post_id == post.id)).all() == [cast.building]
    assert "Somebody changed this position" in office.post(url, 409, **fields).text


def test_the_last_who_can_give_posts_stays(client, cast):
    board = client("board")
    with board.app.extensions["resident.db"].reading() as session:
        post = session.scalars(select(Post).where(Post.person_id == cast.board)).one()
    url = f"/desk/posts/{post.id}"
    assert (
        "Nobody else could give positions"
        in board.post(url, 422, **{**board.form(url), "last": (TODAY + timedelta(days=9)).isoformat()}).text
    )


def test_the_posts_of_another_organisation_do_not_exist(client, cast):
    board = client("board")
    with board.app.extensions["resident.db"].reading() as session:
        post = session.scalars(select(Post).where(Post.person_id == cast.office)).one()
    board.get(f"/desk/posts/{post.id}", 404)
    board.get(f"/desk/posts/new?person={cast.tenant}", 404)
    board.post("/desk/posts", 404, once="x", person=str(cast.tenant), role="office", first=TODAY.isoformat())
    board.get(f"/desk/posts?organisation={cast.koivu}", 404)


# ---- Mandates --------------------------------------------------------------------------------------------------------


def test_a_board_changes_its_management_firm_on_a_day(db, client, cast, later):
    """The old firm's people lose the association at the end of its last day, the new firm's have it from the next."""
    with db.writing() as session:
        firms = []
        for slug, login in (("vana", "two_homes"), ("uus", "neighbour")):
            firm = Organisation(
                slug=slug, name=slug.title(), legal_form="manager", country="EE", currency="EUR", tz="Europe/Tallinn",
                languages="et", payee={},
            )  # fmt: skip
            session.add(firm)
            session.flush()
            who = Person(organisation_id=firm.id, name=f"{slug} haldur", search_key=slug, login_id=cast.logins[login])
            session.add(who)
            session.flush()
            session.add(Post(person_id=who.id, organisation_id=firm.id, role="manager", first=TODAY - timedelta(days=400)))
            firms.append(firm.id)
        session.add(Mandate(principal_id=cast.tamm, agent_id=firms[0], purpose="manage", first=TODAY - timedelta(days=300)))
    board = client("board")
    old = newest(db, Mandate)
    url = f"/desk/posts/mandates/{old.id}"
    board.post(url, 303, **{**board.form(url), "last": TODAY.isoformat()})
    fields = {**board.form("/desk/posts/mandates/new"), "agent": "UUS", "first": (TODAY + timedelta(days=1)).isoformat()}
    board.post("/desk/posts/mandates", 303, **fields)
    assert newest(db, Mandate).agent_id == firms[1]
    home = f"/desk/homes/{cast.unit_t1}"
    client("two_homes").get(home)
    client("neighbour").get(home, 404)
    later(days=1)
    client("two_homes").get(home, 404)
    client("neighbour").get(home)


def test_a_manager_under_a_mandate_gives_no_posts_there(db, client, cast):
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=TODAY))
    office = client("office")
    office.get(f"/desk/homes/{cast.unit_t1}")
    office.get(f"/desk/posts?organisation={cast.tamm}", 404)
    office.get(f"/desk/posts/new?person={cast.owner}", 404)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"agent": "nobody"}, "We do not know an organisation by that"),
        ({"agent": "koivu"}, "no mandate from itself"),
        ({"agent": "vesi", "purpose": "supply"}, "Choose the medium"),
        ({"agent": "vesi", "purpose": "supply", "medium": "cold_water"}, "already given"),
        ({"agent": "vesi", "purpose": "rule"}, "what the mandate is for"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused(client, cast, given, told):
    office = client("office")
    page = office.post("/desk/posts/mandates", 422, **{**office.form("/desk/posts/mandates/new"), **given}).text
    assert told in page
