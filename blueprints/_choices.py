"""The choices of a drop-down list. Short lists are the same for many readers and are written once."""

from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup, escape

# Of so many choices a list may consist and still be kept: months, states, kinds, a company's few houses.
SHORT, KEPT = 40, 256


def options(rows: Iterable[tuple], chosen="") -> Markup:
    """The <option>s of (value, words) pairs. chosen: a value as it is or as a form sent it; None or "" for none."""
    rows, chosen = tuple(rows), "" if chosen is None else str(chosen)
    return _kept(rows, chosen) if len(rows) <= SHORT else _written(rows, chosen)


def _written(rows: tuple, chosen: str) -> Markup:
    lines = (
        f'<option value="{escape(value)}"{" selected" if str(value) == chosen else ""}>{escape(words)}</option>'
        for value, words in rows
    )
    return Markup("".join(lines))


_kept = lru_cache(maxsize=KEPT)(_written)
