"""Use as it is asked of the database: what lies just outside the days asked for is taken into account, no more than that."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

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
