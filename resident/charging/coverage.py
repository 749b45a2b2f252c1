"""Which charges take which registers: what no charge takes, and what several do."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..metering.meter import Meter, Register, medium_order
from .charge import ChargeType


class Covered(NamedTuple):
    """The registers of one name ("" for none) and medium that homes have: how many, and the charges in use that take them."""

    medium: str
    name: str
    count: int
    charges: list[ChargeType]


def coverage(session: Session, organisation_id: int, today: date) -> list[Covered]:
    """Of an organisation's meters that are there on a day, by medium and name."""
    live = (
        Meter.organisation_id == organisation_id,
        Meter.unit_id.is_not(None),
        or_(Meter.removed.is_(None), Meter.removed >= today),
    )
    rows = session.execute(
        select(Meter.medium, Register.name, func.count()).join(Register).where(*live).group_by(Meter.medium, Register.name)
    ).all()
    types = session.scalars(
        select(ChargeType)
        .where(ChargeType.organisation_id == organisation_id, ChargeType.key == "meter", ChargeType.billed != "separate")
        .where(ChargeType.first <= today, or_(ChargeType.last.is_(None), ChargeType.last >= today))
        .order_by(ChargeType.position, ChargeType.code)
    ).all()
    return [
        Covered(medium, name, count, [charge for charge in types if charge.takes(medium, name)])
        for medium, name, count in sorted(rows, key=lambda row: (medium_order(row[0]), row[1]))
    ]


def names(session: Session, organisation_id: int) -> list[str]:
    """What registers of an organisation's homes are called, "" among them."""
    rows = select(Register.name).join(Meter).where(Meter.organisation_id == organisation_id, Meter.unit_id.is_not(None))
    return sorted(session.scalars(rows.distinct()))
