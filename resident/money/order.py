"""The order in which money settles what is owed (rule 33). Pure: knows no database.

Days are walked one after the other: a debt is there from its value day, a credit from its own. So the answer does not depend
on the order in which either was booked, and whoever asks "what if" gets the same one.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from heapq import merge
from typing import NamedTuple

# What an entry's kind is when it comes to the order; everything else is principal.
NATURES = {"interest": "interest", "fee": "cost"}
# The setting payment_order: which comes first. Within one rank, and where all are one, the oldest due first.
RANKS = {
    "oldest_due": {"cost": 0, "interest": 0, "principal": 0},
    "costs_interest_principal": {"cost": 0, "interest": 1, "principal": 2},
    "principal_first": {"principal": 0, "interest": 1, "cost": 2},
}


class Debt(NamedTuple):
    """day: from when on it is there; nature: principal | interest | cost; amount: what there is to settle of it; booked: what it
    was at first, where a part is settled already (0: the same), by which it keeps its place among its like."""

    id: int
    day: date
    due: date
    nature: str
    amount: int
    booked: int = 0


class Credit(NamedTuple):
    """wishes: ids of the debts that the payer named, which it settles before any other."""

    id: int
    day: date
    amount: int
    wishes: tuple[int, ...] = ()


class Share(NamedTuple):
    """So much of a credit goes to a debt. day: the day of it, when both are there."""

    credit: int
    debt: int
    amount: int
    day: date


# The order in force on a day.
OrderOn = Callable[[date], str]


def nature(kind: str) -> str:
    return NATURES.get(kind, "principal")


def shares(debts: Iterable[Debt], credits: Iterable[Credit], order_on: OrderOn) -> list[Share]:
    """What settles what, day by day; of one day the debts come before the credits. No amount is below zero."""
    walk = _Walk(debts, order_on)
    due = sorted(walk.debts.values(), key=lambda debt: (debt.day, *_place(debt)))
    paid = sorted(credits, key=lambda credit: (credit.day, not credit.wishes, credit.id))
    for thing in merge(due, paid, key=lambda thing: (thing.day, isinstance(thing, Credit))):
        walk.credit(thing) if isinstance(thing, Credit) else walk.debt(thing)
    return walk.found


def _place(debt: Debt) -> tuple:
    """Within one rank the oldest due first. Numbers decide between twins only: they depend on what was booked first."""
    return debt.due, debt.day, debt.nature, debt.booked or debt.amount, debt.id


class _Walk:
    def __init__(self, debts: Iterable[Debt], order_on: OrderOn):
        self.debts = {debt.id: debt for debt in debts}
        self.left = {debt.id: debt.amount for debt in self.debts.values()}
        # Debts that are there and not settled; credits that are not used up: [credit, rest].
        self.open: dict[int, Debt] = {}
        self.unused: list[list] = []
        self.order_on = order_on
        self.found: list[Share] = []

    def debt(self, debt: Debt) -> None:
        if self.left[debt.id] > 0:
            self.open[debt.id] = debt
        while self.unused and debt.id in self.open:
            waiting = self.unused[0]
            waiting[1] -= self._settle(waiting[0], debt, waiting[1], debt.day)
            if not waiting[1]:
                self.unused.pop(0)

    def credit(self, credit: Credit) -> None:
        rest = credit.amount
        for debt in self._in_order(credit):
            if not rest:
                return
            rest -= self._settle(credit, debt, rest, credit.day)
        if rest:
            self.unused.append([credit, rest])

    def _in_order(self, credit: Credit) -> Iterator[Debt]:
        """What was named, also when it is dated later than the payment; then what is open."""
        yield from (self.debts[id] for id in credit.wishes if self.left.get(id, 0) > 0)
        if self.open:
            rank = RANKS[self.order_on(credit.day)]
            yield from sorted(self.open.values(), key=lambda debt: (rank[debt.nature], *_place(debt)))

    def _settle(self, credit: Credit, debt: Debt, rest: int, day: date) -> int:
        amount = min(rest, self.left[debt.id])
        self.left[debt.id] -= amount
        self.found.append(Share(credit.id, debt.id, amount, day))
        if not self.left[debt.id]:
            self.open.pop(debt.id, None)
        return amount
