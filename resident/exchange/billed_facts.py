"""Dated facts of homes that invoices stand on: a row does not change them behind what is billed (rules 25, 26).

The page of a home does, after it has shown what that corrects (charging/refacting.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..charging.charge import ChargeType
from ..charging.draft import Draft, DraftLine
from ..charging.settlement import SettlementRun
from ..homes.building import Building
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..month import month_name


class BilledFacts:
    """What stands on facts of these kinds in an organisation's buildings."""

    def __init__(self, session: Session, organisation_id: int, kinds: Iterable[str]):
        # By (building, kind): periods (name, first day, last day), and settlements (first month, last month).
        self._there: dict[tuple[int, str], list[tuple[str, date, date]]] = defaultdict(list)
        self._months: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
        days = BillingPeriod.name, BillingPeriod.bill_first, BillingPeriod.bill_last
        ours = Building.organisation_id == organisation_id
        line, draft = InvoiceLine.key, DraftLine.key
        invoiced = (
            select(BillingPeriod.building_id, line, *days)
            .join(Building, Building.id == BillingPeriod.building_id)
            .join(Invoice, Invoice.period_id == BillingPeriod.id)
            .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
            .where(ours, Invoice.voided_at.is_(None), line.in_(kinds))
        )
        drafted = (
            select(BillingPeriod.building_id, draft, *days)
            .join(Building, Building.id == BillingPeriod.building_id)
            .join(Draft, Draft.period_id == BillingPeriod.id)
            .join(DraftLine, DraftLine.draft_id == Draft.id)
            .where(ours, BillingPeriod.state == "allocated", draft.in_(kinds))
        )
        for rows in (invoiced, drafted):
            for building_id, kind, *period in session.execute(rows.distinct()):
                self._there[building_id, kind].append(tuple(period))
        self._settled(session, organisation_id, kinds)

    def _settled(self, session: Session, organisation_id: int, kinds: Iterable[str]) -> None:
        by = select(ChargeType.key).where(
            ChargeType.organisation_id == organisation_id, ChargeType.billed == "settlement", ChargeType.key.in_(kinds)
        )
        settled = set(session.scalars(by))
        runs = select(SettlementRun).join(Building, Building.id == SettlementRun.building_id)
        for run in session.scalars(runs.where(Building.organisation_id == organisation_id)) if settled else ():
            for kind in settled:
                self._months[run.building_id, kind].append((run.first, run.last))

    def behind(self, building_id: int, kind: str, before: Mapping[date, int], first: date, value: int) -> str | None:
        """The latest month that is billed by the value which would be another one, None when none is.

        before: first days and values as they are known; value: what holds from first on.
        """
        if _in_force(before, first) == value:
            return None
        begins = first if any(day < first for day in before) else date.min
        until = min((day for day in before if day > first), default=date.max)
        met = [name for name, there, last in self._there[building_id, kind] if last >= begins and there < until]
        months = month_name(begins), month_name(until - timedelta(days=1))
        met += [last for there, last in self._months[building_id, kind] if last >= months[0] and there <= months[1]]
        return max(met, default=None)


def _in_force(before: Mapping[date, int], day: date) -> int | None:
    """What is known first holds for the days before it too (charging/scene.py)."""
    known = max((first for first in before if first <= day), default=min(before, default=None))
    return before[known] if known else None
