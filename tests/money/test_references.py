"""The published vectors (standards 1.1 and 1.2)."""

import pytest

from resident.money import references

CHECK_DIGITS = (
    "121312952", "1234561", "11112", "1232", "1511890656", "559582243294671", "868516259619897", "77584747906474893225",
    "01030100067175800018", "3222190631525115", "1231180652526617", "3004101416423555",
)  # fmt: skip
RF = {
    "1234561": "RF341234561", "11112": "RF9811112", "111135": "RF54111135", "123ABCZ": "RF35123ABCZ",
    "2348231": "RF712348231", "539007547034": "RF18539007547034",
}  # fmt: skip
VALID_RF = (
    "RF601511890656", "RF031030100067175800018", "RF7677584747906474893225", "RF07663321328510", "RF6078777679656628687",
    "RF97C2H5OH",
)  # fmt: skip


@pytest.mark.parametrize("reference", CHECK_DIGITS)
def test_the_check_digit_closes_published_references(reference):
    assert references.check_digit(reference[:-1]) == reference[-1]
    assert references.is_731(reference)


@pytest.mark.parametrize("wrong", ["1234562", "123", "", "12345678901234567890123", "12a4561", "１２３４５６１"])
def test_what_is_not_a_finnish_reference_is_refused(wrong):
    assert not references.is_731(wrong)


@pytest.mark.parametrize(("base", "reference"), RF.items())
def test_rf_is_made_and_recognised(base, reference):
    assert references.rf(base) == reference and references.is_rf(reference)


@pytest.mark.parametrize("reference", VALID_RF)
def test_published_rf_references_hold_and_a_changed_digit_does_not(reference):
    assert references.is_rf(reference)
    assert not references.is_rf(f"RF{(int(reference[2:4]) + 1) % 97 + 2:02d}{reference[4:]}")


def test_rf_and_the_national_form_are_the_same_debtor():
    assert references.national("RF34 1234 561") == references.national("001234561") == "1234561"
    assert references.national("RF97C2H5OH") == "RF97C2H5OH"
    assert references.national("4015-004/217") == "4015-004/217"


def test_references_are_grouped_as_each_country_prints_them():
    assert references.printed("1234561", "FI") == "12 34561"
    assert references.printed("01234561", "FI") == "12 34561"
    assert references.printed("121312952", "EE") == "1213 1295 2"
    assert references.printed("RF341234561", "FI") == "RF34 1234 561"
    assert references.printed("4015004217", "RU") == "4015004217"
    assert references.printed("25999000040000000555000176", "PL") == "25 9990 0004 0000 0005 5500 0176"
