"""Working a settlement out (S6): costs and use of its months for each tenure, beside what the tenure was asked in advance.

A cost is divided once over all months together, by largest remainder, as within a period (rule 22); the months of a home share
what came to it by their own weights. Nothing is stored here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..money.settling import summed
from . import cost, metered, scene, waiting, working
from .allocating import UseUnknown
from .charge import ChargeType
from .correction import Correction
from .counted import Shown
from .dividing import NoWeight, divide, price, rounded
from .line import Line
from .settlement import SettlementPart, SettlementRun
from .vat import Priced, taxed
from .weighing import Part


@dataclass(slots=True)
class Settled:
    """One account's part: lines of the charges first, then of the advances (below zero). months: as SettlementPart.months."""

    tenure_id: int | None
    account_kind: str
    unit_id: int | None
    lines: list[Line]
    months: list[dict]

    @property
    def charged(self) -> int:
        return sum(line.amount for line in self.lines if line.key != "advance")

    @property
    def advances(self) -> int:
        return -sum(line.amount for line in self.lines if line.key == "advance")


@dataclass(slots=True)
class _Row:
    """What came together for one payer of a unit on one term. weights, quantities: by month, in the order of the periods."""

    place: int
    unit_id: int
    tenure_id: int | None
    term: object
    weights: list[int]
    part: Part


class _House(working.House):
    """Knows what registers showed at the ends of the months too, and goes on from where the settlement before ended."""

    def __init__(self, session: Session, found: scene.Scene, periods: Sequence[BillingPeriod], estimates: dict[int, Shown]):
        self.periods = periods
        super().__init__(session, found, estimates)

    def _anchors(self, session: Session) -> metered.Anchors:
        return settled_until(session, self.periods[0])

    def _ends(self) -> set[int]:
        return super()._ends() | {period.use_last.toordinal() for period in self.periods}

    def days(self, charge: ChargeType) -> list[tuple[int, int]]:
        """Of each month, those that the charge is for."""
        whole = self.scene.days(charge)
        metered = charge.key == "meter"
        spans = [(one.use_first, one.use_last) if metered else (one.bill_first, one.bill_last) for one in self.periods]
        return [(max(first.toordinal(), whole[0]), min(last.toordinal(), whole[1])) for first, last in spans]


def worked_out(session: Session, periods: Sequence[BillingPeriod]) -> tuple[list[Settled], int]:
    """(the parts, in the order of units; the costs that were divided) of a building's periods, oldest first.

    What nobody read at the end of the last one is taken as the ladder says (rule 11): the lines are marked, and the next
    settlement goes on from there, so that a true reading settles it. allocating.UseUnknown, working.NobodyPays.
    """
    found = read(session, periods)
    lacking = working.lacking(session, periods[-1], found.creditor, found.types)
    estimates, without = metered.provisional(lacking, periods[-1])
    house = _House(session, found, periods, estimates)
    if unread := working.unknown(house, without, periods[-1].use_first):
        raise UseUnknown(registers=unread)
    gathered = defaultdict(list)
    for charge in found.types:
        for row, line in _charged(house, charge):
            gathered[row.tenure_id, charge.account_kind].append((charge, row, line))
    asked = _advances(session, periods, found)
    keys = dict.fromkeys([*gathered, *asked])
    parts = [_settled(house, key, gathered.get(key, []), asked.get(key, [])) for key in keys]
    places = {unit.id: place for place, unit in enumerate(found.units)}
    parts.sort(key=lambda one: (one.tenure_id is None, places.get(one.unit_id, len(places)), one.tenure_id or 0))
    return [one for one in parts if one.lines], sum(found.costs.get(charge.id, 0) for charge in found.types)


def months(session: Session, run: SettlementRun) -> Sequence[BillingPeriod]:
    """The periods of a settlement, the oldest first."""
    own = BillingPeriod.building_id == run.building_id, BillingPeriod.name.between(run.first, run.last)
    return session.scalars(select(BillingPeriod).where(*own).order_by(BillingPeriod.bill_first)).all()


def read(session: Session, periods: Sequence[BillingPeriod]) -> scene.Scene:
    """All that a settlement of the periods is worked out from, but what registers counted."""
    found = scene.read(session, whole(periods), "settlement")
    found.costs = _costs(session, periods)
    return found


def house(session: Session, run: SettlementRun) -> working.House:
    """A settlement's scene with what registers counted, by readings alone."""
    periods = months(session, run)
    return _House(session, read(session, periods), periods, {})


