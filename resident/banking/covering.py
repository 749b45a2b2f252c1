"""Which of the payments that a service took are in the sum that it paid out. Pure: plain sums in, a row of them out."""

from collections.abc import Iterator, Sequence


def run(amount: int, sums: Sequence[int], *, follows: bool) -> tuple[int, int]:
    """(first, last + 1) of the payments that a payout of so much covers. sums: above zero, as they were paid.

    A row that comes to the sum exactly goes before any other. Where none does the service kept its price, and the row is at least
    the sum: where it follows another payout from the first payment on, as few as reach it; else the one of which least was kept.
    Of several alike that which begins first where it follows another, else that which ends last. All of them where they are less.
    """
    rows = list(_least(amount, sums))
    exact = [row for kept, *row in rows if not kept]
    if exact:
        return tuple(exact[0] if follows else exact[-1])
    if follows:
        total = 0
        for place, one in enumerate(sums):
            total += one
            if total >= amount:
                return 0, place + 1
    elif rows:
        _kept, first, last = min(rows, key=lambda row: (row[0], -row[2]))
        return first, last
    return 0, len(sums)


def _least(amount: int, sums: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(what is over, first, last + 1) of the shortest row at each end that is at least the amount."""
    first, total = 0, 0
    for place, one in enumerate(sums):
        total += one
        while total - sums[first] >= amount:
            total -= sums[first]
            first += 1
        if total >= amount:
            yield total - amount, first, place + 1
