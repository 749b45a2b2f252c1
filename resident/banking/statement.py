"""What a bank's file says, in one shape for every format: movements on accounts, and why a file is refused whole.

Readers are generators of Movement. Whatever does not hold – a sum, a balance, a digit – is FileRefused, at the latest after the
last movement: nothing is booked before a file was read to its end once.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from ..errors import ResidentError


class FileRefused(ResidentError):
    """Nothing of a file is taken: why (one of REASONS), and what a sentence about it needs: line, entry, text, is_, should,
    currency, account …; amounts in minor units."""


REASONS = (
    "empty", "large", "kind", "broken", "encoding", "doctype", "field", "amount", "day", "parts", "balance", "sum", "count",
    "turnover", "currency", "foreign", "ended", "no_account", "columns",
)  # fmt: skip
# Enough of a text for whoever decides by it; more is cut.
TEXT, NAME, ID = 500, 140, 40


@dataclass(frozen=True, slots=True)
class Movement:
    """One payment in (amount above zero) or a payment in that is taken back (below zero), in minor units.

    value_day: when the payee's bank had the money (rule 32). own, entry, end_to_end: the ids of the payment, of the bank's
    entry that it is a part of, and the payer's; "" where there is none. references: those with a field of their own.
    virtual: the account, or the payer's number, that was credited in its stead. kind: credit | reversal | batch (an entry that
    does not tell its payments: another file may); several: it says that they are more than one.
    """

    place: int
    line: int
    account: str
    amount: int
    currency: str
    value_day: date
    booked_day: date
    kind: str = "credit"
    several: bool = False
    own: str = ""
    entry: str = ""
    end_to_end: str = ""
    references: tuple[str, ...] = ()
    virtual: str = ""
    text: str = ""
    payer: str = ""
    payer_account: str = ""


@dataclass(slots=True)
class Told:
    """What a file says beside its movements; filled while it is read."""

    format: str = ""
    # The accounts that it is about, also those without movements: {number: currency or ""}.
    accounts: dict[str, str] = field(default_factory=dict)
    movements: int = 0
    incoming: int = 0
    # Not payments in: paid out; not booked by the bank yet.
    outgoing: int = 0
    pending: int = 0
    # Control totals that the file had and that held.
    proved: int = 0

    def take(self, movement: Movement) -> Movement:
        self.movements += 1
        self.incoming += movement.amount
        return movement


_AMOUNT = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{0,6}))?", re.ASCII)


def minor(text: str, **where) -> int:
    """Minor units of an amount that a bank wrote: "6256.7" is 625670. FileRefused(amount) when it is none, or a finer one."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (found[2] or "")[2:].strip("0"):
        raise FileRefused(why="amount", text=text.strip()[:ID], **where)
    return int(found[1]) * 100 + int((found[2] or "")[:2].ljust(2, "0"))


def day(year: str | int, month: str | int, number: str | int, **where) -> date:
    """FileRefused(day) when there never was such a day."""
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise FileRefused(why="day", text=f"{year}-{month}-{number}"[:ID], **where) from None


def tidy(text: str | None, most: int = TEXT) -> str:
    """One line without NUL and doubled spaces, cut to what is kept."""
    return " ".join((text or "").replace("\0", " ").split())[:most]


def bare(account: str) -> str:
    """An account's number without what is printed between its signs."""
    return re.sub(r"[^0-9A-Z]", "", account.upper())


def proved(why: str, is_: int, should: int, told: Told, **where) -> None:
    """Two figures that must be one: counted, or FileRefused(why, is_, should)."""
    if is_ != should:
        raise FileRefused(why=why, is_=is_, should=should, **where)
    told.proved += 1
