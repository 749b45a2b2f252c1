"""Parts of calendar months: what a monthly price or sum is counted in when days are not a whole month. No database here."""

from calendar import monthrange
from datetime import date
from math import lcm
from typing import NamedTuple


class Month(NamedTuple):
    """Days of one calendar month, ordinals; each is so many parts."""

    first: int
    last: int
    parts: int


class Months(NamedTuple):
    """Days cut at the ends of calendar months. whole: the parts of a whole month, so that use of a price is parts ÷ whole."""

    months: tuple[Month, ...]
    whole: int

    @property
    def starts(self) -> list[int]:
        return [month.first for month in self.months]

    def parts(self, first: int, last: int) -> int:
        """Of the days first…last."""
        if len(self.months) == 1:
            return (last - first + 1) * self.months[0].parts
        return sum(
            (min(last, month.last) - max(first, month.first) + 1) * month.parts
            for month in self.months
            if month.first <= last and month.last >= first
        )


def months(first: date, last: date) -> Months:
    """A period of one month has its days as parts; February and March together 28 × 31."""
    found, day = [], first
    while day <= last:
        length = monthrange(day.year, day.month)[1]
        ends = min(day.replace(day=length), last)
        found.append((day.toordinal(), ends.toordinal(), length))
        day = date.fromordinal(ends.toordinal() + 1)
    whole = lcm(*(length for _, _, length in found))
    return Months(tuple(Month(begins, ends, whole // length) for begins, ends, length in found), whole)
