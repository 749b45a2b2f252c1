"""The ladder of estimates (rule 11): what a counter would show on a day for which nobody read it. No database here.

Rungs are tried in the order that the organisation sets:
    last     the use of the last period, when that was read
    average  the average of the last n months that were read
    norm     a norm per person and month
After so many estimates in a row only the norm is left. Where a later reading is known, the ladder is not climbed: the value
lies between the two (`between`). Values and use in millionths; what is spread over days is exact until the counter's last
digit, which is cut as a counter shows it.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from ..db import SCALE
from .usual import capacity

RUNGS = ("last", "average", "norm")
BETWEEN = "between"
# A month, where an average is over so many of them.
MONTH = Fraction(1461, 48)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an organisation sets. rungs: from RUNGS, in order; most: estimates in a row before the norm alone is left; norms:
    by medium, for one person and month."""

    rungs: tuple[str, ...]
    months: int
    most: int
    norms: dict[str, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A reading that counts. total: use since the beginning of the record, across rollovers and changes of meter; true: no
    estimate."""

    day: date
    total: int
    true: bool = True


@dataclass(frozen=True, slots=True)
class Basis:
    """How an estimate was worked out: `use` in the days after `first` up to `last`, taken for `days` days. For a norm use is
    the norm of the home for these days, and first and last are the days that it was worked out for."""

    rung: str
    first: date
    last: date
    use: int
    days: int

    def __str__(self) -> str:
        """As it is kept beside the reading."""
        return f"{self.rung} {self.first} {self.last} {self.use} {self.days}"

    @classmethod
    def read(cls, text: str | None) -> "Basis | None":
        """What was kept; None for anything else."""
        parts = (text or "").split(" ")
        if len(parts) != 5 or parts[0] not in (*RUNGS, BETWEEN):
            return None
        return cls(parts[0], date.fromisoformat(parts[1]), date.fromisoformat(parts[2]), int(parts[3]), int(parts[4]))


@dataclass(frozen=True, slots=True)
class Estimate:
    """value: what the counter would show; use: since the last reading that counts, estimates too."""

    value: int
    use: int
    basis: Basis


# For the days after one until another: the norm of a register's home, None where there is none.
Norm = Callable[[date, date], Fraction | None]
# How an estimate was worked out, and the use that it comes to.
Worked = tuple[Basis, Fraction]


def climb(
    rules: Rules, past: Sequence[Point], later: Point | None, day: date, norm: Norm, *, value: int, digits: int, decimals: int
) -> Estimate | None:
    """The estimate for a day, from the first rung that holds; None when none does.

    past: readings that count before the day, oldest first, at least one (the beginning of the record); later: the next one
    after it. value: what the counter shows at past[-1], with so many digits and decimals.
    """
    found = _between(past[-1], later, day) if later else _climbed(rules, past, day, norm)
    if found is None:
        return None
    basis, use = found
    step = 10 ** (6 - decimals)
    # It never passes zero: that is nobody's to assume (rule 6).
    shown = min((value + int(use)) // step * step, capacity(digits) - step)
    return Estimate(max(value, shown), max(0, shown - value), basis)


def in_a_row(past: Sequence[Point]) -> int:
    """How many estimates there are since the last true reading."""
    return next((count for count, point in enumerate(reversed(past)) if point.true), len(past))


def _climbed(rules: Rules, past: Sequence[Point], day: date, norm: Norm) -> Worked | None:
    rungs = ("norm",) if in_a_row(past) >= rules.most else RUNGS
    ways = {"last": _last, "average": partial(_average, rules.months), "norm": partial(_norm, norm)}
    found = (ways[rung](past, day) for rung in rules.rungs if rung in rungs)
    return next((worked for worked in found if worked), None)


def _between(base: Point, later: Point, day: date) -> Worked:
    """In a straight line to the next reading. Where that one is lower than an estimate was, nothing is added: the credit comes
    with it."""
    use, days, passed = max(0, later.total - base.total), (later.day - base.day).days, (day - base.day).days
    return Basis(BETWEEN, base.day, later.day, use, passed), Fraction(use * passed, days)


def _last(past: Sequence[Point], day: date) -> Worked | None:
    """The use of as many days before, when they end with a true reading."""
    gap = (day - past[-1].day).days
    return _scaled("last", _measured(past, Fraction(gap)), gap) if past[-1].true else None


def _average(months: int, past: Sequence[Point], day: date) -> Worked | None:
    return _scaled("average", _measured(past, months * MONTH), (day - past[-1].day).days)


def _norm(norm: Norm, past: Sequence[Point], day: date) -> Worked | None:
    since = past[-1].day
    use = norm(since, day)
    return None if use is None else (Basis("norm", since, day, int(use), (day - since).days), use)


def _measured(past: Sequence[Point], wanted: Fraction) -> tuple[Point, Point] | None:
    """Two true readings, the newest one and the one before it that comes nearest to so many days; None when there is less
    than half of that, or when the counter went backwards."""
    true = [point for point in past if point.true]
    if len(true) < 2:
        return None
    last = true[-1]
    first = min(true[:-1], key=lambda point: abs((last.day - point.day).days - wanted))
    enough = 2 * (last.day - first.day).days >= wanted
    return (first, last) if enough and last.total >= first.total and last.day > first.day else None


def _scaled(rung: str, measured: tuple[Point, Point] | None, gap: int) -> Worked | None:
    if measured is None:
        return None
    first, last = measured
    use = last.total - first.total
    return Basis(rung, first.day, last.day, use, gap), Fraction(use * gap, (last.day - first.day).days)


def persons(norm: int, occupants: Sequence[tuple[date, int]], after: date, until: date) -> Fraction | None:
    """The norm of a home for the days after one until another: norm for a person and whole month, by the days of each number
    of occupants (rule 25). occupants: (first day, number in millionths), in order; None when nobody knows how many they are."""
    known = [held for held in occupants if held[0] <= until]
    if not known:
        return None
    use, day = Fraction(0), after + timedelta(days=1)
    while day <= until:
        held = [count for since, count in known if since <= day] or [known[0][1]]
        month = monthrange(day.year, day.month)[1]
        changes = [since - timedelta(days=1) for since, _ in known if since > day]
        last = min([until, day.replace(day=month), *changes])
        use += Fraction(norm * held[-1] * ((last - day).days + 1), SCALE * month)
        day = last + timedelta(days=1)
    return use
