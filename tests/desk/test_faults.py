"""The desk's queue of faults, its walls, and the caretaker's own list."""

import re
from datetime import date, timedelta

import brotli
import pytest
from sqlalchemy import select, update

from resident import clock
from resident.homes.building import Building
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from resident.talk.case import Case, CaseEvent
from tests.faults.casework import assigned, moved, opened, told


def case(db, id):
    with db.reading() as session:
        return session.get(Case, id)


def subjects(page) -> list[str]:
    return re.findall(r'scope="row"><a href="[^"]+">([^<]+)</a>', page.text)


def test_the_queue_filters_by_the_address_and_keeps_what_was_chosen(desk, cast):
    tap = opened(cast, "Tap drips")
    opened(cast, "Lift stops", common=True, category="lift")
    door = opened(cast, "Дверь не закрывается", category="doors")
    moved(cast, tap, "receive", "start", "finish")
    assigned(cast, door)
    office = desk("office")
    for asked, found in (
        ("", ["Дверь не закрывается", "Lift stops"]),
        ("state=all", ["Дверь не закрывается", "Lift stops", "Tap drips"]),
        ("state=done", ["Tap drips"]),
        ("category=lift", ["Lift stops"]),
        ("assignee=nobody", ["Lift stops"]),
        (f"assignee={cast.caretaker}", ["Дверь не закрывается"]),
        (f"building={cast.building}&state=new", ["Дверь не закрывается", "Lift stops"]),
        (f"building={cast.building_tamm}", []),
        ("q=A 1&state=all", ["Дверь не закрывается", "Tap drips"]),
        ("q=pihlajakuja 6 a 1", ["Дверь не закрывается"]),
        ("q=A 2&state=all", []),
        ("q=дверь", ["Дверь не закрывается"]),
        ("q=LIFT", ["Lift stops"]),
        (f"q={case(cast.db, tap).number}&state=all", ["Tap drips"]),
        ("q=%25", []),
    ):
        assert subjects(office.get(f"/desk/faults?{asked}")) == found, asked
    part = office.get("/desk/faults?state=done", htmx=True).text
    assert part.lstrip().startswith(("<title>", "<section"))
    assert '<option value="done" selected>' in office.get("/desk/faults?state=done").text


def test_a_number_is_found_whatever_its_state(desk, cast):
    tap = opened(cast, "Tap drips")
    moved(cast, tap, "receive", "start", "finish")
    assert subjects(desk("office").get(f"/desk/faults?q={case(cast.db, tap).number}")) == ["Tap drips"]


def test_pages_follow_each_other_without_gap_or_repetition(desk, cast):
    for n in range(120):
        opened(cast, f"Fault {n:03d}", common=n % 2 == 0)
    office, url, seen = desk("office"), "/desk/faults", []
    while url:
        page = office.get(url)
        seen += subjects(page)
        older = re.search(r'href="([^"]+after=\d+)"', page.text)
        url = older and older[1].replace("&amp;", "&")
    assert seen == [f"Fault {n:03d}" for n in reversed(range(120))]


def test_a_full_page_is_small_and_asks_what_a_page_of_one_row_asks(desk, cast, asked):
    office, counts = desk("office"), []
    for rows in (1, 59):
        for n in range(rows):
            assigned(cast, opened(cast, f"The tap number {n} in the kitchen drips again and again"))
        with asked() as statements:
            page = office.get("/desk/faults")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert len(subjects(page)) == 50
    assert len(brotli.compress(page.data, quality=5)) <= 8000


def test_walls_and_posts(desk, client, cast):
    id = opened(cast)
    for name in ("board", "provider", "council", "accountant", "control", "caretaker", "tenant", "operator"):
        other = desk(name)
        assert other.get(f"/desk/faults/{id}", None).status_code == 404, name
        for room, form in (
            ("state", {"act": "receive"}),
            ("assignment", {}),
            ("comments", {"kind": "comment", "text": "x", "once": "o"}),
        ):
            assert other.post(f"/desk/faults/{id}/{room}", **form).status_code == 404, (name, room)
    assert desk("board").get("/desk/faults").text.count(f"/desk/faults/{id}") == 0
    assert desk("board").get(f"/desk/faults?q={case(cast.db, id).number}&state=all").text.count(f"/desk/faults/{id}") == 0
    for name, status in (("provider", 403), ("council", 403), ("caretaker", 403), ("tenant", 404), ("operator", 403)):
        assert desk(name).get("/desk/faults", None).status_code == status, name
    assert desk("board").get(f"/desk/faults/new?unit={cast.unit_a1}", None).status_code == 404
    assert case(cast.db, id).state == "new"


def test_a_post_limited_to_buildings_sees_their_faults_alone(desk, cast):
    with cast.db.writing() as session:
        other = Building(organisation_id=cast.koivu, code="P8", address="Pihlajakuja 8")
        session.add(other)
        session.flush()
        post = session.scalar(select(Post.id).where(Post.person_id == cast.manager))
        session.add(PostBuilding(post_id=post, building_id=other.id))
    id = opened(cast)
    assert desk("manager").get(f"/desk/faults/{id}", None).status_code == 404
    assert subjects(desk("manager").get("/desk/faults")) == []


