"""Use by the hour of one day, from samples of registers that are read remotely. Hours are real ones: a day has 23, 24 or 25.

An hour's last sample is what the counter shows when it ends, as the day's last is the day's reading: hours add up to their day.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from .. import clock
from ..db import plain
from . import usual
from .consumption import DAY, Place
from .sample import Sample

HOUR = 3600
# Hours that end without a sample of their own share what went through; longer than this nobody knows anything of them.
MOST = 12 * HOUR


class Hour(NamedTuple):
    """begins: in the organisation's zone; use: millionths of the meter's unit, None when it is not known."""

    begins: datetime
    use: int | None
    estimated: bool


_sample = Sample.__table__
_SAMPLES = (
    select(_sample.c.register_id, _sample.c.at, _sample.c.value)
    .where(
        _sample.c.register_id.in_(bindparam("registers", expanding=True)),
        _sample.c.at.between(bindparam("first") - MOST, bindparam("last") + MOST),
    )
    .order_by(_sample.c.register_id, _sample.c.at)
)


def of_day(session: Session, places: list[Place], day: date, tz: str) -> list[Hour]:
    """The hours of a day in the organisation's zone, of all registers together; [] where there are no samples. One SELECT."""
    first, last = (clock.seconds(one, tz) for one in (day, day + DAY))
    shown = defaultdict(list)
    facts = {"registers": [one.register_id for one in places], "first": first, "last": last}
    for register_id, at, value in plain(session, _SAMPLES, facts):
        shown[register_id].append((at, value))
    live = [one for one in places if one.register_id in shown]
    if not live:
        return []
    flows = [_Flow(shown[one.register_id], one) for one in live]
    return [_hour(flows, at, tz) for at in range(first, last, HOUR)]


def _hour(flows: list["_Flow"], at: int, tz: str) -> Hour:
    begins = datetime.fromtimestamp(at, clock.zone(tz))
    if not all(one.knows(at, at + HOUR) for one in flows):
        return Hour(begins, None, False)
    use = sum(one.through(at + HOUR) - one.through(at) for one in flows)
    return Hour(begins, use, any(one.doubts(at, at + HOUR) for one in flows))


class _Flow:
    """What went through from the end of the first sample's hour on, evenly over hours without a sample."""

    def __init__(self, shown: list[tuple[int, int]], place: Place):
        gauge = place.gauge
        ends = list({-(-at // HOUR) * HOUR: value for at, value in shown}.items())
        self.at, self.sums = [ends[0][0]], [0]
        self.unknown, self.doubtful = [], []
        for (before, old), (at, new) in pairwise(ends):
            rolled = usual.rollover_plausible(old, new, gauge.digits)
            if at - before > MOST or (new < old and not rolled):
                self.unknown.append((before, at))
            elif at - before > HOUR:
                self.doubtful.append((before, at))
            use = usual.use(old, new, gauge.digits, rolled, gauge.coefficient)
            self.at.append(at)
            self.sums.append(self.sums[-1] + max(use, 0))

    def knows(self, first: int, last: int) -> bool:
        return self.at[0] <= first and last <= self.at[-1] and not _met(self.unknown, first, last)

    def doubts(self, first: int, last: int) -> bool:
        return _met(self.doubtful, first, last)

    def through(self, at: int) -> int:
        place = bisect_right(self.at, at)
        if place == len(self.at):
            return self.sums[-1]
        before, use = self.at[place - 1], self.sums[place] - self.sums[place - 1]
        return self.sums[place - 1] + use * (at - before) // (self.at[place] - before)


def _met(stretches: list[tuple[int, int]], first: int, last: int) -> bool:
    return any(begun < last and ended > first for begun, ended in stretches)
