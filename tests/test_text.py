"""What counts as nothing typed."""

import pytest

from resident.text import visible


@pytest.mark.parametrize(
    "text", ["", None, " \n\t", "\u200b", "\u200b \u200d\ufeff", "\u00ad", "\u2800", "\u3164", "\u0301", "\U000e0041"]
)
def test_nothing_to_see(text):
    assert not visible(text)


@pytest.mark.parametrize("text", ["a", "\u200bё", "?", "1", "👍", "👨\u200d👩", "é", "e\u0301", "水", "—"])
def test_something_to_see(text):
    assert visible(text)
