"""Whose norm a register is estimated by: one of its medium, in the measure that the medium is measured in (rules 11, 19)."""

from datetime import date
from fractions import Fraction
from types import SimpleNamespace

import pytest

from resident.metering import estimating, ladder

M3 = 1_000_000
RULES = ladder.Rules(("norm",), 6, 3, {"cold_water": 3 * M3, "own-1": 2 * M3})
TWO_PEOPLE = [(date(2015, 1, 1), 2 * M3)]


@pytest.mark.parametrize(
    ("medium", "measure", "coefficient", "parts", "use"),
    [
        ("cold_water", "m³", M3, 1, 6 * M3),
        ("cold_water", "m³", M3, 3, 2 * M3),
        ("cold_water", "m³", 500_000, 1, 12 * M3),
        # A counter of litres would turn a thousand times as far.
        ("cold_water", "l", M3, 1, None),
        ("cold_water", "m³", 0, 1, None),
        ("hot_water", "m³", M3, 1, None),
        # A medium of the organisation's own is measured in whatever its meters are.
        ("own-1", "t", M3, 1, 4 * M3),
    ],
)
def test_the_part_of_a_home_s_norm_that_a_register_has_in_a_whole_month(medium, measure, coefficient, parts, use):
    row = SimpleNamespace(medium=medium, measure=measure, coefficient=coefficient)
    norm = estimating._norm(RULES, row, TWO_PEOPLE, parts)
    found = norm(date(2026, 1, 31), date(2026, 2, 28))
    assert found == use and isinstance(found, Fraction | None)
