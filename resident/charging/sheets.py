"""Building by building: what each unit weighs in a charge, what each tenure pays a month and whether its holder is a member, with
what is to come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from .. import audit
from ..db import lasts
from ..delivery import notice
from ..homes.building import Unit
from ..homes.organisation import lock_organisation
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from . import charges
from .charge import ChargeType, Membership, TenureAmount, UnitWeight

# Homes on one page of a sheet.
ROWS = 100


class Dated(NamedTuple):
    """A value and the day from which it holds. announced: of a sum, the day on which the holder was told."""

    first: date
    value: int
    announced: date | None = None


class OfUnit(NamedTuple):
    """now: in force on the day of the sheet, None where nothing is said; coming: what begins later."""

    unit_id: int
    number: str
    now: Dated | None
    coming: list[Dated]


class OfTenure(NamedTuple):
    """numbers: of the units that it holds in the building; holder: its primary; person_id: theirs."""

    tenure_id: int
    kind: str
    numbers: str
    holder: str
    person_id: int | None
    now: Dated | None
    coming: list[Dated]


class Part(NamedTuple):
    """Which homes of a building a page of a sheet has: those whose number begins with text, from after a place (sort key, id) on;
    tenure_id: of one tenure alone."""

    building_id: int
    day: date
    text: str = ""
    after: tuple[str, int] | None = None
    tenure_id: int | None = None


def weights(session: Session, charge: ChargeType, part: Part) -> tuple[list[OfUnit], tuple[str, int] | None]:
    """A page of the building's units of the kinds that the charge applies to, in natural order; and its last place when more
    follow. Values in millionths."""
    kinds = charge.unit_kinds.split()
    there = select(Unit.id, Unit.number, Unit.sort_key).where(Unit.building_id == part.building_id, Unit.kind.in_(kinds))
    there = there.where(lasts(Unit, part.day), *_begins(part))
    if part.after:
        there = there.where(tuple_(Unit.sort_key, Unit.id) > tuple_(*part.after))
    units, following = _page(session.execute(there.order_by(Unit.sort_key, Unit.id).limit(ROWS + 1)).all())
    rows = select(UnitWeight.unit_id, UnitWeight.first, UnitWeight.value).where(UnitWeight.charge_type_id == charge.id)
    found = _dated(session.execute(rows.where(UnitWeight.unit_id.in_([unit.id for unit in units])).order_by(UnitWeight.first)))
    return [OfUnit(unit.id, unit.number, *_split(found[unit.id], part.day)) for unit in units], following


def amounts(session: Session, charge: ChargeType, part: Part) -> tuple[list[OfTenure], tuple[str, int] | None]:
    """A page of the tenures that hold something in the building on a day or later, in the order of their first unit. Values in
    minor units."""
    tenures, following = _tenures(session, part)
    rows = select(TenureAmount.tenure_id, TenureAmount.first, TenureAmount.amount, TenureAmount.announced)
    rows = rows.where(TenureAmount.charge_type_id == charge.id, TenureAmount.tenure_id.in_(tenures)).order_by(TenureAmount.first)
    return _of_tenures(session, tenures, _dated(session.execute(rows)), part.day), following


def members(session: Session, part: Part) -> tuple[list[OfTenure], tuple[str, int] | None]:
    """The same tenures. Values: is its holder a member? Without one, owners are and tenants are not."""
    tenures, following = _tenures(session, part)
    rows = select(Membership.tenure_id, Membership.first, Membership.member).where(Membership.tenure_id.in_(tenures))
    return _of_tenures(session, tenures, _dated(session.execute(rows.order_by(Membership.first))), part.day), following


def _begins(part: Part) -> list:
    return [func.lower(Unit.number).startswith(part.text.lower(), autoescape=True)] if part.text else []


def _page(rows: Sequence) -> tuple[Sequence, tuple[str, int] | None]:
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    return rows[:ROWS], (last.sort_key, last.id) if last else None


def _tenures(session: Session, part: Part) -> tuple[dict[int, tuple[str, list[str]]], tuple[str, int] | None]:
    """(kind, numbers of its units) of those that hold something in the building on a day or later."""
    held = (
        select(Tenure.id, Tenure.kind, func.min(Unit.sort_key).label("sort_key"))
        .join(Holding, Holding.tenure_id == Tenure.id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Unit.building_id == part.building_id, Holding.last.is_(None) | (Holding.last >= part.day))
        .where(Tenure.last.is_(None) | (Tenure.last >= part.day), *_begins(part))
        .group_by(Tenure.id, Tenure.kind)
    )
    if part.tenure_id:
        held = held.where(Tenure.id == part.tenure_id)
    if part.after:
        held = held.having(tuple_(func.min(Unit.sort_key), Tenure.id) > tuple_(*part.after))
    rows, following = _page(session.execute(held.order_by(func.min(Unit.sort_key), Tenure.id).limit(ROWS + 1)).all())
    tenures: dict[int, tuple[str, list[str]]] = {row.id: (row.kind, []) for row in rows}
    numbers = (
        select(Holding.tenure_id, Unit.number)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Holding.tenure_id.in_(tenures), Unit.building_id == part.building_id)
        .where(Holding.last.is_(None) | (Holding.last >= part.day))
        .order_by(Unit.sort_key, Unit.id)
    )
    for id, number in session.execute(numbers):
        tenures[id][1].append(number)
    return tenures, following


def _of_tenures(session: Session, tenures: dict, found: dict[int, list[Dated]], day: date) -> list[OfTenure]:
    holders = _holders(session, tenures, day)
    return [
        OfTenure(id, kind, ", ".join(dict.fromkeys(numbers)), *holders.get(id, ("", None)), *_split(found[id], day))
        for id, (kind, numbers) in tenures.items()
    ]


def of_tenure(session: Session, tenure_id: int, day: date) -> list[tuple[ChargeType, Dated | None, list[Dated]]]:
    """A tenure's own rent and advances, charge by charge: the sum in force on a day, and those to come."""
    rows = (
        select(ChargeType, TenureAmount)
        .join(TenureAmount, TenureAmount.charge_type_id == ChargeType.id)
        .where(TenureAmount.tenure_id == tenure_id)
        .order_by(ChargeType.position, ChargeType.code, TenureAmount.first)
    )
    found: dict[int, tuple[ChargeType, list[Dated]]] = {}
    for charge, row in session.execute(rows):
        found.setdefault(charge.id, (charge, []))[1].append(Dated(row.first, row.amount, row.announced))
    split = ((charge, *_split(dated, day)) for charge, dated in found.values())
    return [(charge, now, coming) for charge, now, coming in split if coming or (now and now.value)]


