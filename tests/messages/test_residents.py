"""A resident's messages on the web: writing, reading, answering, and who else may."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image
from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.talk.thread import Message, Thread
from tests.client import Client


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()


def write(client, to="customer_service", subject="Sauna turn", text="Is Friday free?", **more):
    form = client.form("/messages/new")
    return client.post("/messages", to=to, subject=subject, text=text, once=form["once"], home=form["home"], **more)


def main(text: str) -> str:
    return text[text.index("<main") : text.index("</main>")]


def test_without_messages_the_page_says_what_it_is_for(client):
    assert "No messages yet" in client("tenant").get("/messages?lang=en").text


def test_a_number_larger_than_any_key_asks_for_nothing(client):
    tenant, office, huge = client("tenant"), client("office"), "9" * 30
    assert tenant.get(f"/messages?after={huge}").status_code == 200
    assert office.get(f"/desk/messages?after={huge}&building={huge}&show=all").status_code == 200
    assert office.get(f"/desk/imports?after={huge}").status_code == 200


def test_a_resident_chooses_among_those_who_answer_for_the_home(client):
    text = client("tenant").get("/messages/new?lang=en").text
    for name in ("Customer service", "Property manager", "Rent control", "House council", "Koivulan Vesi"):
        assert name in text
    owner = client("owner").get("/messages/new?lang=en").text
    assert "Board and property manager" in owner
    assert "Customer service" not in owner and "Rent control" not in owner and "Koivulan" not in owner


def test_a_message_gets_a_number_and_is_answered_with_its_page(client, db):
    tenant = client("tenant")
    answer = write(tenant, text="Is Friday free?\r\n\r\nOr <b>Saturday</b>?")
    assert answer.status_code == 303
    page = tenant.get(answer.location + "?lang=en").text
    assert re.search(r"Your message is sent. Its number is V-\d{4}-0001", page)
    assert "Is Friday free?\n\nOr &lt;b&gt;Saturday&lt;/b&gt;?" in page
    listed = main(tenant.get("/messages?lang=en").text)
    assert "Sauna turn" in listed and "V-" in listed and "New reply" not in listed
    with db.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.act.in_(("thread_opened", "message_sent")))).all()
    assert [event.act for event in events] == ["thread_opened"]
    assert "Friday" not in str(events[0].facts)


def test_a_message_without_words_comes_back_with_everything_typed_and_sentences(client, db):
    tenant = client("tenant")
    answer = write(tenant, to="nobody", subject="", text="kept text", files={"files": [(b"MZ\x90", "virus.exe")]})
    assert answer.status_code == 422
    assert "kept text" in answer.text and answer.text.count("err") >= 3
    text = client("tenant").post("/messages?lang=en", subject="kept subject", text=" \n ", once="abc").text
    assert "Write your message." in text and "kept subject" in text and "Choose who the message is for." in text
    long = client("tenant").post("/messages?lang=en", to="council", subject="s", text="x" * 5001, once="abd").text
    assert "longer than 5000 characters" in long and "x" * 5001 in long
    with db.reading() as session:
        assert session.scalar(select(func.count(Thread.id))) == 0


def test_nobody_else_of_the_home_the_house_or_another_organisation_sees_the_thread(client):
    url = write(client("tenant")).location
    for other in ("occupant", "neighbour", "former", "coming", "owner", "board", "caretaker", "operator", "office"):
        one = client(other)
        for method, suffix in (("get", ""), ("post", "/answers"), ("post", "/seen")):
            answer = one.get(url + suffix, None) if method == "get" else one.post(url + suffix, text="x", once="k")
            assert answer.status_code in (403, 404), f"{other} {method} {suffix}: {answer.status_code}"
    assert client().get(url, None).status_code == 303


def test_who_may_not_talk_cannot_open_the_pages(client):
    assert client("coming").get("/messages", None).status_code == 403
    assert client("office").get("/messages", None).status_code in (303, 302, 404)


def test_an_answer_is_marked_as_new_until_it_was_seen_and_no_view_marks_it(client, db):
    tenant, office = client("tenant"), client("office")
    url = write(tenant).location
    office.post(f"/desk{url}/answers", 303, text="Friday is yours.", once="a1")
    for _ in range(2):
        page = tenant.get(url + "?lang=en").text
        assert "New since" in page and "Friday is yours." in page and "Mark as read" in page
        assert "New reply" in tenant.get("/messages?lang=en").text
    up_to = re.search(r'name="up_to" value="(\d+)"', page)[1]
    assert tenant.post(url + "/seen", 200, htmx=True, up_to=up_to).text == ""
    page = tenant.get(url + "?lang=en").text
    assert "New since" not in page and "Mark as read" not in page
    assert "New reply" not in tenant.get("/messages?lang=en").text
    with db.reading() as session:
        assert session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.act == "thread_seen")) == 1


def test_what_came_after_the_page_was_drawn_stays_new(client):
    tenant, office = client("tenant"), client("office")
    url = write(tenant).location
    office.post(f"/desk{url}/answers", 303, text="One.", once="a1")
    up_to = re.search(r'name="up_to" value="(\d+)"', tenant.get(url).text)[1]
    office.post(f"/desk{url}/answers", 303, text="Two.", once="a2")
    tenant.post(url + "/seen", 303, up_to=up_to)
    page = tenant.get(url + "?lang=en").text
    assert page.index("One.") < page.index("New since") < page.index("Two.")


def test_the_resident_sees_that_the_last_message_was_read(client):
    tenant, office = client("tenant"), client("office")
    url = write(tenant).location
    assert "Read " not in main(tenant.get(url + "?lang=en").text)
    office.get(f"/desk{url}")
    assert "<small>Read" not in tenant.get(url + "?lang=en").text
    office.post(f"/desk{url}/seen", 303, up_to="999999")
    assert "<small>Read" in tenant.get(url + "?lang=en").text


def test_htmx_gets_the_thread_with_the_new_message_in_focus_and_a_sentence(client):
    tenant = client("tenant")
    url = write(tenant).location
    answer = tenant.post(url + "/answers?lang=en", 200, htmx=True, text="One more thing", once="k1")
    assert answer.text.lstrip().startswith("<title>")
    assert re.search(r'<article class="msg mine fresh" id="m\d+" tabindex="-1" autofocus>', answer.text)
    assert 'id="say" hx-swap-oob="innerHTML"' in answer.text and "Your message is sent." in answer.text
    empty = tenant.post(url + "/answers?lang=en", 422, htmx=True, text="  ", once="k2")
    assert "Write your message." in empty.text and "autofocus" in empty.text


def test_files_travel_with_messages_both_ways(client):
    tenant, office = client("tenant"), client("office")
    url = write(tenant, files={"files": [(photo(), "leak under the sink.jpeg")]}).location
    shown = office.get(f"/desk{url}").text
    small = re.search(r'src="(/files/\d+/small)"', shown)[1]
    assert office.get(small).mimetype == "image/jpeg"
    assert "leak under the sink.jpg" in shown
    assert tenant.get(small).status_code == 200
    for other in ("occupant", "neighbour", "owner", "board", "council", "provider", "control"):
        assert client(other).get(small, None).status_code == 404, other


def test_a_refused_file_keeps_the_text_and_names_the_file(client, db):
    tenant = client("tenant")
    url = write(tenant).location
    answer = tenant.post(url + "/answers?lang=en", 422, text="see photo", once="k", files={"files": [(b"<svg/>", "x.svg")]})
    assert "see photo" in answer.text and "x.svg: This kind of file cannot be sent here." in answer.text
    assert "choose them again" not in answer.text
    with db.reading() as session:
        assert session.scalar(select(func.count(Message.id))) == 1


def test_a_person_with_two_homes_writes_about_the_one_they_choose(client, cast, db):
    both = client("two_homes")
    assert "Pärnaõue" in both.get("/messages/new?lang=en").text
    form = both.form(f"/messages/new?home={cast.unit_t2}")
    answer = both.post("/messages", 303, to="property_manager", subject="Roof", text="It leaks", **form_without(form))
    assert "Pärnaõue 7–2" in both.get(answer.location).text
    with db.reading() as session:
        thread = session.scalars(select(Thread)).one()
    assert (thread.organisation_id, thread.person_id) == (cast.tamm, cast.two_homes_tamm)
    assert both.get(f"/messages/new?home={cast.unit_a1}", None).status_code == 404
    assert client("board").get(f"/desk/messages/{thread.id}").status_code == 200
    assert client("office").get(f"/desk/messages/{thread.id}", None).status_code == 404


def form_without(form):
    return {"once": form["once"], "home": form["home"]}


def test_the_same_form_sent_ten_times_at_once_makes_one_message_and_ten_same_answers(app, client, db):
    tenant = client("tenant")
    form = tenant.form("/messages/new")
    data = {
        "csrf_token": tenant.token(),
        "once": form["once"],
        "home": form["home"],
        "to": "council",
        "subject": "Once",
        "text": "only",
    }
    cookie = tenant.http.get_cookie("resident").value

    def send(_):
        http = app.test_client()
        http.set_cookie("resident", cookie)
        answer = http.post("/messages", data=data)
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(send, range(10)))
    assert len(answers) == 1 and next(iter(answers))[0] == 303
    with db.reading() as session:
        assert session.scalar(select(func.count(Thread.id))) == session.scalar(select(func.count(Message.id))) == 1


def test_older_threads_are_on_the_next_page_and_the_queries_are_as_many(app, client, db, cast):
    from sqlalchemy import event

    tenant = client("tenant")
    for n in range(23):
        write(tenant, subject=f"Matter {n:02d}")
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]) if a[2].startswith("SELECT") else None)
    first = tenant.get("/messages?lang=en").text
    many = len(seen)
    assert "Matter 22" in first and "Matter 02" not in first
    older = re.search(r'href="(/messages\?after=\d+)"', first)[1]
    seen.clear()
    second = tenant.get(older).text
    assert "Matter 02" in second and "Matter 03" not in second
    assert len(seen) == many <= 8


def test_hostile_text_shows_as_text_on_both_sides(client):
    payload = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{7007*7007}} javascript:alert(1) hx-get=/x"
    tenant, office = client("tenant"), client("office")
    url = write(tenant, subject=payload[:120], text=payload).location
    for who, where in ((tenant, url), (tenant, "/messages"), (office, f"/desk{url}"), (office, "/desk/messages")):
        page = who.http.get(where).text
        assert "<script>alert" not in page and "<img src=x" not in page and "49098049" not in page


def test_the_page_of_a_thread_is_small_on_the_wire(client):
    import brotli

    tenant, office = client("tenant"), client("office")
    url = write(tenant, text="A question of some length about the sauna and its turns. " * 4).location
    for n in range(6):
        office.post(f"/desk{url}/answers", 303, text=f"An answer of some length, number {n}. " * 5, once=f"o{n}")
    assert len(brotli.compress(tenant.get(url).data, quality=5)) < 6000
    assert len(brotli.compress(tenant.get("/messages").data, quality=5)) < 6000
    assert isinstance(tenant, Client)
