"""Typed text: whether there is anything to see in it."""

import unicodedata

# Letters and signs that are drawn as nothing: fillers of Hangul, the empty pattern of Braille.
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800")
# Spaces, controls, invisible formatting, code points that are none, and marks without a letter to stand on.
_UNSEEN = ("Z", "C", "M")


def visible(text: str | None) -> bool:
    """Does somebody who reads it see anything? Spaces, U+200B and its like alone are nothing."""
    return any(c not in _BLANK and not unicodedata.category(c).startswith(_UNSEEN) for c in text or "")
