"""Entering a period's costs, as long as they are not shared out."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..metering.window import TAKES_READINGS
from ..money.period import BillingPeriod, lock_buildings
from .charge import ChargeType
from .cost import Cost


class CostsShared(ResidentError):
    """The period's costs are shared out already; take that back first: name, state."""


class NotDivided(ResidentError):
    """The charge type is not one whose cost is divided: code."""


class CostEntered(ResidentError):
    """The supplier's document stands in the period already, for this charge type: document."""


def enter(
    session: Session,
    period: BillingPeriod,
    charge: ChargeType,
    amount: int,
    *,
    by,
    text: str | None = None,
    document: str | None = None,
) -> Cost:
    """A cost in minor units, below zero for what is given back. CostsShared, NotDivided, CostEntered (the same document)."""
    _hold(session, period)
    if charge.basis != "cost":
        raise NotDivided(code=charge.code)
    document = (document or "").strip() or None
    own = select(Cost.id).where(Cost.period_id == period.id, Cost.charge_type_id == charge.id, Cost.document == document)
    if document and session.scalar(own):
        raise CostEntered(document=document)
    cost = Cost(
        period_id=period.id, charge_type_id=charge.id, amount=amount, text=(text or "").strip() or None, document=document,
        entered_by=getattr(by, "person_id", None), entered_at=clock.now(),
    )  # fmt: skip
    session.add(cost)
    _record(session, period, by, {"entered": 1})
    return cost


def change(session: Session, cost: Cost, amount: int, *, by, text: str | None = None, document: str | None = None) -> None:
    """CostsShared."""
    period = session.get_one(BillingPeriod, cost.period_id)
    _hold(session, period)
    cost.amount, cost.text, cost.document = amount, (text or "").strip() or None, (document or "").strip() or None
    _record(session, period, by, {"changed": cost.id})


def remove(session: Session, cost: Cost, *, by) -> None:
    """CostsShared."""
    period = session.get_one(BillingPeriod, cost.period_id)
    _hold(session, period)
    session.delete(cost)
    _record(session, period, by, {"removed": cost.id})


def _hold(session: Session, period: BillingPeriod) -> None:
    lock_buildings(session, [period.building_id])
    session.refresh(period, with_for_update=True)
    if period.state not in TAKES_READINGS:
        raise CostsShared(name=period.name, state=period.state)


def _record(session: Session, period: BillingPeriod, by, facts: dict) -> None:
    session.flush()
    audit.record(session, "costs_changed", by=by, thing=period, facts={"name": period.name} | facts)
    session.flush()
