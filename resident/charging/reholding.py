"""Days that are billed get another holder (rules 24, 26): parts of confirmed lines go to whoever holds the unit now.

Nothing that was confirmed is edited. Whoever was billed gets the days back as a correction of the line, and whoever holds them
gets the same as one, both by days, of a meter by what it counted on them. They wait for the next period, as corrections do.
A rent or an advance comes off with its days; whoever holds them now pays what was agreed with them (agreed.py). Of days that were
billed as vacant nobody was charged by occupants: whoever holds them is now (occupying.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import lcm

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from .. import clock, format
from ..homes.building import Unit
from ..homes.organisation import lock_organisation
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod, lock_buildings
from ..people.tenure import Holding
from . import agreed, correcting, metered, occupying, scene, settling_up
from .addressing import addressees
from .charge import ChargeType, called
from .correcting import Worth
from .correction import Correction
from .dividing import divide
from .held import Hold, Run, runs
from .settlement import SettlementPart, SettlementRun

END = date.max


@dataclass(slots=True)
class Billed:
    """A confirmed line of the unit. owner: the tenure that it was for, None for the vacancy account. months: of its period, or of
    its settlement, the oldest first."""

    line: InvoiceLine
    charge: ChargeType
    months: Sequence[BillingPeriod]
    owner: int | None
    invoice: Invoice

    @property
    def whole(self) -> tuple:
        """What it was billed together with."""
        return self.invoice.kind == "settlement", self.charge.id, self.months[0].id

    @property
    def days(self) -> tuple[date, date]:
        return self.line.first, self.line.last


@dataclass(frozen=True, slots=True)
class Portion:
    """Days of a line and whose they are by now. taken: is the line's owner to get them back? own: what is paid for them where
    that is not the same."""

    tenure: int | None
    weight: int
    taken: bool
    first: int
    last: int
    own: Worth | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What a side of a line must get: moved, tenure and unit as in Correction. first, last: the days that changed hands."""

    line: InvoiceLine
    charge: ChargeType
    invoice: Invoice
    moved: str
    tenure: int | None
    amount: int
    vat: int
    first: date
    last: date
    unit: int | None = None


def hold_still(session: Session, unit_id: int) -> None:
    """Before the unit itself is locked: its building's periods stay as they are for the rest of the transaction."""
    lock_buildings(session, session.scalars(select(Unit.building_id).where(Unit.id == unit_id)).all())


def drafted(session: Session, unit_id: int, first: date, last: date | None) -> tuple[str, date] | None:
    """(name, last day) of the latest period whose costs are shared out and not confirmed, and that is for some of these days."""
    row = session.execute(
        select(BillingPeriod.name, BillingPeriod.bill_last)
        .join(Unit, Unit.building_id == BillingPeriod.building_id)
        .where(Unit.id == unit_id, BillingPeriod.state == "allocated", _overlaps(first, last or END))
        .order_by(BillingPeriod.bill_last.desc())
        .limit(1)
    ).first()
    return (row.name, row.bill_last) if row else None


def settling(session: Session, unit_id: int, first: date, last: date | None) -> tuple[str, date] | None:
    """As drafted(), of a settlement that is worked out and not confirmed: its last month."""
    row = session.execute(
        select(SettlementRun.last, func.max(BillingPeriod.bill_last))
        .join(Unit, Unit.building_id == SettlementRun.building_id)
        .join(BillingPeriod, BillingPeriod.building_id == SettlementRun.building_id)
        .where(BillingPeriod.name >= SettlementRun.first, BillingPeriod.name <= SettlementRun.last)
        .where(Unit.id == unit_id, SettlementRun.state == "allocated", _overlaps(first, last or END))
        .group_by(SettlementRun.last)
        .order_by(SettlementRun.last.desc())
        .limit(1)
    ).first()
    return tuple(row) if row else None


