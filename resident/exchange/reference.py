"""Payment references as rows of a workbook give them: scheme and stored form (rule 31).

RF and the national form are one reference: RF's is stored without its RF and check digits. Finland and Estonia use the
7-3-1 check digit, Poland a virtual account number (IBAN check), Russia the personal account as it stands.
"""

import re

_WEIGHTS = (7, 3, 1)


def read(given: str, country: str) -> tuple[str, str | None]:
    """(scheme, value to store); the value is None when its check digits do not hold."""
    plain = re.sub(r"[\s\u00a0]", "", given).upper()
    if country in ("FI", "EE"):
        return "7-3-1", _national(plain)
    if country == "PL":
        digits = plain.removeprefix("PL")
        return "virtual", digits if re.fullmatch(r"\d{26}", digits) and _mod97(digits[2:] + "PL" + digits[:2]) else None
    return "personal", plain if re.fullmatch(r"[\w/.-]{1,40}", plain) else None


def _national(plain: str) -> str | None:
    if plain.startswith("RF"):
        body = plain[4:].lstrip("0")
        if not re.fullmatch(r"RF\d{2}\d{1,20}", plain) or not _mod97(plain[4:] + plain[:4]):
            return None
        return body if _checked(body) else None
    body = plain.lstrip("0")
    return body if re.fullmatch(r"\d{2,20}", body) and _checked(body) else None


def _checked(digits: str) -> bool:
    total = sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits[:-1])))
    return len(digits) > 1 and (10 - total % 10) % 10 == int(digits[-1])


def _mod97(text: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1