def sums(session: Session, found: scene.Scene, periods: Sequence[BillingPeriod]) -> dict[tuple[int | None, int, int | None], int]:
    """By tenure, charge type and unit: what each would pay, as prices are, by a scene of charges that no register is asked for."""
    there, gathered = _House(session, found, periods, {}), defaultdict(int)
    for charge in found.types:
        for row, line in _charged(there, charge):
            gathered[row.tenure_id, charge.id, row.unit_id] += line.amount
    return gathered


def settled_until(session: Session, period: BillingPeriod) -> metered.Anchors:
    """Where the building's settlement before a period ended."""
    before = SettlementRun.building_id == period.building_id, SettlementRun.last < period.name
    last = select(SettlementRun.id).where(*before).order_by(SettlementRun.last.desc()).limit(1).scalar_subquery()
    return metered.ended_at(session, Invoice.id.in_(select(SettlementPart.invoice_id).where(SettlementPart.run_id == last)))


def whole(periods: Sequence[BillingPeriod]) -> BillingPeriod:
    """The months as one period, which no session knows."""
    first, last = periods[0], periods[-1]
    return BillingPeriod(
        building_id=first.building_id, name=last.name, use_first=first.use_first, use_last=last.use_last,
        bill_first=first.bill_first, bill_last=last.bill_last, state="confirmed",
    )  # fmt: skip


def _costs(session: Session, periods: Sequence[BillingPeriod]) -> dict[int, int]:
    found = defaultdict(int)
    for period in periods:
        for charge, amount in cost.totals(session, period.id).items():
            found[charge] += amount
    return dict(found)


# ---- Charges ---------------------------------------------------------------------------------------------------------


def _charged(house: _House, charge: ChargeType):
    """(row, line) of a charge, before VAT."""
    if charge.basis == "amount" or (charge.basis == "cost" and charge.id not in house.scene.costs):
        return
    rows = _rows(house, charge)
    shares = _shares(house, charge, rows) if charge.basis == "cost" else [price(row.term.price, sum(row.weights)) for row in rows]
    whole = sum(sum(row.weights) for row in rows)
    for row, share in zip(rows, shares, strict=True):
        if not share and not any(row.weights):
            continue
        line = working.line_for(charge, row.unit_id, charge.key, row.part, share)
        line.quantity = _quantity(charge, sum(row.weights), row.part.days)
        if charge.basis == "cost":
            line.weight, line.whole, line.cost = sum(row.weights), whole, house.scene.costs[charge.id]
        else:
            line.unit_price = row.term.price
        working.metering(house, charge, row.unit_id, line, row.part)
        yield row, line


def _shares(house: _House, charge: ChargeType, rows: list[_Row]) -> list[int]:
    amount = house.scene.costs[charge.id]
    try:
        return divide(amount, [sum(row.weights) for row in rows])
    except NoWeight:
        raise working.NobodyPays(code=charge.code, amount=amount) from None


def by_month(amount: int, weights: Sequence[int]) -> list[int]:
    """A home's sum by its months' weights, exact in total; all of it in the last month where no weight says more."""
    if any(weight < 0 for weight in weights) or not sum(weights):
        return [0] * (len(weights) - 1) + [amount]
    return divide(amount, weights)


def _rows(house: _House, charge: ChargeType) -> list[_Row]:
    """In the order of units, then first days. Weights of prices are quantities, in millionths."""
    found: dict[tuple, _Row] = {}
    spans, worked = house.days(charge), working.Worked(house.scene, [])
    priced = charge.basis == "tariff" and charge.key not in ("meter", "fixed")
    for number, (first, last) in enumerate(spans):
        if first > last:
            continue
        whole = house.months(first, last).whole if priced else 1
        for place, unit, tenure, term, part in working.weighed(house, charge, first, last, worked):
            row = found.setdefault((unit, tenure, term), _Row(place, unit, tenure, term, [0] * len(spans), part))
            row.weights[number] += rounded(part.weight, whole)
            if row.part is not part:
                row.part.add(part.weight, part.first, part.last)
    return sorted(found.values(), key=lambda row: (row.place, row.part.first, row.tenure_id or 0))


def _quantity(charge: ChargeType, weight: int, days: int) -> int | None:
    """What the line says it was: of a divided cost by days the mean over them."""
    return weight if charge.basis == "tariff" or charge.key == "meter" else rounded(weight, days or 1)


# ---- Advances --------------------------------------------------------------------------------------------------------


