"""Readings that were corrected after a period was confirmed: by how much its metered lines were wrong (rule 26)."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import SCALE
from ..metering.meter import share_of
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from ..money.settling import summed
from . import correcting, scene
from .correction import Correction
from .working import House


@dataclass(frozen=True, slots=True)
class Remeasured:
    """A line, by how much its quantity is wrong as the readings stand now (corrections of before counted), and these readings."""

    line: InvoiceLine
    quantity: int
    readings: list


def remeasured(session: Session, period: BillingPeriod) -> list[Remeasured]:
    """The period's metered lines that would be otherwise today, in the order of the invoices."""
    found = scene.read(session, period)
    house = House(session, found, {})
    types = {charge.id: charge for charge in found.types}
    rows = session.scalars(
        select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None))
        .where(InvoiceLine.key == "meter", InvoiceLine.correction_id.is_(None), InvoiceLine.unit_price.is_not(None))
        .order_by(Invoice.number, InvoiceLine.position)
    ).all()
    corrected = _corrected(session, [line.id for line in rows])
    made = []
    for line in rows:
        charge = types.get(line.charge_type_id)
        devices = house.of_unit(line.unit_id, charge) if charge else []
        if not devices:
            continue
        first, last = line.first.toordinal(), line.last.toordinal()
        own = found.coefficient(charge, line.unit_id).on(first, SCALE)
        ends = ((device.count.at(last).total, device.count.at(first - 1).total) for device in devices)
        use = sum(share_of(end, own) - share_of(begin, own) for end, begin in ends)
        wrong = use - line.quantity - corrected[line.id]
        if wrong:
            made.append(Remeasured(line, wrong, [device.told(first, last) for device in devices]))
    return made


def correct_all(session: Session, period: BillingPeriod, text: str, *, by) -> list[Correction]:
    """A correction for each of them, at its line's price. What comes to less than half a minor unit is left."""
    made = []
    for one in remeasured(session, period):
        try:
            made.append(correcting.correct(session, one.line, text, quantity=one.quantity, readings=one.readings, by=by))
        except correcting.NoChange:
            continue
    return made


def _corrected(session: Session, lines: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(Correction.line_id, summed(Correction.quantity)).where(Correction.line_id.in_(lines)).group_by(Correction.line_id)
    )
    return defaultdict(int, rows.all())
