"""Windows and days by the organisation's clock: when clocks change, at midnight, over a month's end (rules 2 to 4, 16, 18)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from resident import clock
from resident.metering import window
from resident.metering.submission import Typed, Unanswered
from resident.metering.window import Turn
from tests.metering.counters import YEAR, period, reading

ZONES = ("Europe/Helsinki", "Europe/Warsaw", "Europe/Moscow", "Asia/Kamchatka", "America/New_York")


def at(moment: str) -> None:
    """Let it be that instant in UTC; the fixture `later` puts the clock back."""
    clock.shift(timedelta(0))
    clock.shift(datetime.fromisoformat(moment).replace(tzinfo=UTC) - clock.now())


def of(home, text: str = "472") -> dict[int, Typed]:
    return {home.cold: Typed(text)}


# The clocks in Helsinki go forward on 28 March 2027 at 1 UTC, and back on 31 October at 1 UTC: the window's edges stand in
# the organisation's own hours on both sides.
@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2027-03-27T21:59:59", "Europe/Helsinki", date(2027, 3, 27)),
        ("2027-03-27T22:00:00", "Europe/Helsinki", date(2027, 3, 28)),
        ("2027-03-28T20:59:59", "Europe/Helsinki", date(2027, 3, 28)),
        ("2027-03-28T21:00:00", "Europe/Helsinki", date(2027, 3, 29)),
        ("2027-10-30T20:59:59", "Europe/Helsinki", date(2027, 10, 30)),
        ("2027-10-30T21:00:00", "Europe/Helsinki", date(2027, 10, 31)),
        ("2027-10-31T21:59:59", "Europe/Helsinki", date(2027, 10, 31)),
        ("2027-10-31T22:00:00", "Europe/Helsinki", date(2027, 11, 1)),
        ("2027-10-31T22:00:00", "Europe/Warsaw", date(2027, 10, 31)),
        ("2027-10-31T20:59:59", "Europe/Moscow", date(2027, 10, 31)),
        ("2027-10-31T21:00:00", "Europe/Moscow", date(2027, 11, 1)),
    ],
)
def test_a_window_of_one_day_is_open_all_of_it_and_no_longer(later, moment, zone, day):
    at(moment)
    today = clock.today(zone)
    assert today == day
    for edge in (date(2027, 3, 28), date(2027, 10, 31)):
        turn = Turn(1, "2027-04", edge, edge, "open", edge, edge)
        open_now = window.for_resident([turn], today, False).reason is None
        assert open_now == (today == edge)


def test_the_last_minute_is_the_organisations_wherever_the_server_stands(home):
    # The window ends with 5 March in Helsinki, two hours before it does in UTC.
    at(f"{YEAR}-03-05T21:59:30")
    home.submit(of(home))
    at(f"{YEAR}-03-05T22:00:30")
    assert home.form().reason.why == "over" and home.form().today == date(YEAR, 3, 6)
    with pytest.raises(Unanswered):
        home.submit({home.hot: Typed("248")})


def test_the_first_minute_too(home):
    at(f"{YEAR}-02-24T21:59:30")
    assert home.form().reason.why == "not_open"
    at(f"{YEAR}-02-24T22:00:30")
    assert home.form().reason is None
    home.submit(of(home), date(YEAR, 2, 25))


def test_tomorrow_in_utc_is_not_yet_a_day_of_reading_and_today_in_the_organisation_is(home):
    at(f"{YEAR}-02-26T22:30:00")
    assert home.check(of(home), date(YEAR, 2, 27))[0].kind == "good"
    assert home.check(of(home), date(YEAR, 2, 28))[0].why == "future"


def test_over_the_months_end_a_reading_of_the_month_before_belongs_to_the_windows_period(home, db):
    at(f"{YEAR}-03-02T09:00:00")
    form = home.form()
    last = date(YEAR, 3, 1) - timedelta(days=1)
    assert (form.day, form.earliest) == (last, date(YEAR, 2, 25))
    home.submit(of(home), last)
    assert home.form().counters[0].current.period_id == home.period


def test_early_dated_in_the_months_first_days_only_and_not_before_the_last_billed_reading(home, db, cast):
    with db.writing() as session:
        period(session, cast.building, f"{YEAR}-05", "open", (date(YEAR, 5, 1), date(YEAR, 5, 9)))
    at(f"{YEAR}-05-05T09:00:00")
    assert home.form().earliest == date(YEAR, 4, 30)
    at(f"{YEAR}-05-06T09:00:00")
    assert home.form().earliest == date(YEAR, 5, 1)
    assert home.check(of(home), date(YEAR, 4, 30))[0].why == "too_early"
    at(f"{YEAR}-05-05T09:00:00")
    with db.writing() as session:
        shared = period(session, cast.building, f"{YEAR}-04", "allocated")
        reading(session, home.cold, date(YEAR, 4, 30), "475.000", shared)
    assert home.check(of(home, "476"), date(YEAR, 4, 30))[0].why == "before_last"
    assert home.form().day == date(YEAR, 5, 5)


@pytest.mark.parametrize(("month", "last"), [(2, 28), (4, 30), (12, 31)])
def test_a_window_of_days_29_to_31_is_open_on_the_months_last_day_in_every_zone(later, month, last):
    first, end = window.days_of(2027, month, 29, 31)
    turn = Turn(1, f"2027-{month:02d}", first, end, "open", first, end)
    for zone in ZONES:
        at(f"2027-{month:02d}-{last}T12:00:00")
        today = clock.today(zone)
        assert (window.for_resident([turn], today, False).reason is None) == (first <= today <= end)
        assert end == date(2027, month, last)


def test_a_day_before_the_meter_was_there_is_refused(home, db):
    from resident.metering.meter import Meter, Register

    with db.writing() as session:
        register = session.get_one(Register, home.cold)
        session.get_one(Meter, register.meter_id).installed = date(YEAR, 2, 26)
    assert home.check(of(home), date(YEAR, 2, 25))[0].why == "before_installed"
