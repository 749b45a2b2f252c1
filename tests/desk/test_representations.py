"""Who acts for whom, entered at the desk."""

from sqlalchemy import select

from resident import clock
from resident.people.representation import Representation


def test_nobody_makes_themselves_somebodys_guardian(db, client, cast):
    url = f"/desk/people/{cast.tenant}/representation"
    given = {"ground": "guardian", "first": clock.today("Europe/Helsinki").isoformat()}
    for name in ("office", "manager"):
        desk = client(name)
        page = desk.post(url, 422, once=f"own {name}", person=str(getattr(cast, name)), **given)
        assert "This person cannot act here" in page.text
    client("accountant").post(url, 404, once="other", person=str(cast.neighbour), **given)
    client("office").post(url, 303, once="other", person=str(cast.neighbour), **given)
    with db.reading() as session:
        assert session.scalars(select(Representation.person_id)).all() == [cast.neighbour]
