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


def test_an_estonian_reference_may_have_two_digits():
    assert references.is_731("13", "EE") and references.is_731("107", "EE") and references.is_731("1232", "FI")
    assert not references.is_731("107") and not references.is_731("3", "EE") and not references.is_731("14", "EE")
    assert (references.printed("107", "EE"), references.printed("12300", "EE"), references.printed("13", "PL")) == (
        "107",
        "12300",
        "13",
    )


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
    assert (references.national("000"), references.national(" x0 01"), references.rf("c2h5oh")) == ("0", "X001", "RF97C2H5OH")


def test_references_are_grouped_as_each_country_prints_them():
    assert references.printed("1234561", "FI") == "12 34561"
    assert references.printed("01234561", "FI") == "12 34561"
    assert references.printed("121312952", "EE") == "1213 1295 2"
    assert references.printed("RF341234561", "FI") == "RF34 1234 561"
    assert references.printed("4015004217", "RU") == "4015004217"
    assert references.printed("25999000040000000555000176", "PL") == "25 9990 0004 0000 0005 5500 0176"


def test_polish_account_numbers_are_made_and_held_by_mod_97_alone():
    assert references.nrb("10901014" + "0000071219812874") == "61109010140000071219812874"
    assert references.virtual_account("124012341234" + "X" * 12, 17) == "73124012341234000000000017"
    assert references.virtual_account("12401234123456" + "X" * 10, 9_876_543_210) == "18124012341234569876543210"
    for template, holder in (("12401234123456" + "X" * 10, 10**10), ("124012341234XXXX", 1), ("1240123412341234567890XX1", 1)):
        with pytest.raises(ValueError, match="^template$"):
            references.virtual_account(template, holder)
    # The sort code of the recommendation's own sample does not hold its check digit.
    for held in ("92124012340001567890123456", "61109010140000071219812874"):
        assert references.is_nrb(held)
        assert not references.is_nrb(f"{(int(held[:2]) + 1) % 100:02d}{held[2:]}")
    assert not references.is_nrb("6110901014000007121981287") and not references.is_nrb("٦1109010140000071219812874")


@pytest.mark.parametrize("template", ["", "1240123X" + "X" * 16, "12401234" + "X" * 15, "X" * 24, "12401234XX99XXXXXXXXXXXX"])
def test_a_template_of_account_numbers_is_a_bank_and_places_for_the_holder(template):
    assert not references.is_template(template)
    with pytest.raises(ValueError):
        references.virtual_account(template, 1)


def test_a_holder_that_has_no_room_in_the_template_gets_no_number():
    with pytest.raises(ValueError):
        references.virtual_account("1240123412340000000000XX", 100)


@pytest.mark.parametrize(
    ("account", "bic"),
    [("40702810138250123017", "044525225"), ("30101810400000000225", "044525225"), ("30101810145250000411", "044525411")],
)
def test_russian_accounts_fit_their_bank(account, bic):
    assert references.is_russian_account(account, bic)
    assert not references.is_russian_account(account[:8] + str((int(account[8]) + 1) % 10) + account[9:], bic)
    # A correspondent account's key is over other digits of the bank's number.
    assert not references.is_russian_account(account, "044535226") and not references.is_russian_account(account[1:], bic)


def test_numbers_of_the_state_have_their_shape():
    assert references.is_state_number("els", "75da533315") and references.is_state_number("zku", "75da533315-01")
    assert not references.is_state_number("els", "75da53331") and not references.is_state_number("zku", "75da533315-1")
