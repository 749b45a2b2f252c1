"""Use as it is asked of the database: what lies just outside the days asked for is taken into account, no more than that."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import event, select

from resident.metering import consumption
from resident.metering.meter import Meter
from tests.metering.counters import meter, reading

M3 = 1_000_000


@pytest.fixture
def cold(db, cast):
    """The tenant's cold water, read on the last day of each month of 2025; 3 m³ in January, 4 in February …"""
    with db.writing() as session:
        (register,) = meter(session, cast, cast.unit_a1, initial=100 * M3, installed=date(2024, 12, 31))
        value, first = 100, date(2025, 1, 1)
        for month in range(12):
            following = (first + timedelta(days=32)).replace(day=1)
            value += month + 3
            reading(session, register, following - timedelta(days=1), f"{value}.000")
            first = following
    return register


def ask(db, place, first, last, step, medium="cold_water", **given):
    with db.reading() as session:
        return consumption.series(session, place, medium, first, last, step, **given)


def test_months_of_a_home(db, cast, cold):
    spans = ask(db, cast.unit_a1, date(2025, 1, 1), date(2025, 12, 31), "month")
    assert [span.use for span in spans] == [(month + 3) * M3 for month in range(12)]
    assert all(span.known and not span.estimated for span in spans)


def test_of_a_register_as_of_its_home(db, cast, cold):
    asked = (date(2025, 3, 5), date(2025, 7, 9), "week")
    assert ask(db, [cold], *asked, medium=None) == ask(db, cast.unit_a1, *asked)
    assert ask(db, [], *asked)[0].known is False


def test_days_cut_out_are_the_same_as_within_the_whole(db, cast, cold):
    whole = ask(db, cast.unit_a1, date(2025, 1, 1), date(2025, 12, 31), "day")
    for first, last in ((40, 41), (58, 58), (59, 130), (300, 364)):
        assert ask(db, cast.unit_a1, whole[first].first, whole[last].first, "day") == whole[first : last + 1]


def test_an_estimate_that_a_later_reading_proves_wrong_is_found_from_before_it(db, cast, cold):
    with db.writing() as session:
        reading(session, cold, date(2026, 1, 31), "300.000", source="estimate")
        reading(session, cold, date(2026, 2, 28), "310.000", source="estimate")
        reading(session, cold, date(2026, 3, 31), "280.000")
    (january,) = ask(db, cast.unit_a1, date(2026, 1, 1), date(2026, 1, 31), "month")
    assert (january.use, january.estimated) == (78 * M3 * 31 // 90, True)
    assert sum(span.use for span in ask(db, cast.unit_a1, date(2026, 1, 1), date(2026, 3, 31), "month")) == (280 - 202) * M3


def test_what_does_not_count_is_not_used(db, cast, cold):
    with db.writing() as session:
        reading(session, cold, date(2025, 6, 15), "999.000", counts=False)
        reading(session, cold, date(2025, 6, 16), "998.000", state="pending", counts=False)
    spans = ask(db, cast.unit_a1, date(2025, 6, 1), date(2025, 6, 30), "month")
    assert spans[0].use == 8 * M3


def test_a_home_part_and_other_media_and_homes(db, cast, cold):
    with db.writing() as session:
        session.get_one(Meter, session.scalar(select(Meter.id))).coefficient = 250_000
        meter(session, cast, cast.unit_a1, "hot_water", "21-2")
        meter(session, cast, cast.unit_a2, "cold_water", "21-3")
    year = (date(2025, 1, 1), date(2025, 12, 31), "year")
    assert ask(db, cast.unit_a1, *year)[0].use == 102 * M3 // 4
    assert not ask(db, cast.unit_a1, *year, medium="hot_water")[0].known
    with db.reading() as session:
        found = consumption.of_homes(session, [cast.unit_a1, cast.unit_a2, cast.unit_b3], "cold_water", *year)
    assert {unit: spans[0].use for unit, spans in found.items()} == {cast.unit_a1: 102 * M3 // 4, cast.unit_a2: 0}


def test_a_new_holder(db, cast, cold):
    spans = ask(db, cast.unit_a1, date(2025, 1, 1), date(2025, 12, 31), "month", since=date(2025, 6, 1))
    assert [span.use // M3 for span in spans] == [0] * 5 + [8, 9, 10, 11, 12, 13, 14]
    mid = ask(db, cast.unit_a1, date(2025, 1, 1), date(2025, 12, 31), "month", since=date(2025, 6, 10))
    assert [span.days for span in mid][4:7] == [0, 0, 31]


def _daily(session, cast, place: int, random):
    """A remote register of two years with gaps, zero passed, estimates (some too high) and a value that staff lowered."""
    (register,) = meter(session, cast, cast.unit_a1, serial=f"r{place}", digits=3, installed=date(2025, 1, 1), remote=True)
    day, value = date(2025, 1, 1), 0
    while day < date(2026, 12, 31):
        day += timedelta(days=random.choice((1, 1, 1, 1, 1, 2, 9, 40)))
        value += random.randrange(0, 9 * M3)
        given = {"source": "remote"}
        if value >= 1000 * M3:
            value, given = value - 1000 * M3, {"source": "remote", "rolled_over": True}
        shown = value
        if random.random() < 0.05:
            shown, given = min(value + random.randrange(0, 60 * M3), 999 * M3), {"source": "estimate"}
        elif random.random() < 0.02:
            shown, given = value // 2, {"source": "office"}
        reading(session, register, day, f"{shown // M3}.{shown % M3:06d}", **given)
    return register


@pytest.mark.parametrize("step", ["month", "year"])
def test_months_of_daily_readings_are_the_sums_of_their_days(db, cast, step):
    random = Random(step)
    with db.writing() as session:
        registers = [_daily(session, cast, place, random) for place in range(6)]
    first, last = date(2025, 1, 20), date(2026, 11, 30)
    for since in (None, date(2025, 3, 7), date(2026, 2, 1)):
        for register in registers:
            days = ask(db, [register], first, last, "day", since=since)
            whole = ask(db, [register], first, last, step, since=since)
            for span in whole:
                within = [day for day in days if span.first <= day.first <= span.last]
                assert (span.use, span.days) == (sum(day.use for day in within), sum(day.days for day in within))


def test_months_of_daily_readings_are_found_by_index(db, cast):
    with db.writing() as session:
        _daily(session, cast, 0, Random(1))
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda c, cursor, sql, given, *_: asked.append((sql, given)))
    ask(db, cast.unit_a1, date(2025, 1, 1), date(2026, 11, 30), "month")
    assert len(asked) == 2 or not db.sqlite
    if db.sqlite:
        with db.engine.connect() as connection:
            plan = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[1][0], asked[1][1])]
        assert not [line for line in plan if line.startswith("SCAN reading")]
        assert any("ix_reading_special" in line for line in plan)


