"""A home's dated facts that charges stand on – area, heated area, share, occupants – as the desk changes them (rule 25).

Days that were invoiced stay as they were: by how much their lines would be otherwise waits as corrections (rule 26). What is known
first holds for the days before it too (scene.py), so that correcting it reaches back to the beginning.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import audit
from ..db import SCALE, lasts
from ..errors import ResidentError, Stale
from ..homes.building import MOST_OCCUPANTS, Building, Unit, UnitFact
from ..homes.organisation import lock_organisation
from ..homes.setting import FIRST_DAY, digest
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod, lock_buildings
from ..month import month_name
from ..people.tenure import Holding, Tenure
from . import correcting, scene, settling_up, working
from .charge import ChargeType
from .confirmed import Confirmed, corrections_of, lines_of
from .correcting import Found
from .draft import Draft, DraftLine
from .held import Steps
from .scene import Scene
from .settlement import SettlementRun

WHOLE = ("occupants", "rooms")
INVOICED = ("confirmed", "closed")


class BadFact(ResidentError):
    """A fact cannot be so: field (value | first), why (whole: of people and rooms | range)."""


class InDrafts(ResidentError):
    """A period whose costs are shared out and not confirmed stands on the value: name."""


class InSettlement(ResidentError):
    """A settlement that is worked out and not confirmed stands on the value: first, last (its months)."""


class Change(NamedTuple):
    """value in millionths from a day on; None takes the one of that day away."""

    kind: str
    first: date
    value: int | None


@dataclass(frozen=True, slots=True)
class Altered:
    """Values of a home's fact by their first days, as they are and as they will be; reached: the days, from the first one until
    before the last one, whose value may be another one."""

    unit_id: int
    kind: str
    before: dict[date, int]
    after: dict[date, int]
    reached: tuple[date, date]


@dataclass(slots=True)
class Effect:
    """What a change makes of an invoiced period or settlement: the lines that were wrong, and the charges, by code, that it cannot
    be said of because somebody who has to pay now has no line of them."""

    confirmed: Confirmed
    found: list[Found] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def of(self, unit_id: int) -> int:
        """What it comes to for one home, minor units."""
        return sum(one.worth.amount for one in self.found if one.line.unit_id == unit_id)


# ---- Reading ---------------------------------------------------------------------------------------------------------


def history(session: Session, unit_id: int) -> dict[str, list[UnitFact]]:
    """By kind: the values, the newest first."""
    found = defaultdict(list)
    rows = select(UnitFact).where(UnitFact.unit_id == unit_id).order_by(UnitFact.kind, UnitFact.first.desc())
    for row in session.scalars(rows):
        found[row.kind].append(row)
    return dict(found)


def mark(rows: Iterable[UnitFact]) -> str:
    """A short mark of all the facts of a home that a form was drawn from (S47)."""
    return digest(sorted((row.kind, row.first.isoformat(), row.value) for row in rows))


def held_since(session: Session, unit_id: int, today: date) -> date | None:
    """The day on which whoever came last to hold the home began, of those who hold it today."""
    rows = select(func.max(Holding.first)).join(Tenure, Tenure.id == Holding.tenure_id)
    return session.scalar(rows.where(Holding.unit_id == unit_id, lasts(Holding, today), lasts(Tenure, today)))


def looked_at(session: Session, unit: Unit, wanted: Change) -> list[Effect]:
    """What a change would make of invoiced periods and settlements. BadFact, InDrafts, InSettlement, working.NobodyPays."""
    _check(unit, wanted)
    return effects(session, unit, wanted)


def effects(session: Session, unit: Unit, change: Change) -> list[Effect]:
    """Invoiced periods that the change reaches, the latest first, then settlements. InDrafts, InSettlement, working.NobodyPays."""
    one = altered(unit.id, _rows(session, unit.id, change.kind), change)
    refuse_drafts(session, unit.building_id, one)
    return effects_of(session, unit.building_id, [one])


def altered(unit_id: int, before: dict[date, int], change: Change) -> Altered:
    return Altered(unit_id, change.kind, before, _after(before, change), _reached(before, change))


def effects_of(session: Session, building_id: int, changes: Sequence[Altered], units: Container[int] | None = None) -> list[Effect]:
    """As effects(), of changes of a building's homes that are made together. Drafts do not stand in the way. units: those that were
    there before the changes, where others are stored already. working.NobodyPays."""
    found: dict[tuple, Confirmed] = {}
    for kind, reached in dict.fromkeys((one.kind, one.reached) for one in changes):
        invoiced = [*_invoiced(session, building_id, kind, reached), *_settled(session, building_id, kind, reached)]
        found |= {(isinstance(one, SettlementRun), one.id): one for one in invoiced}
    return [_effect(session, found[key], changes, units) for key in sorted(found, key=lambda key: key[0])]


def _settled(session: Session, building_id: int, kind: str, reached: tuple[date, date]) -> Iterable[SettlementRun]:
    """Confirmed settlements with lines that stand on the fact, for some of the days; the latest first."""
    for run in reversed(_settlements(session, building_id, kind, reached, "confirmed")):
        if session.scalar(lines_of(run).where(InvoiceLine.key == kind).limit(1)):
            yield run


def _settlements(session: Session, building_id: int, kind: str, reached: tuple[date, date], state: str) -> Sequence[SettlementRun]:
    first, last = month_name(reached[0]), month_name(reached[1] - timedelta(days=1))
    organisation = select(Building.organisation_id).where(Building.id == building_id).scalar_subquery()
    by_it = select(ChargeType.id).where(
        ChargeType.organisation_id == organisation, ChargeType.billed == "settlement", ChargeType.key == kind
    )
    there = select(SettlementRun).where(SettlementRun.building_id == building_id, SettlementRun.state == state)
    months = there.where(SettlementRun.last >= first, SettlementRun.first <= last, by_it.exists())
    return session.scalars(months.order_by(SettlementRun.first)).all()


def _rows(session: Session, unit_id: int, kind: str) -> dict[date, int]:
    rows = select(UnitFact.first, UnitFact.value).where(UnitFact.unit_id == unit_id, UnitFact.kind == kind)
    return dict(session.execute(rows.order_by(UnitFact.first)).all())


def _after(before: dict[date, int], change: Change) -> dict[date, int]:
    left = {first: value for first, value in before.items() if first != change.first}
    return left if change.value is None else left | {change.first: change.value}


def _reached(before: dict[date, int], change: Change) -> tuple[date, date]:
    """The days whose value may be another one."""
    earlier = any(first < change.first for first in before)
    later = min((first for first in before if first > change.first), default=date.max)
    return change.first if earlier else date.min, later


def _within(building_id: int, reached: tuple[date, date]):
    """select(BillingPeriod) of a building that bills some of the days from the first one until before the last one."""
    first, until = reached
    there = BillingPeriod.building_id == building_id, BillingPeriod.bill_last >= first, BillingPeriod.bill_first < until
    return select(BillingPeriod).where(*there).order_by(BillingPeriod.bill_first.desc())


def refuse_drafts(session: Session, building_id: int, one: Altered) -> None:
    """InDrafts, InSettlement."""
    own = select(Draft.period_id).join(DraftLine, DraftLine.draft_id == Draft.id).where(DraftLine.key == one.kind)
    within = _within(building_id, one.reached)
    there = session.scalar(within.where(BillingPeriod.state == "allocated", BillingPeriod.id.in_(own)).limit(1))
    if there is not None:
        raise InDrafts(name=there.name)
    for run in _settlements(session, building_id, one.kind, one.reached, "allocated"):
        raise InSettlement(first=run.first, last=run.last)


def _invoiced(session: Session, building_id: int, kind: str, reached: tuple[date, date]) -> Sequence[BillingPeriod]:
    own = select(Invoice.period_id).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
    own = own.where(Invoice.period_id.is_not(None), Invoice.voided_at.is_(None), InvoiceLine.key == kind)
    wanted = _within(building_id, reached).where(BillingPeriod.state.in_(INVOICED), BillingPeriod.id.in_(own))
    return session.scalars(wanted).all()


# ---- What it makes of them -------------------------------------------------------------------------------------------

# (tenure or None for vacant homes, charge type, unit)
Whose = tuple[int | None, int, int | None]


def _effect(session: Session, confirmed: Confirmed, changes: Sequence[Altered], units: Container[int] | None = None) -> Effect:
    """It is worked out twice as things stand, by the facts before and after: whatever else was corrected since stays out of the
    difference. What a cost came to with its corrections is divided both times, so that its parts come to nothing."""
    periods = settling_up.months(session, confirmed) if isinstance(confirmed, SettlementRun) else ()
    found = settling_up.read(session, periods) if periods else scene.read(session, confirmed)
    found.units = [unit for unit in found.units if units is None or unit.id in units]
    kinds = {one.kind for one in changes}
    found.types = [charge for charge in found.types if charge.key in kinds and charge.basis != "amount"]
    lines = _lines(session, confirmed, [charge.id for charge in found.types])
    found.costs = _costs(session, confirmed, found.types, lines.values())
    was = _sums(session, _with(found, ((one, one.before) for one in changes)), periods)
    is_now = _sums(session, _with(found, ((one, one.after) for one in changes)), periods)
    differences = {whose: is_now[whose] - was[whose] for whose in was.keys() | is_now.keys() if is_now[whose] != was[whose]}
    return _corrected(Effect(confirmed), found.types, lines, differences)


def _with(found: Scene, values: Iterable[tuple[Altered, dict[date, int]]]) -> Scene:
    """The scene with other values of facts."""
    for one, dated in values:
        steps = ((first.toordinal(), value) for first, value in dated.items())
        found.facts.setdefault(one.kind, {})[one.unit_id] = Steps(steps, early=True)
    return found


def _lines(session: Session, confirmed: Confirmed, charges: list[int]) -> dict[Whose, InvoiceLine]:
    """The last line of each, in the order of invoices."""
    rows = lines_of(confirmed).join(Account, Account.id == Invoice.account_id).add_columns(Account.tenure_id)
    found = session.execute(rows.where(InvoiceLine.charge_type_id.in_(charges)))
    return {(tenure, line.charge_type_id, line.unit_id): line for line, tenure in found}


def _costs(session: Session, confirmed: Confirmed, types: list[ChargeType], lines: Iterable[InvoiceLine]) -> dict[int, int]:
    """By charge: what the cost came to, with what it was corrected by, as costs are entered."""
    found = {line.charge_type_id: line.cost for line in lines if line.cost is not None}
    rows = corrections_of(confirmed).where(InvoiceLine.charge_type_id.in_(found)).add_columns(InvoiceLine)
    for correction, line in session.execute(rows):
        found[line.charge_type_id] += line.as_priced(correction.amount, correction.vat_amount)
    return {charge.id: found[charge.id] for charge in types if charge.basis == "cost" and charge.id in found}


def _sums(session: Session, found: Scene, periods: Sequence[BillingPeriod]) -> dict[Whose, int]:
    """What each would pay, as prices are, without what else waits for invoices. periods: of a settlement."""
    if periods:
        return settling_up.sums(session, found, periods)
    sums: dict[Whose, int] = defaultdict(int)
    for drafted in working.worked_out(session, found.period, found, ({}, [])).drafts:
        for line in drafted.lines:
            if line.correction_id is None:
                sums[drafted.tenure_id, line.charge_type_id, line.unit_id] += line.net
    return sums


def _corrected(effect: Effect, types: list[ChargeType], lines: dict[Whose, InvoiceLine], differences: dict[Whose, int]) -> Effect:
    """A correction stands on a line. Of a divided cost all parts are corrected or none, so that they come to it."""
    lacking = {whose[1] for whose in differences if whose not in lines}
    effect.without = [charge.code for charge in types if charge.id in lacking]
    left = {charge.id for charge in types if charge.id in lacking and charge.basis == "cost"}
    for whose, line in lines.items():
        if whose in differences and whose[1] not in left:
            effect.found.append(Found(line, correcting.worth(line, amount=differences[whose])))
    return effect


# ---- Changing --------------------------------------------------------------------------------------------------------


def change(session: Session, unit: Unit, wanted: Change, seen: str, text: str | None, *, by) -> int:
    """Do it; how many corrections wait from now on. text: what they say on invoices, None to leave invoiced days as they are.
    seen: mark() of the facts that were looked at.

    BadFact, InDrafts, InSettlement, Stale, working.NobodyPays.
    """
    _check(unit, wanted)
    lock_buildings(session, [unit.building_id])
    creditor = scene.controller(session, unit.building_id)
    lock_organisation(session, creditor.id)
    rows = session.scalars(select(UnitFact).where(UnitFact.unit_id == unit.id)).all()
    if mark(rows) != seen:
        raise Stale()
    made = effects(session, unit, wanted) if text else _unasked(session, unit, wanted)
    there = next((row for row in rows if (row.kind, row.first) == wanted[:2]), None)
    before = _store(session, unit, wanted, there)
    facts = {"unit": unit.id, "kind": wanted.kind, "value": wanted.value, "before": before, "first": wanted.first.isoformat()}
    audit.record(session, "fact_changed", by=by, organisation_id=creditor.id, thing=unit, facts=facts)
    session.flush()
    return sum(_correct(session, one, text, by) for one in made)


def _unasked(session: Session, unit: Unit, wanted: Change) -> list[Effect]:
    """Nothing is corrected; drafts are in the way all the same."""
    refuse_drafts(session, unit.building_id, altered(unit.id, _rows(session, unit.id, wanted.kind), wanted))
    return []


def _check(unit: Unit, wanted: Change) -> None:
    if wanted.value is not None and wanted.value < 0:
        raise BadFact(field="value", why="range")
    if wanted.kind in WHOLE and (wanted.value or 0) % SCALE:
        raise BadFact(field="value", why="whole")
    if wanted.kind == "occupants" and (wanted.value or 0) > MOST_OCCUPANTS * SCALE:
        raise BadFact(field="value", why="range")
    if wanted.first < FIRST_DAY or (unit.last and wanted.first > unit.last):
        raise BadFact(field="first", why="range")


def _store(session: Session, unit: Unit, wanted: Change, row: UnitFact | None) -> int | None:
    """What stood there on the day."""
    before = row and row.value
    if wanted.value is None:
        if row is None:
            raise Stale()
        session.delete(row)
    elif row is None:
        session.add(UnitFact(unit_id=unit.id, kind=wanted.kind, value=wanted.value, first=wanted.first))
    else:
        row.value = wanted.value
    session.flush()
    return before


def _correct(session: Session, effect: Effect, text: str, by) -> int:
    if not any(one.worth.amount for one in effect.found):
        return 0
    return len(correcting.correct_many(session, effect.confirmed, effect.found, text, "facts_corrected", by=by))
