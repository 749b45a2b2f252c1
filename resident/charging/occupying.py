"""Charges by occupants of days on which a home was vacant when they were billed, and is held by now (rules 21, 25, 26).

Nobody lives in a vacant home, so no line was made for these days. Whoever holds them pays for those who live there, by a correction
that stands on a line of the charge; a cost that was divided is given back to all who paid it, by the weights of their lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..money.invoice import InvoiceLine
from ..money.period import BillingPeriod
from . import correcting, scene, weighing
from .charge import ChargeType
from .confirmed import corrections_of, lines_of
from .correcting import Worth
from .correction import Correction
from .dividing import divide, price, rounded
from .working import House

INVOICED = ("confirmed", "closed")


@dataclass(frozen=True, slots=True)
class Due:
    """What a side must get: moved and tenure as in Correction, on a line; first, last: the days that nobody was billed for."""

    line: InvoiceLine
    charge: ChargeType
    moved: str
    tenure: int | None
    worth: Worth
    first: date
    last: date


def due(session: Session, unit_id: int, first: date, last: date) -> Iterator[Due]:
    """What is to be corrected still of the periods that bill some of the days, for the home as it is held now."""
    periods = (
        select(BillingPeriod)
        .join(Unit, Unit.building_id == BillingPeriod.building_id)
        .where(Unit.id == unit_id, BillingPeriod.state.in_(INVOICED))
        .where(BillingPeriod.bill_first <= last, BillingPeriod.bill_last >= first)
        .order_by(BillingPeriod.bill_first)
    )
    for period in session.scalars(periods).all():
        yield from _of_period(session, period, unit_id)


def _of_period(session: Session, period: BillingPeriod, unit_id: int) -> Iterator[Due]:
    known = _known(session, period, unit_id)
    lacking = known.keys() | _lacking(session, period, unit_id)
    if not lacking:
        return
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in session.scalars(_lines(period).where(InvoiceLine.charge_type_id.in_(lacking))):
        lines[line.charge_type_id].append(line)
    found, since = scene.read(session, period), _since(session, period)
    found.types = [charge for charge in found.types if charge.id in lacking]
    home = next((unit for unit in found.units if unit.id == unit_id), None)
    for charge in found.types if home else ():
        if home.kind in charge.unit_kinds.split():
            cost = (lines[charge.id][0].cost or 0) + since[charge.id]
            yield from _of_charge(House(session, found, {}), charge, home, lines[charge.id], known[charge.id], cost)


def _lines(period: BillingPeriod) -> Select:
    return lines_of(period).where(InvoiceLine.key == "occupants")


def _lacking(session: Session, period: BillingPeriod, unit_id: int) -> set[int]:
    """Charge types that were billed, and not for all of the home's days."""
    billed = session.scalars(_lines(period).with_only_columns(InvoiceLine.charge_type_id).order_by(None).distinct()).all()
    own: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in session.scalars(_lines(period).where(InvoiceLine.unit_id == unit_id)) if billed else ():
        own[line.charge_type_id].append(line)
    return {id for id in billed if _open(own[id], unit_id, period.bill_first, period.bill_last)}


def _known(session: Session, period: BillingPeriod, unit_id: int) -> dict[int, list[tuple[Correction, InvoiceLine]]]:
    """By charge type: what whoever holds the home was asked so before."""
    found = defaultdict(list)
    rows = corrections_of(period).where(Correction.unit_id == unit_id, Correction.moved == "to").add_columns(InvoiceLine)
    for correction, line in session.execute(rows):
        found[line.charge_type_id].append((correction, line))
    return found


def _since(session: Session, period: BillingPeriod) -> dict[int, int]:
    """By charge type: what costs by occupants were corrected by, as they are entered."""
    found = defaultdict(int)
    rows = corrections_of(period).where(InvoiceLine.key == "occupants", InvoiceLine.cost.is_not(None)).add_columns(InvoiceLine)
    for correction, line in session.execute(rows):
        found[line.charge_type_id] += line.as_priced(correction.amount, correction.vat_amount)
    return found


def _open(lines: Iterable[InvoiceLine], unit_id: int, first: date, last: date) -> list[tuple[int, int]]:
    """Days first…last of which no line of the home says anything; ordinals."""
    begins, found = first.toordinal(), []
    for line in sorted((line for line in lines if line.unit_id == unit_id), key=lambda line: line.first):
        if line.first.toordinal() > begins:
            found.append((begins, line.first.toordinal() - 1))
        begins = max(begins, line.last.toordinal() + 1)
    return [*found, (begins, last.toordinal())] if begins <= last.toordinal() else found


# ---- One charge ------------------------------------------------------------------------------------------------------


def _of_charge(
    house: House, charge: ChargeType, home: scene.Home, lines: Sequence[InvoiceLine], known: Sequence, cost: int
) -> Iterator[Due]:
    """cost: of a divided one what it comes to by now."""
    first, last = house.scene.days(charge)
    spans = _open(lines, home.id, date.fromordinal(first), date.fromordinal(last)) if first <= last else []
    stands, wanted = lines[0], defaultdict(int)
    for (tenure, term), part in _parts(house, charge, home, spans).items():
        stands = next((line for line in lines if (line.vat_rate, bool(line.vat_net)) == (term.vat or (None, False))), stands)
        wanted[tenure] += part.weight if charge.basis == "cost" else _priced(house, charge, term, part)
    if charge.basis == "cost":
        wanted = _shared(lines, cost, wanted)
    for correction, line in known:
        wanted[correction.tenure_id] -= line.as_priced(correction.amount, correction.vat_amount)
    days = [date.fromordinal(day) for day in (spans[0][0], spans[-1][1])] if spans else [stands.first, stands.last]
    sides = [(stands, "to", tenure, amount) for tenure, amount in wanted.items()]
    if charge.basis == "cost":
        given = divide(-sum(wanted.values()), [line.weight for line in lines])
        sides += [(line, "from", None, amount) for line, amount in zip(lines, given, strict=True)]
    for line, moved, tenure, amount in sides:
        if amount:
            yield Due(line, charge, moved, tenure, correcting.worth(line, amount=amount), *days)


def _parts(house: House, charge: ChargeType, home: scene.Home, spans: Iterable[tuple[int, int]]) -> weighing.Parts:
    value, coefficient = house.scene.value(charge, home.id), house.scene.coefficient(charge, home.id)
    calendar = house.months(*house.scene.days(charge)) if charge.basis == "tariff" else None
    held = [run for span in spans for run in house.runs(home, *span, charge.payer) if run.tenures]
    return weighing.by_days(held, calendar, value, coefficient, house.scene.terms[charge.id])


def _priced(house: House, charge: ChargeType, term: weighing.Term, part: weighing.Part) -> int:
    return price(term.price, rounded(part.weight, house.months(*house.scene.days(charge)).whole))


def _shared(lines: Sequence[InvoiceLine], cost: int, weights: dict[int, int]) -> dict[int, int]:
    """By tenure: its share of the cost beside those who were billed for it."""
    tenures = list(weights)
    parts = divide(cost, [line.weight for line in lines] + [weights[tenure] for tenure in tenures])
    return defaultdict(int, zip(tenures, parts[len(lines) :], strict=True))
