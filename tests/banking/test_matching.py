"""Where a payment belongs: by reference, never by name; and whether it is one that is known. Pure."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resident.banking import evidence
from resident.banking.bank_account import BadNumber, checked
from resident.banking.likeness import Taken, fingerprint, seen
from resident.banking.matching import Known, Match, match
from resident.banking.pattern import BadPattern
from resident.banking.pattern import checked as safe
from resident.banking.statement import Movement
from resident.money.references import check_digit, rf

VIRTUAL, OTHER = "73124012341234000000000017", "61109010140000071219812874"


def known(country: str) -> Known:
    if country == "PL":
        # One account has numbers of two banks, which end in the same digits.
        both = [("virtual", number, 3) for number in ("18124012341234569876543210", "84109010141234569876543210")]
        return Known.of("PL", [("virtual", VIRTUAL, 1), ("virtual", OTHER, 2), *both, ("number", "1086", 4)])
    if country == "RU":
        return Known.of("RU", [("personal", "0100123", 1), ("number", "К15-17", 2), ("personal", "1234561", 3)])
    values = ("1234561", "11112", "13013", "1009", "RF97C2H5OH", "RF25A", "10090", "30000000000017")
    return Known.of(country, [("7-3-1", value, place) for place, value in enumerate(values, 1)])


@pytest.mark.parametrize(
    ("country", "references", "virtual", "text", "account", "how"),
    [
        ("FI", ("1234561",), "", "", 1, "reference"),
        ("FI", ("0000000001234561",), "", "", 1, "reference"),
        ("FI", ("RF341234561",), "", "", 1, "reference"),
        ("FI", ("1009",), "", "", 4, "reference"),
        ("FI", ("1234561",), "", "11112", 1, "reference"),
        ("FI", (), "", "vuokra 1234561, kiitos", 1, "text"),
        ("FI", (), "", "viite 12 34561", 1, "text"),
        ("FI", (), "", "RF34 1234 561 kiitos", 1, "text"),
        ("FI", (), "", "vuokra 1009", None, ""),
        ("FI", (), "", "1234561 ja 11112", None, ""),
        ("FI", (), "", "1234561,50", None, ""),
        ("FI", (), "", "91234561", None, ""),
        ("FI", ("7777777",), "", "", None, ""),
        ("FI", (), "", "Aino Virta", None, ""),
        ("PL", (), "XX000000000017", "", 1, "virtual"),
        ("PL", (), "PL61109010140000071219812874", "", 2, "virtual"),
        ("PL", (), "XX000000000018", "", None, ""),
        ("PL", (), "", "czynsz 73 1240 1234 1234 0000 0000 0017", 1, "text"),
        ("RU", (), "", "за ЖКУ л/с 0100123 за ноябрь", 1, "text"),
        ("RU", (), "", "Лицевой счёт № К15-17, кв. 17", 2, "text"),
        ("RU", (), "", "ЛС:0100123;", 1, "text"),
        ("RU", (), "", "договор 0100123", None, ""),
        ("RU", (), "", "договор 1234561", None, ""),
        ("RU", (), "", "RF341234561", None, ""),
        ("FI", ("7777777", "11112"), "", "", 2, "reference"),
        ("FI", (), "1234561", "", 1, "virtual"),
        ("FI", (), "XX000000000017", "", None, ""),
        ("FI", (), "", "viite 10090", 7, "text"),
        ("FI", (), "", f"viite {'0' * 20}1234561", 1, "text"),
        ("FI", (), "", "viite 00001009", None, ""),
        ("FI", (), "", "123456789012345678901234567890 1234561", 1, "text"),
        ("FI", (), "", "viite rf97 c2h5oh", 5, "text"),
        ("FI", (), "", "RF97C2H5OHM", 5, "text"),
        ("FI", (), "", "RF97C2H5OH MAKSU", 5, "text"),
        ("FI", (), "", "viite RF25 A", 6, "text"),
        ("PL", ("PL" + VIRTUAL,), "", "", 1, "reference"),
        ("PL", (), "XX 0000 0000 0017", "", 1, "virtual"),
        ("PL", (), "XX 9876 5432 10", "", None, ""),
        ("PL", (), "569876543210", "", 3, "virtual"),
        ("PL", (), "", "faktura 1086", None, ""),
        ("PL", ("1086",), "", "", 4, "reference"),
    ],
)
def test_where_a_payment_belongs(country, references, virtual, text, account, how):
    found = match(known(country), references, virtual, text)
    assert (found.account_id, found.how) == (account, how)


def test_what_leads_to_two_accounts_leads_to_none_and_says_so():
    assert match(known("FI"), (), "", "11112 ja 1234561") == Match(found=(1, 2))
    assert match(known("FI"), ("11112", "1234561"), "", "13013") == Match(found=(1, 2))
    assert match(known("FI"), ("7777777",), "", "") == Match(unknown=True)
    assert match(known("FI"), (), "", "") == Match()


def test_the_last_digits_of_two_accounts_lead_to_neither_and_the_whole_number_to_its_own():
    twin = "95124012340000000000000017"
    both = Known.of("PL", [("virtual", VIRTUAL, 1), ("virtual", twin, 2)])
    assert match(both, (), "XX000000000017", "") == Match()
    assert [match(both, (), number, "").account_id for number in (VIRTUAL, f"PL{twin}")] == [1, 2]


def test_the_desks_own_expression_is_followed():
    desk = Known.of("FI", [("7-3-1", "1009", 4)], r"flat (\d+)?")
    assert match(desk, (), "", "rent flat 1009").account_id == 4
    assert match(desk, (), "", "rent flat ").account_id is None
    assert known("FI").pattern is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(", "broken"), ("a", "group"), ("(a)(b)", "group"), ("(?:a+)+(b)", "heavy"), (r"(a)\1", "heavy"),
        ("a*b*c*d*(e)", "heavy"), ("(?:(a+))+", "heavy"), ("(?:a{0,2})+(b)", "heavy"), ("(a)(?(1)b)", "heavy"),
        ("(?:a*b*)?c*d*(e)", "heavy"), ("(a*b*)c*d*", "heavy"), ("(?:a*|b*)c*d*(e)", "heavy"), ("(?=a*b*)c*d*(e)", "heavy"),
        ("(?!a*b*)c*d*(e)", "heavy"), ("(?>a*b*)c*d*(e)", "heavy"), ("a*?b*+c+d+(e)", "heavy"),
        ("a{0,21}b{0,21}c{0,21}d{0,21}(e)", "heavy"), ("(a)" + "b" * 198, "heavy"), ("(a\0)", "heavy"),
    ],
)  # fmt: skip
def test_an_expression_that_could_run_for_long_is_refused(text, why):
    with pytest.raises(BadPattern) as refused:
        safe(text)
    assert refused.value.why == why


@pytest.mark.parametrize(
    "text",
    [
        "(a)", r" flat\s*[:#]?\s*(\d+) ", "a*b*c*(e)", "(a*b*)c*", "(?:ab?)+(c)", "(?:a{0,1}b)+(c)", "(?:a|b)(c)",
        "(a)" + "b" * 197, "a{0,20}b{0,20}c{0,20}d{0,20}(e)", "(?=a)(b)",
    ],
)  # fmt: skip
def test_an_expression_that_cannot_is_taken(text):
    assert safe(text).pattern == text.strip()
    assert safe("  ") is None


@given(st.integers(10_000, 10**18), st.text("abc äö.,:;/-", max_size=20), st.text("abc äö.:;/", max_size=20))
@settings(max_examples=60)
def test_a_reference_is_found_in_any_words_and_in_both_forms(number, before, after):
    value = str(number) + check_digit(str(number))
    one = Known.of("FI", [("7-3-1", value, 9)])
    assert match(one, (value,), "", "").account_id == 9
    assert match(one, (rf(value),), "", "").account_id == 9
    assert match(one, (), "", f"{before} {value} {after}").account_id == 9
    other = value[:-1] + str((int(value[-1]) + 1) % 10)
    assert match(one, (), "", f"{before} {other} {after}").account_id is None


def test_suggestions_are_ranked_by_the_strongest_reason():
    found = evidence.ranked({"name": [5, 1], "amount": [2, 1], "document": [3], "payer": [4], "reference": [2]})
    assert found == [(4, ("payer",)), (3, ("document",)), (2, ("reference", "amount")), (1, ("amount", "name")), (5, ("name",))]


def test_of_two_with_the_same_strongest_reason_more_reasons_go_first_and_then_the_lower_number():
    found = evidence.ranked({"payer": iter([7, 3, 5, 3]), "name": [7], "amount": [3]})
    assert found == [(3, ("payer", "amount")), (7, ("payer", "name")), (5, ("payer",))]
    assert evidence.ranked({}) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Lasku 2026-0154, kiitos.", {"2026-0154"}), ("Rent for flat 12", set()), ("nr. A-2026/17.", {"A-2026/17"}),
        ("faktura FV/77/11/2026; 555", {"FV/77/11/2026", "555"}), ("счёт К15-17", {"К15-17"}), ("Aino Virta", set()),
    ],
)  # fmt: skip
def test_words_that_may_be_numbers_of_invoices(text, told):
    assert evidence.documents(text) == told


def test_numbers_of_ours_have_a_year():
    told = {"2026-0154", "KOI2025/7", "1026-0154", "2026-1234567890", "2026-15a", "555"}
    assert evidence.own(told) == {(2026, 154), (2025, 7)}


@pytest.mark.parametrize(
    ("known", "word", "is_there"),
    [("2026-0154", "2026-0154", True), ("2026-0154", "nr2026-0154", True), ("KOI2026-0154", "2026-0154", True),
     ("2026-0154", "2026-0155", False), ("2026-0154", "2026-01544", False), ("2026-0154", "2026", False)],
)  # fmt: skip
def test_an_invoice_s_number_may_have_more_before_it(known, word, is_there):
    assert evidence.stands(known, ["else", word]) == is_there
    assert not evidence.stands(known, [])


def test_runs_that_may_be_references_are_known_as_references_are():
    assert evidence.runs("№ RF341234561; 0011112 К15-17, 12 Aino") == {"1234561", "11112", "К15-17", "AINO"}
    assert evidence.runs("7" * 40) == {"7" * 40}


@pytest.mark.parametrize(
    ("payer", "holder", "same"),
    [
        ("VIRTA AINO", "Aino Virta", True), ("Aino Maria Virta", "Aino Virta", True), ("Aino Virta", "Aino Maria Virta", True),
        ("Aino Virta", "Antti Virta", False), ("Aino", "Aino Virta", False), ("Virta Oy 2", "Virta Oy", False),
        ("Aino Virta", "Aino", False), ("Żuk Łucja", "Łucja Żuk", True), ("Aino Virta", "Aino J. Virta", True),
        ("Aino Virta 77", "Aino Virta", True), ("Aino Virta", "", False), ("Aino Maria Virta", "Aino Virta jr", True),
    ],
)  # fmt: skip
def test_a_name_is_the_same_when_one_has_all_the_words_of_the_other(payer, holder, same):
    words = evidence.name_words(payer)
    assert (bool(words) and evidence.same_name(words, holder)) == same


def test_words_of_a_payer_s_name_are_those_that_tell_people_apart():
    assert evidence.name_words("Ab Åsa-Lind Öhman, 3b") == {"asa", "lind", "ohman"}
    assert evidence.name_words("Öhman 123 Oy") == set() == evidence.name_words("")


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
        ({"entry": "X"}, {"entry": "Y"}, 2),
        ({"virtual": "V", "text": "Rent"}, {"virtual": "V", "text": "rent."}, 1),
        ({"virtual": "V", "text": "rent"}, {"virtual": "V", "text": "water"}, 2),
        ({"virtual": "V"}, {"virtual": "W"}, 2),
        ({"references": ("11112", "13013")}, {"references": ("13013", "11112")}, 1),
        ({"references": ("11112",)}, {"references": ("13013",)}, 2),
        ({"own": "X"}, {"own": "X", "booked_day": date(2026, 11, 5)}, 2),
        ({"own": "X"}, {"own": "X", "amount": 5001}, 2),
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


@pytest.mark.parametrize(
    ("formats", "number"),
    [(("camt.053", "camt.054"), 2), (("mt940", "mt940"), 2), (("mt940", "1c"), 1), (("camt.053", "mt940"), 1), (("svm", "csv"), 1)],
)
def test_only_ids_of_one_kind_tell_payments_apart(formats, number):
    first, second = formats
    assert taken([(first, [replace(PAID, own="X")]), (second, [replace(PAID, own="Y")])]) == number


def test_a_payment_to_another_account_is_another():
    known = Taken([(1, seen(replace(PAID, own="X"), "camt.053", 7))])
    assert known.find(seen(replace(PAID, own="X"), "camt.053", 8)) is None
    assert known.find(seen(replace(PAID, own="X"), "camt.053", 7)) == 1


def test_of_the_parts_of_one_entry_the_one_that_looks_the_same_goes_first():
    def part(text: str):
        return seen(replace(PAID, entry="E", text=text), "camt.053", 1)

    known = Taken([(1, part("rent")), (2, part("water")), (3, part("heat"))])
    assert [known.find(part(text)) for text in ("water", "light", "rent", "light")] == [2, 1, 3, None]


def test_what_is_taken_is_not_found_again():
    known = Taken([(1, seen(PAID, "mt940", 1)), (2, seen(PAID, "mt940", 1))])
    known.use(1)
    assert known.find(seen(PAID, "mt940", 1)) == 2
    known.begin([(1, seen(PAID, "mt940", 1)), (3, seen(PAID, "mt940", 1))])
    assert known.find(seen(PAID, "mt940", 1)) == 3


@pytest.mark.parametrize(
    ("given", "print"),
    [
        ({"references": ("RF341234561", "0011112")}, "3eec3496cf2a2433480ab60b"),
        ({"virtual": "XX17", "text": "Rent, Nov."}, "6ab425f16386ef916a4e3642"),
        ({"payer_account": "FI1", "text": "Rent, Nov."}, "943b2b29bdeae087761d561b"),
    ],
)
def test_the_mark_of_a_payment_is_kept_and_must_be_the_same_for_ever(given, print):
    assert fingerprint(replace(PAID, **given)) == print
