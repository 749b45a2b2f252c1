"""Late interest, worked out exactly (rules 33, 34). Pure: knows no database.

Interest runs on principal from the day after the due day to the day of the payment, that day included. Amounts are minor
units, rates millionths of one (9.5 % is 95000). Nothing is rounded but the sum of an item, once, half up.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ..db import SCALE

DAY = timedelta(days=1)


class Rule(NamedTuple):
    """How a country reckons. steps: (from which day of the delay, parts): so much of the rate a day, 0 parts for none.

    by_payment: the rate of the day of payment holds for all days of what was paid (Russia), else each day's own.
    """

    steps: tuple[tuple[int, int], ...] = ((1, 365),)
    by_payment: bool = False


# ЖК ст. 155 ч. 14: thirty days free, then 1/300 of the rate a day, from the ninety-first 1/130.
LADDER = Rule(((1, 0), (31, 300), (91, 130)), by_payment=True)


class Rates(NamedTuple):
    """A step function of days: (first day, rate), in the order of days. Before the first there is no interest."""

    steps: tuple[tuple[date, int], ...]

    def on(self, day: date) -> int:
        found = 0
        for first, rate in self.steps:
            if first > day:
                break
            found = rate
        return found


class Segment(NamedTuple):
    """Days with one base, one rate and one share of it."""

    first: date
    last: date
    rate: int
    parts: int
    base: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def amount(self) -> Fraction:
        """In minor units, not rounded."""
        return Fraction(self.base * self.rate * self.days, SCALE * self.parts) if self.parts else Fraction(0)


def together(rates: Iterable, caps: Iterable = (), own: Iterable = ()) -> Rates:
    """Rates of an organisation, no higher than its caps, and before them what was agreed with a holder.

    Each is (first day, rate), in any order; a cap or an agreed rate of None is none from that day on.
    """
    rates, caps, own = (tuple(sorted(one, key=lambda row: row[0])) for one in (rates, caps, own))
    days = sorted({first for first, _ in (*rates, *caps, *own)})
    return Rates(tuple((day, _rate(_latest(rates, day), _latest(caps, day), _latest(own, day))) for day in days))


def _latest(rows: tuple, day: date) -> int | None:
    return next((rate for first, rate in reversed(rows) if first <= day), None)


def _rate(rate: int | None, cap: int | None, own: int | None) -> int:
    if own is not None:
        return own
    return min(rate or 0, cap) if cap is not None else rate or 0


def segments(amount: int, due: date, paid: Iterable[tuple[date, int]], through: date, rule: Rule, rates: Rates) -> list[Segment]:
    """The days of an item's delay until a day, in their order. due: its effective due day; paid: (day, amount) in any order."""
    portions = list(_portions(amount, paid, through))
    found = []
    for first, next_first in pairwise(_cuts(due, portions, rule, rates)):
        parts = _parts(rule, (first - due).days)
        bases = defaultdict(int)
        for last, part in portions:
            if last >= first:
                bases[rates.on(last if rule.by_payment else first) if parts else 0] += part
        found += [Segment(first, next_first - DAY, rate, parts, base) for rate, base in sorted(bases.items())]
    return _joined(found)


def within(found: Iterable[Segment], spans: Iterable[tuple[date, date]]) -> list[Segment]:
    """What of segments lies in spans of days, (first, last), which come in their order and do not overlap."""
    spans = list(spans)
    cut = [one._replace(first=max(one.first, first), last=min(one.last, last)) for one in found for first, last in spans]
    return _joined([one for one in cut if one.first <= one.last])


def switched_on(usual: bool, changes: Sequence[tuple[date, bool]]) -> list[tuple[date, date]]:
    """(first, last) of the days on which interest is charged. usual: before the changes, (day, whether from then on) in order."""
    starts = [(date.min, usual), *changes]
    # A change on the first day that there is leaves nothing before it.
    ends = [day - DAY if day > date.min else day for day, _ in changes]
    return [(first, last) for (first, on), last in zip(starts, [*ends, date.max], strict=True) if on]


def _portions(amount: int, paid: Iterable, through: date) -> Iterable[tuple[date, int]]:
    """(last day on which it was open, amount) of what was paid or is open still."""
    for day, part in paid:
        amount -= part
        yield min(day, through), part
    if amount > 0:
        yield through, amount


def _cuts(due: date, portions: list, rule: Rule, rates: Rates) -> list[date]:
    """First days of spans in which nothing changes, and the day after the last of them; no two days where nothing was late."""
    first, after = due + DAY, max((due, *(last for last, _ in portions))) + DAY
    days = {first, after, *(last + DAY for last, _ in portions), *(due + timedelta(days=day) for day, _ in rule.steps)}
    if not rule.by_payment:
        days |= {day for day, _ in rates.steps}
    return sorted(day for day in days if first <= day <= after)


def _parts(rule: Rule, day: int) -> int:
    return next((parts for first, parts in reversed(rule.steps) if first <= day), 0)


def _joined(found: list[Segment]) -> list[Segment]:
    """Neighbours in which nothing differs are one."""
    joined: list[Segment] = []
    for one in found:
        before = joined[-1] if joined else None
        if before and before[2:] == one[2:] and before.last + DAY == one.first:
            joined[-1] = before._replace(last=one.last)
        else:
            joined.append(one)
    return joined


def exact(parts: Iterable[Segment]) -> Fraction:
    return sum((one.amount for one in parts), Fraction(0))


def rounded(amount: Fraction) -> int:
    """Minor units, half up."""
    return (amount + Fraction(1, 2)).__floor__()


def cut(amount: Fraction) -> int:
    """Hundredths of minor units, cut: written out before the rounded sum they lead to it, as rounded ones might not."""
    return (amount * 100).__floor__()


def accrued(amount: int, due: date, paid: Iterable[tuple[date, int]], through: date, rule: Rule, rates: Rates) -> int:
    """An item's interest until a day, rounded once."""
    return rounded(exact(segments(amount, due, paid, through, rule, rates)))


def rule_of(country: str, year: str = "365") -> Rule:
    """How interest is reckoned in a country; year: the setting interest_year."""
    return LADDER if country == "RU" else Rule(((1, int(year)),))
