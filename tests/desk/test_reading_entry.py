"""Entry for any home, and what waits for a decision: at the desk, for council and for a supplier."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from resident.audit import AuditEvent
from resident.homes import setting
from resident.metering.reading import Reading, Receipt
from resident.money.period import BillingPeriod
from tests.client import fields
from tests.desk.house import NAME, form
from tests.metering.counters import meter

# ---- Entry ---------------------------------------------------------------------------------------------------------


def test_what_is_good_is_saved_and_what_is_in_question_stays_on_the_page(house, desk):
    office = desk("office")
    values = form(office, house, cold_a1="478.000", hot_a1="252,000", cold_a2="300", hot_a2="abc")
    answer = office.post("/desk/readings", 422, **values)
    assert "Saved 2 readings." in answer.text and "2 values need a look." in answer.text
    assert "lower than the last one, 466.000" in answer.text and 'value="300"' in answer.text and 'value="abc"' in answer.text
    for register in (house.cold_a2, house.hot_a2):
        assert f'href="#r{register}"' in answer.text and f' id="r{register}"' in answer.text
    assert {(row.register_id, row.value, row.source) for row in house.rows()} == {
        (house.cold_a1, 478_000_000, "office"),
        (house.hot_a1, 252_000_000, "office"),
    }
    assert house.count(Receipt) == 1
    # Staff may record a lower value, with the reason.
    again = fields(answer.text) | {f"w{house.cold_a2}": "shows", f"r{house.hot_a2}": ""}
    office.post("/desk/readings", 303, **again)
    lower = house.rows(Reading.register_id == house.cold_a2)
    assert [(row.value, row.state, row.counts, row.reason) for row in lower] == [(300_000_000, "accepted", True, "shows")]


def test_an_empty_sheet_and_a_day_that_is_none_are_told(house, desk):
    office = desk("office")
    assert "Nothing was typed" in office.post("/desk/readings", 422, **form(office, house)).text
    answer = office.post("/desk/readings", 422, **form(office, house, cold_a1="478.000") | {"day": "yesterday"}).text
    assert 'href="#day"' in answer and 'value="478.000"' in answer
    assert house.rows() == []


def test_the_same_sheet_sent_ten_times_at_once_makes_one_set_of_rows(house, app, desk):
    office = desk("office")
    values = form(office, house, cold_a1="478.000", hot_a1="252.000", cold_a2="478.000", cold_b10="478.000")
    values |= {"csrf_token": office.token()}
    cookies = [(cookie.key, cookie.value) for cookie in office.http._cookies.values()]

    def send(_):
        http = app.test_client()
        for key, value in cookies:
            http.set_cookie(key, value)
        return http.post("/desk/readings", data=values)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(house.rows()) == 4 and house.count(Receipt) == 3


def test_two_sheets_at_once_that_share_homes_wait_for_each_other(house, app, desk):
    office = desk("office")
    names = ("cold_a1", "cold_a2", "cold_b10")
    sheets = [
        form(office, house, **{name: f"{471 + number}.000" for name in names[:: 1 if number % 2 else -1]}) for number in range(6)
    ]
    token = {"csrf_token": office.token()}
    cookies = [(cookie.key, cookie.value) for cookie in office.http._cookies.values()]

    def send(values):
        http = app.test_client()
        for key, value in cookies:
            http.set_cookie(key, value)
        return http.post("/desk/readings", data=values | token).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, sheets)) == {303}
    assert len(house.rows(Reading.counts)) == 3 and len(house.rows()) == 18


def test_entry_for_one_home_shows_the_receipt_and_the_history_keeps_everything(house, cast, desk):
    house.send({house.cold_a1: ("477.000",)})
    office, url = desk("office"), f"/desk/readings/homes/{cast.unit_a1}?period={NAME}"
    before = office.form(url)
    asked = office.post(url, 422, **before | {f"r{house.cold_a1}": "100"}).text
    assert "lower than the last one" in asked and 'value="100"' in asked and house.count(Receipt) == 1
    done = office.post(url, 303, **before | {f"r{house.cold_a1}": "478.500"})
    shown = office.get(done.headers["Location"]).text
    with house.db.reading() as session:
        number = session.scalars(select(Receipt.number).order_by(Receipt.id.desc())).first()
    assert f"Receipt number: {number}" in shown and "478.500" in shown
    history = shown[shown.index('id="lines"') :]
    assert "477.000" in history and "Replaced" in history and "Aino Virta" in history and "Oili Toimisto" in history


def test_after_the_costs_are_shared_out_nothing_can_be_entered(house, cast, db, desk):
    office = desk("office")
    values = form(office, house, cold_a1="478.000")
    with db.writing() as session:
        session.get_one(BillingPeriod, house.period).state = "allocated"
    answer = office.post("/desk/readings", 422, **values).text
    assert "already been shared out" in answer and house.rows() == []
    assert "Save readings" not in office.get(house.url).text
    assert "already been shared out" in office.get(f"/desk/readings/homes/{cast.unit_a1}?period={NAME}").text


def test_where_staff_close_the_residents_entry_the_page_says_so(house, cast, db, desk):
    with db.writing() as session:
        setting.put(session, cast.koivu, "entry_that_counts", "staff_closes")
    assert "what staff or council enter closes the resident’s entry" in desk("council").get(house.url).text


def test_remote_counters_are_only_looked_at(house, cast, db, desk):
    with db.writing() as session:
        (remote,) = meter(session, cast, cast.unit_b3, "cold_water", "r-1", remote=True)
    office = desk("office")
    shown = office.get(house.url).text
    assert "Read remotely" in shown and f'name="r{remote}"' not in shown
    office.post("/desk/readings", 422, **office.form(house.url) | {f"r{remote}": "5.000"})
    office.post(
        f"/desk/readings/homes/{cast.unit_b3}?period={NAME}",
        422,
        **office.form(f"/desk/readings/homes/{cast.unit_b3}") | {f"r{remote}": "5"},
    )
    assert house.rows() == []


# ---- Decisions -----------------------------------------------------------------------------------------------------


def test_a_waiting_reading_is_accepted_once_and_the_second_decision_is_told(house, desk):
    waiting, office, manager = house.wait(), desk("office"), desk("manager")
    queue = office.get("/desk/readings/questions").text
    assert "300.000" in queue and "I looked twice" in queue and "466.000" in queue and "Aino Virta" in queue
    shown = office.post(f"/desk/readings/{waiting}/acceptance", 200, htmx=True).text
    assert "300.000" in shown and "Previous reading: 466.000" in shown.replace("\u00a0", " ")
    told = manager.post(f"/desk/readings/{waiting}/rejection", 409, note="no").text
    assert "accepted already, by Oili Toimisto" in told
    (reading,) = house.rows()
    assert (reading.state, reading.counts, reading.decided_note) == ("accepted", True, None)
    with house.db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.thing == "reading")).all()
    assert acts == ["reading_accepted"]
    assert "No reading waits" in office.get("/desk/readings/questions").text


def test_a_rejection_keeps_the_reading_and_the_answer_to_the_resident(house, cast, desk):
    waiting, office = house.wait(), desk("office")
    part = office.post(f"/desk/readings/{waiting}/rejection", 200, htmx=True, note="The caretaker read 474").text
    assert f'<article class="msg" id="q{waiting}">' in part and "Rejected" in part and "autofocus" in part
    assert 'id="say"' in part
    (reading,) = house.rows()
    assert (reading.state, reading.counts, reading.decided_note) == ("rejected", False, "The caretaker read 474")
    assert "The caretaker read 474" in office.get(f"/desk/readings/homes/{cast.unit_a1}?period={NAME}").text


def test_a_decision_made_many_times_at_once_is_made_once(house, app, desk):
    waiting, office = house.wait(), desk("office")
    token = {"csrf_token": office.token(), "note": ""}
    cookies = [(cookie.key, cookie.value) for cookie in office.http._cookies.values()]

    def decide(number):
        http = app.test_client()
        for key, value in cookies:
            http.set_cookie(key, value)
        act = "acceptance" if number % 2 else "rejection"
        return http.post(f"/desk/readings/{waiting}/{act}", data=token).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(decide, range(8)))
    assert answers == [303] + [409] * 7
    with house.db.reading() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.thing == "reading")) == 1
