"""Invoices of ten lines drawn as PDF with the code that pays them, in each of four countries. Bar: 20 ms each.

python -m bench.papers [INVOICES]
"""

import sys
import time
from datetime import date

from blueprints import _invoice_words as invoice_words
from resident.db import SCALE
from resident.money.sheet import Line, Sheet

INVOICES, BAR_MS = 10_000, 20
# Country, currency, language, reference, payee.
COUNTRIES = (
    ("FI", "EUR", "fi", "1234561", {"iban": "FI7944052020036082", "bic": "OKOYFIHH"}),
    ("EE", "EUR", "et", "1234561", {"iban": "EE382200221020145685", "bic": "HABAEE2X"}),
    ("PL", "PLN", "pl", "73124012341234000000000017", {"iban": "PL61109010140000071219812874"}),
    ("RU", "RUB", "ru", "0100123", {"account": "40702810138250123017", "bic": "044525225", "bank": "Банк"}),
)


def run(invoices: int = INVOICES) -> bool:
    good = True
    for country, currency, language, reference, payee in COUNTRIES:
        count, size = invoices // len(COUNTRIES), 0
        began = time.monotonic()
        for number in range(count):
            sheet = _sheet(number, country, currency, language, reference, payee)
            size += len(invoice_words.paper(sheet, ())[1])
        each = (time.monotonic() - began) / count * 1000
        codes = invoice_words.code(sheet) is not None
        print(f"papers    {count:,} of {country}, {size / count / 1000:.0f} KB, {'with' if codes else 'WITHOUT'} code: "
              f"{each:.1f} ms each (bar ≤ {BAR_MS})")  # fmt: skip
        good &= codes and each <= BAR_MS
    return good


def _sheet(number: int, country: str, currency: str, language: str, reference: str, payee: dict) -> Sheet:
    lines = tuple(Line(f"Vastike {place}", 54_300_000, "m²", 4 * SCALE + place, 21720 + place, None, False) for place in range(10))
    total = sum(line.amount for line in lines)
    return Sheet(
        id=number, number=f"2026-{number:05d}", kind="period", month="2026-10", issued=date(2026, 10, 1), due=date(2026, 10, 15),
        total=total, currency=currency, language=language,
        addressee={"name": f"Asukas {number}", "home": f"Pihlajakuja 6 A {number}"}, reference=reference,
        estimated=False, void=False, account_id=number, account=str(number),
        creditor={
            "id": 1, "name": "Bench", "country": country, "registry_code": "1234567-8", "address": None, "phone": None,
            "email": None, "languages": language,
        },
        payee={"payee": "Bench"} | payee, open=total, last_day=date(2026, 10, 15), paid_on=None, lines=lines,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(0 if run(*map(int, sys.argv[1:])) else 1)
