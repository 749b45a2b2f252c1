"""The register workbook: its sheets and columns, what each holds, and the words by which six languages know them.

The words stand in headers.csv (terms of the glossary; the first is what the template prints, the others are understood
too). They are compared without case, spaces, marks and punctuation; the machine key is understood as well. A sheet may go
on as "Lines 2", "Lines 3" …
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

LANGUAGES = ("en", "fi", "sv", "et", "pl", "ru")
CHOICES = {
    "unit_kind": ("home", "business", "parking", "storage"),
    "person_kind": ("natural", "legal"),
    "tenure_kind": ("ownership", "lease"),
    "role": ("primary", "co_owner", "occupant"),
    "medium": ("cold_water", "hot_water", "heating", "electricity", "gas"),
    "invoice_kind": ("period", "separate", "reading", "settlement", "correction"),
    "entry_kind": ("opening", "interest", "fee", "refund", "write_off", "transfer", "correction"),
    "register": ("day", "night"),
    "yes": ("yes", "no"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind: text, email, code (hashed at once, see codes.py), word (a choice or a text of one's own), choice,
    flag, day, month, money (minor units), quantity and counter (millionths; a counter is not below zero),
    percent (hundredths of a per cent), count."""

    key: str
    kind: str
    required: bool = False
    # Longest text that is taken.
    limit: int = 0
    example: object = None

    @property
    def choices(self) -> tuple[str, ...]:
        return CHOICES.get("yes" if self.kind == "flag" else self.key, ())


def _text(key: str, limit: int, example=None, *, required: bool = False) -> Column:
    return Column(key, "text", required, limit, example)


def _must(key: str, kind: str, example=None) -> Column:
    return Column(key, kind, True, 0, example)


def _may(key: str, kind: str, example=None) -> Column:
    return Column(key, kind, False, 0, example)


_BUILDING = _text("building", 40, "K1", required=True)
_UNIT_KIND = _may("unit_kind", "choice", "home")
_UNIT = _text("unit", 20, "A 1", required=True)
_TENURE = _text("tenure", 60, "T-1001", required=True)
_SERIAL = _text("serial", 40, "21-448107", required=True)
_MEDIUM = _must("medium", "choice", "cold_water")
_REGISTER = Column("register", "word", limit=20)

