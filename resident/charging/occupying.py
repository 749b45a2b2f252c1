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
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from . import correcting, scene, settling_up, weighing
from .charge import ChargeType
from .confirmed import Confirmed, corrections_of, lines_of
from .correcting import Worth
from .correction import Correction
from .dividing import divide, price, rounded
from .settlement import SettlementRun, of_month
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
    """What is to be corrected still of the periods and settlements that bill some of the days, for the home as it is held now."""
    periods = (
        select(BillingPeriod)
        .join(Unit, Unit.building_id == BillingPeriod.building_id)
        .where(Unit.id == unit_id, BillingPeriod.state.in_(INVOICED))
        .where(BillingPeriod.bill_first <= last, BillingPeriod.bill_last >= first)
        .order_by(BillingPeriod.bill_first)
    )
    met = session.scalars(periods).all()
    for period in met:
        yield from _of(session, period, [period], unit_id)
    runs = {run.id: run for run in (of_month(session, period.building_id, period.name) for period in met) if run}
    for run in runs.values():
        yield from _of(session, run, settling_up.months(session, run), unit_id)


def _of(session: Session, confirmed: Confirmed, months: Sequence[BillingPeriod], unit_id: int) -> Iterator[Due]:
    known, billed = _known(session, confirmed, unit_id), _billed(session, confirmed, unit_id)
    vacant = _open(billed, months[0].bill_first, months[-1].bill_last)
    lacking = known.keys() | (_charges(session, confirmed) if vacant else set())
    if not lacking:
        return
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in session.scalars(_lines(confirmed).where(InvoiceLine.charge_type_id.in_(lacking))):
        lines[line.charge_type_id].append(line)
    settled = isinstance(confirmed, SettlementRun)
    found = settling_up.read(session, months) if settled else scene.read(session, confirmed)
    since = _since(session, confirmed)
    found.types = [charge for charge in found.types if charge.id in lacking]
    home = next((unit for unit in found.units if unit.id == unit_id), None)
    for charge in found.types if home else ():
        if home.kind in charge.unit_kinds.split():
            cost = (lines[charge.id][0].cost or 0) + since[charge.id]
            first, last = (date.fromordinal(day) for day in found.days(charge))
            spans = _open(billed, first, last) if first <= last else []
            yield from _of_charge(House(session, found, {}), charge, home, spans, lines[charge.id], known[charge.id], cost)


def _lines(confirmed: Confirmed) -> Select:
    return lines_of(confirmed).where(InvoiceLine.key == "occupants")


def _charges(session: Session, confirmed: Confirmed) -> set[int]:
    return set(session.scalars(_lines(confirmed).with_only_columns(InvoiceLine.charge_type_id).order_by(None).distinct()))


def _billed(session: Session, confirmed: Confirmed, unit_id: int) -> Sequence[tuple[date, date]]:
    """Days of the home for which somebody was billed anything, so that it was not vacant; the first ones first."""
    rows = lines_of(confirmed).join(Account, Account.id == Invoice.account_id).where(InvoiceLine.unit_id == unit_id)
    days = rows.where(Account.tenure_id.is_not(None), InvoiceLine.first.is_not(None)).order_by(None)
    found = session.execute(days.with_only_columns(InvoiceLine.first, InvoiceLine.last).distinct())
    return sorted(tuple(row) for row in found)


def _known(session: Session, confirmed: Confirmed, unit_id: int) -> dict[int, list[tuple[Correction, InvoiceLine]]]:
    """By charge type: what whoever holds the home was asked so before."""
    found = defaultdict(list)
    rows = corrections_of(confirmed).where(Correction.unit_id == unit_id, Correction.moved == "to").add_columns(InvoiceLine)
    for correction, line in session.execute(rows):
        found[line.charge_type_id].append((correction, line))
    return found


def _since(session: Session, confirmed: Confirmed) -> dict[int, int]:
    """By charge type: what costs by occupants were corrected by, as they are entered."""
    found = defaultdict(int)
    rows = corrections_of(confirmed).where(InvoiceLine.key == "occupants", InvoiceLine.cost.is_not(None)).add_columns(InvoiceLine)
    for correction, line in session.execute(rows):
        found[line.charge_type_id] += line.as_priced(correction.amount, correction.vat_amount)
    return found


def _open(billed: Iterable[tuple[date, date]], first: date, last: date) -> list[tuple[int, int]]:
    """Days first…last that are not billed; ordinals."""
    begins, until, found = first.toordinal(), last.toordinal(), []
    for since, to in billed:
        if since.toordinal() > begins:
            found.append((begins, min(since.toordinal() - 1, until)))
        begins = max(begins, to.toordinal() + 1)
        if begins > until:
            return found
    return [*found, (begins, until)]


# ---- One charge ------------------------------------------------------------------------------------------------------


def _of_charge(
    house: House,
    charge: ChargeType,
    home: scene.Home,
    spans: Sequence[tuple[int, int]],
    lines: Sequence[InvoiceLine],
    known: Sequence,
    cost: int,
) -> Iterator[Due]:
    """spans: days that were billed as vacant; cost: of a divided one what it comes to by now."""
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
