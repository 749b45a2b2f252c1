"""A register workbook of any size, the same each time: python -m bench.workbook FILE HOMES [MONTHS].

A home has two persons, one tenancy, a meter for cold and one for hot water; a month has a reading of each, an invoice of
six lines, and a payment. Sheets go on as "Lines 2" where a spreadsheet would be full.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from resident.exchange.columns import SHEETS

_FULL = 1_048_576
_FIRST = date(2024, 1, 1)
_LINES = (
    ("Vuokra", 61_240),
    ("Vesimaksu", 2_150),
    ("Saunamaksu", 1_200),
    ("Autopaikka", 1_500),
    ("Laajakaista", 490),
    ("Jätehuolto", 315),
)
_TOTAL = sum(minor for _, minor in _LINES)
_HOMES_IN_A_HOUSE = 50


class _Tab:
    """One sheet of the register, going on in a further tab when the first is full."""

    def __init__(self, book, key: str, days, full: int):
        self._book, self._key, self._days, self._full = book, key, days, full
        self._columns = {column.key: place for place, column in enumerate(SHEETS[key])}
        self._tabs, self._row, self.rows = 0, full, 0

    def put(self, **cells) -> None:
        if self._row >= self._full:
            self._begin()
        for name, value in cells.items():
            if isinstance(value, date):
                self._tab.write_datetime(self._row, self._columns[name], value, self._days)
            elif value is not None:
                self._tab.write(self._row, self._columns[name], value)
        self._row += 1
        self.rows += 1

    def _begin(self) -> None:
        self._tabs += 1
        title = self._key.capitalize()
        self._tab = self._book.add_worksheet(title if self._tabs == 1 else f"{title} {self._tabs}")
        for name, place in self._columns.items():
            self._tab.write_string(0, place, name)
        self._row = 1


def write(path: Path, homes: int, months: int = 24, full: int = _FULL) -> dict[str, int]:
    """Write the workbook; how many rows each sheet has. full: rows of a tab before the sheet goes on in the next."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    tabs = {}

    def tab(key: str) -> _Tab:
        return tabs.setdefault(key, _Tab(book, key, days, full))

    # In constant memory a tab is written from its first row to its last, so sheet by sheet.
    for part in (_buildings, _units, _persons, _tenures, _parties, _meters, _readings, _invoices, _lines, _payments):
        part(tab, homes, months)
    book.close()
    return {key: made.rows for key, made in tabs.items()}


def _house(n: int) -> str:
    return f"K{n // _HOMES_IN_A_HOUSE + 1}"


def _door(n: int) -> str:
    return f"{'ABCDE'[n % _HOMES_IN_A_HOUSE // 10]} {n % _HOMES_IN_A_HOUSE + 1}"


def _month(m: int) -> date:
    return date(_FIRST.year + m // 12, m % 12 + 1, 1)


def _check_digit(number: int) -> str:
    digits = str(number)
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def _buildings(tab, homes: int, _months: int) -> None:
    for n in range(0, homes, _HOMES_IN_A_HOUSE):
        number = n // _HOMES_IN_A_HOUSE + 1
        tab("buildings").put(building=_house(n), address=f"Kastanjakuja {number}", postcode="00990", city="Lehtola")


def _units(tab, homes: int, _months: int) -> None:
    for n in range(homes):
        tab("units").put(
            building=_house(n), unit=_door(n), staircase=_door(n)[0], floor=n % 5 + 1, area=30 + n % 60 + 0.5, occupants=n % 4 + 1
        )


def _persons(tab, homes: int, _months: int) -> None:
    for n in range(homes * 2):
        tab("persons").put(
            person=f"H{n:06d}", name=f"Esimerkki Asukas {n}", email=f"asukas{n}@example.org", phone=f"+358 40 555 {n % 10000:04d}"
        )


def _tenures(tab, homes: int, _months: int) -> None:
    for n in range(homes):
        tab("tenures").put(
            tenure=f"T{n:06d}", building=_house(n), unit=_door(n), tenure_kind="lease", first=date(2023, 6, 1),
            reference=_check_digit(100_000 + n), account=f"{20_000 + n}",
        )  # fmt: skip


def _parties(tab, homes: int, _months: int) -> None:
    for n in range(homes):
        tab("parties").put(tenure=f"T{n:06d}", person=f"H{2 * n:06d}", role="primary")
        tab("parties").put(tenure=f"T{n:06d}", person=f"H{2 * n + 1:06d}", role="occupant")


def _meters(tab, homes: int, _months: int) -> None:
    for n in range(homes):
        for medium in ("cold_water", "hot_water"):
            tab("meters").put(
                medium=medium, serial=f"{medium[0]}{n:06d}", building=_house(n), unit=_door(n), installed=date(2023, 6, 1), digits=5
            )


def _readings(tab, homes: int, months: int) -> None:
    for n in range(homes):
        for medium, use in (("cold_water", 3.125), ("hot_water", 1.875)):
            for m in range(months):
                value = 100 + n % 50 + use * (m + 1)
                tab("readings").put(medium=medium, serial=f"{medium[0]}{n:06d}", day=_month(m + 1) - timedelta(days=1), value=value)


def _invoices(tab, homes: int, months: int) -> None:
    for n in range(homes):
        for m in range(months):
            tab("invoices").put(
                invoice=f"{n:06d}-{m:02d}", tenure=f"T{n:06d}", month=f"{_month(m):%Y-%m}", issued=_month(m),
                due=_month(m) + timedelta(days=9), total=_TOTAL / 100, reference=_check_digit(100_000 + n),
            )  # fmt: skip


def _lines(tab, homes: int, months: int) -> None:
    for n in range(homes):
        for m in range(months):
            for text, minor in _LINES:
                tab("lines").put(
                    invoice=f"{n:06d}-{m:02d}", text=text, quantity=1, measure="kk", unit_price=minor / 100, amount=minor / 100
                )


def _payments(tab, homes: int, months: int) -> None:
    for n in range(homes):
        for m in range(months):
            if (n + m) % 24 != 7:
                tab("payments").put(
                    payment=f"P{n:06d}{m:02d}", reference=_check_digit(100_000 + n), day=_month(m) + timedelta(days=7 + n % 5),
                    amount=_TOTAL / 100,
                )  # fmt: skip


if __name__ == "__main__":
    rows = write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 24)
    print(rows)
