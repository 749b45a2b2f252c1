"""Calendar months, and the yearly round of an organisation: what is read, billed and due on the day of loading."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """index = year × 12 + month − 1, so that months can be counted."""

    index: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year * 12 + day.month - 1)

    @property
    def year(self) -> int:
        return self.index // 12

    @property
    def number(self) -> int:
        return self.index % 12 + 1

    @property
    def name(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def days(self) -> int:
        return calendar.monthrange(self.year, self.number)[1]

    def day(self, number: int) -> date:
        """The day of the month, the last one when the month is shorter."""
        return date(self.year, self.number, min(number, self.days))

    @property
    def first(self) -> date:
        return self.day(1)

    @property
    def last(self) -> date:
        return self.day(31)

    def plus(self, months: int) -> "Month":
        return Month(self.index + months)


@dataclass(frozen=True, slots=True)
class Round:
    """How an organisation's months follow each other.

    lag: months from use to the month that the invoice is named after. issue, due: (months after the billed month, day).
    turns: today's day of the month after which the next month's readings are collected.
    """

    lag: int
    issue: tuple[int, int]
    due: tuple[int, int]
    turns: int

    def collected(self, today: date) -> Month:
        """The month whose readings are being sent in today: the one after the last that was billed."""
        return Month.of(today - timedelta(days=self.turns))

    def billed(self, use: Month) -> Month:
        return use.plus(self.lag)

    def issued(self, use: Month) -> date:
        return self.billed(use).plus(self.issue[0]).day(self.issue[1])

    def falls_due(self, use: Month) -> date:
        return self.billed(use).plus(self.due[0]).day(self.due[1])


def in_advance(due_day: int) -> Round:
    """Rent and fees for a month are due on its day `due_day`, sent out a month ahead with the water read before."""
    return Round(lag=2, issue=(-1, due_day + 1), due=(0, due_day), turns=due_day)


def in_arrears(today: date, lag: int, early: int) -> Round:
    """Sent out on the 5th after the month of use; due on day `early`, or at the month's end, or on the 5th after.

    Of the three the first that has not passed, so that something falls due in the days after loading.
    """
    collected = Month.of(today - timedelta(days=4))
    for months, day in ((0, early), (0, 31), (1, 5)):
        if collected.plus(months).day(day) >= today:
            break
    after = 1 - lag
    return Round(lag=lag, issue=(after, 5), due=(after + months, day), turns=4)


def working(day: date) -> date:
    """The day itself, or the Monday after when it is a Saturday or Sunday."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
