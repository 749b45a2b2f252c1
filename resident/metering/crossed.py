"""Hot water above cold in one home: a question once, and a sign of crossed meters when it goes on (rule 13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..db import SCALE

COLD, HOT = "cold_water", "hot_water"
# Less than this apart is said of nobody; times in a row from which the meters are suspected.
LEAST, PERSISTENT = SCALE // 5, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A home's use of hot and of cold water over the same days. times: how often in a row hot was above cold, this included."""

    hot: int
    cold: int
    times: int

    @property
    def persistent(self) -> bool:
        return self.times >= PERSISTENT


def above(hot: int, cold: int) -> bool:
    return hot - cold > LEAST


def in_a_row(hot: Iterable[list], cold: Iterable[list]) -> int:
    """How many of the newest spans that all counters have in common show hot above cold. Each counter's spans: (first day,
    last day, use), newest first."""
    hots, colds = _summed(hot), _summed(cold)
    count = 0
    for days in sorted(hots.keys() & colds.keys(), key=lambda days: days[1], reverse=True):
        if not above(hots[days], colds[days]):
            break
        count += 1
    return count


def _summed(counters: Iterable[list]) -> dict[tuple[date, date], int]:
    """By (first day, last day): the use of all counters, of spans that each of them has."""
    each = [{(first, last): used for first, last, used in spans} for spans in counters]
    common = set.intersection(*map(set, each)) if each else set()
    return {days: sum(spans[days] for spans in each) for days in common}