def rehold(
    session: Session,
    unit_id: int,
    first: date,
    last: date | None,
    *,
    by,
    after: int | None = None,
    released: int | None = None,
    spares: bool = False,
) -> list[Correction]:
    """After the holders of a unit's days changed: corrections of the lines that bill these days. Again: none.

    after: a tenure that will have ended by `first` (a handover's leaving one), however its days stand now. released: one that
    holds the days no more. An owner whose days ended before that was corrected by the desk when they did (moves/orphan.py): only
    whoever has them now is charged. spares: what the desk corrected itself of the released one's lines stays as it is. The caller
    has called hold_still().
    """
    moves = [*_of_lines(session, unit_id, first, last or END, after, released, spares)]
    moves += _of_occupants(session, unit_id, first, last or END)
    made = list(_made(session, unit_id, moves, by)) if moves else []
    session.add_all(made)
    session.flush()
    return made


def _of_lines(
    session: Session, unit_id: int, first: date, last: date, after: int | None, released: int | None, spares: bool
) -> Iterator[Move]:
    billed = _billed(session, unit_id, first, last)
    if not billed:
        return
    lock_organisation(session, billed[0].invoice.creditor_id)
    begins = min(one.line.first for one in billed)
    ends = max(one.line.last for one in billed)
    there = scene.holds(session, Unit.id == unit_id, begins, ends).get(unit_id, [])
    cut = (_cut(hold, first) if hold.tenure_id == after else hold for hold in there)
    held = Held(there, [hold for hold in cut if hold.first <= hold.last], released)
    known = _moved(session, [one.line.id for one in billed])
    own = [one.line.id for one in billed if one.owner == released] if spares else []
    spared = set(session.scalars(select(InvoiceLine.id).where(InvoiceLine.id.in_(own), correcting.by_hand(InvoiceLine.id))))
    for one in billed:
        if one.line.id in spared:
            continue
        before = known[one.line.id]
        if one.line.key == "amount":
            portions = _agreed(session, one, held, billed, before, first if one.owner == after else None)
        else:
            portions = _portions(one, held, billed, _counts(session, one), before)
        yield from _moves(one, portions, before)


def _of_occupants(session: Session, unit_id: int, first: date, last: date) -> list[Move]:
    """What people who live in a home since are charged for days on which it was billed as vacant."""
    found = list(occupying.due(session, unit_id, first, last))
    ids = {one.line.invoice_id for one in found}
    invoices = {one.id: one for one in session.scalars(select(Invoice).where(Invoice.id.in_(ids)))} if ids else {}
    for creditor_id in sorted({one.creditor_id for one in invoices.values()}):
        lock_organisation(session, creditor_id)
    return [
        Move(one.line, one.charge, invoices[one.line.invoice_id], one.moved, one.tenure, *one.worth, one.first, one.last, unit_id)
        for one in found
    ]


def _cut(hold: Hold, first: date) -> Hold:
    return hold._replace(last=min(hold.last, first.toordinal() - 1))


def _overlaps(first: date, last: date):
    used = BillingPeriod.use_first <= last, BillingPeriod.use_last >= first
    return or_((BillingPeriod.bill_first <= last) & (BillingPeriod.bill_last >= first), used[0] & used[1])


def _billed(session: Session, unit_id: int, first: date, last: date) -> list[Billed]:
    """Lines that periods and settlements made for the unit and some of the days, those of periods first. What was asked in advance
    in months that are settled stays: the settlement took it off again for whoever was asked."""
    rows = (
        select(InvoiceLine, ChargeType, BillingPeriod, Account.tenure_id, Invoice)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .join(ChargeType, ChargeType.id == InvoiceLine.charge_type_id)
        .where(InvoiceLine.unit_id == unit_id, Invoice.voided_at.is_(None), InvoiceLine.correction_id.is_(None))
        .where(InvoiceLine.first <= last, InvoiceLine.last >= first)
        .order_by(InvoiceLine.first, InvoiceLine.id)
    )
    of_period = rows.join(BillingPeriod, BillingPeriod.id == Invoice.period_id).where(_overlaps(first, last), ~_settled_advance())
    found = [Billed(line, charge, [period], *rest) for line, charge, period, *rest in session.execute(of_period)]
    settled = (
        rows.join(SettlementPart, SettlementPart.invoice_id == Invoice.id)
        .join(SettlementRun, SettlementRun.id == SettlementPart.run_id)
        .where(InvoiceLine.key != "advance")
        .with_only_columns(InvoiceLine, ChargeType, SettlementRun, Account.tenure_id, Invoice)
    )
    for line, charge, run, *rest in session.execute(settled).all():
        found.append(Billed(line, charge, settling_up.months(session, run), *rest))
    return found


