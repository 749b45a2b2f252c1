"""The guided change of a meter at the desk: its steps, what was typed into them, what is said of it."""

from datetime import date

from flask import request

from resident.metering import changing, counter, value
from resident.metering.changing import BadChange, Ends
from resident.metering.fitting import LONGEST
from resident.metering.meter import Meter, Register
from resident.metering.restoring import NotRestored

from .. import _days, _typed, _verdicts
from .._locale import _, fmt
from .._messages import contact
from .._web import close, page, refused, session

STEPS = ("old", "new", "check")


def proposed(facts: dict) -> dict[str, str]:
    """What the form holds at first: the old counter's digits, and what a resident sent for the new one."""
    waiting = changing.waiting(session, facts["meter"].id)
    days = [one.day for one in waiting.values()]
    given = {"day": min(days, default=facts["today"]).isoformat(), "serial": "", "verified_until": ""}
    given["remote"] = "yes" if facts["meter"].remote else ""
    given["read"] = max(days).isoformat() if days else ""
    for register in facts["registers"]:
        sent = waiting.get(register.id)
        given |= {f"d{register.id}": str(register.digits), f"p{register.id}": str(register.decimals)}
        given |= {f"f{register.id}": "", f"s{register.id}": ""}
        given[f"n{register.id}"] = _typed.counter_value(sent.value, register.decimals) if sent else ""
    return given


class Finals:
    """The day, and what the old counter showed on it: day, finals (by register); errors by field."""

    def __init__(self, registers: list[Register]):
        self.errors: dict[str, str] = {}
        self.day = self._day("day")
        self.finals = {one.id: self._value(f"f{one.id}", value.Shape(one.digits, one.decimals)) for one in registers}

    def _day(self, name: str, wanted: bool = True) -> date | None:
        return _days.among(self.errors, name, wanted=wanted)

    def _value(self, name: str, shape: value.Shape, wanted: bool = True) -> int | None:
        try:
            found = value.parse(request.form.get(name, "")[:60], "", *shape)
        except value.BadValue as bad:
            self.errors[name] = _verdicts.unreadable(bad.why, shape)
            return None
        if found is None and wanted:
            self.errors[name] = _("Write what the counter showed on that day.")
        return found


class Change(Finals):
    """Also what is known of the new meter: serial, verified_until, read, ends (by register of the old one)."""

    def __init__(self, registers: list[Register]):
        super().__init__(registers)
        self.serial = " ".join(request.form.get("serial", "").replace("\0", "").split())
        if not self.serial:
            self.errors["serial"] = _("Write the number that stands on the new meter.")
        elif len(self.serial) > LONGEST["serial"]:
            self.errors["serial"] = _("A meter’s number has at most 40 characters. Check it on the meter.")
        self.verified_until = self._day("verified_until", wanted=False)
        self.remote = bool(request.form.get("remote"))
        self.ends = {one.id: self._ends(one) for one in registers}
        now = any(request.form.get(f"n{one.id}", "").strip() for one in registers)
        self.read = self._day("read") if now else None

    def _ends(self, register: Register) -> Ends | None:
        id, final = register.id, self.finals[register.id]
        shape = value.Shape(self._count(f"d{id}", 1, 12), self._count(f"p{id}", 0, 6))
        if None in shape:
            return None
        first, now = self._value(f"s{id}", shape), self._value(f"n{id}", shape, wanted=False)
        return None if None in (final, first) else Ends(final, first, *shape, now)

    def _count(self, name: str, least: int, most: int) -> int | None:
        count = _typed.small(request.form.get(name, "").strip(), least, most)
        if count is None:
            said = _("Write how many digits the counter has: %(least)s to %(most)s.", least=least, most=most)
            self.errors[name] = said
        return count


