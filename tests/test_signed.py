"""Signed text: known again for its purpose, and for nothing else."""

import pytest

from resident import signed

SECRET = "a secret of the portal"


def test_what_was_signed_comes_back_as_it_was():
    facts = {"unit": 7, "until": "2027-03-05", "of": [1, 2]}
    assert signed.read(SECRET, "offline", signed.sign(SECRET, "offline", facts)) == facts


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: text[:-1], lambda text: text + "A", lambda text: "." + text, lambda _: "é"]
)
def test_a_changed_text_is_nothing(change):
    assert signed.read(SECRET, "offline", change(signed.sign(SECRET, "offline", [1]))) is None


def test_another_purpose_or_secret_is_nothing():
    text = signed.sign(SECRET, "offline", [1])
    assert signed.read(SECRET, "entry", text) is None
    assert signed.read(SECRET + "!", "offline", text) is None
