"""Where a payment belongs: by reference, never by name; and whether it is one that is known. Pure."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resident.banking.bank_account import BadNumber, checked
from resident.banking.likeness import Taken, seen
from resident.banking.matching import Known, Match, match
from resident.banking.pattern import BadPattern
from resident.banking.pattern import checked as safe
from resident.banking.statement import Movement
from resident.banking.suggesting import ranked
from resident.money.references import check_digit, rf

FI = Known.of("FI", [("7-3-1", "1234561", 1), ("7-3-1", "11112", 2), ("7-3-1", "13013", 3), ("7-3-1", "1009", 4)])
PL = Known.of("PL", [("virtual", "73124012341234000000000017", 1), ("virtual", "61109010140000071219812874", 2)])
RU = Known.of("RU", [("personal", "0100123", 1), ("number", "К15-17", 2)])


@pytest.mark.parametrize(
    ("known", "references", "virtual", "text", "account", "how"),
    [
        (FI, ("1234561",), "", "", 1, "reference"),
        (FI, ("0000000001234561",), "", "", 1, "reference"),
        (FI, ("RF341234561",), "", "", 1, "reference"),
        (FI, ("1009",), "", "", 4, "reference"),
        (FI, ("1234561",), "", "11112", 1, "reference"),
        (FI, (), "", "vuokra 1234561, kiitos", 1, "text"),
        (FI, (), "", "viite 12 34561", 1, "text"),
        (FI, (), "", "RF34 1234 561 kiitos", 1, "text"),
        (FI, (), "", "vuokra 1009", None, ""),
        (FI, (), "", "1234561 ja 11112", None, ""),
        (FI, (), "", "1234561,50", None, ""),
        (FI, (), "", "91234561", None, ""),
        (FI, ("7777777",), "", "", None, ""),
        (FI, (), "", "Aino Virta", None, ""),
        (PL, (), "XX000000000017", "", 1, "virtual"),
        (PL, (), "PL61109010140000071219812874", "", 2, "virtual"),
        (PL, (), "XX000000000018", "", None, ""),
        (PL, (), "", "czynsz 73 1240 1234 1234 0000 0000 0017", 1, "text"),
        (RU, (), "", "за ЖКУ л/с 0100123 за ноябрь", 1, "text"),
        (RU, (), "", "Лицевой счёт № К15-17, кв. 17", 2, "text"),
        (RU, (), "", "ЛС:0100123;", 1, "text"),
        (RU, (), "", "договор 0100123", None, ""),
    ],
)
def test_where_a_payment_belongs(known, references, virtual, text, account, how):
    found = match(known, references, virtual, text)
    assert (found.account_id, found.how) == (account, how)


def test_what_leads_to_two_accounts_leads_to_none_and_says_so():
    assert match(FI, (), "", "1234561 ja 11112") == Match(found=(1, 2))
    assert match(FI, ("7777777",), "", "").unknown


def test_the_desks_own_expression_is_followed():
    known = Known.of("FI", [("7-3-1", "1009", 4)], r"flat (\d+)")
    assert match(known, (), "", "rent flat 1009").account_id == 4


@pytest.mark.parametrize(
    ("text", "why"),
    [("(", "broken"), ("a", "group"), ("(a)(b)", "group"), ("(?:a+)+(b)", "heavy"), (r"(a)\1", "heavy"), ("a*b*c*d*(e)", "heavy")],
)
def test_an_expression_that_could_run_for_long_is_refused(text, why):
    with pytest.raises(BadPattern) as refused:
        safe(text)
    assert refused.value.why == why


@given(st.integers(10_000, 10**18), st.text("abc äö.,:;/-", max_size=20), st.text("abc äö.:;/", max_size=20))
@settings(max_examples=60)
def test_a_reference_is_found_in_any_words_and_in_both_forms(number, before, after):
    value = str(number) + check_digit(str(number))
    known = Known.of("FI", [("7-3-1", value, 9)])
    assert match(known, (value,), "", "").account_id == 9
    assert match(known, (rf(value),), "", "").account_id == 9
    assert match(known, (), "", f"{before} {value} {after}").account_id == 9
    other = value[:-1] + str((int(value[-1]) + 1) % 10)
    assert match(known, (), "", f"{before} {other} {after}").account_id is None


def test_suggestions_are_ranked_by_the_strongest_reason():
    found = ranked({"name": [5, 1], "amount": [2, 1], "document": [3], "payer": [4], "reference": [2]})
    assert found == [(4, ("payer",)), (3, ("document",)), (2, ("reference", "amount")), (1, ("amount", "name")), (5, ("name",))]


@pytest.mark.parametrize(
    ("number", "bic", "country", "stored"),
    [
        ("FI21 1234 5600 0007 85", "", "FI", "FI2112345600000785"),
        ("61 1090 1014 0000 0712 1981 2874", "", "PL", "PL61109010140000071219812874"),
        ("40702810138250123017", "044525225", "RU", "40702810138250123017"),
        ("30101810145250000411", "044525411", "RU", "30101810145250000411"),
        ("FI2112345600000786", "", "FI", "iban"),
        ("61109010140000071219812875", "", "PL", "iban"),
        ("40702810138250123018", "044525225", "RU", "bic"),
        ("4070281013825012301", "044525225", "RU", "russian"),
        ("", "", "EE", "missing"),
    ],
)
def test_numbers_of_bank_accounts(number, bic, country, stored):
    try:
        assert checked(number, bic, country)[0] == stored
    except BadNumber as error:
        assert error.why == stored


# ---- Each payment once -----------------------------------------------------------------------------------------------

PAID = Movement(1, 1, "A", 5000, "EUR", date(2026, 11, 3), date(2026, 11, 4))


def taken(files: list[tuple[str, list[Movement]]]) -> int:
    """How many payments these files bring, one after the other."""
    known, numbers = [], iter(range(10_000))
    for format, movements in files:
        here, looks = Taken(known), [seen(one, format, 1) for one in movements]
        known += [(next(numbers), look) for look in looks if here.find(look) is None]
    return len(known)


# What really came: each payment with an id of its own, or one of a few that are alike and have none.
WORLD = st.lists(st.tuples(st.booleans(), st.sampled_from(("11112", "13013"))), min_size=1, max_size=7)


@given(WORLD, st.data())
@settings(max_examples=60)
def test_whatever_files_come_in_whatever_order_each_payment_is_taken_once(world, data):
    payments = [
        replace(PAID, references=(reference,), own=f"id{place}" if has_id else "")
        for place, (has_id, reference) in enumerate(world)
    ]
    files = data.draw(st.lists(st.lists(st.sampled_from(range(len(payments))), unique=True), min_size=1, max_size=4))
    told = [(data.draw(st.sampled_from(("camt.053", "camt.054"))), [payments[place] for place in sorted(file)]) for file in files]
    with_ids = {one.own for _, file in told for one in file if one.own}
    alike = 0
    for reference in ("11112", "13013"):
        alike += max(sum(not one.own and one.references == (reference,) for one in file) for _, file in told)
    orders = [told, told[::-1], data.draw(st.permutations(told))]
    if not with_ids or not alike:
        assert {taken(order) for order in orders} == {len(with_ids) + alike}
    assert all(taken(order + order) == taken(order) for order in orders)
    assert all(taken(order) >= max(len(with_ids), alike) for order in orders)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ({"own": "X"}, {"own": "X", "text": "other words"}, 1),
        ({"own": "X"}, {"own": "Y"}, 2),
        ({"own": "X"}, {"entry": "X"}, 1),
        ({"entry": "X"}, {"entry": "X", "own": "Y"}, 1),
        ({"entry": "X", "own": "Y"}, {"entry": "X", "own": "Z"}, 2),
        ({"end_to_end": "E"}, {"end_to_end": "E", "own": "X", "text": "other words"}, 1),
        ({"end_to_end": "E"}, {"end_to_end": "F"}, 2),
        ({"text": "Rent, Nov."}, {"text": "rent nov"}, 1),
        ({"text": "rent"}, {"text": "water"}, 2),
        ({"references": ("RF341234561",)}, {"references": ("1234561",)}, 1),
        ({"booked_day": date(2026, 11, 5)}, {}, 2),
        ({"amount": 5001}, {}, 2),
    ],
)
def test_when_two_movements_of_two_files_are_one_payment(one, other, number):
    pair = [("camt.054", [replace(PAID, **one)]), ("camt.053", [replace(PAID, **other)])]
    assert (taken(pair), taken(pair[::-1])) == (number, number)


def test_another_banks_format_has_ids_of_its_own():
    pair = [
        ("svm", [replace(PAID, entry="X", references=("11112",))]),
        ("camt.053", [replace(PAID, entry="Y", references=("11112",))]),
    ]
    assert taken(pair) == 1