def test_the_caretaker_works_through_the_list_of_what_is_assigned(desk, cast):
    id, other = opened(cast, "Tap drips"), opened(cast, "Door sticks")
    assigned(cast, id)
    caretaker = desk("caretaker")
    page = caretaker.get("/desk/faults/mine").text
    for shown in ("Tap drips", "Pihlajakuja 6 A 1", "Staircase", "Agree a time first", 'href="tel:0401234567"', "after four"):
        assert shown in page, shown
    assert "Door sticks" not in page
    assert caretaker.get(f"/desk/faults/{other}", None).status_code == 404
    part = caretaker.post(
        f"/desk/faults/{id}/state", act="start", version=case(cast.db, id).version, htmx=True, status=200, **{"from": "mine"}
    )
    assert 'id="work"' in part.text
    done = {"act": "finish", "version": case(cast.db, id).version, "text": "Washer changed", "from": "mine"}
    assert caretaker.post(f"/desk/faults/{id}/state", **done, status=303).headers["Location"] == "/desk/faults/mine"
    assert case(cast.db, id).state == "done"
    assert "No work is assigned" in caretaker.get("/desk/faults/mine").text


def test_a_caretaker_may_not_decline_or_hand_on(desk, cast):
    id = opened(cast)
    assigned(cast, id)
    caretaker = desk("caretaker")
    page = caretaker.get(f"/desk/faults/{id}").text
    assert 'value="reject"' not in page
    assert 'name="person"' not in page
    assert caretaker.post(f"/desk/faults/{id}/state", act="reject", text="no").status_code == 403
    assert caretaker.post(f"/desk/faults/{id}/assignment", person="").status_code == 403
    assert case(cast.db, id).assignee_id == cast.caretaker


def test_contacts_of_a_person_under_non_disclosure_are_for_the_office_alone(desk, cast):
    id = opened(cast)
    assigned(cast, id)
    with cast.db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    caretaker = desk("caretaker")
    for url in (f"/desk/faults/{id}", "/desk/faults/mine"):
        page = caretaker.get(url).text
        assert "Aino Virta" not in page
        assert "4567" not in page
    assert "Aino Virta" in desk("office").get(f"/desk/faults/{id}").text


def test_the_second_of_two_who_change_the_same_case_sees_both_and_overwrites_nothing(desk, cast):
    id = opened(cast)
    office, manager = desk("office"), desk("manager")
    version = case(cast.db, id).version
    office.post(f"/desk/faults/{id}/state", act="start", version=version, text="The plumber goes at ten", status=303)
    for htmx in (False, True):
        late = manager.post(f"/desk/faults/{id}/state", act="reject", version=version, text="Not our pipe", status=409, htmx=htmx)
        assert "The plumber goes at ten" in late.text
        assert "Oili Toimisto" in late.text
        assert "Not our pipe</textarea>" in late.text
    assert case(cast.db, id).state == "in_progress"
    again = manager.post(
        f"/desk/faults/{id}/state", act="reject", version=case(cast.db, id).version, text="Not our pipe", status=303
    )
    assert again.headers["Location"] == f"/desk/faults/{id}"


def test_internal_is_never_the_default_and_looks_different(desk, cast):
    id = opened(cast)
    office = desk("office")
    page = office.get(f"/desk/faults/{id}").text
    internal = page[page.index('<div class="note warn">') :]
    assert 'name="kind" value="internal"' in internal
    assert "Only staff see this" in internal
    assert office.post(f"/desk/faults/{id}/comments", text="which?", once="a").status_code == 400
    office.post(f"/desk/faults/{id}/comments", kind="internal", text="Inner matter", once="b", status=303)
    with cast.db.reading() as session:
        assert session.scalars(select(CaseEvent.kind).order_by(CaseEvent.id)).all() == ["state", "internal"]
    assert "Internal, residents do not see this" in office.get(f"/desk/faults/{id}").text


def test_refusals_of_the_desk_name_the_field_and_keep_the_text(desk, cast):
    id = opened(cast)
    office = desk("office")
    for form, sentence in (
        ({"text": "hm"}, "Choose the new state."),
        ({"act": "reject"}, "Write why the fault report is declined."),
        ({"act": "wait"}, "Write why the work waits"),
        ({"act": "wait", "until": "tomorrow", "text": "part"}, "Write the day as year, month and day"),
    ):
        answer = office.post(f"/desk/faults/{id}/state", **form, status=422)
        assert answer.text.count(sentence) == 2, sentence
        assert form.get("text", "") in answer.text
    assert (
        office.post(f"/desk/faults/{id}/assignment", person=cast.board, status=422).text.count("does not look after the building")
        == 2
    )
    assert (
        office.post(f"/desk/faults/{id}/comments", kind="comment", text=" ", once="a", status=422).text.count("Write a comment.")
        == 2
    )


