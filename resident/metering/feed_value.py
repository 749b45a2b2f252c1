"""From what a file writes about a value to millionths of the meter's unit, exactly. A million of them in a second or two."""

import re
from fractions import Fraction

from ..db import SCALE

# Digits are 0 to 9 only; between them spaces of any width or an apostrophe (rule 9). Point and comma are one.
_PLAIN = re.compile(r"(\d+)(?:[.,](\d+))?", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+", re.ASCII)
# What a computer's number keeps of a value: the digits after these are the shadow of its binary form.
_KEPT = 15


class BadShown(Exception):
    """name: Missing | NotAValue | Rounded | Negative | TooFine."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name


class Values:
    """Reads values and turns them into a meter's unit. factor: see feed_mapping.factor."""

    def __init__(self, factor: Fraction):
        self._up, self._down = (factor * SCALE).as_integer_ratio()

    def of(self, text: str) -> int:
        """Millionths of the meter's unit. BadShown."""
        if text.isdigit() and text.isascii() and len(text) <= _KEPT:
            scaled = int(text) * self._up
            decimals = 0
        else:
            digits, decimals = _parts(text)
            scaled = digits * self._up
        value, rest = divmod(scaled, self._down * 10**decimals)
        if rest:
            raise BadShown("TooFine")
        return value


def _parts(text: str) -> tuple[int, int]:
    """(all digits as one number, how many of them stand after the point)."""
    bare = _SPACES.sub("", text)
    if not bare:
        raise BadShown("Missing")
    found = _PLAIN.fullmatch(bare) if len(bare) <= 40 else None
    if found is None:
        raise BadShown(_why(bare))
    whole, rest = found[1].lstrip("0"), (found[2] or "").rstrip("0")
    if len(whole) + len(rest) > _KEPT and rest:
        return _shortened(whole, rest)
    return int(whole + rest or "0"), len(rest)


def _why(bare: str) -> str:
    if _ROUNDED.fullmatch(bare):
        return "Rounded"
    return "Negative" if bare[0] in "-\u2212" and _PLAIN.fullmatch(bare[1:]) else "NotAValue"


def _shortened(whole: str, rest: str) -> tuple[int, int]:
    """123.45600000000002 is 123.456: rounded to the digits that a computer's number holds."""
    keep = max(_KEPT - len(whole), 0)
    digits = int(whole + rest[:keep] or "0") + (rest[keep : keep + 1] >= "5")
    return digits, min(keep, len(rest))
