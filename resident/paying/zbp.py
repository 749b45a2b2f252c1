"""The Polish code of a transfer: the recommendation of Związek Banków Polskich of December 2013 (standards 2.3)."""

import re

from ..money import references
from .fitting import fitted

RECIPIENT, TITLE = 20, 32
LONGEST = (20, 12, 24)


def text(account: str, amount: int, recipient: str, title: str, *, nip: str = "", reserve: tuple[str, ...] = ("", "", "")) -> str:
    """The nine fields. account: 26 digits, with or without PL and spaces; amount in grosze, 0 when the payer fills it in;
    nip: ten digits, empty for a private recipient. Recipient and title are cut between words. ValueError.
    """
    account, nip = re.sub(r"\s|^PL", "", account), re.sub(r"[\s-]", "", nip)
    if not references.is_nrb(account) or amount < 0 or (nip and not re.fullmatch(r"[0-9]{10}", nip)):
        raise ValueError("account, amount or nip")
    rest = (fitted(_plain(one), most) for one, most in zip(reserve, LONGEST, strict=True))
    fields = (nip, "PL", account, f"{amount:06d}", fitted(_plain(recipient), RECIPIENT), fitted(_plain(title), TITLE), *rest)
    return "|".join(fields)


def _plain(value: str) -> str:
    """The sign that divides fields stands in none."""
    return value.replace("|", " ")
