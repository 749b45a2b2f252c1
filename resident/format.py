"""Numbers, money and days as each language writes them, from Babel's data, a hundred times faster than Babel.

A Format is made once a language; what it prints is checked against Babel in the tests. Where custom differs from
CLDR the difference stands in _CUSTOM with its reason. Quantities come in millionths, money in minor units.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale

from . import clock
from .db import SCALE
from .measure import written

NBSP = "\u00a0"
MINUS = "\u2212"
# Plain "en" would be American.
LOCALES = {"en": "en_GB"}
_CUSTOM = {
    # Finland-Swedish custom, not the ISO date of Sweden; and the clock with a full stop.
    "sv": {"date": "d.M.y", "time": "HH.mm", "daymonth": "d.M."},
    "et": {"date": "dd.MM.y", "daymonth": "dd.MM"},
    # 05/03/2026 can be misread; 5 Mar 2026 cannot.
    "en": {"date": "d MMM y", "daymonth": "d MMM"},
    "fi": {"daymonth": "d.M."},
    "pl": {"daymonth": "d.MM"},
    # "года" in full: "г." at the end of a sentence would take a second full stop.
    "ru": {"daymonth": "dd.MM", "long": "d MMMM y 'года'", "month": "LLLL y 'года'"},
}


class Format:
    """All formatters of one language. point: its sign before decimals."""

    def __init__(self, language: str):
        self.language = language
        locale = Locale.parse(LOCALES.get(language, language))
        custom = _CUSTOM.get(language, {})
        self.point = locale.number_symbols["latn"]["decimal"]
        self._group = locale.number_symbols["latn"]["group"].replace("\u202f", NBSP)
        self._symbols = locale.currency_symbols
        self._symbol_first = locale.currency_formats["standard"].pattern.startswith("¤")
        self._percent = NBSP + "%" if NBSP in locale.percent_formats[None].pattern else "%"
        # A short date never has a year of two digits here.
        self._date = _daily(custom.get("date") or locale.date_formats["short"].pattern.replace("yy", "y"), locale)
        self._daymonth = _daily(custom.get("daymonth") or locale.datetime_skeletons["Md"].pattern, locale)
        self._long = _daily(custom.get("long") or locale.date_formats["long"].pattern, locale)
        self._month = _daily(custom.get("month") or locale.datetime_skeletons["yMMMM"].pattern, locale)
        self._month_names = locale.months["stand-alone"]["wide"]
        clock_time = _compiled(custom.get("time") or locale.time_formats["short"].pattern, locale)
        self._minute = lru_cache(maxsize=1440)(lambda hour, minute: clock_time(time(hour, minute)))
        # Kept: a month begins with what the one before ended with, much is nothing at all, and lists are looked at again.
        self._amount = lru_cache(maxsize=4096)(self._written)
        self._number = lru_cache(maxsize=4096)(self._figures)
        self._weekdays = locale.days["stand-alone"]["wide"]
        self._short_weekdays = locale.days["stand-alone"]["abbreviated"]

    # Days -----------------------------------------------------------------------------------------------------------

    def date(self, day: date | None) -> str:
        """5.3.2026: for tables and short sentences."""
        return "" if day is None else self._date(day)

    def daymonth(self, day: date) -> str:
        """5.3.: where the year is plain."""
        return self._daymonth(day)

    def long(self, day: date) -> str:
        """5. maaliskuuta 2026, in the case that a sentence needs."""
        # The day stays with its month when the line breaks.
        return self._long(day).replace(" ", NBSP, 1)

    def month(self, name: str | date) -> str:
        """A month's heading from "2026-03" or a day: maaliskuu 2026 (stand-alone form)."""
        return self._month(date(int(name[:4]), int(name[5:7]), 1) if isinstance(name, str) else name)

    def month_name(self, day: date) -> str:
        """A month's name where the year is plain: maaliskuu."""
        return self._month_names[day.month]

    def weekday(self, day: date) -> str:
        return self._weekdays[day.weekday()]

    def short_weekday(self, day: date) -> str:
        return self._short_weekdays[day.weekday()]

    def time(self, instant: datetime, tz: str) -> str:
        return self._time(instant.astimezone(clock.zone(tz)))

    def _time(self, local: datetime) -> str:
        return self._minute(local.hour, local.minute)

    def moment(self, instant: datetime, tz: str) -> str:
        """Day and clock time in the organisation's zone."""
        local = instant.astimezone(clock.zone(tz))
        return f"{self._date(local)} {self._time(local)}"

    # Figures --------------------------------------------------------------------------------------------------------

    def number(self, millionths: int, decimals: int | None = None) -> str:
        """A quantity. Without decimals: as many as it has, at the most six."""
        return self._number(millionths, decimals)

    def _figures(self, millionths: int, decimals: int | None) -> str:
        whole, rest = divmod(abs(millionths), SCALE)
        digits = f"{rest:06d}"
        if decimals is None:
            digits = digits.rstrip("0")
        elif decimals < 6:
            whole, digits = _rounded(abs(millionths), decimals)
        sign = MINUS if millionths < 0 else ""
        return sign + self._grouped(whole) + (self.point + digits if digits else "")

    def quantity(self, millionths: int, measure: str | None, decimals: int | None = None) -> str:
        """12,5 m³"""
        number = self.number(millionths, decimals)
        return f"{number}{NBSP}{self.measure(measure)}" if measure else number

    def measure(self, stored: str) -> str:
        """A unit without a number: м³ in Russian, m³ in the others, however it is stored."""
        return written(stored, self.language)

    def price(self, millionths: int) -> str:
        """A unit price: at the least two decimals."""
        return self.number(millionths, 2 if millionths % 10_000 == 0 else None)

    def amount(self, minor: int) -> str:
        """Money without its currency, for tables that name it once: 1 234,50."""
        return self._amount(minor)

    def _written(self, minor: int) -> str:
        whole, cents = divmod(abs(minor), 100)
        return f"{MINUS if minor < 0 else ''}{self._grouped(whole)}{self.point}{cents:02d}"

    def money(self, minor: int, currency: str) -> str:
        """1 234,50 €; €1,234.50 in English."""
        return self._with_currency(self.amount(abs(minor)), currency, minor < 0)

    def unit_price(self, millionths: int, currency: str, measure: str) -> str:
        """4,32 €/m³; €4.32/m³ in English."""
        return f"{self._with_currency(self.price(abs(millionths)), currency, millionths < 0)}/{self.measure(measure)}"

    def _with_currency(self, figure: str, currency: str, negative: bool) -> str:
        symbol, sign = self._symbols.get(currency, currency), MINUS if negative else ""
        if not self._symbol_first:
            return f"{sign}{figure}{NBSP}{symbol}"
        # CLDR keeps a code's letters apart from the figures; Babel does not.
        gap = NBSP if symbol[-1].isalpha() else ""
        return f"{sign}{symbol}{gap}{figure}"

    def percent(self, hundredths: int) -> str:
        """Hundredths of a per cent: 2550 is 25,5 %."""
        whole, rest = divmod(hundredths, 100)
        digits = f"{rest:02d}".rstrip("0")
        return f"{whole}{self.point + digits if digits else ''}{self._percent}"

    def size(self, octets: int) -> str:
        """A file's size in megabytes with one decimal, as the error about its limit says it."""
        return self.number(octets, 1)

    @staticmethod
    def bank_account(value: str | None) -> str:
        """As banks print it: an IBAN in fours (ISO 13616), a Polish NRB of 26 digits as two and fours, else as it is."""
        bare = re.sub(r"\s", "", value or "").upper()
        if re.fullmatch(r"[0-9]{26}", bare):
            return " ".join((bare[:2], *re.findall(".{4}", bare[2:])))
        if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
            return " ".join(re.findall(".{1,4}", bare))
        return value or ""

    def _grouped(self, whole: int) -> str:
        text = f"{whole:,}"
        return text if self._group == "," else text.replace(",", self._group)


