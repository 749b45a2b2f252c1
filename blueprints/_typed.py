"""What somebody typed into a form or an address, before anything is made of it: plain text, the number of a thing."""

import re
from datetime import date

from flask import abort, request

from resident.db import SCALE

from ._days import read
from ._locale import _, fmt

# Every number of so many digits fits a key of the database.
_DIGITS = 18


def plain(text: str) -> str:
    """Typed text with plain line ends and without NUL, which a database refuses."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def line(name: str) -> str:
    """A field of the request's form as plain text on one line."""
    return " ".join(plain(request.form.get(name, "")).split())


def sent(text: str) -> str:
    """A text of a JSON body, without what no database takes: NUL, and halves of letters that no file can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def whole(given, name: str) -> int | None:
    """A number in the address or a form, when it is one that a key can be."""
    text = given.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def day_and_key(given, name: str) -> tuple[date, int] | None:
    """The place in a list by day that a page begins after: "2026-10-12:77". 404 for a day that there never was."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d):(\d{1,18})", given.get(name, ""))
    try:
        return (read(found[1]), int(found[2])) if found else None
    except ValueError:
        abort(404)


def key_and_id(given, name: str) -> tuple[str, int] | None:
    """The place in a list of homes that a page begins after: "77:000012A" is home 77 with that sort key."""
    found = re.fullmatch(r"(\d{1,18}):(.*)", given.get(name, ""))
    return (found[2][:80], int(found[1])) if found else None


def small(text: str, least: int, most: int) -> int | None:
    """A whole number of one or two digits within its bounds; None when it is none."""
    fits = text.isascii() and text.isdecimal() and len(text) <= 2
    return int(text) if fits and least <= int(text) <= most else None


def quantity(given, name: str, whole: int = 9, decimals: int = 6) -> int | None:
    """A quantity or a unit price of a form in millionths: "4,25" is 4250000; None when it is left out. ValueError."""
    text = re.sub(r"\s", "", given.get(name, ""))
    if not text:
        return None
    found = re.fullmatch(rf"([0-9]{{1,{whole}}})(?:[.,]([0-9]{{1,{decimals}}}))?", text)
    if not found:
        raise ValueError(name)
    return int(found[1]) * SCALE + int((found[2] or "").ljust(6, "0"))


def number(errors: dict[str, str], name: str, *, whole: int = 9, zero: bool = True, missing: str | None = None) -> int | None:
    """The same of the request's form, with what is wrong put into the errors of the whole form. zero: may it be nought?
    missing: the sentence when it is left out and has to be there."""
    try:
        found = quantity(request.form, name, whole)
        if found == 0 and not zero:
            raise ValueError(name)
    except ValueError:
        errors[name] = _("This is a number such as 4 or 4.25. Write it in figures.")
        return None
    if found is None and missing:
        errors[name] = missing
    return found


def yearly_rate(errors: dict[str, str], name: str) -> int | None:
    """A rate of interest of the request's form, per cent a year in ten-thousandths; None when it is left out."""
    try:
        found = quantity(request.form, name, whole=3, decimals=4)
    except ValueError:
        errors[name] = _("Write the rate in figures, for example 9.5.")
        return None
    return None if found is None else found // 100


def written(millionths: int, decimals: int = 6) -> str:
    """The same the other way round, as one types it: without signs between groups of digits, which no field takes."""
    whole, rest = divmod(millionths, SCALE)
    part = f"{rest:06d}"[:decimals].rstrip("0")
    return f"{whole}{fmt().point}{part}" if part else str(whole)


def counter_value(millionths: int, decimals: int, point: str | None = None) -> str:
    """A counter's value as one types it, with all the digits that it shows. point: the reader's when left out."""
    whole, rest = divmod(millionths, SCALE)
    return f"{whole}{point or fmt().point}{f'{rest:06d}'[:decimals]}" if decimals else str(whole)


def minor(given, name: str) -> int | None:
    """An amount of money of a form in minor units: "1 234,50" is 123450; None when it is left out. ValueError."""
    text = re.sub(r"\s", "", given.get(name, ""))
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?", text)
    if not found:
        raise ValueError(name)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def amount(text: str) -> int:
    """An amount of money as people write it in our languages, in minor units: "1 234,5" is 123450, "12,5" never 125, "−3" less
    than nothing. ValueError for anything else: another sign, two points, three decimals."""
    found = re.fullmatch(r"([-\u2212\u2013]?)([0-9]{1,12})(?:[.,]([0-9]{1,2}))?", re.sub(r"\s", "", text))
    if not found:
        raise ValueError(text)
    value = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -value if found[1] else value


def no_sum() -> str:
    """What is said of a text that is no amount()."""
    return _("This is no sum. Write it in figures with at most two decimals, for example 1234.50.")
