"""The European code of a credit transfer, EPC069-12: twelve lines that a bank's application reads (standards 2.1).

Finland says the due day in the twelfth line (Finance Finland's guideline of 2015) and takes the national reference in the
tenth; elsewhere that line is for RF.
"""

from datetime import date

from .fitting import fitted

LONGEST = 331
MOST = 99_999_999_999


def text(
    name: str,
    iban: str,
    amount: int,
    *,
    bic: str = "",
    reference: str = "",
    message: str = "",
    due: date | None = None,
    purpose: str = "",
    version: str = "",
) -> str:
    """The lines, in UTF-8's letters. amount: cents, 1 to 99 999 999 999. reference, or message, never both; spaces in account
    and reference do not count. version: "001", which wants a BIC, or "002"; by whether there is a BIC when left out.

    ValueError when there can be no such code.
    """
    if not 0 < amount <= MOST or (reference and message):
        raise ValueError("amount, or a reference and a message")
    version = version or ("001" if bic else "002")
    if version == "001" and not bic:
        raise ValueError("bic")
    whole, cents = divmod(amount, 100)
    lines = [
        "BCD", version, "1", "SCT", bic, fitted(name, 70), _bare(iban), f"EUR{whole}.{cents:02d}", purpose[:4],
        _bare(reference), fitted(message, 140), f"ReqdExctnDt/{due.isoformat()}" if due else "",
    ]  # fmt: skip
    said = "\n".join(lines).rstrip()
    if len(said.encode()) > LONGEST:
        raise ValueError("long")
    return said


def _bare(value: str) -> str:
    return "".join(value.split()).upper()
