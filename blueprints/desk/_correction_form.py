"""What is typed of a correction: why, which the invoice shows, and by how much a cost was wrong."""

from flask import request

from resident.charging.recosting import Divided
from resident.metering import value

from .. import _typed
from .._locale import _

LONGEST = 160


def text(errors: dict) -> str:
    """Why it is corrected."""
    said = _typed.line("text")
    if not said or len(said) > LONGEST:
        errors["text"] = _("Say in at most %(n)d characters why it is corrected. The invoice shows it.", n=LONGEST)
    return said


class OfCost:
    """A form about one of the costs that a period divided. one: None with an error."""

    def __init__(self, divided: list[Divided]):
        self.errors: dict[str, str] = {}
        self.one = next((one for one in divided if one.charge.id == _typed.whole(request.form, "charge")), None)
        if self.one is None:
            self.errors["charge"] = _("Choose the cost that was wrong.")
        self.difference = self._difference()
        self.text = text(self.errors)

    def _difference(self) -> int:
        try:
            difference = _typed.amount(request.form.get("difference", ""))
        except ValueError:
            told = _("Write by how much it was wrong in figures, with a minus for what is given back: -12.50.")
            self.errors["difference"] = told
            return 0
        if not difference:
            self.errors["difference"] = _("Nothing differs. Write by how much the cost was wrong.")
        return difference

    def hidden(self) -> dict[str, str]:
        """The form's fields as they are sent on for confirmation, and what they were drawn from."""
        return {name: request.form.get(name, "") for name in ("charge", "difference", "text")} | {"seen": self.one.seen}


def counters(rows: list) -> tuple[dict[int, int], dict[str, str]]:
    """(value by register, errors) of what was typed for a home's counters (putting_right.counters); empty fields are left."""
    values, errors = {}, {}
    for row, _reading in rows:
        name = f"r{row.register_id}"
        try:
            read = value.parse(request.form.get(name, "")[:60], "", row.digits, row.decimals)
        except value.BadValue:
            errors[name] = _("Write the value as the counter shows it, in figures.")
            continue
        if read is not None:
            values[row.register_id] = read
    if not values and not errors:
        errors["counters"] = _("Write what a counter showed.")
    return values, errors
