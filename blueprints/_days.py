"""Days that somebody typed, in a form or an address: the one place where blueprints read them."""

import re
from datetime import date, datetime

from flask import request

from resident.metering.window import days_of

from ._locale import _

# As a date field sends it, and as it is written by hand in most of our languages.
_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_BY_HAND = re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?(\d{4})", re.ASCII)
# Whoever types another year has missed a key.
_YEARS = range(1901, 2200)


def read(text: str) -> date:
    """The day of a text: 2026-11-25, or 25.11.2026. ValueError when it is none."""
    return date(*_parts(text))


def day(given, name: str) -> date | None:
    """A day of a form or an address; None when it is left out. ValueError when it is none."""
    text = given.get(name, "").strip()
    return read(text) if text else None


def span(text: str) -> tuple[date, date]:
    """First and last day of "2026-11-25/2026-11-30", as a form keeps what it was drawn from. ValueError."""
    first, last = text.split("/")
    return read(first), read(last)


def instant(text: str) -> datetime | None:
    """An instant as machines and scripts write it; None without its offset from UTC, or of another time. ValueError when it is
    none."""
    found = datetime.fromisoformat(text)
    # In the first and the last hours of the calendar an offset leads out of it.
    return found if found.tzinfo and found.year in _YEARS else None


def _parts(text: str) -> tuple[int, int, int]:
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, of_month = map(int, found.groups())
    elif found := _BY_HAND.fullmatch(text):
        of_month, month, year = map(int, found.groups())
    else:
        raise ValueError(text)
    if year not in _YEARS:
        raise ValueError(text)
    return year, month, of_month


class Days:
    """Days of the request's form by field; errors: {field: sentence} about those that are missing or cannot be read."""

    def __init__(self, given=None):
        self.errors: dict[str, str] = {}
        self.given = request.form if given is None else given

    def wanted(self, name: str, missing: str | None = None) -> date | None:
        """A day that has to be there; None with an error when it is not. missing: the sentence then."""
        found = self.optional(name)
        if found is None and name not in self.errors:
            self.errors[name] = missing or _("Write a day.")
        return found

    def optional(self, name: str) -> date | None:
        return self._read(name, day)

    def within_month(self, name: str) -> date | None:
        """A day that has to be there; one past the end of its month is the month's last (rule 18)."""
        return self._read(name, lambda given, name: _clamped(given.get(name, "")))

    def _read(self, name: str, how) -> date | None:
        try:
            return how(self.given, name)
        except ValueError:
            self.errors[name] = _("Write the day as year, month and day, for example %(day)s.", day="2026-11-25")
            return None


def among(errors: dict[str, str], name: str, *, wanted: bool = True, missing: str | None = None, given=None) -> date | None:
    """The same of one day, into the errors of the whole form. given: the form, if not the request's."""
    days = Days(given)
    found = days.wanted(name, missing) if wanted else days.optional(name)
    errors |= days.errors
    return found


def _clamped(text: str) -> date:
    year, month, of_month = _parts(text)
    if not (1 <= month <= 12 and 1 <= of_month <= 31):
        raise ValueError(text)
    return days_of(year, month, of_month, of_month)[0]
