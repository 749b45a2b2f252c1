"""Entering a period's costs, as long as they are not shared out: by the period, or by a settlement of its month."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..metering.window import TAKES_READINGS
from ..money.period import BillingPeriod, lock_buildings
from .charge import ChargeType
from .cost import Cost
from .settlement import of_month


class CostsShared(ResidentError):
    """The period's costs are shared out already; take that back first: name, state."""


class CostsSettled(ResidentError):
    """A settlement divides the month's costs already; take that back first: first, last (its months)."""


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
    """A cost in minor units, below zero for what is given back. CostsShared, CostsSettled, NotDivided, CostEntered (the same
    document)."""
    _hold(session, period, charge)
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
    """CostsShared, CostsSettled."""
    period = session.get_one(BillingPeriod, cost.period_id)
    _hold(session, period, session.get_one(ChargeType, cost.charge_type_id))
    cost.amount, cost.text, cost.document = amount, (text or "").strip() or None, (document or "").strip() or None
    _record(session, period, by, {"changed": cost.id})


def remove(session: Session, cost: Cost, *, by) -> None:
    """CostsShared, CostsSettled."""
    period = session.get_one(BillingPeriod, cost.period_id)
    _hold(session, period, session.get_one(ChargeType, cost.charge_type_id))
    session.delete(cost)
    _record(session, period, by, {"removed": cost.id})


def closed(session: Session, period: BillingPeriod, charge: ChargeType) -> ResidentError | None:
    """Why costs of a charge are not entered or changed any more: its period is shared out, or, where it is billed in settlements,
    one of the month stands. CostsShared or CostsSettled."""
    if charge.billed != "settlement":
        shared = period.state not in TAKES_READINGS
        return CostsShared(name=period.name, state=period.state) if shared else None
    run = of_month(session, period.building_id, period.name)
    return CostsSettled(first=run.first, last=run.last) if run else None


def _hold(session: Session, period: BillingPeriod, charge: ChargeType) -> None:
    lock_buildings(session, [period.building_id])
    session.refresh(period, with_for_update=True)
    if refusal := closed(session, period, charge):
        raise refusal


def _record(session: Session, period: BillingPeriod, by, facts: dict) -> None:
    session.flush()
    audit.record(session, "costs_changed", by=by, thing=period, facts={"name": period.name} | facts)
    session.flush()
