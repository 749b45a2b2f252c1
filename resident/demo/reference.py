"""References and account numbers with right check digits."""


def with_731(number: int) -> str:
    """A Finnish or Estonian reference: weights 7, 3, 1 from the right, check digit last."""
    digits = str(number)
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def iban(country: str, rest: str) -> str:
    """An IBAN from the country and the national part, with its two check digits (ISO 7064 mod 97-10)."""
    turned = "".join(str(int(sign, 36)) for sign in f"{rest}{country}00")
    return f"{country}{98 - int(turned) % 97:02d}{rest}"


def virtual_account(bank: str, holder: int) -> str:
    """A Polish individual account number, 26 digits: check digits, the bank's eight, sixteen of the holder's."""
    return iban("PL", f"{bank}{holder:016d}")[2:]
