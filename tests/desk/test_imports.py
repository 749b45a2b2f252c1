"""The register workbook at the desk, through the pages."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import func, select, update

from blueprints._mail_words import renderer
from resident import clock, jobs, worker
from resident.audit import AuditEvent
from resident.exchange.register_import import RegisterImport
from resident.homes.building import Building
from resident.metering.reading import Reading
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from tests.exchange import books

ONCE = "a-key-of-the-form"


def send(who, cast, sheets=None, *, trial=False, once=ONCE, status=None, content=None, **fields):
    content = books.octets(sheets or books.register()) if content is None else content
    given = {"organisation": str(cast.koivu), "trial": "1" if trial else "0"} | fields
    return who.post("/desk/imports", status=status, once=once, files={"workbook": [(content, "our register.xlsx")]}, **given)


@pytest.fixture
def run(app, db, settings):
    """run() is a worker that does what waits."""
    return lambda: worker.work(db, settings, renderer(app), threading.Event(), once=True)


@pytest.fixture
def kept(settings):
    """kept() lists the files of imports in the data folder."""
    return lambda: sorted((settings.data_dir / "imports").iterdir())


def count(db, thing) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(thing))


def test_a_trial_run_saves_nothing_and_gives_the_workbook_back(desk, cast, db, run):
    office, before = desk("office"), count(db, Building)
    answer = send(office, cast, trial=True, status=303)
    run()
    page = office.get(answer.location).text
    assert "All is well" in page and "Nothing was saved" in page and "Meters" in page
    assert count(db, Building) == before and count(db, Reading) == 0
    book = openpyxl.load_workbook(BytesIO(office.get(answer.location + "/workbook").data))
    assert book["payments"]["A1"].value == "What to mend"


def test_an_import_is_in_the_portal_and_in_the_journal(desk, cast, db, run, kept):
    office = desk("office")
    answer = send(office, cast, status=303)
    run()
    assert "Everything was imported" in office.get(answer.location).text
    assert "our register.xlsx" in office.get("/desk/imports").text
    with db.reading() as session:
        assert session.scalar(select(Building.organisation_id).where(Building.code == "K1")) == cast.koivu
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "import_applied"))
        assert (event.person_id, event.organisation_id, event.facts["lines"]) == (cast.office, cast.koivu, [3, 0, 0])
    assert kept() == [], "what was sent is not kept"


def test_rows_to_mend_stop_the_import_and_come_back(desk, cast, db, run, kept):
    office, before = desk("office"), count(db, Person)
    sheets = books.register()
    sheets["payments"][0]["amount"] = "much"
    answer = send(office, cast, sheets, status=303)
    run()
    page = office.get(answer.location).text
    assert "1 row must be mended" in page and "Import it now" not in page and count(db, Person) == before
    assert "Nothing was imported" in office.get("/desk/imports").text
    assert len(kept()) == 1, "only the workbook given back"
    with db.reading() as session:
        id = session.scalar(select(RegisterImport.id))
    book = openpyxl.load_workbook(BytesIO(office.get(f"/desk/imports/{id}/workbook").data))
    assert book["payments"]["A2"].value.startswith("Amount: This must be a number")


BAD = {
    "no file": (None, "Choose the workbook that you want to import."),
    "no workbook": (b"name;address", "This is not an XLSX workbook."),
    "nothing in it": (b"", "The file is empty."),
}
READ = {
    "unknown sheets": ({"Sheet1": [{"a": 1}]}, "No sheet of the workbook has a name that we know."),
    "columns missing": ({"buildings": [{"address": "x"}]}, "The sheet buildings lacks columns that it needs: Building."),
}


@pytest.mark.parametrize("case", BAD)
def test_a_workbook_that_cannot_be_taken_is_refused_with_its_reason_and_the_choice_is_kept(desk, cast, case):
    content, sentence = BAD[case]
    office = desk("office")
    if content is None:
        answer = office.post("/desk/imports", 422, once=ONCE, organisation=str(cast.koivu), trial="0")
    else:
        answer = send(office, cast, content=content, status=422)
    assert answer.text.count(sentence) == 2, "in the summary and at the field"
    assert 'value="0" checked' in answer.text


@pytest.mark.parametrize("case", READ)
def test_a_workbook_that_is_refused_when_it_is_read_says_why_on_its_page(desk, cast, case, run, kept):
    sheets, sentence = READ[case]
    office = desk("office")
    answer = send(office, cast, sheets, status=303)
    run()
    page = office.get(answer.location).text
    assert sentence in page and "Nothing was imported" in page and kept() == []


def test_what_was_tried_well_is_imported_by_a_button_and_twice_is_once(desk, cast, db, run, kept):
    office = desk("office")
    answer = send(office, cast, trial=True, status=303)
    run()
    assert count(db, Reading) == 0 and "Import it now" in office.get(answer.location).text
    for key in ("one", "one", "two"):
        office.post(answer.location + "/apply", 409 if key == "two" else 303, once=key)
    assert count(db, jobs.Job) == 2
    run()
    page = office.get(answer.location).text
    assert "Everything was imported" in page and "Import it now" not in page
    assert count(db, Reading) == 3 and count(db, RegisterImport) == 1
    office.post(answer.location + "/apply", 409, once="three")


def test_without_a_worker_the_page_says_that_it_waits_and_asks_again_until_it_has_ended(desk, cast, run):
    office = desk("office")
    to = send(office, cast, status=303).location
    for htmx in (False, True):
        page = office.get(to, htmx=htmx).text
        assert "The import is waiting" in page and 'hx-trigger="every 2s"' in page and "Load again" in page
    assert "Waiting" in office.get("/desk/imports").text
    run()
    part = office.get(to, htmx=True).text
    assert "Everything was imported" in part and "hx-trigger" not in part and 'id="say"' in part


def test_a_few_imports_may_wait_and_the_next_is_told_to(desk, cast, db, kept):
    office = desk("office")
    for n in range(5):
        send(office, cast, once=f"form {n}", status=303)
    assert "Several imports are waiting already." in send(office, cast, once="one more", status=429).text
    assert count(db, RegisterImport) == len(kept()) == 5


def killed(db, run_id: int) -> None:
    """As a worker leaves it that dies in the middle."""
    with db.writing() as session:
        job = jobs.claim(session)
        job.claimed_until = clock.now() + timedelta(minutes=3)
        session.execute(update(RegisterImport).values(begun_at=clock.now(), progress=["check", "lines", 2000]))


def test_a_worker_that_dies_leaves_the_work_to_the_next_and_three_times_is_enough(desk, cast, db, run, later, kept):
    office = desk("office")
    to = send(office, cast, status=303).location
    killed(db, 1)
    run()
    page = office.get(to).text
    assert "The rows are being checked." in page and "Lines: 2,000" in page, "it is still that worker's"
    later(minutes=4)
    run()
    assert "Everything was imported" in office.get(to).text and count(db, Reading) == 3
    to = send(office, cast, once="another", status=303).location
    for n in range(1, 4):
        killed(db, 2)
        later(minutes=4 + 4 * n)
    run()
    assert "The import was stopped" in office.get(to).text and kept() == []


def test_workbooks_that_were_not_imported_go_after_a_day_but_not_while_they_wait(desk, cast, db, run, kept):
    office = desk("office")
    to = send(office, cast, trial=True, status=303).location
    run()
    waits = send(office, cast, once="waits", status=303).location
    assert len(kept()) == 3, "sent and given back, and the one that waits"
    for path in kept():
        os.utime(path, (time.time() - 90_000,) * 2)
    with db.writing() as session:
        session.execute(update(jobs.Job).where(jobs.Job.done_at.is_(None)).values(run_at=clock.now() + timedelta(days=1)))
    run()
    assert len(kept()) == 1 and "The import is waiting" in office.get(waits).text
    page = office.get(to).text
    assert "the workbook has been removed" in page and "Import it now" not in page
    office.post(to + "/apply", 409, once="late")
    office.get(to + "/workbook", 404)


def test_the_same_form_sent_ten_times_at_once_is_one_import(app, desk, cast, db, kept):
    office, content = desk("office"), books.octets(books.register())
    token = office.token()

    def once(_):
        data = {"csrf_token": token, "once": ONCE, "organisation": str(cast.koivu), "trial": "0"}
        twin = app.test_client()
        for cookie in office.http._cookies.values():
            twin.set_cookie(cookie.key, cookie.value, domain="localhost")
        return twin.post("/desk/imports", data=data | {"workbook": (BytesIO(content), "r.xlsx")})

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(once, range(10)))
    assert {answer.status_code for answer in answers} == {303} and len({answer.location for answer in answers}) == 1
    assert count(db, RegisterImport) == count(db, jobs.Job) == len(kept()) == 1


def test_staff_of_one_organisation_touch_only_their_own(desk, cast, db, run):
    board, office = desk("board"), desk("office")
    send(board, cast, status=404)
    assert count(db, RegisterImport) == 0
    sheets = books.register()
    del sheets["persons"][0]["language"]
    answer = send(board, cast, sheets, status=303, organisation=str(cast.tamm))
    run()
    assert "Everything was imported" in board.get(answer.location).text
    office.get(answer.location, 404)
    office.get(answer.location + "/workbook", 404)
    office.post(answer.location + "/apply", 404, once="theirs")
    assert "our register.xlsx" not in office.get("/desk/imports").text
    with db.reading() as session:
        assert set(session.scalars(select(Person.organisation_id).where(Person.external_key == "H1"))) == {cast.tamm}


def test_a_post_for_some_buildings_cannot_import_into_all(desk, cast, db):
    with db.writing() as session:
        post = session.scalar(select(Post.id).where(Post.person_id == cast.manager))
        session.add(PostBuilding(post_id=post, building_id=cast.building))
    manager = desk("manager")
    manager.get("/desk/imports", 403)
    send(manager, cast, status=403)
    assert count(db, RegisterImport) == 0


def test_others_at_the_desk_do_not_import(desk):
    desk("accountant").get("/desk/imports", 403)
    desk("tenant").get("/desk/imports", 404)


def test_the_template_comes_in_the_readers_language(client, cast):
    office = client("office")
    for language, title in (("fi", "Hallintasuhteet"), ("en", "Tenures")):
        office.get(f"/appearance?lang={language}")
        answer = office.get("/desk/imports/template")
        assert title in openpyxl.load_workbook(BytesIO(answer.data)).sheetnames


def test_the_list_of_imports_goes_page_by_page(desk, cast, db):
    with db.writing() as session:
        for n in range(25):
            session.add(
                RegisterImport(
                    organisation_id=cast.koivu, name=f"night {n:02d}.xlsx", trial=False, state="applied", sheets=[], at=clock.now()
                )
            )
            session.flush()
    office = desk("office")
    first = office.get("/desk/imports").text
    assert "night 24" in first and "night 05" in first and "night 04" not in first
    with db.reading() as session:
        after = session.scalar(select(RegisterImport.id).where(RegisterImport.name == "night 05.xlsx"))
    assert "night 04" in office.get(f"/desk/imports?after={after}").text
