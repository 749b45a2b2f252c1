"""What a sum would do that is paid on a day: which items it settles, what stays, from when on interest stops (B7). Pure.

It walks the same way as settling does, so booking the payment later does exactly this.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from .order import Credit, Debt, OrderOn, shares

# A payment that was not made has no number yet, and comes after every one of its day.
NEW = 2**62


class Outcome(NamedTuple):
    """Of one debt. paid: what the sum settles of it; left: what stays open.

    stops: the first day without interest, when it is principal and nothing stays; None when it runs on, or never ran.
    """

    debt: Debt
    paid: int
    left: int
    stops: date | None


class Answer(NamedTuple):
    """outcomes in the order in which they are settled, the untouched ones after them. credit: what is left of the sum."""

    outcomes: list[Outcome]
    credit: int

    @property
    def settled(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.paid and not one.left]


def what_if(
    debts: Iterable[Debt], amount: int, day: date, order_on: OrderOn, *, wishes: tuple[int, ...] = (), credits: Iterable = ()
) -> Answer:
    """debts: what is open, with what is left of each; credits: those that are not used up (there are none beside open debts
    that are there already)."""
    debts = sorted(debts, key=lambda debt: (debt.due, debt.day, debt.id))
    found = shares(debts, [*credits, Credit(NEW, day, amount, wishes)], order_on)
    given = {share.debt: share.amount for share in found if share.credit == NEW}
    before = {debt.id: sum(s.amount for s in found if s.debt == debt.id and s.credit != NEW) for debt in debts}
    first = [debt for share in found if share.credit == NEW for debt in debts if debt.id == share.debt]
    rest = [debt for debt in debts if debt.id not in given and debt.amount > before[debt.id]]
    outcomes = [_outcome(debt, given.get(debt.id, 0), debt.amount - before[debt.id], day) for debt in (*first, *rest)]
    return Answer(outcomes, amount - sum(given.values()))


def _outcome(debt: Debt, paid: int, open_: int, day: date) -> Outcome:
    stops = debt.nature == "principal" and paid == open_ and debt.due < day
    return Outcome(debt, paid, open_ - paid, day + timedelta(days=1) if stops else None)


def together(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Interest that falls due on one day as one, at the place of its first, however many debts bore it; what was posted for
    different months stays apart, as its reckoning does."""
    found: dict[object, Outcome] = {}
    for one in outcomes:
        debt = one.debt
        key = (debt.due, debt.day.replace(day=1)) if debt.nature == "interest" else debt.id
        if before := found.get(key):
            debt = before.debt._replace(amount=before.debt.amount + debt.amount)
            one = Outcome(debt, before.paid + one.paid, before.left + one.left, None)
        found[key] = one
    return list(found.values())
