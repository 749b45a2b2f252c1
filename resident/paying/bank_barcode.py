"""The Finnish bank barcode (pankkiviivakoodi, virtuaaliviivakoodi): 54 digits, drawn in Code 128 C (standards 2.2).

Version 4 holds a national reference, version 5 one in RF with digits. Source: Finance Finland, Pankkiviivakoodi-opas 5.3.
"""

from datetime import date

from ..money import references

# From a million on the payer types the sum.
MOST = 99_999_999


def digits(iban: str, amount: int | None, reference: str, due: date | None = None) -> str:
    """The 54 digits. amount in cents; none, and one beyond 999 999.99, leaves the sum to the payer. due: none leaves the day.

    ValueError for an account that is not Finnish, and for a reference that is neither national nor RF over digits.
    """
    iban, reference = "".join(iban.split()).upper(), "".join(reference.split()).upper()
    from stdnum import iban as ibans

    if not iban.startswith("FI") or not ibans.is_valid(iban):
        raise ValueError("iban")
    sum_ = f"{amount:08d}" if amount is not None and 0 < amount <= MOST else "0" * 8
    day = f"{due:%y%m%d}" if due else "000000"
    return "".join((*_referred(reference, iban[2:], sum_), day))


def _referred(reference: str, account: str, sum_: str) -> tuple[str, ...]:
    if references.is_rf(reference) and reference[4:].isdigit():
        return "5", account, sum_, reference[2:4], reference[4:].zfill(21)
    bare = reference.lstrip("0")
    if references.is_731(bare):
        return "4", account, sum_, "000", bare.zfill(20)
    raise ValueError("reference")
