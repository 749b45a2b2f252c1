"""From what a cell holds to what the portal stores: exact, without a float in between; refused with a name otherwise.

A cell comes as str, Number (the digits as the file writes them), date, bool or None. Money becomes integer minor units,
quantities integer millionths, per cents integer hundredths, days dates, choices machine words.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from ..db import SCALE
from ..month import month_name
from ..people.person import is_email
from .columns import Column, choices, folded


class Bad(Exception):
    """The cell cannot be taken: name of the reason and facts for its sentence."""

    def __init__(self, name: str, **facts):
        super().__init__(name)
        self.name, self.facts = name, facts


class Number(str):
    """A number cell: the digits as the file writes them."""


class Formula(str):
    """A cell that holds a formula; its value would be whatever the last program thought."""


_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
# Digits are 0 to 9 only: another script's would be read as if it were ours (rule 9).
_PLAIN = re.compile(r"[+\-\u2212]?\d+(?:[.,]\d+)?", re.ASCII)
_FILED = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?: .*)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})|(\d{1,2})[./](\d{4})", re.ASCII)
_LARGEST = 10**15
_EARLIEST, _LATEST = date(1850, 1, 1), date(2199, 12, 31)


def read(column: Column, raw):
    """The value of a cell, None for an empty one. Bad(name, …) when the column cannot hold it."""
    if isinstance(raw, Formula):
        raise Bad("Formula")
    if isinstance(raw, str) and not isinstance(raw, Number):
        raw = _unescaped(raw.strip())
    if raw is None or raw == "":
        if column.required:
            raise Bad("Missing")
        return None
    return _KINDS[column.kind](column, raw)


def _unescaped(text: str) -> str:
    """Our own exports put ' before a text that a spreadsheet would take for a formula; it comes off again (S41)."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _text(column: Column, raw) -> str:
    if isinstance(raw, bool):
        raise Bad("NotText")
    if isinstance(raw, Number):
        raw = _digits(raw)
    if isinstance(raw, date):
        raise Bad("DayForText")
    text = " ".join(raw.split())
    if len(text) > column.limit:
        raise Bad("TooLong", limit=column.limit)
    if any(ord(letter) < 32 for letter in text):
        raise Bad("NotText")
    return text


def _email(column: Column, raw) -> str:
    text = _text(column, raw)
    if not is_email(text):
        raise Bad("NotAnEmail")
    return text


def _digits(raw: Number) -> str:
    """A number in a text column: 1009.0 is 1009. More than 15 digits were cut by the spreadsheet already."""
    value = exact(raw)
    if abs(value) >= _LARGEST:
        raise Bad("DigitsLost")
    return format(value.normalize(), "f") if value == value.to_integral() else format(value, "f")


def _word(column: Column, raw) -> str:
    text = _text(column, raw)
    return choices(column.key).get(folded(text), text)


def _choice(column: Column, raw) -> str:
    found = choices(column.key).get(folded(_text_of(raw)))
    if found is None:
        raise Bad("NotAChoice", choice=column.key)
    return found


def _flag(column: Column, raw) -> int:
    if isinstance(raw, bool):
        return int(raw)
    text = folded(_text_of(raw))
    if text in ("1", "0", "x"):
        return int(text != "0")
    found = choices("yes").get(text)
    if found is None:
        raise Bad("NotAChoice", choice="yes")
    return int(found == "yes")


def _text_of(raw) -> str:
    return _digits(raw) if isinstance(raw, Number) else str(raw)


def exact(raw) -> Decimal:
    """The number that was typed. A spreadsheet keeps 15 digits; what stands after them is the shadow of binary floats."""
    if isinstance(raw, bool | date):
        raise Bad("NotANumber")
    try:
        if isinstance(raw, Number):
            if not _FILED.fullmatch(raw.strip()):
                raise Bad("NotANumber")
            plain = Decimal(raw.strip())
            return plain if len(plain.as_tuple().digits) <= 15 else Decimal(format(plain, ".15g"))
        text = _SPACES.sub("", raw)
        if not _PLAIN.fullmatch(text):
            raise Bad("NotANumber")
        return Decimal(text.replace(",", ".").replace("\u2212", "-"))
    except InvalidOperation:
        raise Bad("NotANumber") from None


def _scaled(raw, factor: int, most_decimals: int) -> int:
    value = exact(raw) * factor
    if not value.is_finite() or abs(value) >= 10**16:
        raise Bad("NotANumber")
    if value != value.to_integral():
        raise Bad("TooManyDecimals", decimals=most_decimals)
    return int(value)


def _money(column: Column, raw) -> int:
    return _scaled(raw, 100, 2)


def _quantity(column: Column, raw) -> int:
    return _scaled(raw, SCALE, 6)


def _counter(column: Column, raw) -> int:
    value = _scaled(raw, SCALE, 6)
    if value < 0:
        raise Bad("BelowZero")
    return value


def _percent(column: Column, raw) -> int:
    return _scaled(raw, 100, 2)


def _count(column: Column, raw) -> int:
    value = exact(raw)
    if value != value.to_integral() or abs(value) > 1_000_000:
        raise Bad("NotACount")
    return int(value)


def _day(column: Column, raw) -> date:
    if isinstance(raw, date) and not isinstance(raw, bool):
        day = raw
    else:
        day = None if isinstance(raw, Number | bool) else _typed_day(raw)
    if day is None or not _EARLIEST <= day <= _LATEST:
        raise Bad("NotADay")
    return day


def _typed_day(text: str) -> date | None:
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    parts = iso.groups() if iso else dotted.groups()[::-1] if dotted else None
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _month(column: Column, raw) -> str:
    if isinstance(raw, date):
        return month_name(raw)
    found = None if isinstance(raw, bool) else _MONTH.fullmatch(str(raw))
    if found is not None:
        year, month = (int(found[1]), int(found[2])) if found[1] else (int(found[4]), int(found[3]))
        if 1900 <= year < 2200 and 1 <= month <= 12:
            return f"{year}-{month:02d}"
    day = None if isinstance(raw, Number | bool) else _typed_day(raw)
    if day is None:
        raise Bad("NotAMonth")
    return month_name(day)


_KINDS = {
    "text": _text,
    "email": _email,
    "code": _text,
    "word": _word,
    "choice": _choice,
    "flag": _flag,
    "money": _money,
    "quantity": _quantity,
    "counter": _counter,
    "percent": _percent,
    "count": _count,
    "day": _day,
    "month": _month,
}
