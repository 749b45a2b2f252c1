"""The one plain parser of typed counter values (rule 9). Never by locale: "12,5" is twelve and a half everywhere."""

import re
from typing import NamedTuple

from ..db import SCALE
from ..errors import ResidentError

# Space, no-break space, narrow no-break space: what people and phones put between groups of digits.
_SPACES = str.maketrans("", "", " \u00a0\u202f")
_WHOLE = re.compile(r"[0-9]+")
_VALUE = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?")
_MINUS = "-\u2212"
LONGEST = 40


class Shape(NamedTuple):
    """How many digits a counter has before the point and after it."""

    digits: int
    decimals: int


class BadValue(ResidentError):
    """What was typed is no value of this register. why: black | digits | decimals | negative | twice | number."""


def parse(black: str, red: str, digits: int, decimals: int) -> int | None:
    """A counter's value in millionths; None when nothing was typed. BadValue(why).

    black holds the whole units, red the digits after the point as they stand on the counter ("50" of three is 050).
    A point or comma in black makes it the whole value; red must then be empty.
    """
    black, red = black.translate(_SPACES), red.translate(_SPACES)
    if not black and not red:
        return None
    whole, rest = _split(black, red, decimals)
    whole = whole.lstrip("0")
    if len(whole) > digits:
        raise BadValue(why="digits")
    if len(rest) > decimals:
        raise BadValue(why="decimals")
    return int(whole or "0") * SCALE + int(rest.ljust(6, "0"))


def _split(black: str, red: str, decimals: int) -> tuple[str, str]:
    """(whole, rest): digits before and after the point; rest as long as it was typed, or as the register's when red."""
    if (black or red)[0] in _MINUS:
        raise BadValue(why="negative")
    if not black:
        raise BadValue(why="black")
    found = _VALUE.fullmatch(black) if len(black) <= LONGEST else None
    if not found or (red and (len(red) > LONGEST or not _WHOLE.fullmatch(red))):
        raise BadValue(why="number")
    if found[2] and red:
        raise BadValue(why="twice")
    if not red:
        return found[1], found[2] or ""
    return found[1], red.zfill(decimals)
