"""Steps from month to month."""

from datetime import date

import pytest

from resident.month import month_name, month_of, months_on, plus_months


@pytest.mark.parametrize(
    ("months", "first"),
    [
        (0, date(2026, 11, 1)),
        (1, date(2026, 12, 1)),
        (2, date(2027, 1, 1)),
        (-10, date(2026, 1, 1)),
        (-11, date(2025, 12, 1)),
        (-23, date(2024, 12, 1)),
    ],
)
def test_months_are_counted_across_years(months, first):
    assert months_on(date(2026, 11, 30), months) == first


def test_a_month_has_a_name_and_ends_on_its_last_day():
    assert month_name(date(2026, 3, 31)) == "2026-03"
    assert month_of(date(2028, 2, 11)) == (date(2028, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("day", "months", "said"),
    [
        (date(2026, 8, 31), -6, date(2026, 2, 28)),
        (date(2028, 8, 31), -6, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)
def test_the_same_day_some_months_on_or_back_is_the_last_one_of_a_shorter_month(day, months, said):
    assert plus_months(day, months) == said
