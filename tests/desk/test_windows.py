"""Reading windows at the desk: one building or all, days clamped, apart from each other, told when somebody was faster."""

from datetime import date

import pytest
from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.errors import Stale
from resident.homes.building import Building
from resident.metering import opening
from resident.metering.window import ReadingWindow
from resident.money import period as periods
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, actor, move_to, period

FIRST, LAST = date(YEAR, 2, 25), date(YEAR, 3, 5)


@pytest.fixture
def office(cast):
    return actor(cast, "office", cast.office, cast.koivu, "office")


@pytest.fixture
def second(db, cast) -> int:
    """Another building of koivu."""
    with db.writing() as session:
        return cast.add(session, Building(organisation_id=cast.koivu, code="P8", address="Pihlajakuja 8"))


def planned(db, cast, office, name=f"{YEAR}-03", **given) -> int:
    with db.writing() as session:
        return periods.plan(session, cast.building, name, by=office, **given).id


def opened(db, office, period_id: int, first=FIRST, last=LAST) -> int:
    with db.writing() as session:
        period = session.get_one(BillingPeriod, period_id)
        return opening.open_windows(session, [period.building_id], period.name, first, last, by=office).windows[0].id


def test_use_of_the_month_before_is_billed_unless_the_call_says_otherwise(db, cast, office):
    planned(db, cast, office)
    planned(db, cast, office, f"{YEAR}-06", behind=False)
    with db.reading() as session:
        days = session.execute(
            select(BillingPeriod.name, BillingPeriod.use_first, BillingPeriod.use_last).order_by(BillingPeriod.name)
        ).all()
    assert days == [
        (f"{YEAR}-03", date(YEAR, 2, 1), periods.month_of(date(YEAR, 2, 1))[1]),
        (f"{YEAR}-06", date(YEAR, 6, 1), date(YEAR, 6, 30)),
    ]


def test_one_day_of_use_belongs_to_one_period(db, cast, office):
    planned(db, cast, office)
    with pytest.raises(periods.UseOverlaps) as refusal:
        planned(db, cast, office, f"{YEAR}-02", behind=False)
    assert refusal.value.name == f"{YEAR}-03"
    with pytest.raises(periods.PeriodExists):
        planned(db, cast, office)
    for name in ("2026-13", "26-01", "2026-1"):
        with pytest.raises(periods.BadPeriodName):
            planned(db, cast, office, name)


def test_opening_turns_planned_into_open_and_leaves_one_event(db, cast, office):
    opened(db, office, planned(db, cast, office))
    with db.reading() as session:
        assert session.scalar(select(BillingPeriod.state)) == "open"
        events = session.scalars(select(AuditEvent).where(AuditEvent.act == "window_opened")).all()
        assert [(event.facts["buildings"], event.person_id) for event in events] == [([cast.building], cast.office)]


def test_windows_of_one_building_stay_apart_and_in_order(db, cast, office):
    opened(db, office, planned(db, cast, office))
    following = planned(db, cast, office, f"{YEAR}-04")
    with pytest.raises(opening.LastBeforeFirst):
        opened(db, office, following, date(YEAR, 3, 10), date(YEAR, 3, 9))
    with pytest.raises(opening.WindowsOverlap) as refusal:
        opened(db, office, following, LAST, date(YEAR, 3, 31))
    assert (refusal.value.name, refusal.value.last) == (f"{YEAR}-03", LAST)
    opened(db, office, following, date(YEAR, 3, 6), date(YEAR, 3, 31))
    with pytest.raises(opening.AlreadyOpened):
        opened(db, office, following, date(YEAR, 5, 1), date(YEAR, 5, 2))


def test_a_period_whose_costs_are_shared_out_keeps_its_window(db, cast, office):
    period_id = planned(db, cast, office)
    window_id = opened(db, office, period_id)
    with db.writing() as session:
        session.get_one(BillingPeriod, period_id).state = "allocated"
    with pytest.raises(opening.PeriodAllocated), db.writing() as session:
        opening.change_window(session, session.get_one(ReadingWindow, window_id), FIRST, FIRST, by=office)


