"""Hours of a day from samples: days of 23 and 25 hours, gaps, zero passed, and counters that went backwards."""

from datetime import UTC, date, datetime

import pytest

from resident import clock
from resident.metering import consumption, hours
from resident.metering.sample import Sample
from tests.metering.counters import meter

M3 = 1_000_000
TZ = "Europe/Helsinki"


@pytest.fixture
def day(db, cast):
    """day(date, [(UTC hour of a datetime, litres)]) -> hours of the tenant's remote cold water."""
    with db.writing() as session:
        (register,) = meter(session, cast, cast.unit_a1, digits=3, remote=True)

    def ask(asked: date, *samples):
        with db.writing() as session:
            for at, litres in samples:
                session.add(Sample(register_id=register, at=int(at.timestamp()), value=litres * 1000))
            session.flush()
            return hours.of_day(session, consumption.of_unit(session, cast.unit_a1), asked, TZ)

    return ask


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_each_hour_has_what_went_through_in_it(day):
    # 22:00 UTC is midnight in Helsinki in winter.
    found = day(date(2027, 1, 15), *((utc(2027, 1, 14, 22 + n) if n < 2 else utc(2027, 1, 15, n - 2), n * 10) for n in range(25)))
    assert [hour.use for hour in found] == [10_000] * 24
    assert [hour.begins.hour for hour in found] == list(range(24))
    assert not any(hour.estimated for hour in found)


def test_days_in_which_the_clocks_change(day):
    assert len(day(date(2027, 3, 28), (utc(2027, 3, 28, 0), 5))) == 23
    assert len(day(date(2027, 10, 31), (utc(2027, 10, 31, 0), 6))) == 25


def test_a_gap_is_spread_and_marked_and_a_long_one_unknown(day):
    found = day(
        date(2027, 1, 15),
        (utc(2027, 1, 14, 22), 0),
        (utc(2027, 1, 15, 1), 30),
        (utc(2027, 1, 15, 2), 31),
        (utc(2027, 1, 15, 15), 90),
    )
    assert [(hour.use, hour.estimated) for hour in found[:4]] == [(10_000, True)] * 3 + [(1000, False)]
    assert {hour.use for hour in found[4:]} == {None}


def test_zero_passed_is_use_and_a_counter_that_went_back_is_not_believed(day):
    found = day(
        date(2027, 1, 15),
        (utc(2027, 1, 14, 22), 999_990),
        (utc(2027, 1, 14, 23), 5),
        (utc(2027, 1, 15, 0), 4),
        (utc(2027, 1, 15, 1), 9),
    )
    assert [hour.use for hour in found[:3]] == [15_000, None, 5000]


def test_without_samples_there_are_no_hours(day):
    assert day(date(2027, 1, 15)) == []


def test_hours_add_up_to_the_day_between_the_last_samples_of_two_days(day):
    """Samples at five past: the day's reading is what stood there at 23:05."""
    samples = [(datetime.fromtimestamp(utc(2027, 1, 14, 20, 5).timestamp() + n * 3600, UTC), n * n) for n in range(28)]
    found = day(date(2027, 1, 15), *samples)
    last = {clock.day(at, TZ): litres for at, litres in samples}
    assert sum(hour.use for hour in found) == (last[date(2027, 1, 15)] - last[date(2027, 1, 14)]) * 1000
    assert not any(hour.estimated for hour in found)
