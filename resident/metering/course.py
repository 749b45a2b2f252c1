"""The course of a register: how much went through on each day, from what it showed on some of them.

Days are ordinals (date.toordinal), quantities millionths of the meter's unit. A reading is what the counter shows when its day
ends: use between two of them belongs to the days after the first up to the second, evenly and in whole millionths, so that any
partition of the days adds up to the whole. Two on one day (a meter that was changed) leave their use on that day.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..db import SCALE
from . import usual

# The length of what rests on an estimate (rule 11): longer than any that a step bears.
ESTIMATE = 10**6
# Use between readings further apart than so many days says little about a single day, week …: there it is an estimate too.
BEARS = {"day": 1, "week": 10, "month": 45, "year": 400}


class Gauge(NamedTuple):
    """What a register is. coefficient: the home's part of its use, in millionths (rule 19)."""

    digits: int
    initial: int
    coefficient: int
    installed: int
    removed: int | None


class Shown(NamedTuple):
    """A reading that counts."""

    day: int
    value: int
    rolled_over: bool
    estimate: bool


@dataclass(slots=True)
class Course:
    """Use through the end of `base` is nothing; through the end of ends[i] it is sums[i]."""

    # The first and the last day on which there was such a register.
    first: int
    last: int
    # From the end of this day on use is known, or, when the meter was installed on it, from its beginning.
    base: int
    whole_base: bool
    ends: list[int] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    # (first day, last day, length) of what lies between readings more than a day apart; ESTIMATE for a length.
    loose: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def known(self) -> tuple[int, int]:
        """The first and the last day of which use is known; the last lies before the first when there is none."""
        first = self.base if self.whole_base else self.base + 1
        return first, self.ends[-1] if self.ends else first - 1

    def through(self, day: int) -> int:
        """Use from the beginning through the end of a day."""
        place = bisect_right(self.ends, day)
        sum_before, end_before = (self.sums[place - 1], self.ends[place - 1]) if place else (0, self.base)
        if place == len(self.ends) or day <= end_before:
            return sum_before
        used, days = self.sums[place] - sum_before, self.ends[place] - end_before
        return sum_before + used * (day - end_before) // days

    def doubts(self, bears: int) -> list[tuple[int, int]]:
        """Runs of days whose use rests on an estimate, or on readings further apart than `bears` days."""
        return [(begins, ends) for begins, ends, length in self.loose if length > bears]


def course(gauge: Gauge, shown: Iterable[Shown], since: int | None = None) -> Course:
    """A register's course from its readings that count, oldest first.

    since: what is before this day belongs to somebody else (a new holder's first day): nothing is worked out from it, nor from
    use of which a part may be before it.
    """
    start = since - 1 if since is not None else None
    last = gauge.removed if gauge.removed is not None else 10**7
    own = [one for one in shown if one.day <= last and (start is None or one.day >= start)]
    from_new = start is None or gauge.installed >= start
    begun = Shown(gauge.installed, gauge.initial, False, False) if from_new or not own else own.pop(0)
    made = Course(gauge.installed, last, begun.day, whole_base=from_new)
    stretches: list[_Stretch] = []
    for one in own:
        _follow(stretches, begun, one, gauge)
        begun = one
    _lay(made, stretches)
    return made


@dataclass(slots=True)
class _Stretch:
    """From the reading before to one reading. guessed: the reading is an estimate; spread: one that it proved wrong is in here."""

    end: int
    use: int
    guessed: bool
    spread: bool = False


def _follow(stretches: list[_Stretch], before: Shown, one: Shown, gauge: Gauge) -> None:
    """Add what went through since the reading before. A true reading below an estimate proves it too high: what was guessed
    is spread anew over all the days since the last true one (rule 11)."""
    raised = one.value + (usual.capacity(gauge.digits) if one.rolled_over else 0)
    # Each end by itself, so that the parts of a long time add up to the part of the whole.
    use = raised * gauge.coefficient // SCALE - before.value * gauge.coefficient // SCALE
    spread = False
    while use < 0 and stretches and stretches[-1].guessed and not one.estimate:
        use += stretches.pop().use
        spread = True
    stretches.append(_Stretch(one.day, use, one.estimate, spread))


def _lay(made: Course, stretches: list[_Stretch]) -> None:
    end, total = made.base, 0
    for one in stretches:
        length = ESTIMATE if one.guessed or one.spread else one.end - end
        if length > 1:
            made.loose.append((min(end + 1, one.end), one.end, length))
        end, total = one.end, total + one.use
        made.ends.append(end)
        made.sums.append(total)


def known(courses: Iterable[Course], first: int, last: int) -> list[tuple[int, int]]:
    """Runs of days within first…last on which use is known of every register that there was, and there was one."""
    courses = list(courses)
    edges = {first, last + 1}
    for one in courses:
        begins, ends = one.known
        edges.update((one.first, one.last + 1, begins, ends + 1))
    days = sorted(edge for edge in edges if first <= edge <= last + 1)
    runs: list[tuple[int, int]] = []
    for begins, following in zip(days, days[1:], strict=False):
        there = [one.known for one in courses if one.first <= begins <= one.last]
        if there and all(known_first <= begins <= known_last for known_first, known_last in there):
            joined = runs and runs[-1][1] == begins - 1
            runs[-1:] = [(runs[-1][0], following - 1)] if joined else [*runs[-1:], (begins, following - 1)]
    return runs
