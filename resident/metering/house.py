"""What neighbours see of who has submitted and who has not: done or not done, never values nor names (R5, rule 20).

Nothing finer is told: that a home has sent one of two values, or one that waits for a decision, would say how its people
read. A home whose meters are all read remotely, or that has none, is left out: it has nothing to do, and which homes these
are is nobody's matter. What submitted means: submitted.py. What staff see, with filters, values and names: roster.py.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..money.period import BillingPeriod
from . import submitted
from .meter import Meter, Register


@dataclass(frozen=True, slots=True)
class Home:
    """A home in the house's list."""

    number: str
    staircase: str | None
    sort_key: str
    submitted: bool


_registers = (
    select(Register.id)
    .join(Meter, Meter.id == Register.meter_id)
    .where(Meter.unit_id == Unit.id, submitted.asked(BillingPeriod))
    .correlate(Unit, BillingPeriod)
)
_PROGRESS = (
    select(Unit.number, Unit.staircase, Unit.sort_key, ~exists(_registers.where(~submitted.sent(BillingPeriod))))
    .select_from(BillingPeriod)
    .join(Unit, Unit.building_id == BillingPeriod.building_id)
    .where(
        BillingPeriod.id == bindparam("period"),
        submitted.there(BillingPeriod),
        exists(_registers),
    )
    .order_by(Unit.sort_key, Unit.id)
)


def progress(session: Session, period_id: int) -> list[Home]:
    """The homes of the period's building that have something to submit, in natural order. One SELECT."""
    return [Home(*row[:3], bool(row[3])) for row in session.execute(_PROGRESS, {"period": period_id})]
