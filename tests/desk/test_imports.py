"""The register workbook at the desk, through the pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import func, select

from resident import clock
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


def count(db, thing) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(thing))


def test_a_trial_run_saves_nothing_and_gives_the_workbook_back(desk, cast, db):
    office, before = desk("office"), count(db, Building)
    answer = send(office, cast, trial=True, status=303)
    page = office.get(answer.location).text
    assert "All is well" in page and "Nothing was saved" in page and "Meters" in page
    assert count(db, Building) == before and count(db, Reading) == 0
    book = openpyxl.load_workbook(BytesIO(office.get(answer.location + "/workbook").data))
    assert book["payments"]["A1"].value == "What to mend"


def test_an_import_is_in_the_portal_and_in_the_journal(desk, cast, db, settings):
    office = desk("office")
    answer = send(office, cast, status=303)
    assert "Everything was imported" in office.get(answer.location).text
    assert "our register.xlsx" in office.get("/desk/imports").text
    with db.reading() as session:
        assert session.scalar(select(Building.organisation_id).where(Building.code == "K1")) == cast.koivu
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "import_applied"))
        assert (event.person_id, event.organisation_id, event.facts["lines"]) == (cast.office, cast.koivu, [3, 0, 0])
    assert list((settings.data_dir / "imports").iterdir()) == [], "what was sent is not kept"


def test_rows_to_mend_stop_the_import_and_come_back_with_422(desk, cast, db):
    office, before = desk("office"), count(db, Person)
    sheets = books.register()
    sheets["payments"][0]["amount"] = "much"
    answer = send(office, cast, sheets, status=422)
    assert "1 row must be mended" in answer.text and count(db, Person) == before
    run = office.get("/desk/imports").text
    assert "Nothing was imported" in run
    with db.reading() as session:
        id = session.scalar(select(RegisterImport.id))
    book = openpyxl.load_workbook(BytesIO(office.get(f"/desk/imports/{id}/workbook").data))
    assert book["payments"]["A2"].value.startswith("Amount: This must be a number")


BAD = {
    "no file": (None, "Choose the workbook that you want to import."),
    "no workbook": (b"name;address", "This is not an XLSX workbook."),
    "nothing in it": (b"", "The file is empty."),
    "unknown sheets": (books.octets({"Sheet1": [{"a": 1}]}), "No sheet of the workbook has a name that we know."),
    "columns missing": (
        books.octets({"buildings": [{"address": "x"}]}),
        "The sheet buildings lacks columns that it needs: Building.",
    ),
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


def test_the_same_form_sent_ten_times_at_once_is_one_import(app, desk, cast, db):
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
    assert count(db, RegisterImport) == 1


def test_staff_of_one_organisation_touch_only_their_own(desk, cast, db):
    board, office = desk("board"), desk("office")
    send(board, cast, status=404)
    assert count(db, RegisterImport) == 0
    sheets = books.register()
    del sheets["persons"][0]["language"]
    answer = send(board, cast, sheets, status=303, organisation=str(cast.tamm))
    assert "Everything was imported" in board.get(answer.location).text
    office.get(answer.location, 404)
    office.get(answer.location + "/workbook", 404)
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


def test_what_a_dead_process_left_running_is_shown_as_stopped(desk, cast, db):
    with db.writing() as session:
        run = RegisterImport(organisation_id=cast.koivu, name="r.xlsx", trial=False, sheets=[], at=clock.now() - timedelta(hours=3))
        session.add(run)
    assert "The import was stopped" in desk("office").get(f"/desk/imports/{run.id}").text
