"""What of a register's samples is good: its counter never goes backwards, save over zero.

Of rows that contradict each other those come back that are the fewest, so that one spike costs one row and not all that
follow it. What is stored already stands, with one exception: a last sample or two above everything that came since was
a spike, and is withdrawn once there are EVIDENCE rows that say so.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..db import SCALE
from .usual import capacity, rollover_plausible

EVIDENCE = 3
# Samples stored last that may turn out to be a spike.
_SPIKE = 2
# Rows below the counter's last value that are kept until it is known what they mean.
HELD = 10
# A counter that falls by less than one unit of its meter shivers; more, and again and again, it was changed.
FALL = SCALE
_STORED, _HELD = -1, 0


@dataclass(slots=True)
class Verdict:
    """good: (at, value) to be stored. failed: (line, name of the reason, facts). held: (at, value, last value)
    of what stays below the last value."""

    good: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    withdrawn: list = field(default_factory=list)
    held: list = field(default_factory=list)
    known: int = 0
    backwards: int = 0
    # (at, value, value before) when the counter seems to have been changed.
    changed: tuple | None = None


def judge(rows: list[tuple], stored: list[tuple], held: list[tuple], digits: int, initial: int, since: int = 0) -> Verdict:
    """rows: (at, value, line) in order of time and line. stored and held: (at, value) in order of time, stored with the last
    three before the rows and the first after them. initial: what the counter began with, or showed at the instant since, which
    is before all the others."""
    verdict = Verdict()
    fresh = _fresh(rows, dict(stored), held, verdict)
    if not fresh:
        return verdict
    points = [(since, initial, _STORED), *((at, value, _STORED) for at, value in stored), *fresh]
    points.sort(key=_at)
    unwrapped = _unwrapped(points, digits)
    if all(before <= after for before, after in zip(unwrapped, unwrapped[1:], strict=False)):
        verdict.good = [(at, value) for at, value, line in points if line != _STORED]
        return verdict
    verdict.backwards = sum(before > after for before, after in zip(unwrapped, unwrapped[1:], strict=False))
    kept = _kept(points, unwrapped, verdict)
    _say(points, unwrapped, kept, verdict)
    return verdict


def _at(point: tuple) -> int:
    return point[0]


def _fresh(rows, there: dict, held, verdict: Verdict) -> list[tuple]:
    """Rows of instants that are not stored; of several of one instant the first."""
    fresh, seen = [], {}
    for at, value, line in rows:
        known = there.get(at)
        if known is None:
            known = seen.get(at)
        if known is None:
            seen[at] = value
            fresh.append((at, value, line))
        elif known == value:
            verdict.known += 1
        else:
            verdict.failed.append((line, "OtherValue", {"value": known}))
    fresh += [(at, value, _HELD) for at, value in held if at not in there and at not in seen]
    return fresh


def _unwrapped(points: list[tuple], digits: int) -> list[int]:
    """The values as if the counter had digits without end (rule 6): only a plausible passing of zero adds a turn."""
    turn, turns, before, found = capacity(digits), 0, points[0][1], []
    for _, value, _ in points:
        if value < before:
            turns += rollover_plausible(before, value, digits)
        elif turns and rollover_plausible(value, before, digits):
            turns -= 1
        found.append(value + turns * turn)
        before = value
    return found


def _kept(points, unwrapped, verdict: Verdict) -> set[int]:
    """Places of the points that stand: the stored ones, and between each two of them the longest chain of new ones."""
    fixed = [place for place, point in enumerate(points) if point[2] == _STORED]
    kept = []
    for left, right in zip(fixed, [*fixed[1:], len(points)], strict=True):
        top = unwrapped[right] if right < len(points) and unwrapped[right] >= unwrapped[left] else None
        kept += [left, *_chain(unwrapped, range(left + 1, right), unwrapped[left], top)]
    while found := _without_spike(unwrapped, kept):
        kept = found
    verdict.withdrawn = [points[place][0] for place in sorted(set(fixed) - set(kept))]
    return set(kept)


def _without_spike(unwrapped, kept: list[int]) -> list[int] | None:
    """What stands when the last one or two are a spike, because enough that follows is lower; None when they are none."""
    # The first point is the counter's beginning and the second its first sample: neither is a spike.
    for count in range(1, min(_SPIKE, len(kept) - 2) + 1):
        floor = kept[-1 - count]
        places = [place for place in range(floor + 1, len(unwrapped)) if place not in kept[-count:]]
        found = _chain(unwrapped, places, unwrapped[floor], None)
        if sum(place > kept[-1] for place in found) >= EVIDENCE:
            return kept[:-count] + found
    return None


def _chain(values: list[int], places: Iterable[int], floor: int, top: int | None) -> list[int]:
    """Places of the longest row of values that never falls, from floor to top; of equally long ones the earliest values."""
    inside = [place for place in places if values[place] >= floor and (top is None or values[place] <= top)]
    if all(values[one] <= values[next_] for one, next_ in zip(inside, inside[1:], strict=False)):
        return inside
    # From the end, with signs turned: of two that exclude each other the earlier one wins.
    ends, ending, behind = [], [], {}
    for place in reversed(inside):
        value = -values[place]
        length = bisect_right(ends, value)
        behind[place] = ending[length - 1] if length else None
        ends[length : length + 1] = [value]
        ending[length : length + 1] = [place]
    found, place = [], ending[-1] if ending else None
    while place is not None:
        found.append(place)
        place = behind[place]
    return found


def _say(points, unwrapped, kept: set[int], verdict: Verdict) -> None:
    """Sort what does not stand into rows that come back, and what stays below the last value until more is known."""
    last, below = 0, []
    for place, (at, value, line) in enumerate(points):
        if place in kept:
            last, below = place, []
            if line != _STORED:
                verdict.good.append((at, value))
            continue
        if line == _STORED:
            continue
        lower = unwrapped[place] < unwrapped[last]
        below = [*below, place] if lower else below
        if line != _HELD:
            facts = {"value": points[last][1], "at": points[last][0]}
            verdict.failed.append((line, "Backwards" if lower else "Ahead", facts))
    _hold(points, unwrapped, last, below, verdict)


def _hold(points, unwrapped, last: int, below: list[int], verdict: Verdict) -> None:
    verdict.held = [(*points[place][:2], points[last][1]) for place in below[-HELD:]]
    fallen = [place for place in below if unwrapped[last] - unwrapped[place] > FALL]
    if len(_chain(unwrapped, fallen, 0, None)) >= EVIDENCE:
        at, value, _ = points[fallen[0]]
        verdict.changed = (at, value, points[last][1])
