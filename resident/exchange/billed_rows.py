"""Rows of tenures whose days are billed already: what drafts hold is refused, the rest changes hands by corrections."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from ..charging import correcting
from ..charging.confirmed import ours
from ..charging.draft import Draft, DraftLine
from ..charging.settlement import SettlementRun
from ..homes.building import Building, Unit
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..people.tenure import Holding

# States of periods whose days are shared out.
SHARED = ("allocated", "confirmed", "closed")
# Of which there are drafts: of periods, of settlements.
DRAFTED = ("allocated", "settling")
Span = tuple[date, date | None]


class Shared(NamedTuple):
    """A period that is shared out: its name, state, and the days that its invoices are for."""

    name: str
    state: str
    first: date
    last: date


class Billed:
    """The periods of an organisation that are shared out, by building; unit by unit what of it changes hands."""

    def __init__(self, session: Session, organisation_id: int):
        rows = session.execute(
            select(BillingPeriod)
            .join(Building, Building.id == BillingPeriod.building_id)
            .where(Building.organisation_id == organisation_id, BillingPeriod.state.in_(SHARED))
        )
        self._periods: dict[int, list[Shared]] = {}
        for period in rows.scalars():
            days = min(period.use_first, period.bill_first), max(period.use_last, period.bill_last)
            self._periods.setdefault(period.building_id, []).append(Shared(period.name, period.state, *days))
        for building_id, shared in _settling(session, organisation_id):
            self._periods.setdefault(building_id, []).append(shared)
        self._buildings: dict[int, int] = {}
        if self._periods:
            units = select(Unit.id, Unit.building_id).where(Unit.building_id.in_(list(self._periods)))
            self._buildings = dict(session.execute(units).all())
        # (unit, first, last) that get another holder, and (unit, first, last, tenure) that a tenure holds no more.
        self.gained: list[tuple[int, date, date | None]] = []
        self.lost: list[tuple[int, date, date | None, int]] = []

    def gains(self, unit_id: int, old: Span | None, new: Span) -> Shared | None:
        """The unit's days new are held, of which it held old. A period of which only drafts stand yet, if it has some of them."""
        drafted = None
        for first, last in _gained(old, new):
            met = self._met(unit_id, first, last)
            drafted = next((one for one in met if one.state in DRAFTED), drafted)
            if met:
                self.gained.append((unit_id, first, last))
        return drafted

    def loses(self, unit_id: int, tenure_id: int, old: Span, new: Span | None) -> Shared | None:
        """The unit's days old were held by the tenure, of which it holds new; None: none of them. A settlement that is not
        confirmed, if it has some of those that go."""
        settling = None
        for first, last in [old] if new is None else _gained(new, old):
            met = self._met(unit_id, first, last)
            settling = next((one for one in met if one.state == "settling"), settling)
            if met:
                self.lost.append((unit_id, first, last, tenure_id))
        return settling

    def _met(self, unit_id: int, first: date, last: date | None) -> list[Shared]:
        periods = self._periods.get(self._buildings.get(unit_id, 0), ())
        return [one for one in periods if one.first <= (last or date.max) and one.last >= first]

    def moved(self) -> dict[int, Span]:
        """By unit: billed days that get another holder."""
        found: dict[int, Span] = {}
        for unit_id, first, last, *_tenure in (*self.gained, *self.lost):
            there = found.get(unit_id, (first, last))
            found[unit_id] = min(first, there[0]), None if None in (last, there[1]) else max(last, there[1])
        return found


def _settling(session: Session, organisation_id: int) -> Iterable[tuple[int, Shared]]:
    """(building, settlement) of those that are worked out and not confirmed."""
    days = func.min(BillingPeriod.bill_first), func.max(BillingPeriod.bill_last)
    rows = (
        select(SettlementRun.building_id, SettlementRun.last, *days)
        .join(Building, Building.id == SettlementRun.building_id)
        .join(BillingPeriod, BillingPeriod.building_id == SettlementRun.building_id)
        .where(BillingPeriod.name >= SettlementRun.first, BillingPeriod.name <= SettlementRun.last)
        .where(Building.organisation_id == organisation_id, SettlementRun.state == "allocated")
        .group_by(SettlementRun.id, SettlementRun.building_id, SettlementRun.last)
    )
    for building_id, name, first, last in session.execute(rows):
        yield building_id, Shared(name, "settling", first, last)


def _gained(old: Span | None, new: Span) -> Iterable[Span]:
    if old is None:
        yield new
        return
    if new[0] < old[0]:
        yield new[0], old[0] - timedelta(days=1)
    if old[1] is not None and (new[1] is None or new[1] > old[1]):
        yield old[1] + timedelta(days=1), new[1]


def together(held: Span, within: Span) -> Span | None:
    """The days that are in both."""
    first = max(held[0], within[0])
    last = min((day for day in (held[1], within[1]) if day is not None), default=None)
    return None if last is not None and last < first else (first, last)


def cut_off(session: Session, accounts: Iterable[int]):
    """Rows (account, number, first, last) of lines for days that move to nobody by themselves (moves/orphan.py) and that nobody
    corrected yet, of invoices of periods and settlements (rule 26)."""
    held = exists().where(Holding.tenure_id == Account.tenure_id, Holding.unit_id == InvoiceLine.unit_id)
    stays = or_(InvoiceLine.unit_id.is_(None), ~held), InvoiceLine.key != "advance"
    return session.execute(
        select(Invoice.account_id, func.coalesce(Invoice.foreign_number, ""), Invoice.number, InvoiceLine.first, InvoiceLine.last)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Account, Account.id == Invoice.account_id)
        .where(Invoice.account_id.in_(list(accounts)), Invoice.voided_at.is_(None), ours(), *stays)
        .where(InvoiceLine.first.is_not(None), InvoiceLine.correction_id.is_(None), ~correcting.by_hand(InvoiceLine.id))
        .order_by(Invoice.account_id, Invoice.month, Invoice.id)
    )


def drafted(session: Session, tenures: Iterable[int]):
    """Rows (tenure, period, first, last) of drafts' lines for days."""
    return session.execute(
        select(Draft.tenure_id, BillingPeriod.name, func.min(DraftLine.first), func.max(DraftLine.last))
        .join(BillingPeriod, BillingPeriod.id == Draft.period_id)
        .join(DraftLine, DraftLine.draft_id == Draft.id)
        .where(Draft.tenure_id.in_(list(tenures)), DraftLine.correction_id.is_(None), DraftLine.first.is_not(None))
        .group_by(Draft.tenure_id, BillingPeriod.name)
    )