class Flow:
    """The three steps: the old meter, the new one, looking it all over. Every page carries what the others hold, so that
    nothing typed is lost on the way, and nothing is stored before the last."""

    def __init__(self, facts: dict):
        self.facts = facts
        asked = request.form.get("step", "")
        self.at = asked if asked in STEPS else STEPS[0]
        typed = Change(facts["registers"])
        self.typed, back = typed, request.form.get("back")
        self.next = back if back in STEPS else (*STEPS, "done")[STEPS.index(self.at) + 1]
        # What a later step asks for is not missing yet; what an earlier one asked for must still be right.
        asked = () if back else STEPS[: STEPS.index(self.at) + 1]
        self.errors = {field: said for field, said in typed.errors.items() if step_of(field) in asked}
        if not self.errors and not back:
            self._try()

    def _try(self) -> None:
        try:
            if self.at == "new":
                changing.check_number(session, self.facts["meter"], self.typed.serial)
            if self.at == "old":
                changing.check_end(session, self.facts["meter"], self.typed.day, self.typed.finals, self.facts["today"])
        except BadChange as error:
            self.errors = told(error, self.facts)

    def answer(self):
        """The next step's page; the page of the first thing that is wrong."""
        if self.errors:
            return self._refused(self.errors)
        shown = {"uses": self._uses(), "day_of": _days.read} if self.next == "check" else {}
        # Nothing was stored, and the turn to write goes to the next.
        close()
        return page("desk/meters/change.html", **self.facts, **shown, typed=request.form, step=self.next)

    def left(self, error: BadChange):
        return self._refused(told(error, self.facts))

    def _refused(self, errors: dict):
        step = step_of(next(iter(errors)))
        return refused("desk/meters/change.html", **self.facts, typed=request.form, step=step, errors=errors)

    def record(self, by) -> Meter:
        typed = self.typed
        ends = {"read": typed.read, "verified_until": typed.verified_until, "remote": typed.remote}
        meter, today = self.facts["meter"], self.facts["today"]
        return changing.change_meter(session, meter, typed.day, typed.serial, typed.ends, today, by=by, **ends)

    def _uses(self) -> list[tuple]:
        """(register, final value, use since the last reading, what is far from usual in it) for each register of the old one."""
        facts, typed = self.facts, self.typed
        meter, organisation = facts["meter"], facts["duty"].organisation
        place = {"building_id": meter.building_id} if meter.building_id else {}
        form = counter.form(session, meter.unit_id, organisation, staff=True, **place)
        found = []
        for row in form.counters:
            if row.meter_id == meter.id:
                final = typed.finals[row.register_id]
                used = row.use(final)
                found.append((row, final, used, form.far(row, used, typed.day)))
        return found


def step_of(field: str) -> str:
    """The step that asks for a field: the day and the final values belong to the old meter."""
    return "old" if field == "day" or field.startswith("f") else "new"


_FIELDS = {"taken": "serial", "read": "read", "before_last": "day", "lower": "f", "below_first": "n"}


def told(error: BadChange, facts: dict) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    field = _FIELDS.get(error.why, "day")
    return {f"{field}{error.register_id}" if len(field) == 1 else field: _sentence(error, facts)}


def _sentence(error: BadChange, facts: dict) -> str:
    words, given = fmt(), error.facts
    day = words.date(given.get("day"))
    if error.why == "lower":
        register = next(one for one in facts["registers"] if one.id == error.register_id)
        last = words.quantity(given["last"], facts["meter"].measure, register.decimals)
        return _("The final value is lower than the last reading, %(last)s. Check both, or enter a right reading first.", last=last)
    return {
        "removed": _("This meter was taken out on %(day)s already. Nothing was changed.", day=day),
        "future": _("This day has not come yet. Record the change when the meter has been changed."),
        "before_installed": _("This meter was installed on %(day)s. Choose that day or a later one.", day=day),
        "allocated": _(
            "The costs of this day have already been shared out (%(month)s). Choose a later day, or ask: %(contact)s",
            month=words.month(given["period"]) if "period" in given else "",
            contact=contact(),
        ),
        "taken": _(
            "Another meter of this medium with the number %(serial)s is in use. Check the number.", serial=given.get("serial")
        ),
        "before_last": _("There is a reading of %(day)s already. Choose that day or a later one.", day=day),
        "below_first": _("This is lower than the first value of the new meter. Check both."),
        "read": _("Choose a day from the day of the change to today."),
    }[error.why]


def not_restored(error: NotRestored) -> str:
    """Why an archived meter cannot be taken back, and what to do instead."""
    given = error.facts
    if error.why == "allocated":
        return _(
            "The costs of %(month)s have already been shared out without it. Add it as a new meter with the day and the value from "
            "which it counts, or ask: %(contact)s",
            month=fmt().month(given["period"]),
            contact=contact(),
        )
    return {
        "in_use": _("It is in use: nobody has taken it out, or it has been taken back already."),
        "replaced": _(
            "Meter %(serial)s came in its place. What one of the two counts, the other must not.", serial=given.get("serial")
        ),
        "read": _(
            "A reading of %(day)s was entered after its final value. Add it as a new meter with the day and the value from which "
            "it counts.",
            day=fmt().date(given.get("day")),
        ),
        "taken": _(
            "Another meter of this medium with the number %(serial)s is in use. Correct that number first.",
            serial=given.get("serial"),
        ),
        "place": _(
            "The home has another meter of this medium now. Give the one in use and this one places of their own first, such as "
            "kitchen and bathroom."
        ),
    }[error.why]
