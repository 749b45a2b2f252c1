"""What residents do with faults, and what they never see."""

import re
import threading
from io import BytesIO

import brotli
import pytest
from PIL import Image
from sqlalchemy import func, select

from resident.files import Attachment
from resident.people.tenure import Party
from resident.talk.case import Case, CaseEvent
from tests.faults.casework import assigned, moved, opened, statements, told

REPORT = {
    "where": "home",
    "category": "water",
    "place": "bathroom",
    "text": "The tap drips.",
    "entry": "yes",
    "phone": "040 123 4567",
}


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "JPEG")
    return out.getvalue()


def count(db, *where):
    with db.reading() as session:
        return session.scalar(select(func.count(Case.id)).where(*where))


def case(db, id):
    with db.reading() as session:
        return session.get(Case, id)


def test_a_resident_reports_a_fault_and_lands_on_its_page_with_the_number(client, db):
    tenant = client("tenant")
    answer = tenant.post("/faults", once="a", files={"files": [(photo(), "tap.jpg")]}, **REPORT, status=303)
    page = tenant.get(answer.headers["Location"]).text
    assert "The tap drips" in page
    assert "F-2026-0001" in page or "-0001" in page
    with db.reading() as session:
        attachment = session.scalar(select(Attachment))
    assert f"/files/{attachment.id}/small" in page


def test_bad_input_keeps_everything_typed_and_names_each_field_twice(client, db):
    answer = client("tenant").post(
        "/faults", once="a", where="common", text="x" * 4001, place="", when="after four", pets="yes", status=422
    )
    for sentence in (
        "Choose what the fault is about.",
        "Write where in the building the fault is.",
        "Write at most 4000 characters here.",
    ):
        assert answer.text.count(sentence) == 2, sentence
    assert "x" * 4001 in answer.text
    assert 'value="after four"' in answer.text
    assert 'name="pets" value="yes" checked' in answer.text
    assert "Choose whether we may enter" not in answer.text
    assert count(db) == 0


def test_a_file_that_cannot_be_taken_keeps_the_report(client, db):
    answer = client("tenant").post("/faults", once="a", files={"files": [(b"<svg>", "tap.jpg")]}, **REPORT, status=422)
    assert "The tap drips." in answer.text
    assert count(db) == 0


def test_another_page_prefills_the_form(client):
    page = client("tenant").get("/faults/new?category=water&place=bathroom&text=Leak%3F&where=common&entry=1%22%3E").text
    assert '<option value="water" selected>' in page
    assert 'value="bathroom"' in page
    assert ">Leak?</textarea>" in page
    assert 'value="common" checked' in page
    assert 'value="040 555 0100"' in page


def test_the_same_form_sent_ten_times_at_once_makes_one_fault(app, client, db):
    first = client("tenant")
    token, answers = first.token(), []
    cookies = first.http._cookies

    def send():
        other = app.test_client()
        other._cookies = dict(cookies)
        answers.append(other.post("/faults", data={"csrf_token": token, "once": "tap", **REPORT}))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(db) == 1
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/faults/1")}
    assert len(answers) == 10


def test_whom_a_fault_of_a_home_is_hidden_from(client, cast):
    id = opened(cast)
    for name in ("neighbour", "former", "coming", "owner", "two_homes"):
        stranger = client(name)
        for method, url in (("get", ""), ("post", "/comments"), ("post", "/closure"), ("post", "/reopening"), ("post", "/seen")):
            given = {"once": url} if method == "post" else {}
            status = getattr(stranger, method)(f"/faults/{id}{url}", None, **given).status_code
            assert status in ((403, 404) if name in ("former", "coming") else (404,)), (name, url)
    assert "/sign-in" in client().http.get(f"/faults/{id}").headers["Location"]


def test_the_household_follows_a_fault_that_another_of_it_reported(client, cast, db):
    id = opened(cast)
    moved(cast, id, "receive", "finish")
    occupant = client("occupant")
    assert "The tap drips" in occupant.get("/faults").text
    occupant.post(f"/faults/{id}/comments", once="a", text="I was at home", status=303)
    occupant.post(f"/faults/{id}/closure", version=case(db, id).version, status=303)
    assert case(db, id).state == "closed"


def test_neighbours_see_a_fault_in_common_areas_without_who_reported_it_and_their_words(client, cast):
    id = opened(cast, "The lift stops. I am alone at home until four.", common=True)
    told(cast, id, "My cat hides when it stops", by=("tenant", "resident"))
    told(cast, id, "The lift firm comes today")
    told(cast, id, "They are slow again", inside=True)
    neighbour = client("neighbour")
    assert "The lift stops" in neighbour.get("/faults").text
    page = neighbour.get(f"/faults/{id}").text
    assert "The lift firm comes today" in page
    assert "lift car" in page
    for hidden in ("Aino Virta", "040 123 4567", "after four", "alone at home", "cat hides", "slow again"):
        assert hidden not in page, hidden
    assert neighbour.post(f"/faults/{id}/comments", once="a", text="me too").status_code == 403
    assert client("owner").get(f"/faults/{id}", None).status_code == 404


