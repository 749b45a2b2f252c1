"""What changed against the period before: of whole homes, also where the holder changed on the way."""

from datetime import date

from resident.charging.line import Line
from resident.charging.preview import OfHome, changes

RENT = -3


def home(number: str | None, tenure: int | None, total: int, *units: int | None) -> OfHome:
    lines = [Line(1, unit, "area", date(2026, 4, 1), date(2026, 4, 30), 30, 0) for unit in units]
    return OfHome(tenure, units[0], number, "running", total, 0, False, lines)


def test_the_parts_of_a_month_are_compared_together_with_the_whole_month_before():
    past = {(unit, "running"): {1: amount} for unit, amount in ((1, 1000), (11, 50), (2, 300), (RENT, 700), (4, 90))}
    homes = [
        home("1", 1, 500, 1, 11), home("2", 3, 1050, 2, None), home("1", 2, 480, 1), home("1", 5, 20, 11),
        home("4", 6, 10, 4), home(None, None, 80, 4, 5), home("9", 7, 10, 9),
    ]  # fmt: skip
    found = [(one.number, one.tenure_ids, one.total, one.before) for one in changes(homes, past)]
    # A home that stood vacant for some of the days is compared with nothing, and so is one that is new.
    assert found == [("2", [3], 1050, 1000), ("1", [1, 2, 5], 1000, 1050)]
    assert [one.before for one in homes] == [None, 1000, None, None, None, None, None]
