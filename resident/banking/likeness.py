"""Whether a movement in a file is a payment that another file brought before. Pure.

Two sightings can only be one payment when bank account, day of booking and amount are the same, and no id that both files give
differs. They are one when they share an id of the bank's (payment or entry), else the payer's end-to-end id, else the same
reference, or without one the same payer's account and text. A payment that is known stands for one movement of a file: two that
are alike in every way inside one file are two, and the same file again finds both. docs/decisions/0013-each-payment-once.md
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..money.references import national
from .statement import Movement

# Formats whose ids are of one kind. Between others only what both files say otherwise counts.
_FAMILY = {"camt.053": "camt", "camt.054": "camt"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """What makes a payment itself. family: account, day and amount; ids: "" where the file gives none."""

    family: tuple
    format: str
    own: str
    entry: str
    end_to_end: str
    print: str

    @property
    def ids(self) -> frozenset[str]:
        return frozenset((self.own, self.entry)) - {""}


def family_of(format: str) -> str:
    return _FAMILY.get(format, format)


def seen(movement: Movement, format: str, account_id: int) -> Sighting:
    family = (account_id, movement.booked_day, movement.amount)
    return Sighting(family, family_of(format), movement.own, movement.entry, movement.end_to_end, fingerprint(movement))


def fingerprint(movement: Movement) -> str:
    """Of the reference, else of who paid and the text; with day and amount, so that few are alike."""
    if movement.references:
        about = "r" + " ".join(sorted(national(one) for one in movement.references))
    elif movement.virtual:
        about = f"v{movement.virtual}{_letters(movement.text)}"
    else:
        about = f"t{movement.payer_account}{_letters(movement.text)}"
    whole = f"{movement.booked_day}:{movement.amount}:{about}"
    return hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def differ(one: Sighting, other: Sighting) -> bool:
    """Do ids that both have tell them apart?"""
    if one.format != other.format:
        return False
    if one.end_to_end and other.end_to_end and one.end_to_end != other.end_to_end:
        return True
    if one.own and other.own:
        return one.own != other.own
    return bool(one.ids and other.ids and not one.ids & other.ids)


# In this order a sighting looks for what it is: the bank's ids first.
_TIERS = (lambda one: one.ids, lambda one: {one.end_to_end} - {""}, lambda one: {one.print})


class Taken:
    """The payments that are known, each for one movement of a file."""

    def __init__(self, known: Iterable[tuple[int, Sighting]] = ()):
        self._used: set[int] = set()
        self.begin(known)

    def begin(self, known: Iterable[tuple[int, Sighting]]) -> None:
        """Look among others from now on; what a movement of this file was found to be stays taken."""
        self._tiers = [defaultdict(list) for _ in _TIERS]
        for id, sighting in known:
            for tier, keys in zip(self._tiers, _TIERS, strict=True):
                for key in keys(sighting):
                    tier[(sighting.family, key)].append((id, sighting))

    def use(self, id: int) -> None:
        self._used.add(id)

    def find(self, sighting: Sighting) -> int | None:
        """The known payment that this is, taken from now on; None when it is a new one."""
        for tier, keys in zip(self._tiers, _TIERS, strict=True):
            there = [pair for key in keys(sighting) for pair in tier.get((sighting.family, key), ())]
            free = [(id, other) for id, other in there if id not in self._used and not differ(sighting, other)]
            if free:
                # Parts of one entry have its id in common: the one that looks the same goes first.
                id = next((id for id, other in free if other.print == sighting.print), free[0][0])
                self._used.add(id)
                return id
        return None
