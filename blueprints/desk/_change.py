"""The form by which the desk records a change of meter: what it shows, what was typed into it, what is said of it."""

from datetime import date
from typing import NamedTuple

from flask import g, request
from sqlalchemy import select

from resident import access
from resident.db import SCALE
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.metering import changing, value
from resident.metering.changing import BadChange, Ends
from resident.metering.meter import Meter, Register

from .. import _counters, _verdicts
from .._locale import _, fmt
from .._messages import contact
from .._web import one_or_404, require, session

LONGEST_SERIAL = 40


class Shape(NamedTuple):
    """How many digits a counter has before the point and after it."""

    digits: int
    decimals: int


def page_of(id: int) -> dict:
    """The home's meter, for who enters readings there and may edit the register; 404 and 403 for others."""
    meter = one_or_404(access.visible_meters(g.viewer).where(Meter.id == id))
    unit = session.get_one(Unit, meter.unit_id)
    building = session.get_one(Building, unit.building_id)
    duty = g.viewer.duty("register", building.organisation_id, building.id)
    require(duty is not None)
    country = session.get_one(Organisation, building.organisation_id).country
    registers = session.scalars(select(Register).where(Register.meter_id == id).order_by(Register.id)).all()
    return {
        "title": _("Change of meter"),
        "meter": meter,
        "unit": unit,
        "home": access.home_label(country, building.address, unit.number),
        "duty": duty,
        "today": duty.organisation.today,
        "registers": registers,
        "counters": _counters,
        "word": _counters.register,
        "lasts": changing.lasts(session, meter.id),
        "errors": [],
    }


def proposed(facts: dict) -> dict[str, str]:
    """What the form holds at first: the old counter's digits, and what a resident sent for the new one."""
    waiting = changing.waiting(session, facts["meter"].id)
    days = [one.day for one in waiting.values()]
    given = {"day": min(days, default=facts["today"]).isoformat(), "serial": ""}
    given["read"] = max(days).isoformat() if days else ""
    for register in facts["registers"]:
        sent = waiting.get(register.id)
        given |= {f"d{register.id}": str(register.digits), f"p{register.id}": str(register.decimals)}
        given[f"n{register.id}"] = _plain(sent.value, register.decimals) if sent else ""
    return given


def _plain(millionths: int, decimals: int) -> str:
    """A value as one types it: no signs between groups of digits."""
    whole, rest = divmod(millionths, SCALE)
    point = fmt().number(500_000, 1)[1]
    return f"{whole}{point}{rest:06d}"[: len(str(whole)) + 1 + decimals] if decimals else str(whole)


class Typed:
    """What was typed: day, serial, read, ends; errors as (field, sentence)."""

    def __init__(self, registers: list[Register]):
        self.errors: list[tuple[str, str]] = []
        self.day = self._day("day")
        self.serial = " ".join(request.form.get("serial", "").replace("\0", "").split())
        if not self.serial:
            self.errors.append(("serial", _("Write the number that stands on the new meter.")))
        elif len(self.serial) > LONGEST_SERIAL:
            self.errors.append(("serial", _("A meter’s number has at most 40 characters. Check it on the meter.")))
        self.ends = {register.id: self._ends(register) for register in registers}
        now = any(request.form.get(f"n{register.id}", "").strip() for register in registers)
        self.read = self._day("read") if now else None

    def _day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(request.form.get(name, "").strip())
        except ValueError:
            self.errors.append((name, _("Write the day as year, month and day, for example %(day)s.", day="2026-11-25")))
            return None

    def _ends(self, register: Register) -> Ends | None:
        id = register.id
        final = self._value(f"f{id}", Shape(register.digits, register.decimals))
        shape = Shape(self._count(f"d{id}", 1, 12), self._count(f"p{id}", 0, 6))
        if None in shape:
            return None
        first, now = self._value(f"s{id}", shape), self._value(f"n{id}", shape, wanted=False)
        return None if None in (final, first) else Ends(final, first, *shape, now)

    def _count(self, name: str, least: int, most: int) -> int | None:
        text = request.form.get(name, "").strip()
        if text.isascii() and text.isdecimal() and len(text) <= 2 and least <= int(text) <= most:
            return int(text)
        said = _("Write how many digits the counter has: %(least)s to %(most)s.", least=least, most=most)
        self.errors.append((name, said))
        return None

    def _value(self, name: str, shape: Shape, wanted: bool = True) -> int | None:
        try:
            found = value.parse(request.form.get(name, "")[:60], "", *shape)
        except value.BadValue as bad:
            self.errors.append((name, _verdicts.unreadable(bad.why, shape)))
            return None
        if found is None and wanted:
            self.errors.append((name, _("Write what the counter showed on the day of the change.")))
        return found


_FIELDS = {"taken": "serial", "read": "read", "before_last": "day", "lower": "f", "below_first": "n"}


def told(error: BadChange, facts: dict) -> tuple[str, str]:
    """(field, sentence) of a refusal."""
    field = _FIELDS.get(error.why, "day")
    return (f"{field}{error.register_id}" if len(field) == 1 else field), _sentence(error, facts)


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
