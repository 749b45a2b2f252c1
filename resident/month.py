"""Months of the calendar: what they are called, where they begin and end, and steps from one to another."""

from calendar import monthrange
from datetime import date
from fractions import Fraction


def month_name(day: date) -> str:
    """The month that a day is in, as billing periods, figures of months and addresses name it: "2026-11"."""
    return day.isoformat()[:7]


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month that a day is in."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def months_on(day: date, months: int) -> date:
    """The first day of the month so many months after a day's, or before it."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def plus_months(day: date, months: int) -> date:
    """The same day so many months on, or back; the last day of a shorter month."""
    first, last = month_of(months_on(day, months))
    return first.replace(day=min(day.day, last.day))


def months_between(after: date, until: date) -> Fraction:
    """How many calendar months the days after one until another are, exactly: a part of a month by the days that it has. Adds up
    over any division of the days; from one month's end to the next it is 1, in February too."""
    return _position(until) - _position(after)


def _position(day: date) -> Fraction:
    return day.year * 12 + day.month + Fraction(day.day, monthrange(day.year, day.month)[1])
