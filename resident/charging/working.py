"""Working a period out: every line of every draft, from what is stored, without storing anything.

Whoever allocates stores it, the preview shows it; the same rows give the same lines each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from ..db import SCALE
from ..errors import ResidentError
from ..identity import Controller
from ..metering import estimating
from ..metering.estimating import Lacking
from ..money.period import BillingPeriod
from . import metered, scene, waiting, weighing
from .calendar import Months, months
from .charge import FACTS, ChargeType
from .counted import Shown
from .dividing import MINOR, NoWeight, divide, price, rounded
from .held import Run, runs
from .line import Drafted, Line
from .scene import Scene
from .vat import Priced, taxed
from .weighing import Part, Parts


class NobodyPays(ResidentError):
    """A cost meets no home that has any weight in it: code of the charge type, amount."""


class CostNotInUse(ResidentError):
    """A cost was entered for a charge type that is not in use in the period: codes."""


class Unknown(NamedTuple):
    """A register of which nobody knows what it showed at the end. number: of its home; why: of estimating.REASONS, or "pending"
    where a reading waits for a decision."""

    number: str
    medium: str
    serial: str
    why: str


@dataclass(slots=True)
class Worked:
    """unknown: registers without which nothing can be stored. without: units that count for nothing in a
    charge because a fact is missing, by code of the charge type."""

    scene: Scene
    drafts: list[Drafted]
    unknown: list[Unknown] = field(default_factory=list)
    without: dict[str, list[int]] = field(default_factory=dict)


# Estimates by register, and the registers for which there is none.
Guessed = tuple[dict[int, Shown], list[Lacking]]
# By tenure (None: vacant) and account: [(place of the charge, place of the unit, line, tax)].
Gathered = dict[tuple[int | None, str], list[tuple[int, int, Line, tuple[int, bool] | None]]]


def worked_out(session: Session, period: BillingPeriod, found: Scene | None = None, guessed: Guessed | None = None) -> Worked:
    """found, guessed: what was read already, else it is. NobodyPays, CostNotInUse."""
    found = found or scene.read(session, period)
    _refuse_unused(session, found)
    estimates, lacking = guessed or guesses(session, found)
    house = House(session, found, estimates)
    gathered: Gathered = defaultdict(list)
    worked = Worked(found, [], unknown(house, lacking, period.use_first))
    for place, charge in enumerate(found.types):
        for unit_place, tenure, line, tax in _lines(house, charge, worked):
            gathered[tenure, charge.account_kind].append((place, unit_place, line, tax))
    places = {unit.id: place for place, unit in enumerate(found.units)}
    kinds = {charge.id: (place, charge.account_kind) for place, charge in enumerate(found.types)}
    for tenure, line, kind in waiting.lines(session, period):
        place, kind = kinds.get(line.charge_type_id, (len(kinds), kind))
        gathered[tenure, kind].append((place, places.get(line.unit_id, len(places)), line, None))
    worked.drafts = _drafts(found, gathered)
    return worked


class House:
    """The scene with who pays on which days and what registers counted, each worked out once."""

    def __init__(self, session: Session, found: Scene, estimates: dict):
        self.scene = found
        self._runs: dict[tuple, list[Run]] = {}
        self._months: dict[tuple[int, int], Months] = {}
        # By charge type: does it take registers of a medium and name?
        self._takes: dict[int, dict[tuple[str, str], bool]] = defaultdict(dict)
        media = _media(found.types)
        self.devices = (
            metered.devices(session, found.period, media, self._ends(), estimates, self._anchors(session)) if media else {}
        )

    def runs(self, unit: scene.Home, first: int, last: int, payer: str) -> list[Run]:
        key = unit.id, first, last, payer
        if key not in self._runs:
            holds = self.scene.holds.get(unit.id, ())
            self._runs[key] = runs(holds, max(first, unit.first), min(last, unit.last), payer)
        return self._runs[key]

    def months(self, first: int, last: int) -> Months:
        if (first, last) not in self._months:
            self._months[first, last] = months(date.fromordinal(first), date.fromordinal(last))
        return self._months[first, last]

    def units(self, charge: ChargeType) -> Iterable[tuple[int, scene.Home]]:
        kinds = charge.unit_kinds.split()
        return ((place, unit) for place, unit in enumerate(self.scene.units) if unit.kind in kinds)

    def of_unit(self, unit_id: int, charge: ChargeType) -> list[metered.Device]:
        known, found = self._takes[charge.id], []
        for device in self.devices.get(unit_id, ()):
            kind = device.medium, device.name
            if kind not in known:
                known[kind] = charge.takes(*kind)
            if known[kind]:
                found.append(device)
        return found

    def _anchors(self, session: Session) -> metered.Anchors:
        return metered.billed_until(session, self.scene.period)

    def taken(self, device: metered.Device) -> bool:
        """Does a charge ask what the register counted?"""
        return any(charge.takes(device.medium, device.name) for charge in self.scene.types)

    def _ends(self) -> set[int]:
        """Ends of days of use before something changes: who holds, or on what terms."""
        period = self.scene.period
        first, last = period.use_first.toordinal(), period.use_last.toordinal()
        whole = Run(first, last, ())
        starts = {day for holds in self.scene.holds.values() for hold in holds for day in (hold.first, hold.last + 1)}
        for charge in _metered(self.scene):
            starts.update(self.scene.terms[charge.id].within(whole))
            for steps in self.scene.weights.get(charge.id, {}).values():
                starts.update(steps.within(first, last))
        return {day - 1 for day in starts if first < day <= last}


def guesses(session: Session, found: Scene) -> Guessed:
    """What the ladder says of registers that nobody read and that a charge takes (rule 11)."""
    return metered.provisional(lacking(session, found.period, found.creditor, found.types), found.period)


def lacking(session: Session, period: BillingPeriod, creditor: Controller, types: Sequence[ChargeType]) -> list[Lacking]:
    """The registers that nobody read in the period and that one of the charge types takes."""
    media = _media(types)
    found = estimating.lacking(session, period, creditor, media) if media else []
    return [one for one in found if any(charge.takes(one.row.medium, one.row.name) for charge in types)]


def _media(types: Iterable[ChargeType]) -> set[str]:
    return {medium for charge in types if charge.metered for medium in (charge.media or "").split()}


def _metered(found: Scene) -> list[ChargeType]:
    return [charge for charge in found.types if charge.metered]


def unknown(house: House, lacking: list[Lacking], since: date) -> list[Unknown]:
    """Registers of which nobody knows what they showed at the end. Of a remote one that fell silent, but not before `since`, the
    last value stands for the end, and the rest comes with the next bill."""
    why = {one.row.register_id: one.why for one in lacking}
    first, last = since.toordinal(), house.scene.period.use_last.toordinal()
    return [
        Unknown(unit.number, device.medium, device.serial, why.get(device.register_id) or "pending")
        for unit in house.scene.units
        for device in house.devices.get(unit.id, ())
        if house.taken(device) and not device.known(last) and not (device.remote and device.count.until >= first)
    ]


def _refuse_unused(session: Session, found: Scene) -> None:
    known = {charge.id for charge in found.types}
    strange = [id for id in found.costs if id not in known]
    if strange:
        codes = [charge.code for charge in (session.get_one(ChargeType, id) for id in strange) if charge.billed == "period"]
        if codes:
            raise CostNotInUse(codes=codes)


# ---- Lines -----------------------------------------------------------------------------------------------------------


def _lines(house: House, charge: ChargeType, worked: Worked):
    """(place of the unit, tenure, line, VAT) of a charge, in the order of units, then first days."""
    first, last = house.scene.days(charge)
    if first > last:
        return
    if charge.basis == "amount":
        yield from _amounts(house, charge, first, last)
    elif charge.basis == "cost":
        yield from _shares(house, charge, first, last, worked)
    else:
        yield from _priced(house, charge, first, last, worked)


def _amounts(house: House, charge: ChargeType, first: int, last: int):
    """The sum of a month × days held ÷ days of the month, for each sum in force."""
    own, terms = house.scene.amounts.get(charge.id, {}), house.scene.terms[charge.id]
    if not own:
        return
    calendar, kinds = house.months(first, last), charge.unit_kinds.split()
    for place, unit_id, tenure, run in _held(house, charge.payer, kinds, first, last):
        steps = own.get(tenure)
        if steps is None:
            continue
        sums = weighing.Terms((priced := _monthly(steps), priced), terms.vat, {}, frozenset())
        for (_, term), part in weighing.by_days([run], calendar, weighing.ONE, weighing.NONE, sums).items():
            if term.price:
                parts = part.weight // SCALE
                line = line_for(charge, unit_id, "amount", part, rounded(term.price * parts * MINOR, SCALE * calendar.whole))
                line.unit_price, line.quantity, line.measure = term.price, rounded(part.weight, calendar.whole), "month"
                line.weight, line.whole = parts, calendar.whole
                yield place, tenure, line, term.vat


def _monthly(steps) -> weighing.Steps:
    """Sums in minor units as prices in millionths of the major unit."""
    return weighing.Steps((first, value * SCALE // MINOR) for first, value in zip(steps.firsts, steps.values, strict=True))


def _held(house: House, payer: str, kinds: list[str], first: int, last: int):
    """(place of its first unit, that unit, tenure, the days on which it holds any), each tenure once. The days of several units
    count once."""
    days: dict[int, tuple[int, int, int, int]] = {}
    for place, unit in enumerate(house.scene.units):
        for hold in house.scene.holds.get(unit.id, ()):
            begins, ends = max(hold.first, first), min(hold.last, last)
            if begins > ends:
                continue
            known = days.get(hold.tenure_id)
            if known is None or (unit.kind in kinds and house.scene.units[known[0]].kind not in kinds):
                days[hold.tenure_id] = place, unit.id, *(begins, ends)
            elif unit.kind in kinds:
                days[hold.tenure_id] = *known[:2], min(known[2], begins), max(known[3], ends)
    for tenure, (place, unit_id, begins, ends) in days.items():
        yield place, unit_id, tenure, Run(begins, ends, (tenure,))


def _shares(house: House, charge: ChargeType, first: int, last: int, worked: Worked):
    """A cost by weights: largest remainder, once over all (unit, tenure) weights (rule 22)."""
    cost = house.scene.costs.get(charge.id)
    if cost is None:
        return
    rows = list(weighed(house, charge, first, last, worked))
    try:
        amounts = divide(cost, [part.weight for *_, part in rows])
    except NoWeight:
        raise NobodyPays(code=charge.code, amount=cost) from None
    whole, days = sum(part.weight for *_, part in rows), last - first + 1
    for (place, unit, tenure, term, part), amount in zip(rows, amounts, strict=True):
        if not part.weight and not amount:
            continue
        line = line_for(charge, unit, charge.key, part, amount)
        line.weight, line.whole, line.cost = part.weight, whole, cost
        line.quantity = part.weight if charge.key == "meter" else rounded(part.weight, days)
        metering(house, charge, unit, line, part)
        yield place, tenure, line, term.vat


def _priced(house: House, charge: ChargeType, first: int, last: int, worked: Worked):
    """Price × key, rounded once a line; a new price is a line of its own (rule 23)."""
    whole = 1 if charge.key in ("meter", "fixed") else house.months(first, last).whole
    for place, unit, tenure, term, part in weighed(house, charge, first, last, worked):
        quantity = part.weight if whole == 1 else rounded(part.weight, whole)
        if not part.weight and charge.key != "meter":
            continue
        line = line_for(charge, unit, charge.key, part, price(term.price, quantity))
        line.quantity, line.unit_price = quantity, term.price
        metering(house, charge, unit, line, part)
        yield place, tenure, line, term.vat


def weighed(house: House, charge: ChargeType, first: int, last: int, worked: Worked):
    """(place, unit, tenure, term, part) in the order of units, then first days."""
    for place, unit in house.units(charge):
        parts = _parts(house, charge, unit, first, last, worked)
        ordered = sorted(parts.items(), key=lambda item: (item[1].first, item[0][0] or 0)) if len(parts) > 1 else parts.items()
        for (tenure, term), part in ordered:
            yield place, unit.id, tenure, term, part


def _parts(house: House, charge: ChargeType, unit: scene.Home, first: int, last: int, worked: Worked) -> Parts:
    found, terms = house.scene, house.scene.terms[charge.id]
    held = house.runs(unit, first, last, charge.payer)
    coefficient = found.coefficient(charge, unit.id)
    if charge.key == "meter":
        devices = house.of_unit(unit.id, charge)
        return _use(held, devices, coefficient, terms) if devices else {}
    value = found.value(charge, unit.id)
    if charge.key == "fixed":
        return weighing.once(held, coefficient, terms)
    if charge.key in FACTS and not value.values:
        worked.without.setdefault(charge.code, []).append(unit.id)
    if charge.key == "occupants":
        # Nobody lives in a vacant home.
        held = [run for run in held if run.tenures]
    calendar = house.months(first, last) if charge.basis == "tariff" else None
    return weighing.by_days(held, calendar, value, coefficient, terms)


def _use(held: list[Run], devices: list[metered.Device], coefficient, terms) -> Parts:
    return weighing.by_use(held, [device.count for device in devices], coefficient, terms)


def line_for(charge: ChargeType, unit_id: int | None, key: str, part: Part, amount: int) -> Line:
    first, last = date.fromordinal(part.first), date.fromordinal(part.last)
    return Line(charge.id, unit_id, key, first, last, part.days, amount, measure=charge.measure)


def metering(house: House, charge: ChargeType, unit_id: int, line: Line, part: Part) -> None:
    """The readings that a metered line was made from; estimated where its end, or a change inside the period, was not read."""
    if charge.key != "meter":
        return
    devices = house.of_unit(unit_id, charge)
    begun = house.scene.days(charge)[0]
    line.readings = [device.told(part.first, part.last) for device in devices]
    line.estimated = any(
        device.ends_rough(part.last) or (part.first > begun and device.ends_rough(part.first - 1)) for device in devices
    )


# ---- Drafts ----------------------------------------------------------------------------------------------------------


def _drafts(found: Scene, gathered: Gathered) -> list[Drafted]:
    """In the order of units, then first days; vacant homes last. What comes to nothing at all is no invoice."""
    made = []
    for (tenure, kind), rows in gathered.items():
        if not any(line.amount for _, _, line, _ in rows):
            continue
        rows.sort(key=lambda row: (row[0], row[1], row[2].correction_id or 0, row[2].first or date.max))
        lines = with_vat([(line, tax) for _, _, line, tax in rows])
        place = min(row[1] for row in rows)
        first = min((line.first for line in lines if line.first), default=date.max)
        unit = address(found, {row[1] for row in rows})
        made.append(((tenure is None, place, first, tenure or 0, kind), Drafted(tenure, kind, unit, lines)))
    return [drafted for _, drafted in sorted(made, key=lambda one: one[0])]


def address(found: Scene, places: set[int]) -> int | None:
    """The unit whose address an invoice bears: the first home, else the first unit."""
    units = [found.units[place] for place in sorted(places) if place < len(found.units)]
    return next((unit.id for unit in units if unit.kind == "home"), units[0].id if units else None)


def with_vat(rows: list[tuple[Line, tuple[int, bool] | None]]) -> list[Line]:
    own = [(line, tax) for line, tax in rows if tax is not None]
    for (line, (rate, net)), done in zip(own, taxed([Priced(line.amount, *tax) for line, tax in own]), strict=True):
        line.amount, line.vat_amount, line.vat_rate, line.vat_net = done.amount, done.vat, rate, net
    return [line for line, _ in rows]
