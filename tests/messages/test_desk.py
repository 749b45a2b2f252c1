"""Messages at the desk: the queue, its filters, whose threads a post reaches, answering."""

import re

import pytest
from sqlalchemy import select, update

from resident.people.person import Person, reindex
from resident.talk.thread import Thread
from tests.messages.test_residents import main, write


@pytest.fixture
def threads(client):
    """One thread of the tenant to each addressee: {kind: id}."""
    tenant = client("tenant")
    supplier = re.search(r'value="(provider-\d+)"', tenant.get("/messages/new").text)[1]
    kinds = ("customer_service", "property_manager", "rent_control", "council", supplier)
    made = {kind: write(tenant, to=kind, subject=f"To {kind}").location for kind in kinds}
    return {kind.split("-")[0]: int(url.rsplit("/", 1)[1]) for kind, url in made.items()}


def test_each_post_reads_what_is_written_to_it_and_nothing_else(client, threads):
    reads = {
        "office": {"customer_service", "property_manager", "rent_control"},
        "manager": {"property_manager"},
        "control": {"rent_control"},
        "accountant": {"rent_control"},
        "council": {"council"},
        "provider": {"provider"},
    }
    for post, kinds in reads.items():
        desk = client(post)
        listed = main(desk.get("/desk/messages").text)
        for kind, id in threads.items():
            there = 200 if kind in kinds else 404
            assert desk.get(f"/desk/messages/{id}", None).status_code == there, f"{post} {kind}"
            assert desk.post(f"/desk/messages/{id}/seen", up_to="1").status_code == (303 if kind in kinds else 404)
            assert (f'/desk/messages/{id}"' in listed) == (kind in kinds), f"{post} lists {kind}"


def test_the_desk_is_closed_to_whoever_answers_nobody(client, threads):
    assert client("caretaker").get("/desk/messages", None).status_code == 403
    assert client("operator").get("/desk/messages", None).status_code == 403
    assert client("tenant").get("/desk/messages", None).status_code == 404
    board = client("board")
    assert "To " not in main(board.get("/desk/messages?show=all").text)
    for id in threads.values():
        assert board.get(f"/desk/messages/{id}", None).status_code == 404


def test_an_answer_takes_the_thread_out_of_the_queue_and_names_writer_and_role(client, threads):
    id = threads["property_manager"]
    manager = client("manager")
    assert "New" in main(manager.get("/desk/messages?lang=en").text)
    part = manager.post(f"/desk/messages/{id}/answers?lang=en", 200, htmx=True, text="Coming on Monday.", once="a").text
    assert "Your message is sent." in part and "Coming on Monday." in part
    assert f'/desk/messages/{id}"' not in manager.get("/desk/messages").text
    assert "Answered" in main(manager.get("/desk/messages?show=all&lang=en").text)
    page = client("tenant").get(f"/messages/{id}?lang=en").text
    assert "<b>Martti Isännöitsijä</b><small>Property manager</small>" in page


def test_a_view_does_not_mark_and_the_mark_does(client, threads, db):
    id = threads["council"]
    council = client("council")
    assert "Mark as read" in council.get(f"/desk/messages/{id}?lang=en").text
    assert "Mark as read" in council.get(f"/desk/messages/{id}?lang=en").text
    council.post(f"/desk/messages/{id}/seen", 200, htmx=True, up_to="100")
    assert "Mark as read" not in council.get(f"/desk/messages/{id}?lang=en").text
    assert "Read, not answered" in council.get("/desk/messages?lang=en").text
    with db.reading() as session:
        assert session.get(Thread, id).seen_by_staff_at is not None


def test_filters_stand_in_the_url_and_narrow_the_queue(client, threads, cast):
    office = client("office")
    found = main(office.get("/desk/messages?to=rent_control").text)
    assert "To rent_control" in found and "To customer_service" not in found
    assert 'value="rent_control" selected' in found
    assert "To rent_control" in office.get(f"/desk/messages?building={cast.building}").text
    assert "To rent_control" not in office.get(f"/desk/messages?building={cast.building_tamm}").text
    part = office.get("/desk/messages?to=rent_control", htmx=True).text
    assert part.lstrip().startswith("<title>") and "<main" not in part and 'id="queue"' in part


@pytest.mark.parametrize("search", ["Virta", "aino", "vir ai", "A 1", "Pihlajakuja 6 A 1", "V-{year}-0001"])
def test_a_thread_is_found_by_home_name_or_number(client, threads, search, cast, db):
    from resident import clock

    with db.writing() as session:
        reindex(session, cast.koivu)

    search = search.format(year=clock.today("Europe/Helsinki").year)
    office = client("office")
    assert "To customer_service" in main(office.get("/desk/messages", query_string={"q": search}).text), search
    assert "To customer_service" not in main(office.get("/desk/messages", query_string={"q": "Salo"}).text)


