"""Workbooks for tests: a small honest register, and any change of it."""

from copy import deepcopy
from datetime import date
from io import BytesIO

import openpyxl

_ELECTRICITY = {"medium": "electricity", "serial": "E1", "building": "K1", "unit": "A 2", "installed": date(2023, 6, 1)}
REGISTER = {
    "buildings": [{"building": "K1", "address": "Kastanjakuja 1", "postcode": "00990", "city": "Lehtola"}],
    "units": [
        {"building": "K1", "unit": "A 1", "staircase": "A", "floor": 1, "area": 54.5, "occupants": 2},
        {"building": "K1", "unit": "A 2", "staircase": "A", "floor": 1, "area": 31},
    ],
    "persons": [
        {"person": "H1", "name": "Liisa Kastanja", "email": "liisa@example.org", "phone": "+358 40 555 0111", "language": "fi"},
        {"name": "Otto Lehmus", "email": "otto@example.org"},
    ],
    "tenures": [
        {
            "tenure": "T1", "building": "K1", "unit": "A 1", "tenure_kind": "lease", "first": date(2024, 2, 1), "reference": "1009",
            "account": "20001",
        },
        {
            "tenure": "T2", "building": "K1", "unit": "A 2", "tenure_kind": "ownership", "first": date(2020, 1, 1),
            "reference": "1012",
        },
    ],
    "parties": [
        {"tenure": "T1", "person": "H1", "role": "primary"},
        {"tenure": "T2", "name": "Otto Lehmus", "email": "otto@example.org", "role": "primary"},
    ],
    "meters": [
        {"medium": "cold_water", "serial": "21-1", "building": "K1", "unit": "A 1", "installed": date(2023, 6, 1), "initial": 100},
        _ELECTRICITY | {"register": "day"},
        _ELECTRICITY | {"register": "night"},
    ],
    "readings": [
        {"medium": "cold_water", "serial": "21-1", "day": date(2026, 1, 31), "value": 412.386},
        {"medium": "cold_water", "serial": "21-1", "day": date(2026, 2, 28), "value": 415.1},
        {"medium": "electricity", "serial": "E1", "register": "night", "day": "31.1.2026", "value": "1 200,5"},
    ],
    "invoices": [
        {
            "invoice": "V-1", "tenure": "T1", "month": "2026-01", "issued": date(2026, 1, 5), "due": date(2026, 1, 20),
            "total": 618.75, "reference": "1009",
        },
        {"invoice": "V-2", "tenure": "T1", "month": "2026-02", "issued": date(2026, 2, 5), "due": date(2026, 2, 20), "total": 600},
    ],
    "lines": [
        {"invoice": "V-1", "text": "Vuokra", "quantity": 1, "unit_price": 600, "amount": 600},
        {
            "invoice": "V-1", "text": "Vesi", "quantity": 3.125, "measure": "m³", "unit_price": 6, "amount": 18.75,
            "estimated": "yes",
        },
        {"invoice": "V-2", "text": "Vuokra", "amount": 600},
    ],
    "payments": [
        {"payment": "P-1", "reference": "1009", "day": date(2026, 1, 19), "amount": 618.75},
        {"tenure": "T1", "day": date(2026, 2, 19), "amount": 100},
    ],
}  # fmt: skip


def register(**sheets) -> dict:
    """A copy of REGISTER, with some sheets replaced; None leaves one out."""
    made = deepcopy(REGISTER) | sheets
    return {sheet: rows for sheet, rows in made.items() if rows is not None}


def octets(sheets: dict[str, list[dict]], titles=None, words=None) -> bytes:
    """The workbook of sheets. titles and words: what to write for a sheet's and a column's key."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, rows in sheets.items():
        tab = book.create_sheet((titles or {}).get(sheet, sheet))
        columns = list(dict.fromkeys(name for row in rows for name in row))
        tab.append([(words or {}).get(name, name) for name in columns])
        for row in rows:
            tab.append([row.get(name) for name in columns])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def write(path, sheets: dict, **given):
    path.write_bytes(octets(sheets, **given))
    return path
