"""Costs as they were typed into rows, pasted from a spreadsheet or sent as a file: read, or said what cannot be read."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from flask import request

from resident.charging.charge import ChargeType

from .. import _typed
from .._locale import _

ROWS, MOST, MOST_PASTED = 6, 500, 300_000
LONGEST = {"text": 200, "document": 60}
# So many lines are named at once.
TOLD = 10


class Row(NamedTuple):
    """field: id of what it was typed into; text, document: "" for none."""

    field: str
    charge: ChargeType
    amount: int
    text: str
    document: str


class Typed:
    """rows, and errors by field. lines: what was pasted, then what a file held, for the form that comes back.

    charges: those that take a cost, by id. sent: the lines of a file, if one was sent.
    """

    def __init__(self, charges: dict[int, ChargeType], sent: Sequence[str] = ()):
        self.errors: dict[str, str] = {}
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        pasted = request.form.get("lines", "")[:MOST_PASTED].replace("\x00", "").splitlines()
        self.lines = "\n".join([*pasted, *sent])
        self._sources = _numbered(pasted, 1), _numbered(sent, len(pasted) + 1)
        self._charges = charges
        self._named = _names(charges.values())
        typed = (self._typed(place) for place in range(ROWS))
        self.rows = [row for row in (*typed, *self._pasted()) if row]
        if not self.rows and not self.errors:
            self.errors["amount-0"] = _("No cost is entered. Write at least one sum.")

    def _typed(self, place: int) -> Row | None:
        cells = [_typed.plain(request.form.get(f"{name}-{place}", "")) for name in ("charge", "amount", "text", "document")]
        if not any(cells[1:]):
            return None
        charge = self._charges.get(int(cells[0])) if cells[0].isdecimal() and len(cells[0]) <= 18 else None
        if charge is None:
            self.errors[f"charge-{place}"] = _("Choose what the cost is for.")
        amount = self._amount(cells[1], f"amount-{place}")
        fits = self._fit(f"text-{place}", cells[2], "text") and self._fit(f"document-{place}", cells[3], "document")
        return Row(f"amount-{place}", charge, amount, cells[2], cells[3]) if charge and amount is not None and fits else None

    def _amount(self, text: str, field: str, line: str = "") -> int | None:
        try:
            return _typed.amount(text)
        except ValueError:
            self._say(field, f"{line}{_typed.no_sum()}")
            return None

    def _fit(self, field: str, text: str, name: str, line: str = "") -> bool:
        if len(text) <= LONGEST[name]:
            return True
        self._say(field, line + _("This can have at most %(n)d characters. Shorten it.", n=LONGEST[name]))
        return False

    def _say(self, field: str, sentence: str) -> None:
        """Of a field of many lines, what is wrong with the first of them, one after another."""
        self._said[field].append(sentence)
        self.errors[field] = " ".join(self._said[field][:TOLD])

    def _pasted(self) -> list[Row | None]:
        """Lines of code or name; sum; text; document."""
        lines = [line for source in self._sources for line in source]
        if len(lines) > MOST:
            self.errors["lines"] = _("There are too many lines. Paste at most %(n)d.", n=MOST)
            return []
        return [self._line(*line) for line in lines]

    def _line(self, number: int, line: str) -> Row | None:
        delimiter = "\t" if "\t" in line else ";"
        told = _("Line %(line)s: ", line=number)
        try:
            cells = [" ".join(cell.split()) for cell in next(csv.reader([line], delimiter=delimiter))]
        except csv.Error:
            # A cell longer than any that a spreadsheet has.
            self._fit("lines", line, "text", told)
            return None
        cells += [""] * (4 - len(cells))
        if "=" in cells:
            self._say("lines", told + _("There is a formula here. Copy the cell and paste it as a value."))
            return None
        charge = self._named.get(cells[0].casefold())
        if charge is None:
            self._say(
                "lines", _("Line %(line)s: there is no charge “%(name)s” that takes a cost.", line=number, name=cells[0][:40])
            )
            return None
        amount = self._amount(cells[1], "lines", told)
        fits = self._fit("lines", cells[2], "text", told) and self._fit("lines", cells[3], "document", told)
        return Row("lines", charge, amount, cells[2], cells[3]) if amount is not None and fits else None


def _numbered(lines: Sequence[str], first: int) -> list[tuple[int, str]]:
    """(number, line) of those that hold something. A first one without figures is a heading."""
    found = [(number, line) for number, line in enumerate(lines, first) if line.strip()]
    return found[1:] if found and not any(sign.isdigit() for sign in found[0][1]) else found


def _names(charges) -> dict[str, ChargeType]:
    """By code and by every name, as people write them."""
    found = {" ".join(name.split()).casefold(): one for one in charges for name in one.name.values() if name}
    return found | {one.code.casefold(): one for one in charges}
