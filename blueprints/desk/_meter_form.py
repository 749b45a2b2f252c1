"""The form of a meter: what it holds at first, what was typed into it, what is said of it."""

from datetime import date

from flask import request

from resident.db import SCALE
from resident.metering import value
from resident.metering.fitting import LARGEST_COEFFICIENT, BadMeter, Facts, Shown

from .. import _days, _typed, _verdicts
from .._locale import _, fmt, ngettext

# A counter with more registers than this is none that we know.
MOST_REGISTERS = 8


def shown(facts: Facts) -> dict[str, str]:
    """The form's fields for what is known of a meter."""
    given = {
        "serial": facts.serial,
        "place": facts.place or "",
        "measure": facts.measure,
        "installed": facts.installed.isoformat(),
        "verified_until": facts.verified_until.isoformat() if facts.verified_until else "",
        "remote": "yes" if facts.remote else "",
        "coefficient": _typed.written(facts.coefficient),
        "main-meter": str(facts.main_id or ""),
    }
    for row, one in enumerate(facts.registers, 1):
        given |= {f"id-{row}": str(one.register_id or ""), f"name-{row}": one.name, f"feed_key-{row}": one.feed_key or ""}
        given |= {f"digits-{row}": str(one.digits), f"decimals-{row}": str(one.decimals)}
        given[f"initial-{row}"] = _typed.written(one.initial, one.decimals)
    return given


def rows(typed: dict) -> int:
    """How many registers the form asks for: those that are there or were typed, and one more."""
    return min(MOST_REGISTERS, max((row for row in range(1, MOST_REGISTERS) if _given(typed, row)), default=0) + 1)


def _given(typed: dict, row: int) -> bool:
    return any((typed.get(f"{name}-{row}") or "").strip() for name in ("id", "name", "digits", "initial"))


class Typed:
    """What was typed: facts, or errors by field."""

    def __init__(self):
        self.errors: dict[str, str] = {}
        form = request.form
        registers = tuple(self._register(row) for row in range(1, MOST_REGISTERS + 1) if _given(form, row))
        given = Facts(
            serial=form.get("serial", "")[:200],
            place=form.get("place", "")[:200],
            measure=form.get("measure", "")[:200],
            installed=self._day("installed", wanted=True),
            verified_until=self._day("verified_until"),
            remote=bool(form.get("remote")),
            coefficient=self._coefficient(),
            main_id=_typed.whole(form, "main-meter"),
            registers=registers,
        )
        self.facts = None if self.errors else given

    def _day(self, name: str, wanted: bool = False) -> date | None:
        return _days.among(self.errors, name, wanted=wanted)

    def _coefficient(self) -> int:
        """One when it is left out."""
        try:
            found = _typed.quantity(request.form, "coefficient", whole=5)
        except ValueError:
            found = None
            self.errors["coefficient"] = _said("coefficient", {})
        return SCALE if found is None else found

    def _register(self, row: int) -> Shown:
        digits, decimals = self._count("digits", row, 1, 12), self._count("decimals", row, 0, 6)
        form = request.form
        return Shown(
            register_id=_typed.whole(form, f"id-{row}"),
            name=form.get(f"name-{row}", "")[:200],
            digits=digits,
            decimals=decimals,
            initial=self._initial(row, value.Shape(digits, decimals)),
            feed_key=form.get(f"feed_key-{row}", "")[:200],
        )

    def _count(self, name: str, row: int, least: int, most: int) -> int:
        """Of a second register left out: as the first one's."""
        text = request.form.get(f"{name}-{row}", "").strip() or request.form.get(f"{name}-1", "").strip()
        count = _typed.small(text, least, most)
        if count is None:
            said = _("Write how many digits the counter has: %(least)s to %(most)s.", least=least, most=most)
            self.errors[f"{name}-{row}"] = said
        return most if count is None else count

    def _initial(self, row: int, shape: value.Shape) -> int:
        try:
            return value.parse(request.form.get(f"initial-{row}", "")[:60], "", *shape) or 0
        except value.BadValue as bad:
            self.errors[f"initial-{row}"] = _verdicts.unreadable(bad.why, shape)
            return 0


def told(error: BadMeter) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    field = error.facts["field"]
    return {"main-meter" if field == "main" else field: _said(error.facts["why"], error.facts)}


def _said(why: str, facts: dict) -> str:
    field = facts.get("field", "").partition("-")[0]
    serial, day = facts.get("serial", ""), fmt().date(facts.get("day"))
    if why == "missing":
        return _missing(field)
    if why == "long":
        most = facts["most"]
        return ngettext("Write at most %(n)d character.", "Write at most %(n)d characters.", most)
    if why == "counted":
        return _counted(field)
    return {
        "medium": _("Choose the medium that the meter measures."),
        "taken": _("Another meter of this medium with the number %(serial)s is in use. Check the number.", serial=serial),
        "future": _("This day has not come yet. Choose today or an earlier day."),
        "after_reading": _("There is a reading of %(day)s already. Choose that day or an earlier one.", day=day),
        "follows": _("This meter came on %(day)s, when the one before it was taken out. That day stays.", day=day),
        "place": _("The home has another meter of this medium. Write where this one is, such as kitchen or bathroom."),
        "place_taken": _("The meter %(serial)s is in the same place. Write where exactly this one is.", serial=serial),
        "other_place": _(
            "The home’s other meter of this medium, %(serial)s, has no place yet. Write where that one is first.", serial=serial
        ),
        "main": _("Choose a main meter of the same medium in the same building."),
        "cycle": _("That meter stands behind this one already, so it cannot be its main meter. Choose another."),
        "coefficient": _(
            "The coefficient is a number above zero and at most %(most)s, such as 1 or 0.5. Write it in figures.",
            most=fmt().number(LARGEST_COEFFICIENT, 0),
        ),
        "registers": _("A meter has at least one register, and those that are there stay. Fill in the first one."),
        "doubled": _("Another register of this meter has the same name. Give each its own."),
        "digits": _("Write how many digits the counter has: %(least)s to %(most)s.", least=1, most=12),
        "decimals": _("Write how many digits the counter has: %(least)s to %(most)s.", least=0, most=6),
        "value": _("The first value has more digits than the counter. Check both."),
    }[why]


def _missing(field: str) -> str:
    return {
        "serial": _("Write the number that stands on the meter."),
        "measure": _("Write the unit in which the meter counts, such as m³ or kWh."),
        "name": _("With several registers each needs a name, such as day or night."),
    }[field]


def _counted(field: str) -> str:
    return {
        "measure": _("There are readings in the old unit already, so it stays. Take the meter out and add it anew instead."),
        "initial": _("There are readings that begin from the first value, so it stays as it is."),
        "digits": _("There are readings with more digits than this. Check the number of digits."),
    }[field]
