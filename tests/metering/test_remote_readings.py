"""Readings of remote registers come day by day; form and history show them by month, and stay cheap and right."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from resident import clock
from resident.metering import history
from resident.metering.meter import Meter
from resident.metering.reading import Reading
from tests.metering.counters import YEAR, meter, move_to

DAYS = 420


@pytest.fixture
def remote(home, db):
    """A remote register with a reading a day up to yesterday, a litre an hour; today is 27 February."""
    last = date(YEAR, 2, 26)
    with db.writing() as session:
        (register,) = meter(session, home.cast, home.unit, "electricity", "E-1", remote=True, digits=6, decimals=0)
        for n in range(DAYS):
            day = last - timedelta(days=DAYS - 1 - n)
            session.add(Reading(register_id=register, day=day, value=n * 24_000_000, source="remote", via="feed", at=clock.now()))
    return register


def of(form, register):
    return next(row for row in form.counters if row.register_id == register)


def test_the_form_has_the_newest_and_the_last_of_the_months_before(home, remote, db):
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    row = of(home.form(), remote)
    assert len([sql for sql in seen if sql.lstrip().upper().startswith("SELECT")]) == 4
    assert [one.day for one in row.rows] == [date(YEAR, 2, 26), date(YEAR, 1, 31), date(YEAR - 1, 12, 31)]
    assert (row.last_value, row.reason.why) == ((DAYS - 1) * 24_000_000, "remote")
    assert row.spans()[0] == (date(YEAR, 1, 31), date(YEAR, 2, 26), 26 * 24_000_000)


def test_a_feed_that_stopped_long_ago_still_shows_its_last_value(home, remote):
    move_to(YEAR, 9, 1)
    row = of(home.form(), remote)
    assert [one.day for one in row.rows] == [date(YEAR, 2, 26)] and row.last_value == (DAYS - 1) * 24_000_000


def test_what_a_period_uses_is_the_current_one(home, remote, db):
    day = date(YEAR, 2, 20)
    with db.writing() as session:
        session.execute(update(Reading).where(Reading.register_id == remote, Reading.day == day).values(counts=False))
        session.add(
            Reading(register_id=remote, day=day, value=414 * 24_000_000, source="remote", period_id=home.period, at=clock.now())
        )
    assert of(home.form(), remote).current.day == day


def test_history_has_a_line_a_month_with_the_months_use_and_what_was_typed_in_full(home, remote, db):
    with db.reading() as session:
        lines = history.history(session, home.unit, YEAR, medium="electricity")
        before = history.history(session, home.unit, YEAR - 1, medium="electricity")
        cold = history.history(session, home.unit, YEAR - 1, medium="cold_water")
    assert [(line.day, line.use) for line in lines] == [
        (date(YEAR, 2, 26), 26 * 24_000_000),
        (date(YEAR, 1, 31), 31 * 24_000_000),
    ]
    days = {monthrange(YEAR - 1, month)[1] for month in range(2, 13)}
    assert len(before) == 12 and {line.use for line in before[:-1]} == {n * 24_000_000 for n in days}
    assert len(cold) == 11


def test_by_hand_from_now_on_the_last_value_is_that_of_the_feed(home, remote, db):
    with db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "E-1").values(remote=False))
    row = of(home.form(), remote)
    assert row.last.day == date(YEAR, 2, 26) and row.rate == 24_000_000 and row.reason is None
