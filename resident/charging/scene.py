"""All that a period is worked out from, read once: units, who holds them, facts, what is charged, prices, costs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..homes.building import Building, Unit, UnitFact
from ..homes.organisation import Organisation
from ..identity import Controller
from ..money.period import BillingPeriod
from ..people.tenure import Holding, Tenure
from . import cost
from .charge import FACTS, ChargeType, Membership, Tariff, TenureAmount, UnitWeight, VatRate
from .held import Hold, Steps
from .weighing import NONE, ONE, Terms

END = date.max.toordinal()


class Home(NamedTuple):
    """A unit. first, last: the days on which it is there, ordinals."""

    id: int
    kind: str
    number: str
    first: int
    last: int


@dataclass(slots=True)
class Scene:
    """holds: by unit; facts, weights: by kind or charge type, then unit; amounts: by charge type, then tenure."""

    period: BillingPeriod
    creditor: Controller
    types: list[ChargeType]
    units: list[Home]
    holds: dict[int, list[Hold]]
    facts: dict[str, dict[int, Steps]] = field(default_factory=dict)
    weights: dict[int, dict[int, Steps]] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    amounts: dict[int, dict[int, Steps]] = field(default_factory=dict)
    costs: dict[int, int] = field(default_factory=dict)

    def days(self, charge: ChargeType) -> tuple[int, int]:
        """Those that it is for: of use where it is metered, else of billing (rule 3), while it is in use."""
        period, metered = self.period, charge.key == "meter" and charge.basis != "amount"
        first, last = (period.use_first, period.use_last) if metered else (period.bill_first, period.bill_last)
        return max(first, charge.first).toordinal(), min(last, charge.last or last).toordinal()

    def value(self, charge: ChargeType, unit: int) -> Steps:
        """What the unit weighs by the charge's key."""
        if charge.key == "weights":
            return self.weights.get(charge.id, {}).get(unit, NONE)
        return self.facts.get(charge.key, {}).get(unit, NONE) if charge.key in FACTS else ONE

    def coefficient(self, charge: ChargeType, unit: int) -> Steps:
        return NONE if charge.key == "weights" else self.weights.get(charge.id, {}).get(unit, NONE)


def controller(session: Session, building_id: int) -> Controller:
    """The creditor of a building."""
    return creditor_of(session, session.scalars(select(Building.organisation_id).where(Building.id == building_id)).one())


def creditor_of(session: Session, organisation_id: int) -> Controller:
    columns = [getattr(Organisation, name) for name in Controller.__dataclass_fields__]
    return Controller(*session.execute(select(*columns).where(Organisation.id == organisation_id)).one())


def read(session: Session, period: BillingPeriod, billed: str = "period") -> Scene:
    """A dozen SELECTs, whatever the number of homes. billed: the charge types (charge.BILLED)."""
    creditor = controller(session, period.building_id)
    units = _units(session, period)
    scene = Scene(period, creditor, _types(session, creditor.id, period, billed), units, _holds(session, period))
    tenures = {hold.tenure_id for holds in scene.holds.values() for hold in holds}
    scene.facts = _facts(session, period, {charge.key for charge in scene.types} & set(FACTS))
    scene.weights = _weights(session, period, scene.types)
    owners = frozenset(hold.tenure_id for holds in scene.holds.values() for hold in holds if hold.ownership)
    scene.terms = _terms(session, period.building_id, scene.types, _members(session, period), owners)
    scene.amounts = _amounts(session, period, scene.types, tenures)
    scene.costs = cost.totals(session, period.id)
    return scene


def _range(period: BillingPeriod) -> tuple[date, date]:
    return min(period.use_first, period.bill_first), max(period.use_last, period.bill_last)


def _types(session: Session, organisation_id: int, period: BillingPeriod, billed: str) -> list[ChargeType]:
    first, last = _range(period)
    found = select(ChargeType).where(
        ChargeType.organisation_id == organisation_id,
        ChargeType.billed == billed,
        ChargeType.first <= last,
        or_(ChargeType.last.is_(None), ChargeType.last >= first),
    )
    return list(session.scalars(found.order_by(ChargeType.position, ChargeType.code)))