SHEETS: dict[str, tuple[Column, ...]] = {
    "buildings": (
        _BUILDING, _text("address", 160, "Kastanjakuja 1", required=True), _text("postcode", 12, "00990"),
        _text("city", 80, "Lehtola"),
    ),
    "units": (
        _BUILDING, _UNIT_KIND, _UNIT, _text("staircase", 20, "A"), _may("floor", "count", 1), _may("area", "quantity", "54.5"),
        _may("heated_area", "quantity", "54.5"), _may("occupants", "quantity", 2), _may("share", "quantity"),
        _may("facts_from", "day"), _may("first", "day"), _may("last", "day"),
    ),
    "persons": (
        _text("person", 60, "H-1001"), _text("name", 120, "Aino Esimerkki", required=True),
        _may("person_kind", "choice", "natural"),
        Column("personal_code", "code", limit=100),
        Column("email", "email", limit=200, example="aino@example.org"), _text("phone", 40, "+358 40 555 0100"),
        _text("language", 5, "fi"), _text("invoice_language", 5, "fi"), _may("invoice_paper", "flag", "no"),
        _may("invoice_email", "flag", "yes"), _may("non_disclosure", "flag", "no"),
    ),
    "tenures": (
        _TENURE, _BUILDING, _UNIT_KIND, _UNIT, _must("tenure_kind", "choice", "lease"), _may("signed", "day", "2024-01-15"),
        _must("first", "day", "2024-02-01"), _may("last", "day"), _text("reference", 40, "1009"), _text("account", 40),
    ),
    "parties": (
        _TENURE, _text("person", 60, "H-1001"), _text("name", 120), _text("email", 200), _must("role", "choice", "primary"),
        _may("first", "day", "2024-02-01"), _may("last", "day"),
    ),
    "meters": (
        _MEDIUM, _SERIAL, _BUILDING, _UNIT_KIND, _text("unit", 20, "A 1"), _text("place", 60), _text("measure", 10, "m³"),
        _must("installed", "day", "2023-06-01"), _may("removed", "day"), _may("verified_until", "day", "2033-06-01"),
        _may("remote", "flag", "no"), _may("main_meter", "flag", "no"), _may("coefficient", "quantity", 1), _REGISTER,
        _text("feed_key", 80), _may("digits", "count", 5), _may("decimals", "count", 3), _may("initial", "counter", 0),
    ),
    "readings": (
        _MEDIUM, _SERIAL, _REGISTER, _must("day", "day", "2026-01-31"), _must("value", "counter", "412.386"),
        _may("rolled_over", "flag"),
    ),
    "invoices": (
        _text("invoice", 40, "2026-0001", required=True), _TENURE, _may("invoice_kind", "choice", "period"),
        _must("month", "month", "2026-01"),
        _must("issued", "day", "2026-01-05"), _must("due", "day", "2026-01-20"), _must("total", "money", "612.40"),
        _text("reference", 40, "1009"), _may("estimated", "flag", "no"), _text("invoice_language", 5),
    ),
    "lines": (
        _text("invoice", 40, "2026-0001", required=True), _may("position", "count", 1), _text("text", 160, "Rent", required=True),
        _may("quantity", "quantity", 1), _text("measure", 12), _may("unit_price", "quantity", "612.40"),
        _must("amount", "money", "612.40"), _may("vat_rate", "percent"), _may("estimated", "flag", "no"),
    ),
    "payments": (
        _text("payment", 60, "2026011900001"), _text("tenure", 60), _text("account", 40), _text("reference", 40, "1009"),
        _must("day", "day", "2026-01-19"), _must("amount", "money", "612.40"), _text("text", 200),
    ),
    "entries": (
        _text("entry", 60, "OB-2026-1009", required=True), _text("tenure", 60), _text("account", 40),
        _text("reference", 40, "1009"), _must("entry_kind", "choice", "opening"),
        _must("day", "day", "2026-01-01"), _may("due", "day", "2026-01-20"), _must("amount", "money", "120.00"), _text("text", 200),
    ),
}  # fmt: skip


def folded(word: str) -> str:
    """The form in which headers, sheet names and choices are compared: letters and digits only, folded, without marks."""
    text = unicodedata.normalize("NFKD", str(word).casefold().replace("ł", "l"))
    return "".join(letter for letter in text if letter.isalnum())


@lru_cache(maxsize=1)
def _words() -> dict[tuple[str, str], dict[str, list[str]]]:
    """(sheet | column | choice, key): language: words."""
    with Path(__file__).with_name("headers.csv").open(encoding="utf-8", newline="") as rows:
        return {(row["kind"], row["key"]): {code: row[code].split("|") for code in LANGUAGES} for row in csv.DictReader(rows)}


def word(kind: str, key: str, language: str) -> str:
    """What the template prints; English for a language that has no words here yet."""
    found = _words()[kind, key]
    return found.get(language, found["en"])[0]


def _known(kind: str, key: str) -> set[str]:
    return {folded(key.rpartition(".")[2]), *(folded(word) for words in _words()[kind, key].values() for word in words)}


@lru_cache(maxsize=1)
def _sheet_words() -> dict[str, str]:
    return {word: sheet for sheet in SHEETS for word in _known("sheet", sheet)}


def sheet(title: str) -> str | None:
    """The sheet that a tab's title means, "Lines 2" included; None for a tab of the reader's own."""
    return _sheet_words().get(folded(re.sub(r"[\s_(-]*\d+\)?\s*$", "", title)))


@cache
def headers(sheet: str) -> dict[str, Column]:
    """Folded header: column, in all six languages."""
    return {word: column for column in SHEETS[sheet] for word in _known("column", column.key)}


@cache
def choices(name: str) -> dict[str, str]:
    """Folded word: machine value, of a choice in all six languages."""
    return {word: value for value in CHOICES[name] for word in _known("choice", f"{name}.{value}")}
