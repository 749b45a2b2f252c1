"""Rows of tenures whose days are billed already: what drafts or invoices hold is refused, the rest changes hands by corrections."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ..charging.correction import Correction
from ..charging.draft import Draft, DraftLine
from ..homes.building import Building, Unit
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod

# States of periods whose days are shared out.
SHARED = ("allocated", "confirmed", "closed")
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
        self._buildings: dict[int, int] = {}
        if self._periods:
            units = select(Unit.id, Unit.building_id).where(Unit.building_id.in_(list(self._periods)))
            self._buildings = dict(session.execute(units).all())
        # (unit, first, last) that get another holder.
        self.changed: list[tuple[int, date, date | None]] = []

    def gains(self, unit_id: int, old: Span | None, new: Span) -> Shared | None:
        """The unit's days new are held, of which it held old. A period of which only drafts stand yet, if it has some of them."""
        periods = self._periods.get(self._buildings.get(unit_id, 0), ())
        drafted = None
        for first, last in _gained(old, new):
            met = [one for one in periods if one.first <= (last or date.max) and one.last >= first]
            drafted = next((one for one in met if one.state == "allocated"), drafted)
            if met:
                self.changed.append((unit_id, first, last))
        return drafted


def _gained(old: Span | None, new: Span) -> Iterable[Span]:
    if old is None:
        yield new
        return
    if new[0] < old[0]:
        yield new[0], old[0] - timedelta(days=1)
    if old[1] is not None and (new[1] is None or new[1] > old[1]):
        yield old[1] + timedelta(days=1), new[1]


def cut_off(session: Session, accounts: Iterable[int]):
    """Rows (account, number, first, last) of lines for days that nobody corrected yet, of invoices of periods (rule 26)."""
    corrected = exists().where(Correction.line_id == InvoiceLine.id)
    return session.execute(
        select(Invoice.account_id, func.coalesce(Invoice.foreign_number, ""), Invoice.number, InvoiceLine.first, InvoiceLine.last)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(Invoice.account_id.in_(list(accounts)), Invoice.voided_at.is_(None), Invoice.period_id.is_not(None))
        .where(InvoiceLine.first.is_not(None), InvoiceLine.correction_id.is_(None), ~corrected)
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
