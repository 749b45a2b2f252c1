"""The Russian payment code: GOST R 56042-2014, `ST0001` and pairs of key and value (standards 2.4)."""

from ..money import references
from .fitting import fitted

# What a bank must know, in this order, with how long each may be; 300 octets together.
MANDATORY = {"Name": 160, "PersonalAcc": 20, "BankName": 45, "BIC": 9, "CorrespAcc": 20}
OCTETS = 300
# The mark of the letters that follow, and what Python calls them.
LETTERS = {"windows-1251": ("1", "cp1251"), "utf-8": ("2", "utf-8")}
# The sign between pairs: the first that stands in no value.
SIGNS = "|#~^;*_"


def octets(payee: dict[str, str | None], facts: dict[str, str | int] | None = None, letters: str = "utf-8") -> bytes:
    """The code's octets. payee: MANDATORY, CorrespAcc "0" where the bank has none; facts: further pairs in their order, Sum in
    kopecks. letters: one of LETTERS; what windows-1251 does not hold is written in UTF-8 all the same. ValueError.
    """
    pairs = {name: fitted(str(payee.get(name) or ""), most) for name, most in MANDATORY.items()}
    pairs["CorrespAcc"] = pairs["CorrespAcc"] or "0"
    _check(pairs)
    pairs |= {name: fitted(str(value), 1000) for name, value in (facts or {}).items() if value not in ("", None)}
    sign = next((one for one in SIGNS if not any(one in value for value in pairs.values())), None)
    if sign is None:
        raise ValueError("no sign divides these values")
    body = sign.join(f"{name}={value}" for name, value in pairs.items())
    for mark, codec in (LETTERS[letters], LETTERS["utf-8"]):
        try:
            return f"ST0001{mark}{sign}{body}".encode(codec)
        except UnicodeEncodeError:
            continue
    raise ValueError("letters")


def _check(pairs: dict[str, str]) -> None:
    for name in ("Name", "BankName"):
        if not pairs[name]:
            raise ValueError(name)
    if not references.is_russian_account(pairs["PersonalAcc"], pairs["BIC"]):
        raise ValueError("PersonalAcc")
    while len("|".join(f"{name}={value}" for name, value in pairs.items()).encode()) > OCTETS:
        # Bank and account say where the money goes; the name is the one that can be shorter.
        shorter = fitted(pairs["Name"], len(pairs["Name"]) - 1)
        if len(shorter) < 20:
            raise ValueError("Name")
        pairs["Name"] = shorter
