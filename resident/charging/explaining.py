"""Why an invoice is higher or lower than an earlier one (B3), from the lines of both alone. No database here.

A line's change is told apart: (p₁−p₀)·q₀ for its price, p₁·(q₁−q₀) for its quantity; of a divided cost (c₁−c₀)·s₀ for the
building's cost, c₁·(s₁−s₀) for the share of it. Each is rounded once to minor units, and what rounding makes is shown, so that
the parts of a line are its change and those of all lines the invoice's, to the minor unit. A line of another program that keeps
no price and quantity, or whose sum they do not give, has a change that cannot be told apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ..db import SCALE
from .dividing import MINOR, rounded

# What a change may come from, in the order in which it is told. new, gone: the line is on one of the invoices only.
PARTS = ("use", "price", "share", "cost", "vat", "new", "gone", "other", "rounding")


class Said(NamedTuple):
    """A line as its invoice keeps it: the columns of InvoiceLine."""

    text: str
    amount: int
    quantity: int | None = None
    measure: str | None = None
    unit_price: int | None = None
    charge_type_id: int | None = None
    unit_id: int | None = None
    weight: int | None = None
    whole: int | None = None
    cost: int | None = None
    vat_amount: int | None = None
    vat_net: bool | None = None
    correction_id: int | None = None
    estimated: bool = False

    @property
    def net(self) -> int:
        return self.amount - (self.vat_amount or 0) if self.vat_net else self.amount


class Factors(NamedTuple):
    """What a sum is the product of, in minor units together: price (minor units of one unit of the measure) × quantity, or a
    building's cost (divided) × share. Both exact."""

    divided: bool
    measure: str | None
    rate: Fraction
    amount: Fraction


@dataclass(slots=True)
class Change:
    """Of one line, or of several of one charge. was, now: minor units, None where the invoice has no such line; parts: by name
    (PARTS), those that are not zero, adding up to the change; before, after: what the sums are made of, where both are known."""

    text: str
    was: int | None
    now: int | None
    parts: dict[str, int] = field(default_factory=dict)
    before: Factors | None = None
    after: Factors | None = None
    was_estimated: bool = False
    now_estimated: bool = False

    @property
    def change(self) -> int:
        return (self.now or 0) - (self.was or 0)


def changes(was: Iterable[Said], now: Iterable[Said]) -> list[Change]:
    """Line by line, in the order of the later invoice; those that are gone come last."""
    old, new = _grouped(was), _grouped(now)
    found = []
    for key, lines in new.items():
        found.append(_change(old.pop(_partner(key, lines, old, new), []), lines))
    return found + [_change(lines, []) for lines in old.values()]


def summed(found: Iterable[Change]) -> dict[str, int]:
    """The parts of all lines together, in the order of PARTS; those that occur."""
    sums = dict.fromkeys(PARTS, 0)
    met = set()
    for change in found:
        met |= change.parts.keys()
        for part, amount in change.parts.items():
            sums[part] += amount
    return {part: amount for part, amount in sums.items() if part in met}


def _grouped(lines: Iterable[Said]) -> dict[tuple, list[Said]]:
    """Lines of one charge and unit together: a price that changes inside a period makes two."""
    groups: dict[tuple, list[Said]] = {}
    for line in lines:
        groups.setdefault(_key(line), []).append(line)
    return groups


def _key(line: Said) -> tuple:
    if line.correction_id is not None:
        return "correction", line.correction_id
    return ("charge", line.charge_type_id, line.unit_id) if line.charge_type_id is not None else ("text", _folded(line.text))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _partner(key: tuple, lines: Sequence[Said], old: dict, new: dict) -> tuple:
    """The group of the earlier invoice that this one goes on from: the same charge, or, where one of the two invoices is another
    program's, the same words."""
    if key in old or key[0] == "correction":
        return key
    name = _folded(lines[0].text)
    for other, before in old.items():
        if other not in new and other[0] != "correction" and "text" in (key[0], other[0]) and _folded(before[0].text) == name:
            return other
    return key


def _change(was: Sequence[Said], now: Sequence[Said]) -> Change:
    change = Change(
        (now or was)[0].text,
        sum(line.amount for line in was) if was else None,
        sum(line.amount for line in now) if now else None,
        was_estimated=any(line.estimated for line in was),
        now_estimated=any(line.estimated for line in now),
    )
    change.parts = {part: amount for part, amount in _parts(change, was, now).items() if amount}
    return change


def _parts(change: Change, was: Sequence[Said], now: Sequence[Said]) -> dict[str, int]:
    if not was or not now:
        return {"gone" if was else "new": change.change}
    before, after = _factors(was), _factors(now)
    vat = sum(line.amount - line.net for line in now) - sum(line.amount - line.net for line in was)
    if before is None or after is None or before[:2] != after[:2]:
        return {"other": change.change - vat, "vat": vat}
    change.before, change.after = before, after
    rate = _whole((after.rate - before.rate) * before.amount)
    amount = _whole(after.rate * (after.amount - before.amount))
    names = ("cost", "share") if after.divided else ("price", "use")
    return {names[0]: rate, names[1]: amount, "vat": vat, "rounding": change.change - rate - amount - vat}


def _factors(lines: Sequence[Said]) -> Factors | None:
    """None where the lines do not say, or say something that their sum is not."""
    found = _divided(lines) or _priced(lines)
    if found is None:
        return None
    apart = sum(line.net for line in lines) - found.rate * found.amount
    return found if abs(apart) <= len(lines) else None


def _divided(lines: Sequence[Said]) -> Factors | None:
    first = lines[0]
    if first.cost is None or not first.whole or any((line.cost, line.whole) != (first.cost, first.whole) for line in lines):
        return None
    return Factors(True, None, Fraction(first.cost), Fraction(sum(line.weight or 0 for line in lines), first.whole))


def _priced(lines: Sequence[Said]) -> Factors | None:
    """Of several prices their mean by quantity."""
    measures = {line.measure for line in lines}
    if len(measures) > 1 or any(line.unit_price is None or line.quantity is None for line in lines):
        return None
    quantity = sum(line.quantity for line in lines)
    if quantity:
        price = Fraction(sum(line.unit_price * line.quantity for line in lines), quantity)
    else:
        price = Fraction(lines[-1].unit_price)
    return Factors(False, measures.pop(), price * MINOR / SCALE, Fraction(quantity, SCALE))


def _whole(amount: Fraction) -> int:
    return rounded(amount.numerator, amount.denominator)