def _settled_advance():
    """A condition: the charge is an advance, and the period is in a settlement."""
    within = SettlementRun.first <= BillingPeriod.name, SettlementRun.last >= BillingPeriod.name
    return ChargeType.settles_id.is_not(None) & exists().where(SettlementRun.building_id == BillingPeriod.building_id, *within)


def _moved(session: Session, lines: list[int]) -> dict[int, list[Correction]]:
    """By line: what was moved of it before."""
    found = defaultdict(list)
    own = Correction.moved.is_not(None), Correction.unit_id.is_(None)
    rows = select(Correction).where(Correction.line_id.in_(lines), *own).order_by(Correction.id)
    for correction in session.scalars(rows):
        found[correction.line_id].append(correction)
    return found


def _counts(session: Session, one: Billed) -> list[metered.Device]:
    """The registers that a metered line was made from."""
    if one.line.key != "meter":
        return []
    media = {read["medium"] for read in one.line.readings or ()}
    until = settling_up.settled_until if one.invoice.kind == "settlement" else metered.billed_until
    days = range(one.line.first.toordinal() - 1, one.line.last.toordinal() + 1)
    period, anchors = settling_up.whole(one.months), until(session, one.months[0])
    there = metered.devices(session, period, media, days, {}, anchors, one.line.unit_id) if media else {}
    own = {read["register"] for read in one.line.readings or ()}
    return [device for device in there.get(one.line.unit_id, ()) if device.register_id in own]


# ---- Whose the days are ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """How the unit is held: there as it is stored, now without the days that a leaving tenure will not have. released: as in
    rehold()."""

    there: list[Hold]
    now: list[Hold]
    released: int | None

    def gives(self, owner: int | None, run: Run) -> bool:
        """Does a line's owner give these days, by this change: the vacancy account, or whoever had them until now?"""
        own = (hold for hold in self.there if hold.tenure_id == owner)
        return owner is None or owner == self.released or any(hold.first <= run.first and hold.last >= run.last for hold in own)


