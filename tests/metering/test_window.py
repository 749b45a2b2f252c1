"""When a home's readings may be sent in, and why not (rules 2, 3, 4, 18)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident import clock
from resident.metering import window
from resident.metering.window import Turn
from tests.metering.counters import move_to


def turn(number: int, name: str, state: str, first: date | None, last: date | None) -> Turn:
    return Turn(number, name, date(2027, 2, 1), date(2027, 2, 28), state, first, last)


MARCH = (date(2027, 2, 25), date(2027, 3, 5))
APRIL = (date(2027, 3, 25), date(2027, 4, 5))
TWO = [turn(1, "2027-03", "open", *MARCH), turn(2, "2027-04", "planned", *APRIL)]


@pytest.mark.parametrize("day", [date(2027, 2, 25), date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 5)])
def test_a_window_that_spans_the_months_end_is_open_on_all_its_days(day):
    entry = window.for_resident(TWO, day, keep_late=False)
    assert (entry.period_id, entry.reason, entry.late) == (1, None, False)


def test_between_two_windows_the_next_one_is_named():
    reason = window.for_resident(TWO, date(2027, 3, 6), keep_late=False).reason
    assert (reason.why, reason.first, reason.last, reason.period) == ("not_open", *APRIL, "2027-04")


def test_after_the_last_window_it_is_over_or_its_costs_are_shared_out():
    assert window.for_resident(TWO[:1], date(2027, 3, 6), keep_late=False).reason.why == "over"
    shared = [turn(1, "2027-03", "allocated", *MARCH)]
    assert window.for_resident(shared, date(2027, 3, 6), keep_late=False).reason.why == "allocated"
    assert window.for_resident(shared, date(2027, 3, 4), keep_late=False).reason.why == "allocated"


def test_without_any_window_it_is_not_open_yet():
    assert window.for_resident([], date(2027, 3, 6), keep_late=True).reason.why == "not_open"


def test_a_late_reading_is_kept_for_the_next_period():
    entry = window.for_resident(TWO, date(2027, 3, 6), keep_late=True)
    assert (entry.turn.period_id, entry.period_id, entry.late, entry.reason) == (1, 2, True, None)


def test_a_late_reading_waits_for_a_period_that_is_not_made_yet():
    entry = window.for_resident(TWO[:1], date(2027, 3, 6), keep_late=True)
    assert (entry.period_id, entry.late, entry.reason) == (None, True, None)


def test_staff_enter_after_the_window_until_costs_are_shared_out():
    assert window.for_staff(TWO, date(2027, 3, 6)).period_id == 1
    shared = [turn(1, "2027-03", "confirmed", *MARCH)]
    assert window.for_staff(shared, date(2027, 3, 6)).reason.why == "allocated"
    assert window.for_staff([*shared, TWO[1]], date(2027, 3, 6), period_id=1).reason.why == "allocated"
    assert window.for_staff([*shared, TWO[1]], date(2027, 3, 6)).period_id == 2


@pytest.mark.parametrize(
    ("year", "month", "first", "last", "days"),
    [
        (2027, 2, 29, 31, (date(2027, 2, 28), date(2027, 2, 28))),
        (2028, 2, 29, 31, (date(2028, 2, 29), date(2028, 2, 29))),
        (2027, 2, 25, 31, (date(2027, 2, 25), date(2027, 2, 28))),
        (2027, 1, 31, 30, (date(2027, 1, 31), date(2027, 2, 28))),
        (2027, 12, 25, 5, (date(2027, 12, 25), date(2028, 1, 5))),
        (2027, 4, 31, 31, (date(2027, 4, 30), date(2027, 4, 30))),
    ],
)
def test_days_29_to_31_are_clamped_at_both_ends(year, month, first, last, days):
    assert window.days_of(year, month, first, last) == days


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(1, 31), st.integers(1, 31))
def test_a_window_never_ends_before_it_begins(year, month, first, last):
    begins, ends = window.days_of(year, month, first, last)
    assert begins <= ends and begins.month == month


def test_in_the_first_days_the_last_day_of_the_month_before_is_proposed():
    assert window.default_day(date(2027, 3, 5), 5, date(2027, 1, 31)) == date(2027, 2, 28)
    assert window.default_day(date(2027, 3, 6), 5, date(2027, 1, 31)) == date(2027, 3, 6)
    assert window.default_day(date(2027, 3, 5), 5, date(2027, 2, 28)) == date(2027, 3, 5)


def test_a_day_may_be_chosen_back_to_the_windows_first():
    assert window.earliest_day(TWO[0], date(2027, 3, 4), 5) == date(2027, 2, 25)
    assert window.earliest_day(turn(1, "2027-03", "open", date(2027, 3, 1), date(2027, 3, 9)), date(2027, 3, 4), 5) == date(
        2027, 2, 28
    )
    assert window.earliest_day(turn(1, "2027-03", "open", date(2027, 3, 1), date(2027, 3, 9)), date(2027, 3, 7), 5) == date(
        2027, 3, 1
    )


def test_today_is_the_organisations(later):
    move_to(2027, 3, 5, hour=22)
    assert clock.today("Europe/Helsinki") == date(2027, 3, 6)
    assert clock.today("America/New_York") == date(2027, 3, 5)
