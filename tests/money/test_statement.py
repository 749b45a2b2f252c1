"""What is open on an account, as the desk lists it, and its entries, as its holder reads them."""

from datetime import date

from resident.money.own_account import Document
from resident.money.own_account import together as own_together
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


def test_interest_that_was_posted_until_one_day_is_one_entry_at_its_holder_and_what_was_taken_back_is_itself():
    rows = [
        Document(9, "interest", 30, LATE, None, None, None, ""),
        Document(8, "interest", -30, LATE, "Paid in time", 5, None, ""),
        Document(7, "interest", 4, LATE, None, None, None, ""),
        Document(6, "invoice", 500, LATE, None, None, 3, "2026-0004"),
        Document(5, "interest", 30, EARLY, None, None, None, ""),
    ]
    assert [(row.id, row.amount) for row in own_together(rows)] == [(9, 34), (8, -30), (6, 500), (5, 30)]
