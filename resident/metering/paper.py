"""Readings on paper (B14): what stands on the sheets of a building or a staircase, and the short number that leads the desk back
to a sheet's home. A sheet has the meters with serials and places and empty boxes; never a name or an earlier value (rule 43)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import lasts
from ..homes.building import Building, Unit
from ..identity import Controller, home_label
from ..money.period import BillingPeriod
from ..people.person import Person
from ..people.tenure import Party
from . import entry_link, reminding, submitted
from .entry_link import EntryLink
from .meter import Meter, Register, medium_order

# Whose sheets: every home with something to read, those that have not sent, and those of them that nothing else reaches.
WHOSE = ("all", "missing", "unreached")


@dataclass(frozen=True, slots=True)
class Box:
    """One register on a sheet, with what a name of it needs (blueprints/_counters.counter)."""

    medium: str
    place: str | None
    name: str
    serial: str
    digits: int
    decimals: int
    measure: str


@dataclass(slots=True)
class Sheet:
    """A home's sheet. link: None where nobody holds the home."""

    unit_id: int
    home: str
    number: str
    language: str
    link: EntryLink | None
    boxes: list[Box] = field(default_factory=list)

    @property
    def short(self) -> str:
        return short(self.unit_id)


def short(unit_id: int) -> str:
    """A home's short number: its key, and a digit that shows a slip of the fingers (Luhn)."""
    return f"{unit_id}{_check(str(unit_id))}"


def of_short(text: str) -> int | None:
    """The home of a short number, spaces and hyphens aside; None when it is none."""
    digits = "".join(text.split()).replace("-", "")
    if not 2 <= len(digits) <= 19 or not (digits.isascii() and digits.isdigit()) or _check(digits[:-1]) != int(digits[-1]):
        return None
    return int(digits[:-1])


def _check(digits: str) -> int:
    doubled = (sum(divmod(int(one) * 2, 10)) if place % 2 == 0 else int(one) for place, one in enumerate(reversed(digits)))
    return -sum(doubled) % 10


def in_order(row) -> tuple:
    """The order of a home's registers on paper, and where they are copied from it: row has medium, place, meter_id and name."""
    return *medium_order(row.medium), row.place or "", row.meter_id, row.name


def sheets(
    session: Session,
    period: BillingPeriod,
    organisation: Controller,
    staircase: str = "",
    whose: str = "all",
    *,
    ways: Collection[str] = (),
) -> list[Sheet]:
    """In natural order, each in its home's language. ways: as in reminding.plan(), for "unreached". Four or five SELECTs."""
    rows = session.execute(_boxes(period, staircase)).all()
    if whose != "all":
        plan = reminding.plan(session, period, organisation, staircase, ways=ways)
        wanted = set(plan.homes if whose == "missing" else plan.unreached)
        rows = [row for row in rows if row.unit_id in wanted]
    ids = {row.unit_id for row in rows}
    tenures = entry_link.holders(session, ids, organisation.today)
    spoken = _languages(session, tenures, organisation)
    place = {unit_id: at for at, unit_id in enumerate(dict.fromkeys(row.unit_id for row in rows))}
    found: dict[int, Sheet] = {}
    for unit_id, number, address, *box, _meter in sorted(rows, key=lambda row: (place[row.unit_id], in_order(row))):
        if unit_id not in found:
            link = EntryLink(unit_id, period.id, tenures[unit_id]) if unit_id in tenures else None
            label = home_label(organisation.country, address, number)
            found[unit_id] = Sheet(unit_id, label, number, spoken.get(unit_id) or organisation.languages.split()[0], link)
        found[unit_id].boxes.append(Box(*box))
    return list(found.values())


def _boxes(period: BillingPeriod, staircase: str):
    statement = (
        select(
            Unit.id.label("unit_id"), Unit.number, Building.address, Meter.medium, Meter.place, Register.name, Meter.serial,
            Register.digits, Register.decimals, Meter.measure, Meter.id.label("meter_id"),
        )
        .select_from(Unit)
        .join(Building, Building.id == Unit.building_id)
        .join(Meter, Meter.unit_id == Unit.id)
        .join(Register, Register.meter_id == Meter.id)
        .where(Unit.building_id == period.building_id, submitted.asked(period))
        .order_by(Unit.sort_key, Unit.id)
    )  # fmt: skip
    return statement.where(Unit.staircase == staircase) if staircase else statement


def _languages(session: Session, tenures: dict[int, int], organisation: Controller) -> dict[int, str]:
    """By home: the language of whoever holds it."""
    rows = session.execute(
        select(Party.tenure_id, Person.language)
        .join(Person, Person.id == Party.person_id)
        .where(Party.tenure_id.in_(tenures.values()), Party.role == "primary", lasts(Party, organisation.today))
        .where(Person.language.is_not(None))
        .order_by(Party.id.desc())
    )
    spoken = {tenure_id: language for tenure_id, language in rows}
    return {unit_id: spoken[tenure_id] for unit_id, tenure_id in tenures.items() if tenure_id in spoken}
