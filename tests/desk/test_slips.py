"""Readings held for a decision, at the desk: seen with their values and times, booked in the right period, or dismissed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.jobs import Job
from resident.metering.reading import Reading, Receipt
from resident.metering.slip import Slip
from resident.money.period import BillingPeriod
from resident.people.person import Person
from tests.client import fields
from tests.desk.house import NAME
from tests.metering.counters import YEAR, period


@pytest.fixture
def held(house):
    """A slip of A 1 that came after the costs were shared out; the next period takes readings. Its id."""
    with house.db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == house.period).values(state="allocated"))
        house.next = period(session, house.cast.building, f"{YEAR}-04", "open")
        house.day = house.organisation.today - timedelta(days=1)
        return _slip(session, house, "allocated", {house.cold_a1: ["472", "5", None], house.hot_a1: ["248", "", None]})


def _slip(session, house, why: str, typed: dict, unit=None, **given) -> int:
    now = clock.now()
    given = {"via": "offline", "person_id": house.cast.tenant, "state": "held", "period_id": house.period} | given
    slip = Slip(
        key=f"k{why}{len(typed)}", organisation_id=house.cast.koivu, unit_id=unit or house.cast.unit_a1, why=why,
        day=house.organisation.today,
        typed={str(id): said for id, said in typed.items()}, typed_at=now - timedelta(hours=9), at=now, **given,
    )  # fmt: skip
    return house.cast.add(session, slip)


def slip_of(house, id: int) -> Slip:
    with house.db.reading() as session:
        return session.get_one(Slip, id)


def test_the_first_page_counts_what_waits_and_the_list_says_where_from_and_why(house, held, desk):
    office = desk("office")
    assert "Readings that came later" in office.get("/desk/").text
    text = office.get("/desk/slips").text
    assert "Pihlajakuja 6 A 1" in text and "From a phone without a connection" in text and "already shared out" in text


def test_what_came_stands_beside_what_counts_and_is_booked_in_the_period_that_takes_readings(house, held, desk, db):
    office = desk("office")
    page = office.get(f"/desk/slips/{held}").text
    assert "Aino Virta" in page and 'value="472,005"' in page and "466.000" in page
    office.post(f"/desk/slips/{held}/acceptance", 303, **fields(page))
    slip = slip_of(house, held)
    with db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.receipt_id == slip.receipt_id)).all()
    assert (slip.state, slip.decided_by) == ("settled", house.cast.office)
    assert {(row.period_id, row.via, row.source, row.typed_at == slip.typed_at) for row in rows} == {
        (house.next, "offline", "office", True)
    }
    assert {row.value for row in rows} == {472_005_000, 248_000_000}


def test_a_question_is_asked_and_everything_typed_stays(house, held, desk):
    office = desk("office")
    given = fields(office.get(f"/desk/slips/{held}").text) | {f"r{house.cold_a1}": "300", f"r{house.hot_a1}": "abc"}
    answer = office.post(f"/desk/slips/{held}/acceptance", 422, **given).text
    assert 'value="300"' in answer and 'value="abc"' in answer and f'name="w{house.cold_a1}"' in answer
    given |= {f"w{house.cold_a1}": "shows", f"r{house.hot_a1}": ""}
    office.post(f"/desk/slips/{held}/acceptance", 303, **given)
    assert [row.value for row in _booked(house)] == [300_000_000] and slip_of(house, held).state == "settled"


def _booked(house):
    with house.db.reading() as session:
        return session.scalars(select(Reading).where(Reading.via == "offline")).all()


def test_dismissing_tells_the_resident_with_the_answer(house, held, desk, client, db):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == house.cast.tenant).values(notify_email=True))
    desk("office").post(f"/desk/slips/{held}/dismissal", 303, note="Please read it again in March.")
    assert slip_of(house, held).state == "dismissed" and _booked(house) == []
    text = client("tenant").get("/readings").text
    assert "Please read it again in March." in text and "472 5" in text
    assert "Please read it again in March." in client("tenant").get("/readings/history").text
    with db.reading() as session:
        assert [job.payload["kind"] for job in session.scalars(select(Job)).all()][:1] == ["slip"]


@pytest.mark.parametrize("act", ["acceptance", "dismissal"])
def test_a_second_decision_changes_nothing(house, held, desk, act):
    office = desk("office")
    given = fields(office.get(f"/desk/slips/{held}").text)
    office.post(f"/desk/slips/{held}/dismissal", 303, note="First")
    assert "already" in office.post(f"/desk/slips/{held}/{act}", 409, **given).text
    assert (slip_of(house, held).decided_note, _booked(house)) == ("First", [])


def test_what_the_desk_enters_for_the_same_registers_and_period_settles_the_slip(house, desk):
    with house.db.writing() as session:
        held = _slip(session, house, "questioned", {house.cold_a1: ["490", "", None], house.hot_a1: ["300", "", None]})
    office = desk("office")
    form = office.form(f"/desk/readings/homes/{house.cast.unit_a1}?period={NAME}")
    office.post(f"/desk/readings/homes/{house.cast.unit_a1}", 303, **form | {f"r{house.cold_a1}": "472"})
    assert (slip_of(house, held).state, list(slip_of(house, held).typed)) == ("held", [str(house.hot_a1)])
    form = office.form(f"/desk/readings/homes/{house.cast.unit_a1}?period={NAME}")
    office.post(f"/desk/readings/homes/{house.cast.unit_a1}", 303, **form | {f"r{house.hot_a1}": "248"})
    assert slip_of(house, held).state == "settled"


def test_only_posts_that_decide_see_them_and_only_where_they_act(house, held, desk):
    assert desk("manager").get(f"/desk/slips/{held}")
    for name in ("council", "accountant", "provider", "caretaker", "tenant"):
        desk(name).get(f"/desk/slips/{held}", 404)
    desk("board").get(f"/desk/slips/{held}", 404)
    assert "A 1" not in desk("board").get("/desk/slips").text


def test_a_former_holder_who_sends_late_shows_nothing_to_whoever_lives_there_now(house, client):
    with house.db.writing() as session:
        _slip(session, house, "ended", {house.cold_a1: ["123", "", None]}, person_id=house.cast.former)
    assert "123" not in client("tenant").get("/readings").text


def test_without_a_period_that_takes_readings_it_can_only_be_dismissed(house, held, desk):
    with house.db.writing() as session:
        session.execute(update(BillingPeriod).values(state="allocated"))
    page = desk("office").get(f"/desk/slips/{held}").text
    assert "/acceptance" not in page and "/dismissal" in page
    desk("office").post(f"/desk/slips/{held}/acceptance", 422, day=date(YEAR, 2, 27).isoformat())


def test_a_meter_that_is_gone_is_told_and_not_booked(house, desk):
    with house.db.writing() as session:
        held = _slip(session, house, "meter", {987654: ["55", "1", None], house.cold_a1: ["472", "", None]})
    office = desk("office")
    page = office.get(f"/desk/slips/{held}").text
    assert "no longer there" in page and "55 1" in page
    office.post(f"/desk/slips/{held}/acceptance", 303, **fields(page))
    assert slip_of(house, held).state == "settled" and house.count(Receipt) == 1
