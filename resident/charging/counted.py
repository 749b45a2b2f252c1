"""What a register counted, as it is billed (rules 11, 23, 24, 26). No database here.

As metering/course.py, but what was billed once is never spread anew: where a true reading is below an estimate, the use of the
days between is below zero, and the credit comes with the next bill. And a reading that was sent for a billing period stands for
the period's end, whichever day of the window it was read on (rule 3). Days are ordinals.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..metering.course import Gauge
from ..metering.meter import share_of
from ..metering.usual import capacity


class Shown(NamedTuple):
    """A reading that counts. period_end: the last day of use of the period that it was sent for, None for none."""

    day: int
    value: int
    rolled_over: bool
    estimate: bool
    period_end: int | None


class Point(NamedTuple):
    """What the register showed at the end of a day, and what had gone through since the first point (the home's part)."""

    day: int
    value: int
    total: int
    estimate: bool


class At(NamedTuple):
    """A day's end. rough: no reading of that day, or an estimate."""

    value: int
    total: int
    rough: bool


class Count:
    """A register's points in order, at least one."""

    __slots__ = ("days", "points")

    def __init__(self, points: list[Point]):
        self.points = points
        self.days = [point.day for point in points]

    @property
    def until(self) -> int:
        """The last day of which something is known."""
        return self.days[-1]

    def at(self, day: int) -> At:
        """Between two readings use is spread evenly over the days; behind the last one nothing is added."""
        place = bisect_right(self.days, day) - 1
        point = self.points[max(place, 0)]
        if place < 0 or point.day == day:
            return At(point.value, point.total, point.estimate)
        if place + 1 == len(self.points):
            return At(point.value, point.total, True)
        following = self.points[place + 1]
        passed, days = day - point.day, following.day - point.day
        value = point.value + max(0, following.value - point.value) * passed // days
        return At(value, point.total + (following.total - point.total) * passed // days, True)


def count(gauge: Gauge, shown: Sequence[Shown], anchor: tuple[int, int] | None = None) -> Count:
    """A register's readings, oldest first. anchor: (day, value) that the last bill ended at, where nobody had read: the next
    use starts there, unless a reading of that day says otherwise."""
    own = [one for one in _placed(shown) if gauge.removed is None or one.day <= gauge.removed]
    if anchor and all(one.day != anchor[0] for one in own):
        own = sorted([*own, Shown(anchor[0], anchor[1], False, True, None)], key=lambda one: one.day)
    points, value, total = [Point(gauge.installed, gauge.initial, 0, False)], gauge.initial, 0
    for one in own:
        raised = one.value + (capacity(gauge.digits) if one.rolled_over else 0)
        total += share_of(raised, gauge.coefficient) - share_of(value, gauge.coefficient)
        value = one.value
        points.append(Point(one.day, value, total, one.estimate))
    return Count(points)


def _placed(shown: Sequence[Shown]) -> Iterable[Shown]:
    """Each on the day that it stands for, where none of the others lies between."""
    found: list[Shown] = []
    for place, one in enumerate(shown):
        end = one.period_end
        if end is not None and end != one.day:
            after_before = not found or found[-1].day < end
            before_next = place + 1 == len(shown) or shown[place + 1].day > end
            if (end < one.day and after_before) or (end > one.day and before_next):
                one = one._replace(day=end)
        found.append(one)
    return found