def _portions(
    one: Billed, holders: Held, billed: Iterable[Billed], devices: list[metered.Device], known: Iterable[Correction]
) -> list[Portion]:
    """The line's days by who pays for them now, its owner's first."""
    held = runs(holders.now, one.line.first.toordinal(), one.line.last.toordinal(), one.charge.payer)
    if one.line.key == "fixed":
        held = held[-1:]
    held = [run for run in held if not _another_s(one, run, billed)]
    weights = _weights(held, devices)
    parts = lcm(*(len(run.tenures) or 1 for run in held))
    gave = any(correction.moved == "from" for correction in known)
    found = [Portion(one.owner, 0, False, 0, 0)]
    for run, weight in zip(held, weights, strict=True):
        payers, taken = run.tenures or (None,), gave or holders.gives(one.owner, run)
        found += [Portion(payer, weight * parts // len(payers), taken, run.first, run.last) for payer in payers]
    return found


def _agreed(
    session: Session, one: Billed, holders: Held, billed: Iterable[Billed], known: Iterable[Correction], ended: date | None
) -> list[Portion]:
    """As _portions(), of a rent or an advance: its owner's while it holds anything, whichever unit the line bears. ended: from
    when on the owner, where it is a leaving tenure, will hold nothing."""
    units = select(Holding.unit_id).where(Holding.tenure_id == one.owner)
    there = scene.holds(session, Unit.id.in_(units), *one.days)
    own = [_cut(hold, ended) if ended else hold for holds in there.values() for hold in holds]
    who = agreed.holders(session, one.owner, own, holders.now)
    held = runs(who, one.line.first.toordinal(), one.line.last.toordinal())
    held = [run for run in held if not _another_s(one, run, billed)]
    parts, gave = lcm(*(len(run.tenures) or 1 for run in held)), any(correction.moved == "from" for correction in known)
    found = [Portion(one.owner, 0, False, 0, 0)]
    for run in held:
        weight, taken = run.last - run.first + 1, gave or holders.gives(one.owner, run)
        for payer in run.tenures or (None,):
            own_sum = None if payer == one.owner else agreed.worth(session, one.line, one.charge, payer, run)
            share = weight * parts // (len(run.tenures) or 1)
            found.append(Portion(payer, share, taken, run.first, run.last, own_sum))
    return found


def _another_s(one: Billed, run: Run, billed: Iterable[Billed]) -> bool:
    """Days inside the line's first and last that were never its own: others pay for them, and were billed for them."""
    if one.owner in (run.tenures or (None,)):
        return False
    first, last = date.fromordinal(run.first), date.fromordinal(run.last)
    theirs = {other.owner for other in billed if other.whole == one.whole if other.line.first <= first and other.line.last >= last}
    return set(run.tenures or (None,)) <= theirs


def _weights(held: Sequence[Run], devices: list[metered.Device]) -> list[int]:
    """What was used on the days of each run, else how many days they are."""
    used = [sum(device.count.at(run.last).total - device.count.at(run.first - 1).total for device in devices) for run in held]
    if devices and all(use >= 0 for use in used) and sum(used) > 0:
        return used
    return [run.last - run.first + 1 for run in held]


# ---- Corrections -----------------------------------------------------------------------------------------------------


def _moves(one: Billed, portions: Sequence[Portion], known: Iterable[Correction]) -> Iterator[Move]:
    """What must be moved still, for the days to stand as they are held: by how much each side's differs from what was moved."""
    weights = [portion.weight for portion in portions]
    if not sum(weights):
        return
    sides: dict[tuple, Side] = defaultdict(Side)
    sums = divide(one.line.amount, weights), divide(one.line.vat_amount or 0, weights)
    for portion, amount, vat in zip(portions, *sums, strict=True):
        if portion.tenure != one.owner:
            sides["to", portion.tenure].add(*(portion.own or (amount, vat)), portion)
            sides["from", None].add(-amount if portion.taken else 0, -vat if portion.taken else 0, portion)
    for correction in known:
        sides[correction.moved, correction.tenure_id].add(-correction.amount, -correction.vat_amount)
    for (moved, tenure), side in sides.items():
        if side.amount:
            first, last = (date.fromordinal(day) for day in (min(side.days), max(side.days))) if side.days else one.days
            yield Move(one.line, one.charge, one.invoice, moved, tenure, side.amount, side.vat, first, last)


@dataclass(slots=True)
class Side:
    """Whoever gets something of a line, or gives it."""

    amount: int = 0
    vat: int = 0
    days: list[int] = field(default_factory=list)

    def add(self, amount: int, vat: int, portion: Portion | None = None) -> None:
        self.amount += amount
        self.vat += vat
        if portion:
            self.days += [portion.first, portion.last]


def _made(session: Session, unit_id: int, moves: Sequence[Move], by) -> Iterator[Correction]:
    """Each is called as its charge and the days, in the language of whoever gets it."""
    creditor = scene.creditor_of(session, moves[0].invoice.creditor_id)
    served, tenures = creditor.languages.split(), {(move.tenure, unit_id) for move in moves if move.moved == "to"}
    to = addressees(session, creditor, tenures, creditor.today)
    for move in moves:
        line, charge = move.line, move.charge
        language = to[move.tenure, unit_id].language if move.moved == "to" else move.invoice.language
        write, name = format.of(language), called(charge.name, charge.code, language, served)
        yield Correction(
            line_id=line.id, amount=move.amount, vat_amount=move.vat, moved=move.moved, tenure_id=move.tenure, unit_id=move.unit,
            text=f"{name}, {write.date(move.first)}–{write.date(move.last)}"[:160],
            made_by=getattr(by, "person_id", None), made_at=clock.now(),
        )  # fmt: skip