def test_internal_comments_reach_no_resident_in_any_way(client, cast, db):
    id = opened(cast)
    tenant = client("tenant")
    before = {url: tenant.get(url).text.count("<li>") for url in ("/faults", f"/faults/{id}")}
    told(cast, id, "Known for complaining", inside=True)
    assigned(cast, id)
    line = told(cast, id, "See the photo", inside=True)
    client("office").post(
        f"/desk/faults/{id}/comments", kind="internal", text="photo", once="p", files={"files": [(photo(), "x.jpg")]}, status=303
    )
    with db.reading() as session:
        file = session.scalar(select(Attachment.id))
    for name in ("tenant", "occupant"):
        reader = client(name)
        for url in ("/faults", f"/faults/{id}"):
            for htmx in (False, True):
                text = reader.get(url, htmx=htmx).text
                for hidden in ("complaining", "See the photo", "Internal", f"/files/{file}", "Kalle"):
                    assert hidden not in text, (url, hidden)
        for url in (f"/files/{file}", f"/files/{file}/small"):
            assert reader.http.get(url).status_code == 404
            assert reader.http.head(url).status_code == 404
    assert {url: tenant.get(url).text.count("<li>") for url in before} == before
    assert "new reply" not in tenant.get("/faults").text
    assert case(db, id).last_event < line
    length = tenant.http.head(f"/faults/{id}").headers["Content-Length"]
    told(cast, id, "longer " * 50, inside=True)
    assert abs(int(tenant.http.head(f"/faults/{id}").headers["Content-Length"]) - int(length)) < 20


def test_unread_until_the_page_says_that_it_was_seen_and_a_view_changes_nothing(client, cast, db):
    id = opened(cast)
    line = told(cast, id, "We come tomorrow")
    tenant = client("tenant")
    assert "new reply" in tenant.get("/faults").text
    assert "Mark as read" in tenant.get(f"/faults/{id}").text
    assert case(db, id).seen_event == 0
    tenant.post(f"/faults/{id}/seen", event=line, htmx=True, status=200)
    assert case(db, id).seen_event == line
    assert "new reply" not in tenant.get("/faults").text


def test_done_asks_whether_it_is_gone_with_the_last_day_and_no_opens_it_again(client, cast, db):
    id = opened(cast)
    moved(cast, id, "receive", "finish", text="Washer changed")
    tenant = client("tenant")
    page = tenant.get(f"/faults/{id}").text
    assert "Is the fault gone?" in page
    assert "closed by itself" in page
    part = tenant.post(f"/faults/{id}/reopening", version=case(db, id).version, text="Still drips", htmx=True, status=200).text
    assert part.index('id="case"') < part.index("Still drips")
    assert 'id="say"' in part
    assert case(db, id).state == "received"
    assert "Is the fault gone?" not in part
    history = part[part.index('<ol class="log">') :]
    assert re.search(r">Reopened</span>.*?<p>Still drips</p>", history[: history.index("</li>")], re.S)
    lead = part[: part.index('<div class="split">')]
    for shown in (lead, tenant.get("/faults").text, client("office").get("/desk/faults").text):
        assert ">Received</span> <span" in shown and shown.count(">Reopened</span>") == 1
    assert ">Reopened</span>" in tenant.get("/").text
    assert ">Reopened</span>" in client("office").get(f"/desk/homes/{cast.unit_a1}").text


def test_an_answer_to_what_has_changed_meanwhile_is_told_and_kept(client, cast, db):
    id = opened(cast)
    moved(cast, id, "receive", "finish")
    version = case(db, id).version
    client("occupant").post(f"/faults/{id}/closure", version=version, status=303)
    answer = client("tenant").post(f"/faults/{id}/reopening", version=version, text="It drips at night", status=409)
    assert "It drips at night" in answer.text
    assert "changed while you were writing" in answer.text
    assert case(db, id).state == "closed"


def test_a_move_that_is_not_open_to_residents_is_refused(client, cast, db):
    id = opened(cast)
    assert client("tenant").post(f"/faults/{id}/closure").status_code == 409
    assert client("tenant").post(f"/desk/faults/{id}/state", act="finish").status_code == 404
    assert case(db, id).state == "new"