def test_a_change_of_days_that_somebody_else_made_meanwhile_is_told(db, cast, office):
    window_id = opened(db, office, planned(db, cast, office))
    with db.writing() as session:
        opening.change_window(
            session, session.get_one(ReadingWindow, window_id), FIRST, date(YEAR, 3, 3), by=office, seen=(FIRST, LAST)
        )
    with pytest.raises(Stale), db.writing() as session:
        opening.change_window(
            session, session.get_one(ReadingWindow, window_id), FIRST, date(YEAR, 3, 9), by=office, seen=(FIRST, LAST)
        )


def test_closing_early_lets_today_be_the_last_day(db, cast, office):
    window_id = opened(db, office, planned(db, cast, office))
    for today, fits in ((date(YEAR, 2, 24), False), (LAST, False), (date(YEAR, 2, 27), True)):
        with db.writing() as session:
            window = session.get_one(ReadingWindow, window_id)
            if fits:
                opening.close_window(session, window, today, by=office)
                assert window.last == today
            else:
                with pytest.raises(opening.NotRunning):
                    opening.close_window(session, window, today, by=office)


def test_all_buildings_at_once_leave_out_those_where_it_cannot_be(db, cast, office, second):
    opened(db, office, planned(db, cast, office))
    with db.writing() as session:
        result = opening.open_windows(session, [cast.building, second], f"{YEAR}-03", FIRST, LAST, by=office)
        assert len(result.windows) == 1 and [type(error) for error in result.left_out] == [opening.AlreadyOpened]
        made = session.get_one(BillingPeriod, result.windows[0].period_id)
        assert (made.building_id, made.state, made.use_first) == (second, "open", date(YEAR, 2, 1))
    with pytest.raises(opening.AlreadyOpened), db.writing() as session:
        opening.open_windows(session, [cast.building, second], f"{YEAR}-03", FIRST, LAST, by=office)


def test_the_days_proposed_are_those_of_the_window_before_and_fit_the_month(db):
    feb = date(YEAR, 2, 1)
    assert opening.proposed(feb, None) == (date(YEAR, 2, 25), periods.month_of(feb)[1])
    assert opening.proposed(feb, (date(YEAR, 1, 29), date(YEAR, 1, 31))) == (periods.month_of(feb)[1], periods.month_of(feb)[1])
    assert opening.proposed(feb, (date(YEAR, 1, 25), date(YEAR, 2, 5))) == (date(YEAR, 2, 25), date(YEAR, 3, 5))


# ---- On the screen -------------------------------------------------------------------------------------------------


@pytest.fixture
def in_february(later):
    move_to(YEAR, 2, 20)


def window_form(client, where: str, **given) -> dict:
    fields = client.form(f"/desk/windows?period={YEAR}-03")
    return (
        fields
        | {"where": where, "period": f"{YEAR}-03", "behind": "1", "first": FIRST.isoformat(), "last": LAST.isoformat()}
        | given
    )


def windows(db) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(ReadingWindow))


def test_the_office_opens_all_buildings_from_the_page_and_twice_sent_is_once_opened(db, cast, desk, second, in_february):
    office = desk("office")
    form = window_form(office, f"all{cast.koivu}")
    first, again = office.post("/desk/windows", 303, **form), office.post("/desk/windows", 303, **form)
    assert first.headers["Location"] == again.headers["Location"]
    assert windows(db) == 2
    shown = office.get(first.headers["Location"]).text
    assert "Pihlajakuja 6" in shown and "Pihlajakuja 8" in shown and "Opens on 25 Feb" in shown


def test_days_past_the_end_of_a_month_are_clamped(db, cast, desk, in_february):
    office = desk("office")
    office.post("/desk/windows", 303, **window_form(office, f"b{cast.building}", first=f"{YEAR}-02-25", last=f"{YEAR}-02-31"))
    with db.reading() as session:
        assert session.scalar(select(ReadingWindow.last)) == periods.month_of(FIRST)[1]