def _advances(session: Session, periods: Sequence[BillingPeriod], found: scene.Scene) -> dict[tuple, list]:
    """By tenure and account: [(charge type of the advance, what it settles, period, sum, VAT in it, rate)] as it was invoiced.
    A correction belongs to the period of the line that it corrects, whichever invoice carries it, or will carry it."""
    settles = {charge.id: charge for charge in found.types}
    was, origin = aliased(InvoiceLine), aliased(Invoice)
    ids = [period.id for period in periods]
    lines = _asked(Invoice.period_id, list(settles)).where(Invoice.period_id.in_(ids), InvoiceLine.correction_id.is_(None))
    corrected = (
        _asked(origin.period_id, list(settles))
        .join(Correction, Correction.id == InvoiceLine.correction_id)
        .join(was, was.id == Correction.line_id)
        .join(origin, origin.id == was.invoice_id)
        .where(origin.period_id.in_(ids))
    )
    waits = (
        waiting.statement()
        .join(ChargeType, ChargeType.id == InvoiceLine.charge_type_id)
        .where(Invoice.period_id.in_(ids), ChargeType.advance, ChargeType.settles_id.in_(settles))
        .with_only_columns(waiting.CARRIER, ChargeType, Invoice.period_id, InvoiceLine.vat_rate, Correction.amount)
        .add_columns(Correction.vat_amount)
    )
    asked = defaultdict(list)
    for tenure, advance, period, rate, amount, vat in (row for rows in (lines, corrected, waits) for row in session.execute(rows)):
        settled = settles[advance.settles_id]
        asked[tenure, settled.account_kind].append((advance, settled, period, amount, vat or 0, rate))
    return asked


def _asked(period, settles: list[int]) -> Select:
    """Lines of advances on invoices that are not void, added up for each account, charge type, period and rate."""
    sums = summed(InvoiceLine.amount), summed(InvoiceLine.vat_amount)
    return (
        select(Account.tenure_id, ChargeType, period, InvoiceLine.vat_rate, *sums)
        .select_from(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .join(ChargeType, ChargeType.id == InvoiceLine.charge_type_id)
        .where(Invoice.voided_at.is_(None), ChargeType.advance, ChargeType.settles_id.in_(settles))
        .group_by(Account.tenure_id, ChargeType.id, period, InvoiceLine.vat_rate)
        .order_by(ChargeType.position, ChargeType.id)
    )


def _settled(house: _House, key: tuple, charged: list, asked: list) -> Settled:
    tenure, kind = key
    lines = [line for *_, line in charged]
    # VAT of each rate is that of the sum of the lines (rule 30).
    terms = [row.term.vat or (None, False) for _, row, _ in charged]
    for line, (rate, net), done in zip(
        lines, terms, taxed([Priced(line.amount, *vat) for line, vat in zip(lines, terms, strict=True)]), strict=True
    ):
        line.amount = done.amount
        if rate is not None:
            line.vat_rate, line.vat_net, line.vat_amount = rate, net, done.vat
    places = {row.place for _, row, _ in charged}
    unit = working.address(house.scene, places) or _held(house, tenure)
    advances = _advance_lines(house, asked)
    return Settled(tenure, kind, unit, lines + advances, _months(house, charged, lines, asked))


def _held(house: _House, tenure: int | None) -> int | None:
    return next((unit for unit, holds in house.scene.holds.items() if any(hold.tenure_id == tenure for hold in holds)), None)


def _advance_lines(house: _House, asked: list) -> list[Line]:
    sums: dict[tuple, list] = {}
    for advance, _settles, _period, amount, vat, rate in asked:
        own = sums.setdefault((advance.id, rate), [0, 0])
        own[0] += amount
        own[1] += vat
    first, last = house.scene.period.bill_first, house.scene.period.bill_last
    return [
        Line(id, None, "advance", first, last, None, -amount, vat_rate=rate, vat_amount=None if rate is None else -vat)
        for (id, rate), (amount, vat) in sums.items()
    ]


def _months(house: _House, charged: list, lines: list[Line], asked: list) -> list[dict]:
    """Month by month for each charge that is settled: what was used, what it came to, what was asked in advance."""
    names = [period.name for period in house.periods]
    found: dict[int, dict] = {}

    def of(charge: ChargeType) -> list[dict]:
        if charge.id not in found:
            months = [{"name": name, "quantity": None, "charged": 0, "advance": 0} for name in names]
            found[charge.id] = {"charge": charge.id, "name": charge.name, "measure": charge.measure, "months": months}
        return found[charge.id]["months"]

    for (charge, row, _), line in zip(charged, lines, strict=True):
        for month, weight, amount in zip(of(charge), row.weights, by_month(line.amount, row.weights), strict=True):
            month["charged"] += amount
            if charge.key == "meter":
                month["quantity"] = (month["quantity"] or 0) + weight
    numbers = {period.id: number for number, period in enumerate(house.periods)}
    for _, settles, period, amount, *_ in asked:
        of(settles)[numbers[period]]["advance"] += amount
    return list(found.values())


def day(text: str | None) -> date | None:
    """A day as it is stored in JSON."""
    return date.fromisoformat(text) if text else None
