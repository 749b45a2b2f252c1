"""What use is usual, and what is far from it (rule 13). Values in millionths of the meter's unit, spans in days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median_low

from ..db import SCALE
from .meter import share_of

YEAR = 366
# Days without any use that are asked about at the earliest, unless that is far from usual.
IDLE = 14


@dataclass(frozen=True, slots=True)
class Unusual:
    """Far from usual: the use of the span, and what would be usual for it."""

    high: bool
    use: int
    expected: int
    days: int


def capacity(digits: int) -> int:
    """Where a counter with so many digits before the point starts again from zero (rule 6)."""
    return 10**digits * SCALE


def use(before: int, after: int, digits: int, rolled_over: bool, coefficient: int = SCALE) -> int:
    """What went through between two values of one counter; with a coefficient, the home's part of it (rule 19)."""
    raised = after + (capacity(digits) if rolled_over else 0)
    return share_of(raised, coefficient) - share_of(before, coefficient)


def rollover_plausible(before: int, after: int, digits: int) -> bool:
    """A counter that passed zero stood near its end and stands near its beginning: at most a tenth of its range apart."""
    return after < before and use(before, after, digits, True) * 10 <= capacity(digits)


def daily(spans: Iterable[tuple[date, date, int]], day: date) -> int | None:
    """The median of daily use, of spans (first day, last day, use) that ended in the twelve months before the day."""
    rates = _rates(spans, day)
    return median_low(rates) if rates else None


def between(spans: Iterable[tuple[date, date, int]], day: date) -> tuple[int, int] | None:
    """(low, high) of daily use without the sixth of the spans at either end; None when there are none. daily() is between."""
    rates = sorted(_rates(spans, day))
    cut = len(rates) // 6
    return (rates[cut], rates[-1 - cut]) if rates else None


def _rates(spans: Iterable[tuple[date, date, int]], day: date) -> list[int]:
    return [used // (last - first).days for first, last, used in spans if _counts(first, last, used, day)]


def _counts(first: date, last: date, used: int, day: date) -> bool:
    return last > first and used >= 0 and (day - last).days <= YEAR


def idle_too_long(spans: Iterable[tuple[date, date, int]], days: int, far: bool) -> int:
    """How long nothing was used, when these last days without use make it longer than ever in the spans (newest first);
    else 0. Equal is always valid (rule 5): a counter that never moved is not asked about, nor a short time that is not far
    from usual."""
    runs = [0]
    for first, last, used in spans:
        if used:
            runs.append(0)
        else:
            runs[-1] += (last - first).days
    idle = runs[0] + days
    longer = len(runs) > 1 and days > 0 and idle > max(runs[1:])
    return idle if longer and (far or idle >= IDLE) else 0


def far(used: int, days: int, rate: int | None, factor: int, gap: int) -> Unusual | None:
    """Daily use above factor × or below 1/factor of the usual rate, and more than gap apart over the span."""
    if rate is None or days <= 0:
        return None
    expected = rate * days
    if abs(used - expected) <= gap:
        return None
    if used > factor * expected or used * factor < expected:
        return Unusual(used > expected, used, expected, days)
    return None
