"""What a period comes to, for the desk: by home, by charge, with totals that prove themselves and what changed most against the
period before. Before it is allocated it is worked out for the look alone; afterwards it is what is stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..people.person import Person
from ..people.tenure import Party
from . import cost
from .charge import ChargeType
from .draft import Draft, DraftLine
from .line import COLUMNS, Drafted, Line
from .working import Unknown, worked_out


@dataclass(slots=True)
class OfCharge:
    """One charge type over the building; minor units. entered: the cost to be divided, None for what has no cost. shared: what the
    lines share of it; before: what it came to in the period before, None where there is none. quantity: Σ of the lines'."""

    charge: ChargeType
    entered: int | None
    shared: int = 0
    vat: int = 0
    total: int = 0
    quantity: int = 0
    lines: int = 0
    estimated: int = 0
    before: int | None = None

    @property
    def proves(self) -> bool:
        """Is what was divided what was entered?"""
        return self.entered is None or self.entered == self.shared


@dataclass(slots=True)
class OfHome:
    """One invoice to be, or made. number: of the unit; tenure_id None: vacant homes together. before: what the same units and
    account came to in the period before, None where there is nothing to compare with, or where it is a part of them (Change)."""

    tenure_id: int | None
    unit_id: int | None
    number: str | None
    account_kind: str
    total: int
    vat: int
    estimated: bool
    lines: list[Line]
    before: int | None = None
    invoice_id: int | None = None

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.total - self.before


@dataclass(slots=True)
class Change:
    """Whoever pays for the same units now, one after another where the holder changed, against what these came to before.
    tenure_ids: in the order of the invoices; empty for vacant homes."""

    number: str | None
    tenure_ids: list[int]
    total: int
    before: int

    @property
    def change(self) -> int:
        return self.total - self.before


