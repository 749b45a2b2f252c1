"""Building by building: what each unit weighs in a charge, what each tenure pays a month and whether its holder is a member, with
what is to come."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..delivery import notice
from ..homes.building import Unit
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from . import charges
from .charge import ChargeType, Membership, TenureAmount, UnitWeight


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


def weights(session: Session, charge: ChargeType, building_id: int, day: date) -> list[OfUnit]:
    """The building's units of the kinds that the charge applies to, in natural order. Values in millionths."""
    kinds = charge.unit_kinds.split()
    there = select(Unit.id, Unit.number).where(Unit.building_id == building_id, Unit.kind.in_(kinds), Unit.first <= day)
    there = there.where(Unit.last.is_(None) | (Unit.last >= day)).order_by(Unit.sort_key, Unit.id)
    units = session.execute(there).all()
    rows = select(UnitWeight.unit_id, UnitWeight.first, UnitWeight.value).where(UnitWeight.charge_type_id == charge.id)
    found = _dated(session.execute(rows.where(UnitWeight.unit_id.in_([unit.id for unit in units])).order_by(UnitWeight.first)))
    return [OfUnit(unit.id, unit.number, *_split(found[unit.id], day)) for unit in units]


def amounts(session: Session, charge: ChargeType, building_id: int, day: date) -> list[OfTenure]:
    """Tenures that hold something in the building on a day or later, in the order of their first unit. Values in minor units."""
    tenures = _tenures(session, building_id, day)
    rows = select(TenureAmount.tenure_id, TenureAmount.first, TenureAmount.amount, TenureAmount.announced)
    rows = rows.where(TenureAmount.charge_type_id == charge.id, TenureAmount.tenure_id.in_(tenures)).order_by(TenureAmount.first)
    return _of_tenures(session, tenures, _dated(session.execute(rows)), day)


def members(session: Session, building_id: int, day: date) -> list[OfTenure]:
    """The same tenures. Values: is its holder a member? Without one, owners are and tenants are not."""
    tenures = _tenures(session, building_id, day)
    rows = select(Membership.tenure_id, Membership.first, Membership.member).where(Membership.tenure_id.in_(tenures))
    return _of_tenures(session, tenures, _dated(session.execute(rows.order_by(Membership.first))), day)


def _tenures(session: Session, building_id: int, day: date) -> dict[int, tuple[str, list[str]]]:
    """(kind, numbers of its units) of those that hold something in the building on a day or later."""
    held = (
        select(Tenure.id, Tenure.kind, Unit.number)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Unit.building_id == building_id, Holding.last.is_(None) | (Holding.last >= day))
        .where(Tenure.last.is_(None) | (Tenure.last >= day))
        .order_by(Unit.sort_key, Unit.id, Tenure.first)
    )
    tenures: dict[int, tuple[str, list[str]]] = {}
    for id, kind, number in session.execute(held):
        tenures.setdefault(id, (kind, []))[1].append(number)
    return tenures


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
