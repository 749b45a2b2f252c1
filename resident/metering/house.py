"""What neighbours see of who has submitted and who has not: done or not done, never values nor names (R5, rule 20).

What staff see, with filters, values and names, is roster.py's.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from .meter import Meter, Register
from .reading import Reading


@dataclass(frozen=True, slots=True)
class Home:
    """A home in the house's list. expected, submitted and waiting count registers; remote ones send by themselves."""

    number: str
    staircase: str | None
    sort_key: str
    expected: int
    remote: int
    submitted: int
    # Of those not submitted: sent, and waiting for staff.
    waiting: int

    @property
    def state(self) -> str:
        """done | partly | waiting | missing | remote | none (no meter)."""
        if not self.expected:
            return "remote" if self.remote else "none"
        if self.submitted >= self.expected:
            return "done"
        if self.waiting:
            return "waiting"
        return "partly" if self.submitted else "missing"


_PROGRESS = (
    select(
        Unit.number,
        Unit.staircase,
        Unit.sort_key,
        func.count(func.distinct(case((Meter.remote.is_(False), Register.id)))).label("expected"),
        func.count(func.distinct(case((Meter.remote.is_(True), Register.id)))).label("remote"),
        func.count(func.distinct(case((and_(Meter.remote.is_(False), Reading.counts), Register.id)))).label("submitted"),
        func.count(func.distinct(case((Reading.state == "pending", Register.id)))).label("waiting"),
    )
    .outerjoin(Meter, and_(Meter.unit_id == Unit.id, or_(Meter.removed.is_(None), Meter.removed > bindparam("today"))))
    .outerjoin(Register, Register.meter_id == Meter.id)
    .outerjoin(
        Reading,
        and_(
            Reading.register_id == Register.id,
            Reading.period_id == bindparam("period"),
            or_(Reading.counts, Reading.state == "pending"),
        ),
    )
    .where(
        Unit.building_id == bindparam("building"),
        Unit.kind == "home",
        or_(Unit.last.is_(None), Unit.last >= bindparam("today")),
    )
    .group_by(Unit.id, Unit.number, Unit.staircase, Unit.sort_key)
    .order_by(Unit.sort_key, Unit.id)
)


def progress(session: Session, building_id: int, period_id: int, today: date) -> list[Home]:
    """The homes of a building in natural order, with how far each is in a period. One SELECT."""
    which = {"building": building_id, "period": period_id, "today": today}
    return [Home(*row) for row in session.execute(_PROGRESS, which)]
