"""Start letters for whoever holds a post: not with the staircase, and not from a firm for those who give it its mandate."""

from resident.homes import setting
from resident.homes.organisation import Mandate
from resident.people.person import Person
from resident.people.post import Post
from tests.cast import LONG_AGO
from tests.desk.test_letters import make, newcomer, words_of


def test_whoever_holds_a_post_gets_no_letter_with_the_staircase(db, cast, client):
    person = newcomer(db, cast, "Uuno Uusi")
    with db.writing() as session:
        session.add(Post(person_id=person, organisation_id=cast.koivu, role="office", first=LONG_AGO))
    given = {"building": cast.building, "staircase": "A", "who": "all"}
    for who in ("council", "office"):
        desk = client(who)
        assert "This person holds a position." in desk.get(f"/desk/letters/new?building={cast.building}&staircase=A&who=all").text
        desk.post("/desk/letters", 422, once=f"run {who}", **given)
    words_of(make(client("office"), person))


def test_a_firm_under_a_mandate_makes_no_letter_for_whoever_gives_it_the_mandate(db, cast, client):
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=LONG_AGO))
        setting.put(session, cast.tamm, "ways_in", ["password", "letter"])
    told = make(client("manager"), cast.board, status=422).text
    assert "This person holds a position" in told, told[told.find("<main") :]
    words_of(make(client("manager"), cast.owner, once="k2"))


def test_nor_does_it_admit_them_to_the_registration(db, cast, client):
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=LONG_AGO))
        setting.put(session, cast.tamm, "ways_in", ["password", "office"])
        chair = Person(organisation_id=cast.tamm, name="Uus Esimees", search_key="uus esimees")
        session.add(chair)
        session.flush()
        id = chair.id
        session.add(Post(person_id=id, organisation_id=cast.tamm, role="manager", first=LONG_AGO))
    given = {"method": "passport", "email": "mine@example.org"}
    told = client("manager").post(f"/desk/people/{id}/registration", 422, **given).text
    assert "This person holds a position" in told
    client("board").post(f"/desk/people/{id}/registration", 303, **given)
