"""VAT (rule 30): for each rate on the sum of an invoice's lines, divided among them again, so that lines and totals agree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import dividing

# Hundredths of a per cent in a whole.
WHOLE = 10_000


class Priced(NamedTuple):
    """A line's sum in minor units as it was worked out: with VAT in it, or without where net. rate: hundredths of a per cent,
    None where VAT does not apply."""

    amount: int
    rate: int | None = None
    net: bool = False


class Taxed(NamedTuple):
    """What is to be paid, and the VAT in it (None where it does not apply)."""

    amount: int
    vat: int | None


class Total(NamedTuple):
    """Of one rate: what the lines cost without VAT, the VAT, and both."""

    rate: int
    net: int
    vat: int
    gross: int


def taxed(lines: Sequence[Priced]) -> list[Taxed]:
    """Each line with its VAT, in their order."""
    if all(line.rate is None for line in lines):
        return [Taxed(line.amount, None) for line in lines]
    groups = defaultdict(list)
    for place, line in enumerate(lines):
        if line.rate is not None:
            groups[line.rate, line.net].append(place)
    vats: dict[int, int] = {}
    for (rate, net), places in groups.items():
        amounts = [lines[place].amount for place in places]
        vats.update(zip(places, _spread(within(sum(amounts), rate, net), amounts, rate, net), strict=True))
    return [
        Taxed(line.amount + (vats[place] if line.net else 0), vats[place]) if place in vats else Taxed(line.amount, None)
        for place, line in enumerate(lines)
    ]


def within(amount: int, rate: int, net: bool) -> int:
    """The VAT of a sum, rounded half away from zero: on top of it where net, else the part of it."""
    return dividing.rounded(amount * rate, WHOLE if net else WHOLE + rate)


def totals(lines: Iterable[tuple[int | None, int, int | None]]) -> list[Total]:
    """By rate, of an invoice's lines (rate, amount, vat): lines that carry no VAT are in none."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for rate, amount, vat in lines:
        if rate is not None:
            sums[rate][0] += amount
            sums[rate][1] += vat or 0
    return [Total(rate, gross - vat, vat, gross) for rate, (gross, vat) in sorted(sums.items())]


def _spread(total: int, amounts: list[int], rate: int, net: bool) -> list[int]:
    """Each line's own VAT cut to whole units, the rest of the total to the lines that lost most, in their order. Lines may be
    of both signs."""
    over = WHOLE if net else WHOLE + rate
    parts = [amount * rate // over for amount in amounts]
    remainders = [amount * rate % over for amount in amounts]
    for place in sorted(range(len(parts)), key=lambda place: -remainders[place])[: total - sum(parts)]:
        parts[place] += 1
    return parts