def test_pages_stay_small_and_ask_the_same_of_the_database_however_many_faults(client, cast, db, app):
    tenant, figures = client("tenant"), {}
    for made in (1, 29):
        for n in range(made):
            id = opened(cast, f"The tap number {n} drips in the kitchen of the home", common=n % 3 == 0)
            for m in range(made // 10 + 1):
                told(cast, id, f"Comment {m}")
        for url in ("/faults", f"/faults/{id}"):
            seen = statements(db)
            body = tenant.get(url).data
            selects = [statement for statement in seen if statement.startswith(("SELECT", "WITH"))]
            figures.setdefault(url if url == "/faults" else "case", []).append(
                (len(selects), len(brotli.compress(body, quality=5)))
            )
    for url, ((few, _), (many, size)) in figures.items():
        assert few == many, (url, figures)
        assert size <= 6000, (url, size)
    assert figures["/faults"][1][0] <= 7


def test_html_in_what_residents_write_is_text(client, cast):
    id = opened(cast, "<script>alert(1)</script> & <b>x</b>")
    told(cast, id, "<img src=x>", by=("tenant", "resident"))
    for name, url in (
        ("tenant", "/faults"),
        ("tenant", f"/faults/{id}"),
        ("office", f"/desk/faults/{id}"),
        ("office", "/desk/faults"),
    ):
        page = client(name).get(url).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_number_of_lines_grows_by_one_with_each_change(client, cast, db):
    id = opened(cast)
    moved(cast, id, "receive", "start", "finish")
    with db.reading() as session:
        states = session.scalars(select(CaseEvent.state).where(CaseEvent.case_id == id).order_by(CaseEvent.id)).all()
    assert states == ["new", "received", "in_progress", "done"]


def test_an_answer_sent_twice_counts_once_and_says_the_same(client, cast, db):
    id = opened(cast)
    moved(cast, id, "receive", "finish")
    tenant, version = client("tenant"), case(db, id).version
    for _ in range(2):
        tenant.post(f"/faults/{id}/reopening", version=version, text="Still drips", status=303)
    office, version = client("office"), case(db, id).version
    for _ in range(2):
        office.post(f"/desk/faults/{id}/state", act="start", version=version, text="On my way", status=303)
    with db.reading() as session:
        states = session.scalars(select(CaseEvent.state).where(CaseEvent.case_id == id).order_by(CaseEvent.id)).all()
    assert states == ["new", "received", "done", "reopened", "in_progress"]


def test_the_fragment_of_a_case_stays_small(client, cast):
    id = opened(cast)
    moved(cast, id, "receive", "start", "finish", text="Washer and valve changed")
    told(cast, id, "Is all well now?")
    assert len(brotli.compress(client("tenant").get(f"/faults/{id}", htmx=True).data, quality=5)) <= 2000


def test_numbers_that_no_key_can_be_and_nul_are_nothing_found_not_trouble(client, cast):
    huge = "9" * 30
    tenant, office = client("tenant"), client("office")
    tenant.get(f"/faults/{huge}", 404)
    tenant.get(f"/faults?after={huge}")
    for query in (f"after={huge}", f"building={huge}", f"assignee={huge}", "q=%00", "q=%25_%5C'", "after=-5", "state=none"):
        office.get(f"/desk/faults?{query}")
    for query in (f"unit={huge}", f"building={huge}"):
        office.get(f"/desk/faults/new?{query}", 404)
    answer = tenant.post("/faults", once="a", **(REPORT | {"text": "drips\x00", "phone": "\x00"}), status=303)
    assert "drips" in tenant.get(answer.headers["Location"]).text


def test_a_report_is_of_the_home_that_its_form_showed_though_another_was_chosen_since(client, cast, db):
    """Two windows: the form is open in one while another home is chosen in the second."""
    both = client("two_homes")
    shown = both.form("/faults/new")
    with db.reading() as session:
        parties = session.scalars(select(Party.id).where(Party.person_id.in_((cast.two_homes, cast.two_homes_tamm)))).all()
    for party in parties:
        both.post("/homes/choice", party_id=party, status=303)
        if both.form("/faults/new")["home"] != shown["home"]:
            break
    assert both.form("/faults/new")["home"] != shown["home"]
    both.post("/faults", once=shown["once"], **(REPORT | {"home": shown["home"]}), status=303)
    with db.reading() as session:
        assert session.scalar(select(Case.unit_id)) == int(shown["home"])
    both.post("/faults", once="stranger", **(REPORT | {"home": str(cast.unit_a1)}), status=404)


@pytest.mark.parametrize(("phone", "said"), [("<b>", "has only digits"), ("040", "too short"), ("1" * 41, "at most 40")])
def test_a_telephone_number_is_checked_as_among_ones_details(client, db, phone, said):
    tenant = client("tenant")
    answer = tenant.post("/faults", once="a", **(REPORT | {"phone": phone}), status=422)
    assert said in answer.text and 'id="phone-error"' in answer.text and count(db) == 0


INVISIBLE = ["\u200b\u200d", "\u2060 \ufeff", "\u3164", "\u2800\u00ad", "\u0301"]


@pytest.mark.parametrize("nothing", INVISIBLE)
def test_a_text_that_nobody_can_see_is_no_text(client, cast, db, nothing):
    tenant = client("tenant")
    tenant.post("/faults", once="a", **(REPORT | {"text": nothing}), status=422)
    tenant.post("/faults", once="b", **(REPORT | {"where": "common", "place": nothing}), status=422)
    id = opened(cast)
    tenant.post(f"/faults/{id}/comments", once="c", text=nothing, status=422)
    client("office").post(f"/desk/faults/{id}/comments", once="d", kind="internal", text=nothing, status=422)
    version = case(db, id).version
    client("office").post(f"/desk/faults/{id}/state", act="reject", text=nothing, version=version, status=422)
    tenant.post("/messages", once="e", to="customer_service", subject="Sauna", text=nothing, status=422)
    assert count(db) == 1