def test_the_desk_opens_a_fault_for_a_resident_who_then_follows_it(desk, cast):
    office = desk("office")
    assert f"unit={cast.unit_b10}" in office.get("/desk/faults/new?q=B 10").text
    page = office.get(f"/desk/faults/new?unit={cast.unit_a1}").text
    assert "Aino Virta" in page
    assert "Frans Entinen" not in page
    form = {
        "unit": cast.unit_a1,
        "person": cast.tenant,
        "category": "heating",
        "text": "Cold radiator",
        "entry": "yes",
        "once": "k",
    }
    first = office.post("/desk/faults", **form, status=303).headers["Location"]
    assert office.post("/desk/faults", **form, status=303).headers["Location"] == first
    id = int(first.rsplit("/", 1)[1])
    assert (case(cast.db, id).person_id, case(cast.db, id).tenure_id) == (cast.tenant, cast.tenure_a1)
    tenant = desk("tenant")
    assert "new reply" in tenant.get("/faults").text
    assert "Cold radiator" in tenant.get(f"/faults/{id}").text


def test_nobody_is_made_the_reporter_of_a_home_that_is_not_theirs(desk, cast):
    form = {"unit": cast.unit_a1, "person": cast.neighbour, "category": "heating", "text": "Cold", "entry": "yes", "once": "k"}
    answer = desk("office").post("/desk/faults", **form, status=303)
    made = case(cast.db, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (made.person_id, made.tenure_id) == (cast.office, None)


def test_staff_who_live_in_the_building_see_as_residents_what_residents_see(desk, cast):
    with cast.db.writing() as session:
        session.add(
            Post(person_id=cast.neighbour, organisation_id=cast.koivu, role="manager", first=clock.today("Europe/Helsinki"))
        )
    id = opened(cast, common=True)
    told(cast, id, "They complain often", inside=True)
    neighbour = desk("neighbour")
    assert "They complain often" not in neighbour.get(f"/faults/{id}").text
    assert "They complain often" in neighbour.get(f"/desk/faults/{id}").text


def test_the_queue_shows_what_was_reopened_until_it_is_done_again(desk, cast):
    tap, lift = opened(cast, "Tap drips"), opened(cast, "Lift stops", common=True)
    for id in (tap, lift):
        moved(cast, id, "receive", "finish")
    moved(cast, tap, "reopen", by=("tenant", "resident"), text="Still drips")
    office = desk("office")
    assert subjects(office.get("/desk/faults?state=reopened")) == ["Tap drips"]
    assert '<option value="reopened" selected>Reopened</option>' in office.get("/desk/faults?state=reopened").text
    assigned(cast, tap)
    assert ">Reopened</span>" in desk("caretaker").get("/desk/faults/mine").text
    moved(cast, tap, "start")
    assert ">Reopened</span>" in office.get("/desk/faults").text
    moved(cast, tap, "finish")
    assert subjects(office.get("/desk/faults?state=reopened")) == []
    assert ">Reopened</span>" not in office.get("/desk/faults?state=all").text


def _from_today(days: int) -> str:
    return (clock.today("Europe/Helsinki") + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 422), (1, 303), (731, 303), (732, 422)])
def test_a_case_waits_until_a_day_to_come_and_no_longer_than_two_years(desk, cast, days, status):
    id = opened(cast)
    given = {"act": "wait", "until": _from_today(days), "version": case(cast.db, id).version}
    answer = desk("office").post(f"/desk/faults/{id}/state", status, **given)
    assert case(cast.db, id).state == ("waiting" if status == 303 else "new")
    if status == 422:
        assert "Choose a day after today" in answer.text and f'value="{_from_today(days)}"' in answer.text


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 303), (731, 303), (732, 422)])
def test_work_is_due_today_or_later_and_within_two_years(desk, cast, days, status):
    id = opened(cast)
    given = {"person": cast.caretaker, "due": _from_today(days), "version": case(cast.db, id).version}
    answer = desk("office").post(f"/desk/faults/{id}/assignment", status, **given)
    assert (case(cast.db, id).assignee_id == cast.caretaker) == (status == 303)
    if status == 422:
        assert "Choose today or a later day" in answer.text and f'value="{_from_today(days)}"' in answer.text
        assert f'<option value="{cast.caretaker}" selected>' in answer.text


def test_a_day_that_was_promised_and_has_passed_does_not_keep_others_from_the_work(desk, cast):
    id = opened(cast)
    with cast.db.writing() as session:
        session.execute(
            update(Case).where(Case.id == id).values(due=date.fromisoformat(_from_today(-3)), assignee_id=cast.caretaker)
        )
    given = {"person": "", "due": _from_today(-3), "version": case(cast.db, id).version}
    desk("office").post(f"/desk/faults/{id}/assignment", 303, **given)
    assert case(cast.db, id).assignee_id is None


@pytest.mark.parametrize("stranger", ["x", "9999999", "-1", "1.5"])
def test_an_unknown_caretaker_is_refused_and_not_taken_for_nobody(desk, cast, stranger):
    id = opened(cast)
    assigned(cast, id)
    answer = desk("office").post(f"/desk/faults/{id}/assignment", 422, person=stranger, version=case(cast.db, id).version)
    assert "does not look after the building now" in answer.text
    assert case(cast.db, id).assignee_id == cast.caretaker
