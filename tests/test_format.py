"""Our formatters against Babel's, in all six languages, save where custom differs from CLDR on purpose."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel import dates, numbers
from hypothesis import given
from hypothesis import strategies as st

from resident import format as formats
from resident.format import LOCALES, NBSP

LANGUAGES = ("fi", "sv", "et", "pl", "ru", "en")
DAYS = [date(2026, 3, 5), date(2026, 12, 31), date(2028, 2, 29), date(2027, 11, 1)]


def babel(text: str) -> str:
    return text.replace("\u202f", NBSP).replace("-", "\u2212")


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace(NBSP, " ").replace(" г.", " года")


@pytest.mark.parametrize("language", LANGUAGES)
@given(millionths=st.integers(min_value=-(10**16), max_value=10**16))
def test_quantities_are_written_as_babel_writes_them(language, millionths):
    written = formats.of(language).number(millionths)
    whole = Decimal(millionths) / 1_000_000
    assert written == babel(numbers.format_decimal(whole, "#,##0.######", locale=LOCALES.get(language, language)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "PLN", "RUB"])
@given(minor=st.integers(min_value=-(10**13), max_value=10**13))
def test_money_is_written_as_babel_writes_it(language, currency, minor):
    written = formats.of(language).money(minor, currency)
    expected = babel(numbers.format_currency(Decimal(minor) / 100, currency, locale=LOCALES.get(language, language)))
    # CLDR keeps a code's letters apart from the figures; Babel does not.
    assert written == re.sub(r"(PLN|RUB)(\d)", rf"\1{NBSP}\2", expected)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", DAYS)
def test_days_are_written_as_babel_writes_them(language, day):
    locale, fmt = LOCALES.get(language, language), formats.of(language)
    # "года" in full where CLDR shortens it: docs/language.md, Russian 9.
    assert plain(fmt.long(day)) == plain(dates.format_date(day, "long", locale))
    assert plain(fmt.month(day)) == plain(dates.format_skeleton("yMMMM", day, locale=locale))
    assert fmt.weekday(day) == dates.format_date(day, "cccc", locale)


@pytest.mark.parametrize(
    ("language", "day", "time"),
    [
        ("fi", "5.3.2026", "14.07"),
        ("sv", "5.3.2026", "14.07"),
        ("et", "05.03.2026", "14:07"),
        ("pl", "5.03.2026", "14:07"),
        ("ru", "05.03.2026", "14:07"),
        ("en", "5 Mar 2026", "14:07"),
    ],
)
def test_tables_follow_custom(language, day, time):
    fmt = formats.of(language)
    assert fmt.date(date(2026, 3, 5)) == day
    assert fmt.time(datetime(2026, 3, 5, 12, 7, tzinfo=UTC), "Europe/Helsinki") == time


def test_numbers_are_rounded_half_up_to_the_decimals_asked_for():
    fmt = formats.of("en")
    assert [fmt.number(n, 1) for n in (1_049_999, 1_050_000, 99_950_000)] == ["1.0", "1.1", "100.0"]
    assert fmt.number(412_386_000, 3) == "412.386"
    assert fmt.percent(2550) == "25.5%" and formats.of("fi").percent(2400) == f"24{NBSP}%"
    assert fmt.size(13_449_000) == "13.4"


@pytest.mark.parametrize("language", ["lv", "de", "lt"])
def test_a_seventh_language_needs_nothing_here(language):
    fmt = formats.of(language)
    assert "2026" in fmt.date(date(2026, 3, 5)) and fmt.month("2026-03") and fmt.money(123450, "EUR")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("FI7944052020036082", "FI79 4405 2020 0360 82"),
        ("fi79 44052020036082", "FI79 4405 2020 0360 82"),
        ("EE471000001020145685", "EE47 1000 0010 2014 5685"),
        ("PL61109010140000071219812874", "PL61 1090 1014 0000 0712 1981 2874"),
        ("61109010140000071219812874", "61 1090 1014 0000 0712 1981 2874"),
        ("40702810900000001234", "40702810900000001234"),
        ("1234-5", "1234-5"),
        ("", ""),
        (None, ""),
    ],
)
def test_account_numbers_are_grouped_as_banks_print_them(given, printed):
    assert formats.of("en").bank_account(given) == printed
