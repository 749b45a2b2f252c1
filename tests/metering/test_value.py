"""What people type into a counter's fields: every number that can be meant, and nothing that must be guessed (rule 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import value


@pytest.mark.parametrize(
    ("black", "red", "millionths"),
    [
        ("418", "902", 418_902_000),
        ("00418", "902", 418_902_000),
        ("418,902", "", 418_902_000),
        ("418.902", "", 418_902_000),
        ("12,5", "", 12_500_000),
        ("418", "", 418_000_000),
        ("418", "50", 418_050_000),
        ("0", "", 0),
        ("000000418", "", 418_000_000),
        ("12 345", "", 12_345_000_000),
        ("12\u00a0345", "006", 12_345_006_000),
        ("12\u202f345,6", "", 12_345_600_000),
        (" 418 ", " 902 ", 418_902_000),
    ],
)
def test_what_is_meant_is_understood(black, red, millionths):
    assert value.parse(black, red, digits=5, decimals=3) == millionths


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u202f"])
def test_nothing_typed_is_no_value(blank):
    assert value.parse(blank, blank, digits=5, decimals=3) is None


@pytest.mark.parametrize(
    ("black", "red", "why"),
    [
        ("-5", "", "negative"),
        ("\u22125", "", "negative"),
        ("100000", "", "digits"),
        ("1,2345", "", "decimals"),
        ("1", "2345", "decimals"),
        ("", "902", "black"),
        ("418,9", "902", "twice"),
        ("1.234,5", "", "number"),
        ("1,234,567", "", "number"),
        ("12,", "", "number"),
        (",5", "", "number"),
        ("nan", "", "number"),
        ("inf", "", "number"),
        ("1e9", "", "number"),
        ("0x10", "", "number"),
        ("1_000", "", "number"),
        ("+5", "", "number"),
        ("١٢٣", "", "number"),
        ("１２", "", "number"),
        ("²", "", "number"),
        ("418", "9,2", "number"),
        ("418", "-2", "number"),
        ("12\t345", "", "number"),
        ("9" * 5000, "", "number"),
    ],
)
def test_what_must_be_guessed_is_refused_by_name(black, red, why):
    with pytest.raises(value.BadValue) as refusal:
        value.parse(black, red, digits=5, decimals=3)
    assert refusal.value.why == why


def test_a_counter_without_decimals_takes_none():
    assert value.parse("8 214", "", digits=6, decimals=0) == 8_214_000_000
    with pytest.raises(value.BadValue):
        value.parse("8.214", "", digits=6, decimals=0)


@given(st.text(), st.text(), st.integers(1, 12), st.integers(0, 6))
def test_any_text_gives_a_value_of_the_register_or_the_named_error(black, red, digits, decimals):
    try:
        found = value.parse(black, red, digits, decimals)
    except value.BadValue:
        return
    assert found is None or (0 <= found < 10**digits * 1_000_000 and found % 10 ** (6 - decimals) == 0)


@given(st.integers(1, 9), st.integers(0, 6), st.data())
def test_every_value_that_a_counter_can_show_comes_back_from_its_digits(digits, decimals, data):
    shown = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    red = data.draw(st.text("0123456789", min_size=decimals, max_size=decimals))
    sign = data.draw(st.sampled_from(",."))
    meant = int(shown) * 1_000_000 + int(red.ljust(6, "0"))
    assert value.parse(shown, red, digits, decimals) == meant
    assert value.parse(f"{shown}{sign}{red}" if red else shown, "", digits, decimals) == meant


@pytest.mark.parametrize(
    ("black", "red", "why"),
    [
        ("0" * 39 + "5", "", None),
        ("0" * 40 + "5", "", "number"),
        ("5", "0" * 40, "decimals"),
        ("5", "0" * 41, "number"),
        ("X5", "", "number"),
        ("0X5", "", "number"),
        ("", "-2", "negative"),
    ],
)
def test_forty_digits_are_read_and_no_more(black, red, why):
    if why is None:
        assert value.parse(black, red, 5, 3) == 5_000_000
        return
    with pytest.raises(value.BadValue) as refusal:
        value.parse(black, red, 5, 3)
    assert refusal.value.why == why
