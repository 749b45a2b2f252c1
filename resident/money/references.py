"""Payment references (rule 31): the check digit 7-3-1 of Finland and Estonia, RF of ISO 11649, and their print.

RF and the national form are one reference: national() gives the one under which it is known.
"""

import re

from ..format import Format


def check_digit(base: str) -> str:
    """The digit that follows base: weights 7, 3, 1 from the right (standards 1.1)."""
    return str(-sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(base))) % 10)


def is_731(value: str, country: str = "FI") -> bool:
    """A Finnish reference has 4 to 20 digits, an Estonian one 2 to 20, the check digit included."""
    least = 4 if country == "FI" else 2
    return bool(re.fullmatch(rf"[0-9]{{{least},20}}", value)) and check_digit(value[:-1]) == value[-1]


def rf(base: str) -> str:
    """The RF form of a reference of up to 21 letters and digits (standards 1.2)."""
    return f"RF{98 - _number(base.upper() + 'RF00') % 97:02d}{base.upper()}"


def is_rf(value: str) -> bool:
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", value):
        return False
    return _number(value[4:] + value[:4]) % 97 == 1


def national(value: str) -> str:
    """Spaces gone; RF and leading zeros taken off where digits are under them, so that one debtor has one reference."""
    value = re.sub(r"\s", "", value).upper()
    bare = value[4:] if is_rf(value) else value
    return (bare.lstrip("0") or "0") if bare.isdigit() else value


def printed(value: str, country: str) -> str:
    """As it stands on paper: in Finland fives from the right, in Estonia and for RF fours from the left; where each home
    pays to an account number of its own (Poland), as banks print that; else as it is.
    """
    if is_rf(value):
        return " ".join(re.findall(".{1,4}", value))
    if country == "FI" and is_731(value):
        return " ".join(re.findall(".{1,5}", value.lstrip("0")[::-1]))[::-1]
    if country == "EE" and is_731(value, "EE"):
        return " ".join(re.findall(".{1,4}", value))
    return Format.bank_account(value)


def _number(text: str) -> int:
    """Letters become 10 … 35."""
    return int("".join(str(int(letter, 36)) for letter in text))