def _units(session: Session, period: BillingPeriod) -> list[Home]:
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.number, Unit.first, Unit.last)
        .where(Unit.building_id == period.building_id)
        .order_by(Unit.sort_key, Unit.id)
    )
    return [Home(id, kind, number, _ordinal(first, 1), _ordinal(last, END)) for id, kind, number, first, last in rows]


def _ordinal(day: date | None, default: int) -> int:
    return day.toordinal() if day else default


def _holds(session: Session, period: BillingPeriod) -> dict[int, list[Hold]]:
    return holds(session, Unit.building_id == period.building_id, *_range(period))


def holds(session: Session, which, first: date, last: date) -> dict[int, list[Hold]]:
    """By unit, the earliest first: the days of the holding that are days of the tenure too. which: a condition on Unit."""
    rows = session.execute(
        select(Holding.unit_id, Tenure.id, Tenure.kind, Holding.first, Holding.last, Tenure.first, Tenure.last)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(which, Holding.first <= last)
        .where(or_(Holding.last.is_(None), Holding.last >= first), or_(Tenure.last.is_(None), Tenure.last >= first))
        .order_by(Holding.first, Tenure.id)
    )
    found = defaultdict(list)
    for unit_id, tenure_id, kind, begun, ended, tenure_begun, tenure_ended in rows:
        begins = max(begun, tenure_begun).toordinal()
        ends = min(_ordinal(ended, END), _ordinal(tenure_ended, END))
        if begins <= ends:
            found[unit_id].append(Hold(tenure_id, kind == "ownership", begins, ends))
    return found


def _facts(session: Session, period: BillingPeriod, kinds: Iterable[str]) -> dict[str, dict[int, Steps]]:
    """The first value that is known holds for the days before it too."""
    rows = session.execute(
        select(UnitFact.kind, UnitFact.unit_id, UnitFact.first, UnitFact.value)
        .join(Unit, Unit.id == UnitFact.unit_id)
        .where(Unit.building_id == period.building_id, UnitFact.kind.in_(sorted(kinds)))
    )
    gathered = defaultdict(lambda: defaultdict(list))
    for kind, unit_id, first, value in rows:
        gathered[kind][unit_id].append((first.toordinal(), value))
    return {kind: {unit: Steps(rows, early=True) for unit, rows in units.items()} for kind, units in gathered.items()}


def _weights(session: Session, period: BillingPeriod, types: list[ChargeType]) -> dict[int, dict[int, Steps]]:
    rows = session.execute(
        select(UnitWeight.charge_type_id, UnitWeight.unit_id, UnitWeight.first, UnitWeight.value)
        .join(Unit, Unit.id == UnitWeight.unit_id)
        .where(Unit.building_id == period.building_id, UnitWeight.charge_type_id.in_([charge.id for charge in types]))
    )
    gathered = defaultdict(lambda: defaultdict(list))
    for charge, unit_id, first, value in rows:
        gathered[charge][unit_id].append((first.toordinal(), value))
    return {charge: {unit: Steps(rows) for unit, rows in units.items()} for charge, units in gathered.items()}


def _members(session: Session, period: BillingPeriod) -> dict[int, Steps]:
    rows = session.execute(
        select(Membership.tenure_id, Membership.first, Membership.member)
        .join(Holding, Holding.tenure_id == Membership.tenure_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Unit.building_id == period.building_id)
        .distinct()
    )
    gathered = defaultdict(list)
    for tenure_id, first, member in rows:
        gathered[tenure_id].append((first.toordinal(), member))
    return {tenure: Steps(rows) for tenure, rows in gathered.items()}


