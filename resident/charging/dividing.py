"""Dividing a sum into whole minor units by weights, and prices times quantities. No database here, and never a float."""

from collections.abc import Sequence

from ..db import SCALE

# Minor units in a major one.
MINOR = 100


class NoWeight(ValueError):
    """Something is to be divided, and nobody has any weight."""


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """A sum of minor units by weights (rule 22): whole units by largest remainder, once; exact in total, below zero too.

    Ties go to whoever comes first, so the caller's order (units, then first days) decides. Weights are integers of any one
    unit and need not add up to anything; single ones may be below zero (use that an estimate counted too much), their sum may
    not. NoWeight when a sum other than zero meets none.
    """
    whole = sum(weights)
    if whole <= 0:
        if total:
            raise NoWeight(total)
        return [0] * len(weights)
    rest = left = abs(total)
    parts = []
    for weight in weights:
        part = rest * weight // whole
        parts.append(part)
        left -= part
    if left:
        remainders = [rest * weight % whole for weight in weights]
        for place in sorted(range(len(parts)), key=lambda place: -remainders[place])[:left]:
            parts[place] += 1
    return parts if total >= 0 else [-part for part in parts]


def rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number; a half is rounded away from zero, so that a credit is what the charge was."""
    found = (2 * abs(numerator) + denominator) // (2 * denominator)
    return found if numerator >= 0 else -found


def price(unit_price: int, quantity: int, parts: int = 1) -> int:
    """Minor units of quantity ÷ parts at a unit price, both in millionths, rounded once (a half away from zero)."""
    return rounded(unit_price * quantity * MINOR, SCALE * SCALE * parts)
