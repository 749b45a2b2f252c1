"""The ladder of estimates (rule 11): what a counter would show on a day for which nobody read it. No database here.

Rungs are tried in the order that the organisation sets:
    last     the use of the last period, when that was read
    average  the average month of the last n calendar months that were read
    norm     a norm per person and month
A month is a month: what a period of one calendar month is estimated at by the average does not hang on its 28 or 31 days (the
Russian rules of public services, decree 354, 59 a: the average monthly use of at least six months). The last period's use is
taken by days, for a period need not be a month.
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
from ..month import months_between
from .usual import capacity

RUNGS = ("last", "average", "norm")
BETWEEN = "between"


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
    """How an estimate was worked out: `use` in the days after `first` up to `last`, taken for `days` days; for an average, for
    so many calendar `months` (None: one that was worked out by days). For a norm use is the norm of the home for these days, and
    first and last are the days that it was worked out for."""

    rung: str
    first: date
    last: date
    use: int
    days: int
    months: Fraction | None = None

    def __str__(self) -> str:
        """As it is kept beside the reading."""
        months = "" if self.months is None else f" {self.months}"
        return f"{self.rung} {self.first} {self.last} {self.use} {self.days}{months}"

    @classmethod
    def read(cls, text: str | None) -> "Basis | None":
        """What was kept; None for anything else."""
        parts = (text or "").split(" ")
        if len(parts) not in (5, 6) or parts[0] not in (*RUNGS, BETWEEN):
            return None
        try:
            first, last = map(date.fromisoformat, parts[1:3])
            return cls(parts[0], first, last, int(parts[3]), int(parts[4]), Fraction(parts[5]) if parts[5:] else None)
        except ValueError:
            return None


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
    measured = _measured(past, Fraction(gap), _days) if past[-1].true else None
    if measured is None:
        return None
    first, last = measured
    use = last.total - first.total
    return Basis("last", first.day, last.day, use, gap), Fraction(use * gap, (last.day - first.day).days)


def _average(months: int, past: Sequence[Point], day: date) -> Worked | None:
    """The use of so many calendar months before, by month."""
    measured = _measured(past, Fraction(months), months_between)
    if measured is None:
        return None
    (first, last), since = measured, past[-1].day
    use, taken = last.total - first.total, months_between(since, day)
    return Basis("average", first.day, last.day, use, (day - since).days, taken), use * taken / months_between(first.day, last.day)


def _norm(norm: Norm, past: Sequence[Point], day: date) -> Worked | None:
    since = past[-1].day
    use = norm(since, day)
    return None if use is None else (Basis("norm", since, day, int(use), (day - since).days), use)


def _days(after: date, until: date) -> Fraction:
    return Fraction((until - after).days)


def _measured(past: Sequence[Point], wanted: Fraction, length: Callable[[date, date], Fraction]) -> tuple[Point, Point] | None:
    """Two true readings, the newest one and the one before it that comes nearest to such a length; None when there is less
    than half of that, or when the counter went backwards."""
    true = [point for point in past if point.true]
    if len(true) < 2:
        return None
    last = true[-1]
    first = min(true[:-1], key=lambda point: abs(length(point.day, last.day) - wanted))
    enough = 2 * length(first.day, last.day) >= wanted
    return (first, last) if enough and last.total >= first.total and last.day > first.day else None


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