def test_whose_address_is_not_disclosed_is_seen_by_few_and_found_by_no_others(client, threads, db, cast):
    with db.writing() as session:
        reindex(session, cast.koivu)
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    for post, kind in (("council", "council"), ("provider", "provider"), ("control", "rent_control")):
        desk = client(post)
        page = main(desk.get(f"/desk/messages/{threads[kind]}").text)
        listed = main(desk.get("/desk/messages").text)
        for text in (page, listed):
            assert "Aino" not in text and "A 1" not in text and "040 555" not in text, post
        for search in ("Virta", "A 1"):
            assert f'/desk/messages/{threads[kind]}"' not in desk.get("/desk/messages", query_string={"q": search}).text
    page = main(client("manager").get(f"/desk/messages/{threads['property_manager']}").text)
    assert "Aino Virta" in page and "040 555 0100" in page


def test_contact_data_show_to_posts_that_see_them(client, threads):
    page = main(client("office").get(f"/desk/messages/{threads['customer_service']}?lang=en").text)
    assert "040 555 0100" in page and page.count("Aino Virta") == 2 and "Name not shown" not in page
    for post, kind in (("council", "council"), ("provider", "provider")):
        page = main(client(post).get(f"/desk/messages/{threads[kind]}").text)
        assert "Aino Virta" in page and "040 555" not in page and "example.org" not in page


def test_the_queue_goes_on_page_by_page_oldest_first_in_as_many_queries(client, db, cast):
    from sqlalchemy import event

    from resident import clock

    now = clock.now()
    with db.writing() as session:
        for n in range(1, 121):
            session.add(
                Thread(
                    organisation_id=cast.koivu, building_id=cast.building, unit_id=cast.unit_a1, tenure_id=cast.tenure_a1,
                    person_id=cast.tenant, addressee=("customer_service", "property_manager")[n % 2], subject=f"Matter {n:03d}",
                    number=f"V-2020-{n:04d}", opened_at=now, last_at=now, last_id=n, last_by_staff=n % 3 == 0,
                )
            )  # fmt: skip
    office, seen = client("office"), []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]) if a[2].startswith("SELECT") else None)
    url, pages = "/desk/messages", []
    while url:
        seen.clear()
        page = office.get(url.replace("&amp;", "&")).text
        pages.append(re.findall(r"Matter (\d+)", page))
        assert len(seen) <= 9
        found = re.findall(r'href="(/desk/messages\?[^"]*after=\d+)"', page)
        url = found[-1] if found else None
    assert [len(one) for one in pages] == [50, 30]
    assert sum(pages, []) == [f"{n:03d}" for n in range(1, 121) if n % 3]
    newest = re.findall(r"Matter (\d+)", office.get("/desk/messages?show=all").text)
    assert newest == [f"{n:03d}" for n in range(120, 70, -1)]


def test_the_queue_walks_an_index(client, db, cast):
    from sqlalchemy import text

    from resident.access import Viewer
    from resident.people import viewer
    from resident.people.sign_in import begin, live
    from resident.talk import inbox

    if not db.sqlite:
        pytest.skip("reads SQLite's plan")
    with db.writing() as session:
        token = begin(session, cast.logins["office"], address="127.0.0.1", agent="")
        who: Viewer = viewer.load(session, live(session, token))
    for wanted in (inbox.Filter(), inbox.Filter(waiting=False, newest_first=True), inbox.Filter(building=cast.building)):
        statement = inbox.queue(who, wanted, 50).compile(db.engine, compile_kwargs={"literal_binds": True})
        with db.reading() as session:
            plan = [row[3] for row in session.execute(text("EXPLAIN QUERY PLAN " + str(statement).replace(":", "\\:")))]
        assert not [line for line in plan if line.startswith("SCAN thread") and "INDEX" not in line], plan
        assert any("ix_thread" in line for line in plan), plan


def test_two_answers_at_once_come_one_after_the_other(client, threads, db, app):
    from concurrent.futures import ThreadPoolExecutor

    from resident.talk.thread import Message

    id = threads["customer_service"]
    office = client("office")
    token, cookie = office.token(), office.http.get_cookie("resident").value

    def send(n):
        http = app.test_client()
        http.set_cookie("resident", cookie)
        return http.post(
            f"/desk/messages/{id}/answers", data={"csrf_token": token, "once": f"o{n}", "text": f"answer {n}"}
        ).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {303}
    with db.reading() as session:
        ids = session.scalars(select(Message.id).where(Message.thread_id == id).order_by(Message.id)).all()
        assert len(ids) == 7 and session.get(Thread, id).last_id == ids[-1]