@dataclass(slots=True)
class Preview:
    """stored: are these drafts or invoices, or worked out for this look alone? before: the period that is compared with."""

    period: BillingPeriod
    stored: bool
    charges: list[OfCharge]
    homes: list[OfHome]
    before: BillingPeriod | None
    unknown: list[Unknown] = field(default_factory=list)
    # By code of the charge type: numbers of the units that count for nothing in it because a fact is missing.
    without: dict[str, list[str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(home.total for home in self.homes)

    @property
    def proves(self) -> bool:
        """Homes and charges come to the same, and each divided cost to what was entered."""
        return self.total == sum(charge.total for charge in self.charges) and all(charge.proves for charge in self.charges)

    def changed_most(self, count: int = 10) -> list[Change]:
        """The homes whose total changed by most, the largest change first."""
        compared = [one for one in self.changes if one.change]
        return sorted(compared, key=lambda one: (-abs(one.change), one.number or ""))[:count]


def preview(session: Session, period: BillingPeriod) -> Preview:
    """working.NobodyPays, working.CostNotInUse while nothing is stored."""
    numbers = dict(session.execute(select(Unit.id, Unit.number).where(Unit.building_id == period.building_id)).all())
    if period.state in ("planned", "open"):
        worked = worked_out(session, period)
        drafts, ids, unknown = worked.drafts, [None] * len(worked.drafts), worked.unknown
        without = {code: [numbers[unit] for unit in units] for code, units in worked.without.items()}
    else:
        (drafts, ids), unknown, without = stored(session, period), [], {}
    before = previous(session, period)
    made = Preview(period, period.state not in ("planned", "open"), [], [], before, unknown, without)
    past = _past(session, before) if before else {}
    made.homes = [_home(drafted, id, numbers) for drafted, id in zip(drafts, ids, strict=True)]
    made.changes = changes(made.homes, past)
    made.charges = _charges(session, period, drafts, past if before else None)
    return made


def previous(session: Session, period: BillingPeriod) -> BillingPeriod | None:
    """The building's last period before that has invoices of ours."""
    billed = select(Invoice.id).where(Invoice.period_id == BillingPeriod.id, Invoice.voided_at.is_(None)).exists()
    earlier = select(BillingPeriod).where(
        BillingPeriod.building_id == period.building_id, BillingPeriod.bill_first < period.bill_first, billed
    )
    return session.scalar(earlier.order_by(BillingPeriod.bill_first.desc()).limit(1))


def stored(session: Session, period: BillingPeriod) -> tuple[list[Drafted], list[int | None]]:
    """A period's drafts, or its invoices that are not void, with the ids of these, in the order of their numbers."""
    if period.state == "allocated":
        rows = select(Draft.id, Draft.tenure_id, Draft.account_kind, Draft.unit_id).where(Draft.period_id == period.id)
        heads = session.execute(rows.order_by(Draft.position)).all()
        lines = select(DraftLine.draft_id, *_columns(DraftLine)).join(Draft, Draft.id == DraftLine.draft_id)
        lines = lines.where(Draft.period_id == period.id).order_by(DraftLine.draft_id, DraftLine.position)
    else:
        live = Invoice.period_id == period.id, Invoice.voided_at.is_(None)
        rows = select(Invoice.id, Account.tenure_id, Account.kind).join(Account, Account.id == Invoice.account_id).where(*live)
        heads = [(*row, None) for row in session.execute(rows.order_by(Invoice.number))]
        lines = select(InvoiceLine.invoice_id, *_columns(InvoiceLine)).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        lines = lines.where(*live).order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    gathered = defaultdict(list)
    for whose, *values in session.execute(lines):
        gathered[whose].append(Line(**dict(zip(COLUMNS, values, strict=True))))
    drafts = [
        Drafted(tenure, kind, unit or next((line.unit_id for line in gathered[id] if line.unit_id), None), gathered[id])
        for id, tenure, kind, unit in heads
    ]
    return drafts, [None if period.state == "allocated" else head[0] for head in heads]


def _columns(table) -> list:
    return [getattr(table, name) for name in COLUMNS]


# By (unit, or minus the tenure for what is of no unit; kind of account), then charge type: what it came to in the period before.
Past = dict[tuple[int, str], dict[int | None, int]]


def _past(session: Session, before: BillingPeriod) -> Past:
    found: Past = defaultdict(lambda: defaultdict(int))
    rows = session.execute(
        select(InvoiceLine.unit_id, Account.tenure_id, Account.kind, InvoiceLine.charge_type_id, InvoiceLine.amount)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .where(Invoice.period_id == before.id, Invoice.voided_at.is_(None))
    )
    for unit, tenure, kind, charge, amount in rows:
        found[_of(unit, tenure), kind][charge] += amount
    return found


def _of(unit_id: int | None, tenure_id: int | None) -> int:
    return unit_id or -(tenure_id or 0)


def changes(homes: list[OfHome], past: Past) -> list[Change]:
    """What can be compared; sets OfHome.before of those that stand alone. A home that was vacant for a part of the days, and the
    vacancy that it was in, are compared with nothing: the month before was somebody's or nobody's as a whole."""
    found = []
    for alike, units in _sharing(homes):
        known = [past[key] for key in units if key in past]
        tenures = [home.tenure_id for home in alike if home.tenure_id]
        if not known or (tenures and len(tenures) < len(alike)):
            continue
        before = sum(sum(amounts.values()) for amounts in known)
        found.append(Change(alike[0].number, tenures, sum(home.total for home in alike), before))
        if len(alike) == 1:
            alike[0].before = before
    return found


def _sharing(homes: list[OfHome]) -> list[tuple[list[OfHome], set[tuple[int, str]]]]:
    """The homes in groups that have a unit of one kind of account in common, each with the units of the group."""
    groups: list[tuple[list[OfHome], set]] = []
    by_unit: dict[tuple[int, str], tuple[list[OfHome], set]] = {}
    for home in homes:
        units = {(_of(line.unit_id, home.tenure_id), home.account_kind) for line in home.lines}
        met = {id(group): group for key in units if (group := by_unit.get(key))}
        alike = [one for known, _units in met.values() for one in known]
        group = ([*alike, home], units.union(*(known for _homes, known in met.values())))
        if met:
            groups = [one for one in groups if id(one) not in met]
        groups.append(group)
        by_unit |= dict.fromkeys(group[1], group)
    return groups


def holders(session: Session, tenure_ids: Iterable[int]) -> dict[int, list[tuple[str, bool]]]:
    """By tenure: (name, under non-disclosure?) of its primary holders."""
    rows = select(Party.tenure_id, Person.name, Person.non_disclosure).join(Person, Person.id == Party.person_id)
    found: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for tenure_id, *who in session.execute(rows.where(Party.role == "primary", Party.tenure_id.in_(tenure_ids)).order_by(Party.id)):
        found[tenure_id].append(tuple(who))
    return found


def _home(drafted: Drafted, invoice_id: int | None, numbers: dict[int, str]) -> OfHome:
    vat = sum(line.vat_amount or 0 for line in drafted.lines)
    # Vacant homes are one invoice, however many they are: it bears no home's number.
    number = numbers.get(drafted.unit_id) if drafted.tenure_id else None
    return OfHome(
        drafted.tenure_id, drafted.unit_id, number, drafted.account_kind, drafted.total, vat,
        drafted.estimated, drafted.lines, invoice_id=invoice_id,
    )  # fmt: skip


def _charges(session: Session, period: BillingPeriod, drafts: Iterable[Drafted], past: Past | None) -> list[OfCharge]:
    entered = cost.totals(session, period.id)
    lined = {line.charge_type_id for drafted in drafts for line in drafted.lines}
    types = session.scalars(
        select(ChargeType).where(ChargeType.id.in_(lined | set(entered))).order_by(ChargeType.position, ChargeType.code)
    )
    # A cost of settlements is entered here, and is no row of the month's invoices.
    found = {
        one.id: OfCharge(one, entered.get(one.id) if one.billed == "period" else None)
        for one in types
        if one.billed == "period" or one.id in lined
    }
    for drafted in drafts:
        for line in drafted.lines:
            _count(found[line.charge_type_id], line)
    if past is not None:
        sums: dict[int | None, int] = defaultdict(int)
        for amounts in past.values():
            for charge, amount in amounts.items():
                sums[charge] += amount
        for id, one in found.items():
            one.before = sums.get(id, 0)
    return list(found.values())


def _count(one: OfCharge, line: Line) -> None:
    one.lines += 1
    one.total += line.amount
    one.vat += line.vat_amount or 0
    one.quantity += line.quantity or 0
    one.estimated += line.estimated
    if line.cost is not None and line.correction_id is None:
        one.shared += line.net