@pytest.mark.parametrize(("given", "field"), [({"last": f"{YEAR}-02-01"}, "last"), ({"first": "soon"}, "first")])
def test_what_is_not_right_is_said_at_the_field_and_everything_typed_stays(db, cast, desk, in_february, given, field):
    office = desk("office")
    answer = office.post("/desk/windows", 422, **window_form(office, f"b{cast.building}", **given)).text
    assert f'href="#{field}"' in answer and f'id="{field}-error"' in answer
    assert f'value="{next(iter(given.values()))}"' in answer
    assert windows(db) == 0


def test_the_page_of_a_window_changes_its_days_and_tells_of_a_stale_form(db, cast, desk, in_february):
    office = desk("office")
    office.post("/desk/windows", 303, **window_form(office, f"b{cast.building}"))
    with db.reading() as session:
        url = f"/desk/windows/{session.scalar(select(ReadingWindow.id))}"
    form = office.form(url)
    office.post(url, 303, **form | {"last": f"{YEAR}-03-02"})
    stale = office.post(url, 422, **form | {"last": f"{YEAR}-03-09"}).text
    assert "Somebody changed these days" in stale and f'value="{YEAR}-03-09"' in stale
    with db.reading() as session:
        assert session.scalar(select(ReadingWindow.last)) == date(YEAR, 3, 2)
    assert f"{YEAR}-02-25/{YEAR}-03-02" in stale


def test_another_organisations_staff_neither_see_nor_touch_a_window(db, cast, desk, office, in_february):
    window_id = opened(db, office, planned(db, cast, office))
    board = desk("board")
    assert "Pihlajakuja" not in board.get(f"/desk/windows?period={YEAR}-03").text
    board.get(f"/desk/windows/{window_id}", 404)
    board.post(f"/desk/windows/{window_id}", 404, first=FIRST.isoformat(), last=LAST.isoformat(), seen="x")
    board.post(f"/desk/windows/{window_id}/closure", 404)
    for where in (f"all{cast.koivu}", f"b{cast.building}", "b9999", ""):
        board.post(
            "/desk/windows",
            404,
            once=f"key-{where}",
            where=where,
            period=f"{YEAR}-03",
            first=FIRST.isoformat(),
            last=LAST.isoformat(),
        )


def test_council_and_supplier_may_not_open_windows(desk):
    for login in ("council", "provider", "caretaker"):
        desk(login).get("/desk/windows", 403)
        desk(login).post("/desk/windows", 403, once="k")
    desk("tenant").get("/desk/windows", 404)


def test_the_list_of_windows_asks_as_much_for_one_building_as_for_thirty(db, cast, desk, asked, in_february):
    office = desk("office")
    with asked() as few:
        office.get(f"/desk/windows?period={YEAR}-03")
    with db.writing() as session:
        session.add_all(Building(organisation_id=cast.koivu, code=f"Q{n:02d}", address=f"Koivukuja {n}") for n in range(29))
    with asked() as many:
        assert "Koivukuja 28" in office.get(f"/desk/windows?period={YEAR}-03").text
    assert len(many) == len(few)


def test_the_page_opens_on_the_window_that_runs_else_on_the_next(db, cast, desk, in_february):
    def shown() -> str:
        return desk("office").get("/desk/windows").text

    with db.writing() as session:
        period(session, cast.building, f"{YEAR}-02", "open", (date(YEAR, 1, 25), date(YEAR, 2, 5)))
        period(session, cast.building, f"{YEAR}-04", "open", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
    assert f'<option value="{YEAR}-04" selected>' in shown()
    with db.writing() as session:
        period(session, cast.building, f"{YEAR}-01", "open", (date(YEAR, 2, 19), date(YEAR, 2, 21)))
    assert f'<option value="{YEAR}-01" selected>' in shown()
