"""Payment references (rule 31): the check digit 7-3-1 of Finland and Estonia, RF of ISO 11649, the Polish account number of
one's own, what Russia knows an account by; and their print.

RF and the national form are one reference: national() gives the one under which it is known. Nothing is ever refused for the
check digit of a Polish bank's sort code: the recommendation's own sample does not hold it.
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
    base = base.upper()
    return f"RF{98 - _number(base + 'RF00') % 97:02d}{base}"


def is_rf(value: str) -> bool:
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", value):
        return False
    return _number(value[4:] + value[:4]) % 97 == 1


def national(value: str) -> str:
    """Spaces gone; RF and leading zeros taken off where digits are under them, so that one debtor has one reference."""
    value = re.sub(r"\s", "", value).upper()
    bare = value[4:] if is_rf(value) else value
    return (bare.lstrip("0") or "0") if bare.isdigit() else value


def is_nrb(value: str) -> bool:
    """A Polish account number: 26 digits that hold mod 97 (standards 1.3)."""
    return bool(re.fullmatch(r"[0-9]{26}", value)) and _number(value[2:] + "PL" + value[:2]) % 97 == 1


def nrb(rest: str) -> str:
    """The account number over 24 digits: the bank's eight and sixteen of the holder's."""
    return f"{98 - _number(rest + 'PL00') % 97:02d}{rest}"


# A bank's contract about account numbers of one's own: 24 places, digits that stand as they are and then X for the holder's.
_TEMPLATE = re.compile(r"[0-9]{8,22}X{2,16}")


def is_template(text: str) -> bool:
    return len(text) == 24 and bool(_TEMPLATE.fullmatch(text))


def virtual_account(template: str, holder: int) -> str:
    """The account number of a holder by the bank's template: "12401234" "1234" "XXXXXXXXXXXX". ValueError when it has no room."""
    places = template.count("X")
    if not is_template(template) or len(str(holder)) > places:
        raise ValueError("template")
    return nrb(template[:-places] + f"{holder:0{places}d}")


def is_russian_account(account: str, bic: str) -> bool:
    """An account of 20 digits whose key fits the bank's nine (standards 1.4); a correspondent account's by its own rule."""
    if not re.fullmatch(r"[0-9]{20}", account) or not re.fullmatch(r"[0-9]{9}", bic):
        return False
    bank = f"0{bic[4:6]}" if account.startswith("30101") else bic[6:9]
    return sum(int(digit) * (7, 1, 3)[place % 3] % 10 for place, digit in enumerate(bank + account)) % 10 == 0


# What the state's system of housing gives to an account: the ЕЛС, ten letters or digits, and the service's, two digits more.
# They are stored and printed, never made.
_STATE = {"els": r"[0-9A-Za-z]{10}", "zku": r"[0-9A-Za-z]{10}-[0-9]{2}"}


def is_state_number(scheme: str, value: str) -> bool:
    """scheme: "els" or "zku"."""
    return bool(re.fullmatch(_STATE[scheme], value))


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
