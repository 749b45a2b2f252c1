"""Who pays for a unit on which days (rules 21, 24): runs of days with the tenures that hold it. No database here.

Days are ordinals (date.toordinal), both ends included.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Hold(NamedTuple):
    """A tenure holds the unit; ownership or lease."""

    tenure_id: int
    ownership: bool
    first: int
    last: int


class Run(NamedTuple):
    """Days on which the same tenures pay; none: the unit is vacant. Several share the days equally."""

    first: int
    last: int
    tenures: tuple[int, ...]


def runs(holds: Sequence[Hold], first: int, last: int, payer: str = "owner") -> list[Run]:
    """The days first…last in runs, in order. On a day with an owner and a tenant `payer` says which of them pays."""
    if first > last:
        return []
    if len(holds) == 1 and holds[0].first <= first and holds[0].last >= last:
        return [Run(first, last, (holds[0].tenure_id,))]
    found: list[Run] = []
    starts = edges(first, last, (day for hold in holds for day in (hold.first, hold.last + 1)))
    for begins, ends in pieces(starts, last):
        there = [hold for hold in holds if hold.first <= begins <= hold.last]
        first_choice = [hold for hold in there if hold.ownership == (payer == "owner")]
        paying = tuple(sorted({hold.tenure_id for hold in first_choice or there}))
        if found and found[-1].tenures == paying:
            found[-1] = Run(found[-1].first, ends, paying)
        else:
            found.append(Run(begins, ends, paying))
    return found


def edges(first: int, last: int, starts: Iterable[int]) -> list[int]:
    """The first day, and those of starts that lie inside the days first…last, in order."""
    return sorted({first, *(day for day in starts if first < day <= last)})


def pieces(starts: list[int], last: int) -> list[tuple[int, int]]:
    """(first, last) of what the starts cut the days into."""
    return [(begins, (starts[place + 1] - 1 if place + 1 < len(starts) else last)) for place, begins in enumerate(starts)]


class Steps:
    """A dated value: each holds from its first day until the next one's. None before the first, unless `early`: then the first
    one known is taken for the days before it too."""

    __slots__ = ("early", "firsts", "values")

    def __init__(self, rows: Iterable[tuple[int, object]] = (), early: bool = False):
        ordered = sorted(rows, key=lambda row: row[0])
        self.firsts = [first for first, _ in ordered]
        self.values = [value for _, value in ordered]
        self.early = early

    def on(self, day: int, default=None):
        """What holds on a day."""
        for place in range(len(self.firsts) - 1, -1, -1):
            if self.firsts[place] <= day:
                return self.values[place]
        return self.values[0] if self.early and self.values else default

    def within(self, first: int, last: int) -> list[int]:
        """The days after the first one on which it changes."""
        return [day for day in self.firsts if first < day <= last]
