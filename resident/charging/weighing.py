"""What a unit weighs in a charge, by who pays and on what terms (rules 21–25). No database here. Days are ordinals."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..db import SCALE
from ..metering.meter import share_of
from .calendar import Months
from .counted import Count
from .dividing import divide
from .held import Run, Steps, edges, pieces

ONE = Steps([(0, SCALE)])
NONE = Steps()


class Term(NamedTuple):
    """On what a day is charged. price: millionths of the major unit, None for a divided cost; vat: (rate, net) or None."""

    price: int | None
    vat: tuple[int, bool] | None


class Terms:
    """Dated prices and VAT of a charge. prices: for members, for others; members: by tenure, whether it was one. owners: tenures
    of owners, who are members unless a row says otherwise."""

    def __init__(self, prices: tuple[Steps, Steps] | None, vat: Steps, members: dict[int, Steps], owners: frozenset[int]):
        self.prices, self.vat, self.members, self.owners = prices, vat, members, owners
        self._same = prices is None or prices[0] is prices[1]
        self._known: dict = {}

    def on(self, tenure: int | None, day: int) -> Term | None:
        """None while no price is in force."""
        member = self._same or self._member(tenure, day)
        key = (member, day)
        if key not in self._known:
            price = self.prices[0 if member else 1].on(day) if self.prices else None
            found = self.vat.on(day)
            self._known[key] = None if self.prices and price is None else Term(price, found)
        return self._known[key]

    def within(self, run: Run) -> Iterable[int]:
        """Days of a run on which terms change."""
        yield from self.vat.within(run.first, run.last)
        for steps in self.prices or ():
            yield from steps.within(run.first, run.last)
        if not self._same:
            for tenure in run.tenures:
                yield from self.members.get(tenure, NONE).within(run.first, run.last)

    def _member(self, tenure: int | None, day: int) -> bool:
        # A vacant home is the association's own.
        return tenure is None or self.members.get(tenure, NONE).on(day, tenure in self.owners)


@dataclass(slots=True)
class Part:
    """What came together for one payer on one term. weight: millionths × parts of days, of a meter millionths."""

    weight: int
    days: int
    first: int
    last: int
    rough: bool = False

    def add(self, weight: int, first: int, last: int) -> None:
        self.weight += weight
        self.days += last - first + 1
        self.first, self.last = min(self.first, first), max(self.last, last)


# By (tenure, None for a vacant unit; term).
Parts = dict[tuple[int | None, Term], Part]


def by_days(runs: Iterable[Run], calendar: Months | None, value: Steps, coefficient: Steps, terms: Terms) -> Parts:
    """Key × coefficient × parts of the calendar (days without one)."""
    found: Parts = {}
    for run in runs:
        changes = [*value.within(run.first, run.last), *coefficient.within(run.first, run.last), *terms.within(run)]
        if calendar:
            changes += calendar.starts
        for begins, ends in pieces(edges(run.first, run.last, changes), run.last):
            own = share_of(value.on(begins, 0), coefficient.on(begins, SCALE))
            parts = calendar.parts(begins, ends) if calendar else ends - begins + 1
            _give(found, run, terms, own * parts, begins, ends)
    return found


def by_use(runs: Iterable[Run], counts: list[Count], coefficient: Steps, terms: Terms) -> Parts:
    """What the registers together counted on the days of each payer, times the coefficient."""
    found: Parts = {}
    for run in runs:
        changes = [*coefficient.within(run.first, run.last), *terms.within(run)]
        for begins, ends in pieces(edges(run.first, run.last, changes), run.last):
            own = coefficient.on(begins, SCALE)
            use = sum(share_of(count.at(ends).total, own) - share_of(count.at(begins - 1).total, own) for count in counts)
            _give(found, run, terms, use, begins, ends)
    return found


def once(runs: list[Run], value: Steps, terms: Terms) -> Parts:
    """For the key "fixed": one for whoever pays on the last day, nothing while nobody does."""
    found: Parts = {}
    last = runs[-1] if runs else None
    if last and last.tenures:
        _give(found, last, terms, value.on(last.last, SCALE), last.last, last.last)
        for part in found.values():
            part.first, part.days = last.first, last.last - last.first + 1
    return found


def _give(found: Parts, run: Run, terms: Terms, weight: int, begins: int, ends: int) -> None:
    """To whoever pays on these days; those who share them get equal parts, the odd millionths go to the first."""
    payers = run.tenures or (None,)
    shares = (weight,) if len(payers) == 1 else divide(weight, [1] * len(payers))
    for tenure, share in zip(payers, shares, strict=True):
        term = terms.on(tenure, begins)
        if term is None:
            continue
        part = found.get((tenure, term))
        if part is None:
            found[tenure, term] = Part(share, ends - begins + 1, begins, ends)
        else:
            part.add(share, begins, ends)