def charge_terms(session: Session, charge: ChargeType, building_id: int, tenure: Tenure) -> Terms:
    """Prices and VAT of one charge type for a tenure in a building."""
    rows = session.execute(select(Membership.first, Membership.member).where(Membership.tenure_id == tenure.id)).all()
    members = {tenure.id: Steps((first.toordinal(), member) for first, member in rows)}
    owners = frozenset([tenure.id] if tenure.kind == "ownership" else [])
    return _terms(session, building_id, [charge], members, owners)[charge.id]


def _terms(session: Session, building_id: int, types: list[ChargeType], members: dict, owners: frozenset) -> dict[int, Terms]:
    ids = [charge.id for charge in types]
    rates = defaultdict(list)
    for row in session.scalars(select(VatRate).where(VatRate.charge_type_id.in_(ids))):
        rates[row.charge_type_id].append((row.first.toordinal(), None if row.rate is None else (row.rate, row.net)))
    rows = defaultdict(list)
    own = or_(Tariff.building_id.is_(None), Tariff.building_id == building_id)
    for row in session.scalars(select(Tariff).where(Tariff.charge_type_id.in_(ids), own).order_by(Tariff.id)):
        rows[row.charge_type_id].append(row)
    return {
        charge.id: Terms(
            prices(rows[charge.id]) if charge.basis == "tariff" else None,
            Steps(rates[charge.id]),
            members,
            owners,
        )
        for charge in types
    }


def prices(rows: list[Tariff]) -> tuple[Steps, Steps]:
    """For members, for others. From the day of its first row on a building's own list stands in place of the organisation's,
    and one for members or non-members in place of the one for all."""
    if all(row.membership == "all" and row.building_id is None for row in rows):
        same = Steps((row.first.toordinal(), row.price) for row in rows)
        return same, same
    found = []
    for kind in ("member", "non_member"):
        lists = defaultdict(list)
        for row in rows:
            if row.membership in ("all", kind):
                lists[row.building_id is not None, row.membership == kind].append((row.first.toordinal(), row.price))
        ordered = [Steps(lists[rank]) for rank in sorted(lists, reverse=True)]
        days = sorted({first for steps in ordered for first in steps.firsts})
        found.append(Steps((day, next(p for p in (steps.on(day) for steps in ordered) if p is not None)) for day in days))
    return found[0], found[1]


def _amounts(session: Session, period: BillingPeriod, types: list[ChargeType], tenures: set[int]) -> dict[int, dict[int, Steps]]:
    """By charge type and tenure. A tenure with units in several buildings is charged with its first one's."""
    ids = [charge.id for charge in types if charge.basis == "amount"]
    if not ids:
        return {}
    here = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id == period.building_id)
    rows = session.execute(
        select(TenureAmount.charge_type_id, TenureAmount.tenure_id, TenureAmount.first, TenureAmount.amount).where(
            TenureAmount.charge_type_id.in_(ids), TenureAmount.tenure_id.in_(here)
        )
    )
    elsewhere = _elsewhere(session, period.building_id)
    gathered = defaultdict(lambda: defaultdict(list))
    for charge, tenure, first, amount in rows:
        if tenure in tenures and tenure not in elsewhere:
            gathered[charge][tenure].append((first.toordinal(), amount))
    return {charge: {tenure: Steps(rows) for tenure, rows in each.items()} for charge, each in gathered.items()}


def _elsewhere(session: Session, building_id: int) -> set[int]:
    """Tenures of the building that are charged with another one: where their oldest home is."""
    here = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id == building_id)
    several = (
        select(Holding.tenure_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Holding.tenure_id.in_(here))
        .group_by(Holding.tenure_id)
        .having(func.count(Unit.building_id.distinct()) > 1)
    )
    rows = session.execute(
        select(Holding.tenure_id, Unit.building_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Holding.tenure_id.in_(several))
        .order_by(Holding.tenure_id, Unit.kind != "home", Holding.first, Unit.id)
    )
    first: dict[int, int] = {}
    for tenure, building in rows:
        first.setdefault(tenure, building)
    return {tenure for tenure, building in first.items() if building != building_id}