def _rounded(millionths: int, decimals: int) -> tuple[int, str]:
    """Half up, to so many decimals."""
    step = 10 ** (6 - decimals)
    whole, rest = divmod((millionths + step // 2) // step, 10**decimals)
    return whole, f"{rest:0{decimals}d}" if decimals else ""


def _daily(pattern: str, locale: Locale):
    """A CLDR pattern as a function of a day, which keeps what it wrote: pages show the same days again and again."""
    compiled = _compiled(pattern, locale)
    written = lru_cache(maxsize=2048)(lambda ordinal: compiled(date.fromordinal(ordinal)))
    # By its number: two moments may be equal and yet stand on two days, each in its zone.
    return lambda day: written(day.toordinal())


def _compiled(pattern: str, locale: Locale):
    """A CLDR pattern as a function of a day or a moment."""
    stand_alone, inflected, short = (
        locale.months["stand-alone"]["wide"],
        locale.months["format"]["wide"],
        locale.months["format"]["abbreviated"],
    )
    fields = {
        "d": lambda d: str(d.day),
        "dd": lambda d: f"{d.day:02d}",
        "M": lambda d: str(d.month),
        "MM": lambda d: f"{d.month:02d}",
        "MMM": lambda d: short[d.month],
        "MMMM": lambda d: inflected[d.month],
        "LLLL": lambda d: stand_alone[d.month],
        "y": lambda d: str(d.year),
        "yyyy": lambda d: str(d.year),
        "yy": lambda d: f"{d.year % 100:02d}",
        "H": lambda d: str(d.hour),
        "HH": lambda d: f"{d.hour:02d}",
        "mm": lambda d: f"{d.minute:02d}",
    }
    parts = []
    for letters, quoted, other in _tokens(pattern):
        parts.append(fields[letters] if letters else (lambda _d, text=quoted or other: text))
    return lambda d: "".join(part(d) for part in parts).replace("\u202f", NBSP)


def _tokens(pattern: str):
    for match in re.finditer(r"(?P<l>([a-zA-Z])\2*)|'(?P<q>[^']*)'|(?P<o>[^a-zA-Z']+)", pattern):
        yield match["l"], match["q"], match["o"]


@lru_cache(maxsize=32)
def of(language: str) -> Format:
    return Format(language)
