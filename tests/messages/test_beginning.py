"""Threads that staff begin: from a home's page, to one of its people, in the name of an addressee that they answer for."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from resident.jobs import Job
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from resident.people.tenure import Party
from resident.talk.thread import Message, Thread
from tests.messages.test_residents import main, photo


def begin(desk, cast, unit="unit_a1", status=303, **more):
    url = f"/desk/messages/homes/{getattr(cast, unit)}"
    given = {"person": cast.tenant, "as": "customer_service", "subject": "Your keys", "text": "They are ready."}
    return desk.post(url, status, **({"once": "k"} | given | more))


def count(db, what=Thread) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(what))


def test_the_resident_finds_it_unread_and_answers_and_is_told_by_mail(client, cast, db):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(notify_email=True))
    office, tenant = client("office"), client("tenant")
    assert f'href="/desk/messages/homes/{cast.unit_a1}"' in office.get(f"/desk/homes/{cast.unit_a1}").text
    to = begin(office, cast, files={"files": [(photo(), "keys.jpg")]}).location
    assert "They are ready." in office.get(to).text
    id = int(to.rsplit("/", 1)[1])
    assert "New reply" in tenant.get("/messages").text and "Your keys" in tenant.get("/").text
    page = tenant.get(f"/messages/{id}").text
    assert "Oili Toimisto" in page and "Customer service" in page and "keys.jpg" in page and "Mark as read" in page
    tenant.post(f"/messages/{id}/answers", 303, once="a", text="Thank you")
    assert "Thank you" in office.get(to).text
    with db.reading() as session:
        mails = [job.payload for job in session.scalars(select(Job).where(Job.kind == "mail"))]
    assert [(mail["person_id"], mail["path"]) for mail in mails] == [(cast.tenant, f"/messages/{id}")]
    assert client("occupant").get(f"/messages/{id}", None).status_code == 404


def test_what_staff_began_waits_for_nobody_and_is_not_called_answered(client, cast):
    office = client("office")
    begin(office, cast)
    assert "Your keys" not in main(office.get("/desk/messages").text)
    shown = main(office.get("/desk/messages?show=all").text)
    assert ">Sent</span>" in shown and ">Answered</span>" not in shown


def test_the_same_form_sent_ten_times_at_once_makes_one_thread(app, client, cast, db):
    office = client("office")
    given = {"csrf_token": office.token(), "once": "k", "person": cast.tenant, "as": "customer_service"}
    cookie = office.http.get_cookie("resident").value

    def send(_):
        http = app.test_client()
        http.set_cookie("resident", cookie)
        answer = http.post(f"/desk/messages/homes/{cast.unit_a1}", data=given | {"subject": "Keys", "text": "Ready"})
        return answer.status_code, answer.location

    with ThreadPoolExecutor(10) as threads:
        answers = set(threads.map(send, range(10)))
    assert len(answers) == 1 and next(iter(answers))[0] == 303
    assert (count(db), count(db, Message)) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"person": ""}, "Choose who you write to."), ({"person": "x"}, "Choose who you write to."),
        ({"as": "council"}, "Choose in whose name you write."), ({"as": ""}, "Choose in whose name you write."),
        ({"text": "\u200b"}, "Write your message."), ({"subject": ""}, "Write in a few words"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_missing_is_told_and_what_was_typed_is_kept(client, cast, db, wrong, said, htmx):
    answer = begin(client("office"), cast, status=422, htmx=htmx, **({"text": "Come by"} | wrong))
    assert said in answer.text and count(db) == 0
    assert "text" in wrong or "Come by" in answer.text


def test_only_people_of_the_home_today_can_be_written_to(client, cast, db):
    office = client("office")
    offered = main(office.get(f"/desk/messages/homes/{cast.unit_a1}").text)
    assert set(map(int, re.findall(r'name="person" value="(\d+)"', offered))) == {cast.tenant, cast.occupant}
    for stranger in (cast.former, cast.neighbour, cast.owner, cast.office):
        begin(office, cast, status=422, person=stranger)
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_occupant).values(rights=["readings"]))
    begin(office, cast, status=422, person=cast.occupant)
    assert count(db) == 0


def test_a_post_writes_in_the_names_that_it_answers_for_and_where_it_reaches(client, cast, db):
    url = f"/desk/messages/homes/{cast.unit_a1}"
    names = {
        name: re.findall(r'name="as" value="([^"]+)"', client(name).get(url).text) for name in ("office", "manager", "control")
    }
    assert names == {
        "office": ["customer_service", "property_manager", "rent_control"],
        "manager": ["property_manager"],
        "control": ["rent_control"],
    }
    for name in ("council", "provider", "caretaker", "board", "tenant"):
        begin(client(name), cast, status=404)
        client(name).get(url, 404)
    begin(client("office"), cast, unit="unit_t1", status=404, person=cast.owner)
    with db.writing() as session:
        post = session.scalar(select(Post.id).where(Post.person_id == cast.office))
        session.add(PostBuilding(post_id=post, building_id=cast.building_tamm))
    begin(client("office"), cast, status=404)
    assert count(db) == 0


def test_a_name_under_non_disclosure_shows_only_to_posts_that_may_see_it(client, cast, db):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    url = f"/desk/messages/homes/{cast.unit_a1}"
    assert "Aino Virta" in client("office").get(url).text
    control = client("control")
    assert "Aino Virta" not in control.get(url).text and "Name not shown" in control.get(url).text
    to = begin(control, cast, **{"as": "rent_control"}).location
    assert "Aino Virta" not in control.get(to).text and "Aino Virta" not in control.get("/desk/messages?show=all").text
