"""Who has submitted: at the desk, for council and for a supplier; and how large and costly the list is."""

import re
from datetime import date

import brotli
import pytest
from sqlalchemy import select, update

from resident import clock
from resident.homes import setting
from resident.homes.building import Building
from resident.metering.meter import Meter
from resident.metering.reading import Reading
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from tests.desk.house import NAME, form
from tests.metering.counters import YEAR, actor, meter, year_of

# ---- Who has submitted ---------------------------------------------------------------------------------------------


def test_the_list_says_home_by_home_who_has_submitted_and_counts_by_staircase(house, desk):
    house.send({house.cold_a1: ("478.000",), house.hot_a1: ("252.000",)})
    shown = desk("office").get(house.url).text
    assert "1 of 3 homes has submitted" in shown or "1 of 3 homes have submitted" in shown
    assert "Staircase A" in shown and "1 of 2" in shown and "0 of 1" in shown
    assert "Open until 5 Mar" in shown and "Aino Virta" in shown and "478.000" in shown
    assert shown.index(">A 1<") < shown.index(">A 2<") < shown.index(">B 3<") < shown.index(">B 10<")
    assert "Which entry counts: the one that was accepted last" in shown


def standing(shown: str) -> dict[str, str]:
    """How the page says that each home stands, by its number."""
    return dict(re.findall(r'scope="row"><a[^>]*>([^<]*)</a>.*?<span class="tag [a-z]+">([^<]*)</span>', shown))


def test_what_the_list_says_of_a_home_is_what_the_filters_find_it_by(house, cast, desk):
    house.send({house.cold_a1: ("478.000",), house.hot_a1: ("252.000",)})
    house.send({house.cold_a2: ("300.000", "", "shows")}, cast.unit_a2, actor(cast, "neighbour", cast.neighbour, cast.koivu))
    with house.db.writing() as session:
        estimate = {"source": "estimate", "day": date(YEAR, 2, 28), "at": clock.now(), "period_id": house.period}
        session.add(Reading(register_id=house.cold_b10, value=478_000_000, **estimate))
    office = desk("office")
    told = standing(office.get(house.url).text)
    assert told == {"A 1": "Submitted", "A 2": "In question", "B 3": "No meter", "B 10": "Not submitted"}
    found = {state: list(standing(office.get(f"{house.url}&state={state}").text)) for state in ("submitted", "question", "missing")}
    assert found == {"submitted": ["A 1"], "question": ["A 2"], "missing": ["A 2", "B 10"]}


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


@pytest.mark.bar
def test_fifty_homes_are_small_on_the_wire_in_cyrillic_too(house, cast, desk):
    fill(house, cast, 60)
    for language in ("en", "ru"):
        sent = desk("office").http.get(f"{house.url}&staircase=C&lang={language}", headers={"Accept-Encoding": "br"})
        assert sent.headers["Content-Encoding"] == "br" and len(sent.data) <= 8000
        assert brotli.decompress(sent.data).count(b'role="rowheader"') == 50


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


def test_whoever_decides_on_a_lower_reading_is_told_of_use_below_zero(house, desk):
    house.wait()
    assert "its use is below zero: −" in desk("office").get("/desk/readings/questions").text
    # Who only looks decides nothing.
    assert "below zero" not in desk("council").get("/desk/readings/questions").text
