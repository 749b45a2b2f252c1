"""Due days and days on which banks are closed: paying on the next working day is in time, where the country says so.

Finland: velkakirjalaki 5 § 2 mom.; Estonia: TsÜS § 136; Poland: KC art. 115; Russia: ГК ст. 193, by setting. The setting
holiday_rule switches it. Public holidays are those of the package holidays.
"""

from datetime import date, timedelta
from functools import lru_cache


@lru_cache(maxsize=256)
def _of_year(country: str, year: int) -> frozenset[date]:
    # Asked for seldom, and 5 MB.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_working(day: date, country: str) -> bool:
    """Neither Saturday, Sunday nor a public holiday of the country."""
    return day.weekday() < 5 and day not in _of_year(country, day.year)


def next_working(day: date, country: str) -> date:
    """The day itself, or the first working day after it."""
    while not is_working(day, country):
        day += timedelta(days=1)
    return day


def effective_due(due: date, country: str, rules: dict) -> date:
    """The last day on which paying is in time. rules: setting.in_force()."""
    return next_working(due, country) if rules["holiday_rule"] else due
