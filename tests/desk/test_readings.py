"""Who has submitted, entry for any home, and what waits for a decision: at the desk, for council and for a supplier."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import brotli
import pytest
from sqlalchemy import func, select, update

from resident.audit import AuditEvent
from resident.homes import setting
from resident.homes.building import Building
from resident.metering import submission
from resident.metering.meter import Meter
from resident.metering.reading import Reading, Receipt
from resident.money.period import BillingPeriod
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from tests.client import fields
from tests.metering.counters import YEAR, actor, meter, move_to, organisation, period, year_of

NAME = f"{YEAR}-03"


class House:
    """A 1 and A 2 have a cold and a hot meter and a year of readings; B 10 one cold; the window of March is open."""

    def __init__(self, db, cast):
        self.db, self.cast = db, cast
        with db.writing() as session:
            for name, unit in (("a1", cast.unit_a1), ("a2", cast.unit_a2), ("b10", cast.unit_b10)):
                (cold,) = meter(session, cast, unit, "cold_water", f"c-{name}")
                year_of(session, cold, cast.building)
                setattr(self, f"cold_{name}", cold)
            for name, unit in (("a1", cast.unit_a1), ("a2", cast.unit_a2)):
                (hot,) = meter(session, cast, unit, "hot_water", f"h-{name}")
                year_of(session, hot, cast.building, use="4.000", start="200.000")
                setattr(self, f"hot_{name}", hot)
            self.period = period(session, cast.building, NAME, "open", (date(YEAR, 2, 25), date(YEAR, 3, 5)))
            self.organisation = organisation(session, cast.koivu)
        self.url = f"/desk/readings?building={cast.building}&period={NAME}"
        self.tenant = actor(cast, "tenant", cast.tenant, cast.koivu)

    def send(self, values: dict, unit=None, by=None):
        with self.db.writing() as session:
            day = self.organisation.today
            said = {register: submission.Typed(*value) for register, value in values.items()}
            return submission.submit(session, unit or self.cast.unit_a1, self.organisation, said, day, by=by or self.tenant)

    def wait(self) -> int:
        """A lower value that A 1 says the counter shows: its id."""
        self.send({self.cold_a1: ("300.000", "", "shows", "I looked twice")})
        with self.db.reading() as session:
            return session.scalar(select(Reading.id).where(Reading.state == "pending"))

    def rows(self, *where):
        with self.db.reading() as session:
            return session.scalars(select(Reading).where(Reading.period_id == self.period, *where).order_by(Reading.id)).all()

    def count(self, thing) -> int:
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(thing))


@pytest.fixture
def house(db, cast, later) -> House:
    move_to(YEAR, 2, 27)
    return House(db, cast)


def form(client, house, **values) -> dict:
    return client.form(house.url) | {f"r{getattr(house, name)}": value for name, value in values.items()}


# ---- Who has submitted ---------------------------------------------------------------------------------------------


def test_the_list_says_home_by_home_who_has_submitted_and_counts_by_staircase(house, desk):
    house.send({house.cold_a1: ("478.000",), house.hot_a1: ("252.000",)})
    shown = desk("office").get(house.url).text
    assert "1 of 3 homes has submitted" in shown or "1 of 3 homes have submitted" in shown
    assert "Staircase A" in shown and "1 of 2" in shown and "0 of 1" in shown
    assert "Open until 5 Mar" in shown and "Aino Virta" in shown and "478.000" in shown
    assert shown.index(">A 1<") < shown.index(">A 2<") < shown.index(">B 3<") < shown.index(">B 10<")
    assert "Which entry counts: the one that was accepted last" in shown


def for_neighbours(house, cast) -> None:
    with house.db.writing() as session:
        setting.put(session, cast.koivu, "house_list_open", True)


def test_a_value_that_waits_counts_as_submitted_at_the_desk_for_neighbours_and_in_the_tally_alike(house, cast, desk):
    for_neighbours(house, cast)
    house.send({house.cold_a1: ("300.000", "", "shows"), house.hot_a1: ("252.000",)})
    office, tenant = desk("office"), desk("tenant")
    assert "1 of 3 homes" in office.get(house.url).text and "1 of 3" in office.get("/desk/").text
    listed = office.get(f"{house.url}&state=submitted").text
    assert [f">{number}</a>" in listed for number in ("A 1", "A 2", "B 10")] == [True, False, False]
    told = tenant.get("/readings/house").text
    assert "1 of 3 homes have submitted" in told
    assert told.count(">Submitted<") == 1 and told.count(">Missing<") == 2


def test_a_meter_taken_out_or_read_remotely_is_asked_for_by_none_of_the_three(house, cast, desk):
    for_neighbours(house, cast)
    with house.db.writing() as session:
        for serial, values in (("h-a1", {"remote": True}), ("c-b10", {"removed": date(YEAR, 2, 20)})):
            session.execute(update(Meter).where(Meter.serial == serial).values(values))
    house.send({house.cold_a1: ("478.000",)})
    office, tenant = desk("office"), desk("tenant")
    assert "1 of 2 homes" in office.get(house.url).text and "1 of 2" in office.get("/desk/").text
    told = tenant.get("/readings/house").text
    assert "1 of 2 homes have submitted" in told and "B 10" not in told


@pytest.mark.parametrize(
    ("query", "homes"),
    [
        ("state=submitted", ["A 1"]),
        ("state=missing", ["A 2", "B 10"]),
        ("state=question", ["A 2"]),
        ("staircase=B", ["B 3", "B 10"]),
        ("by=resident", ["A 1", "A 2"]),
        ("by=council", []),
        ("medium=hot_water", ["A 1", "A 2"]),
        ("medium=hot_water&state=missing", ["A 2"]),
    ],
)
def test_filters_stand_in_the_url_and_narrow_the_list(house, cast, desk, query, homes):
    house.send({house.cold_a1: ("478.000",), house.hot_a1: ("252.000",)})
    neighbour = actor(cast, "neighbour", cast.neighbour, cast.koivu)
    house.send({house.cold_a2: ("300.000", "", "shows")}, cast.unit_a2, neighbour)
    shown = desk("office").get(f"{house.url}&{query}").text
    assert [number for number in ("A 1", "A 2", "B 3", "B 10") if f">{number}</a>" in shown] == homes


def test_filtering_by_htmx_swaps_the_sheet_and_puts_focus_on_its_heading(house, desk):
    part = desk("office").get(f"{house.url}&state=missing", htmx=True).text
    assert '<div id="sheet">' in part and "<html" not in part
    assert 'tabindex="-1" autofocus' in part and 'value="missing" selected' in part


def test_a_council_member_sees_homes_and_values_but_no_names(house, cast, db, desk):
    house.send({house.cold_a1: ("478.000",)})
    council = desk("council")
    for url in (house.url, f"/desk/readings/homes/{cast.unit_a1}?period={NAME}", "/desk/readings/questions"):
        shown = council.get(url).text
        assert "Virta" not in shown and "040 555" not in shown and "example.org" not in shown
    assert "478.000" in council.get(house.url).text
    council.post(f"/desk/readings/{house.wait()}/acceptance", 403)


def test_the_name_of_a_person_under_non_disclosure_shows_to_the_office_alone(house, cast, db, desk):
    house.send({house.cold_a1: ("478.000",)})
    with db.writing() as session:
        session.get_one(Person, cast.tenant).non_disclosure = True
    for login, told in (("office", True), ("accountant", False)):
        pages = [desk(login).get(url).text for url in (house.url, f"/desk/readings/homes/{cast.unit_a1}?period={NAME}")]
        assert [("Aino Virta" in shown) for shown in pages] == [told, told]


def test_a_supplier_sees_and_enters_only_its_medium(house, cast, desk):
    house.send({house.hot_a1: ("252.000",)})
    provider = desk("provider")
    shown = provider.get(house.url).text
    assert "Cold water" in shown and "Hot water" not in shown and "252.000" not in shown
    assert "Hot water" not in provider.get(f"/desk/readings/homes/{cast.unit_a1}?period={NAME}").text
    provider.post("/desk/readings", **form(provider, house, cold_a1="478.000", hot_a2="252.000"))
    assert [(row.register_id, row.source) for row in house.rows(Reading.source == "provider")] == [(house.cold_a1, "provider")]


def test_a_council_of_one_building_and_other_organisations_do_not_reach_the_house(house, cast, db, desk):
    with db.writing() as session:
        other = cast.add(session, Building(organisation_id=cast.koivu, code="P8", address="Pihlajakuja 8"))
        post = session.scalar(select(Post.id).where(Post.person_id == cast.council))
        session.add(PostBuilding(post_id=post, building_id=other))
    waiting = house.wait()
    for login in ("council", "board"):
        stranger = desk(login)
        stranger.get(house.url, 404)
        stranger.get(f"/desk/readings/homes/{cast.unit_a1}", 404)
        stranger.post(f"/desk/readings/homes/{cast.unit_a1}", 404, once="k1", day=date(YEAR, 2, 27).isoformat())
        stranger.post("/desk/readings", 404, once="k2", building=cast.building, period=NAME, day=date(YEAR, 2, 27).isoformat())
        assert "Pihlajakuja 6" not in stranger.get("/desk/readings/questions").text
    desk("board").post(f"/desk/readings/{waiting}/acceptance", 404)
    desk("board").post(f"/desk/readings/{waiting}/rejection", 404)
    for login, status in (("tenant", 404), ("caretaker", 403), ("control", 403)):
        desk(login).get(house.url, status)


# ---- Entry ---------------------------------------------------------------------------------------------------------


def test_what_is_good_is_saved_and_what_is_in_question_stays_on_the_page(house, desk):
    office = desk("office")
    values = form(office, house, cold_a1="478.000", hot_a1="252,000", cold_a2="300", hot_a2="abc")
    answer = office.post("/desk/readings", 422, **values)
    assert "Saved 2 readings." in answer.text and "2 values need a look." in answer.text
    assert "lower than the last one, 466.000" in answer.text and 'value="300"' in answer.text and 'value="abc"' in answer.text
    assert f'href="#r{house.cold_a2}"' in answer.text and f'href="#r{house.hot_a2}"' in answer.text
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
    office.post(f"/desk/readings/{waiting}/acceptance", 303)
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


# ---- Size ----------------------------------------------------------------------------------------------------------


def fill(house, cast, homes: int) -> None:
    with house.db.writing() as session:
        cast._session = session
        for number in range(homes):
            unit = cast.unit(cast.building, f"C {number:03d}", "C")
            for medium in ("cold_water", "hot_water"):
                (register,) = meter(session, cast, unit, medium, f"{medium}-{number}")
                year_of(session, register, cast.building, months=2)
        del cast._session


def test_the_list_asks_as_much_for_four_homes_as_for_forty_and_pages_by_key(house, cast, desk, asked):
    office = desk("office")
    with asked() as few:
        office.get(house.url)
    fill(house, cast, 60)
    with asked() as many:
        first = office.get(house.url).text
    assert len(many) == len(few)
    assert first.count('role="rowheader"') == 50
    following = next(part for part in first.split('href="') if "after=" in part.split('"')[0]).split('"')[0].replace("&amp;", "&")
    second = office.get(following).text
    assert "C 045" in first and "C 046" not in first and ">C 046<" in second and ">C 059<" in second and ">A 1<" not in second


@pytest.mark.bar
def test_a_page_of_fifty_homes_is_small(house, cast, desk):
    fill(house, cast, 60)
    shown = desk("office").get(house.url + "&staircase=C")
    assert len(brotli.compress(shown.data, quality=4)) <= 8000


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_statement_of_the_list_or_the_queue_reads_a_whole_table(house, cast, desk, db):
    from sqlalchemy import event

    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, given, *_: seen.append((statement, given)))
    office = desk("office")
    for url in (
        house.url,
        house.url + "&state=missing",
        "/desk/readings/questions",
        f"/desk/readings/homes/{cast.unit_a1}",
        "/desk/windows",
    ):
        office.get(url)
    with db.engine.connect() as connection:
        for statement, given in [(text, given) for text, given in seen if text.startswith("SELECT")]:
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, given):
                table = row.detail.removeprefix("SCAN ").split()[0]
                whole = row.detail.startswith("SCAN ") and "USING" not in row.detail
                assert not whole or table in ("organisation", "(subquery-1)", "CONSTANT") or table.startswith("anon_"), (
                    f"{row.detail}\n{statement}"
                )
