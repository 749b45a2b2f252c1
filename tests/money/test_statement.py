"""What is open on an account, as the desk lists it."""

from datetime import date

from resident.money.statement import together

EARLY, LATE = date(2026, 11, 30), date(2026, 12, 14)


def test_interest_that_falls_due_on_one_day_is_one_row_and_other_debts_are_themselves():
    rent = (EARLY, 14_201, 14_201, "invoice", 7, "2026-0606")
    other = (LATE, 500, 17_478, "invoice", 8, "2026-0665")
    interest = [(LATE, left, amount, "interest", None, "") for left, amount in ((5, 5), (19, 30))]
    earlier = (EARLY, 12, 12, "interest", None, "")
    shown = together([earlier, rent, interest[0], other, interest[1]])
    assert shown == [earlier, rent, (LATE, 24, 35, "interest", None, ""), other]
    assert together([]) == []
