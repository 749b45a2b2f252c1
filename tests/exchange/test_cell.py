"""From cells to values: exact, or refused by name."""

from datetime import date

import pytest

from resident.exchange.cell import Bad, Formula, Number, read
from resident.exchange.columns import Column

GOOD = [
    ("quantity", Number("12.345"), 12_345_000),
    ("quantity", Number("12.345000000000001"), 12_345_000),
    ("quantity", Number("0.30000000000000004"), 300_000),
    ("quantity", Number("1E-3"), 1_000),
    ("quantity", "12,5", 12_500_000),
    ("quantity", "1 234,5", 1_234_500_000),
    ("quantity", "-0.5", -500_000),
    ("money", Number("0.1"), 10),
    ("money", Number("1234567890.12"), 123_456_789_012),
    ("money", "\u2212612,40", -61_240),
    ("percent", Number("25.5"), 2_550),
    ("count", Number("3.0"), 3),
    ("day", date(2026, 3, 5), date(2026, 3, 5)),
    ("day", "2026-03-05T14:07:00", date(2026, 3, 5)),
    ("day", "5.3.2026", date(2026, 3, 5)),
    ("day", "05.03.2026 14:07", date(2026, 3, 5)),
    ("month", "2026-03", "2026-03"),
    ("month", "3/2026", "2026-03"),
    ("month", date(2026, 3, 1), "2026-03"),
    ("flag", "Kyllä", 1),
    ("flag", False, 0),
    ("flag", Number("1"), 1),
    ("text", Number("1009.0"), "1009"),
    ("text", "  A   1 ", "A 1"),
    ("text", "'=1+1", "=1+1"),
    ("text", "+358 40 555", "+358 40 555"),
    ("text", "  ", None),
    ("email", " aino@example.org ", "aino@example.org"),
    ("email", "", None),
]


@pytest.mark.parametrize(("kind", "raw", "value"), GOOD)
def test_a_cell_is_taken_exactly(kind, raw, value):
    assert read(Column("x", kind, limit=40), raw) == value


BAD = [
    ("quantity", Number("1.2345678"), "TooManyDecimals"),
    ("money", Number("1.005"), "TooManyDecimals"),
    ("money", "1,234.50", "NotANumber"),
    ("money", "12 €", "NotANumber"),
    ("money", Number("NaN"), "NotANumber"),
    ("money", Number("1E400"), "NotANumber"),
    ("counter", Number("-1"), "BelowZero"),
    ("day", Number("45000"), "NotADay"),
    ("day", "31.2.2026", "NotADay"),
    ("day", "03/05/2026", "NotADay"),
    ("month", "2026-13", "NotAMonth"),
    ("flag", "maybe", "NotAChoice"),
    ("text", Number("12345678901234567"), "DigitsLost"),
    ("text", date(2026, 1, 12), "DayForText"),
    ("text", "x" * 41, "TooLong"),
    ("money", Formula("="), "Formula"),
    # Digits of other scripts (rule 9): Python would read them.
    ("quantity", "٣", "NotANumber"),
    ("counter", Number("٣"), "NotANumber"),
    ("counter", Number("1_000"), "NotANumber"),
    ("count", "१२", "NotANumber"),
    ("day", "٢٠٢٦-٠٣-٠٥", "NotADay"),
    ("day", "٥.٣.٢٠٢٦", "NotADay"),
    ("month", "٢٠٢٦-٠٣", "NotAMonth"),
]


@pytest.mark.parametrize(("kind", "raw", "name"), BAD)
def test_what_a_cell_cannot_hold_is_refused_by_name(kind, raw, name):
    with pytest.raises(Bad) as bad:
        read(Column("x", kind, limit=40), raw)
    assert bad.value.name == name