def put_weights(session: Session, charge: ChargeType, values: dict[int, int], first: date, *, by) -> None:
    """By unit, in millionths, from a day on: with one audit event for all. charges.DaysBilled, charges.BadPrice."""
    if not values:
        return
    if min(values.values()) < 0:
        raise charges.BadPrice(why="below")
    lock_organisation(session, charge.organisation_id)
    for building in session.scalars(select(Unit.building_id).where(Unit.id.in_(values)).distinct()):
        charges.free(session, charge.organisation_id, first, building)
    table = UnitWeight.__table__
    here = table.c.charge_type_id == charge.id, table.c.first == first, table.c.unit_id.in_(values)
    # Of a day that is saved again what was said of it before goes.
    session.execute(delete(table).where(*here))
    common = {"charge_type_id": charge.id, "first": first}
    session.execute(insert(table), [common | {"unit_id": unit, "value": value} for unit, value in sorted(values.items())])
    facts = {"what": "unit_weight", "first": first.isoformat(), "homes": len(values)}
    audit.record(session, "tariff_changed", by=by, organisation_id=charge.organisation_id, thing=charge, facts=facts)
    session.flush()


def put_amounts(session: Session, charge: ChargeType, sums: dict[int, int], first: date, *, by, told: date | None = None) -> int:
    """By tenure, sums in minor units a month from a day on; how many holders a mail was ordered for.

    told: the day on which the holders are told, by mail where they want mail (rule 30: increases are announced ahead); None
    where nobody is told. charges.DaysBilled.
    """
    tenures = session.scalars(select(Tenure).where(Tenure.id.in_(sums)).order_by(Tenure.id)).all()
    holders = _holders(session, sums, max(first, told or first))
    ordered = 0
    for tenure in tenures:
        charges.put_amount(session, charge, tenure, sums[tenure.id], first, by=by, announced=told)
        person_id = holders.get(tenure.id, ("", None))[1]
        if told and person_id:
            ordered += notice.tell(session, person_id, "amount", "/agreement") is not None
    return ordered


def put_members(session: Session, members: dict[int, bool], first: date, *, by) -> None:
    """By tenure: whether its holder is a member from a day on. charges.DaysBilled."""
    for tenure in session.scalars(select(Tenure).where(Tenure.id.in_(members)).order_by(Tenure.id)).all():
        charges.put_member(session, tenure, members[tenure.id], first, by=by)


def _holders(session: Session, tenures: Iterable[int], day: date) -> dict[int, tuple[str, int]]:
    """By tenure: (name, person) of its primary on a day, else the next one, else the last."""
    rows = session.execute(
        select(Party.tenure_id, Party.first, Party.last, Person.name, Person.id)
        .join(Person, Person.id == Party.person_id)
        .where(Party.role == "primary", Party.tenure_id.in_(list(tenures)))
        .order_by(Party.tenure_id, Party.first)
    ).all()
    found: dict[int, tuple[str, int]] = {}
    for row in rows:
        if row.tenure_id not in found or row.first <= day:
            found[row.tenure_id] = row.name, row.id
    return found


def _dated(rows) -> dict[int, list[Dated]]:
    found: dict[int, list[Dated]] = defaultdict(list)
    for whose, *rest in rows:
        found[whose].append(Dated(*rest))
    return found


def _split(rows: list[Dated], day: date) -> tuple[Dated | None, list[Dated]]:
    now = [row for row in rows if row.first <= day]
    return (now[-1] if now else None), [row for row in rows if row.first > day]