# ---- Of which homes anything is known --------------------------------------------------------------------------------


def test_homes_of_which_a_month_is_known_are_those_that_one_by_one_tell_something(db, cast):
    """Random readings by hand and daily, of two media and over changes of meter; first days before, in and after the month."""
    dice = Random(7)
    day = date(2025, 2, 20)
    with db.writing() as session:
        for unit in (cast.unit_a1, cast.unit_a2, cast.unit_b10):
            for medium in ("cold_water", "heating"):
                gone = dice.choice((None, day + timedelta(days=dice.randrange(60))))
                some = meter(session, cast, unit, medium, f"{unit}{medium}", installed=day, removed=gone)
                days = sorted(dice.sample(range(60), dice.choice((1, 2, 4, 40))))
                for value, one in enumerate(days):
                    if gone is None or day + timedelta(days=one) <= gone:
                        source = dice.choice(("office", "remote", "estimate"))
                        reading(session, some[0], day + timedelta(days=one), f"{value}.000", source=source)
    homes = [
        (unit, day + timedelta(days=ahead))
        for unit in (cast.unit_a1, cast.unit_a2, cast.unit_b10)
        for ahead in (-900, 3, 9, 10, 20, 38, 60)
    ]
    march = (date(2025, 3, 1), date(2025, 3, 31))
    with db.reading() as session:
        found = consumption.known_homes(session, homes, *march)
        wanted = {
            (unit, since)
            for unit, since in homes
            for medium in ("cold_water", "heating")
            if consumption.series(session, unit, medium, *march, "month", since=since)[0].days
        }
    assert found == wanted and wanted and len(wanted) < len(homes)


def test_a_house_is_asked_about_in_two_statements(db, cast, cold):
    with db.writing() as session:
        for unit in (cast.unit_a2, cast.unit_b10):
            (register,) = meter(session, cast, unit, serial=f"C-{unit}", installed=date(2025, 1, 1))
            reading(session, register, date(2025, 3, 31), "12.000")
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_rest: seen.append(statement))
    homes = [(unit, date(2020 + place, 1, 15)) for place, unit in enumerate((cast.unit_a1, cast.unit_a2, cast.unit_b10))]
    with db.reading() as session:
        assert consumption.known_homes(session, homes, date(2025, 3, 1), date(2025, 3, 31)) == set(homes)
        assert consumption.known_homes(session, [(10**6, date(2025, 1, 1))], date(2025, 3, 1), date(2025, 3, 31)) == set()
    assert len([one for one in seen if "SELECT" in one.upper()]) == 3
