"""Regular expressions that the desk writes: only such as no text can keep busy for long."""

import re
from re import _constants as kinds
from re import _parser as parser

from ..errors import ResidentError

LONGEST = 200
# Repetitions without an end, next to each other: each is one more power of the text's length.
_MOST = 3


class BadPattern(ResidentError):
    """Not a regular expression with one group, or one that may run for long: why (broken | group | heavy)."""


def checked(text: str) -> re.Pattern | None:
    """None for none. BadPattern."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST or "\0" in text:
        raise BadPattern(why="heavy")
    try:
        tree, made = parser.parse(text), re.compile(text)
    except (re.error, OverflowError, RecursionError):
        raise BadPattern(why="broken") from None
    if made.groups != 1:
        raise BadPattern(why="group")
    if _repeats(tree, False) > _MOST:
        raise BadPattern(why="heavy")
    return made


def _repeats(tree, inside: bool) -> int:
    """Repetitions without an end. One inside another, or a reference back to a group, is BadPattern."""
    found = 0
    for kind, value in tree:
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
            least, most, part = value
            again = most > 1
            if again and inside:
                raise BadPattern(why="heavy")
            found += (most > 20) + _repeats(part, inside or again)
        elif kind in (kinds.GROUPREF, kinds.GROUPREF_EXISTS):
            raise BadPattern(why="heavy")
        else:
            found += sum(_repeats(part, inside) for part in _parts(kind, value))
    return found


def _parts(kind, value) -> list:
    if kind is kinds.SUBPATTERN:
        return [value[-1]]
    if kind is kinds.BRANCH:
        return value[1]
    if kind in (kinds.ASSERT, kinds.ASSERT_NOT):
        return [value[1]]
    if kind is kinds.ATOMIC_GROUP:
        return [value]
    return []
