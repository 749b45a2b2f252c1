"""Readings that were corrected after a period was confirmed: by how much its metered lines were wrong (rule 26)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import SCALE
from ..errors import Stale
from ..homes.organisation import lock_organisation
from ..homes.setting import digest
from ..metering.meter import share_of
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod, lock_buildings
from ..money.settling import summed
from . import correcting, metered, scene
from .charge import ChargeType
from .correcting import Found, Worth
from .correction import Correction
from .dividing import divide
from .held import Run
from .working import House


@dataclass(frozen=True, slots=True)
class Remeasured:
    """A line, by how much its quantity is wrong as the readings stand now (corrections of before counted), what that is worth,
    and these readings."""

    line: InvoiceLine
    quantity: int
    worth: Worth
    readings: list


def remeasured(session: Session, period: BillingPeriod) -> list[Remeasured]:
    """The period's metered lines that would be otherwise today, in the order of the invoices."""
    found = scene.read(session, period)
    house = House(session, found, {})
    types = {charge.id: charge for charge in found.types}
    rows = session.execute(
        select(InvoiceLine, Account.tenure_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == Invoice.account_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None))
        .where(InvoiceLine.key == "meter", InvoiceLine.correction_id.is_(None), InvoiceLine.unit_price.is_not(None))
        .order_by(Invoice.number, InvoiceLine.position)
    ).all()
    corrected = _corrected(session, [line.id for line, _ in rows])
    units = {unit.id: unit for unit in found.units}
    made = []
    for line, tenure in rows:
        charge = types.get(line.charge_type_id)
        devices = _devices(house, line)
        if charge is None or not devices:
            continue
        beside = _beside(house.runs(units[line.unit_id], line.first.toordinal(), line.last.toordinal(), charge.payer), tenure)
        wrong = divide(_use(house, charge, line, devices), [1] * len(beside))[beside.index(tenure)]
        wrong -= line.quantity + corrected[line.id]
        if wrong:
            first, last = line.first.toordinal(), line.last.toordinal()
            told = [device.told(first, last) for device in devices]
            made.append(Remeasured(line, wrong, correcting.worth(line, quantity=wrong), told))
    return made


def _devices(house: House, line: InvoiceLine) -> list[metered.Device]:
    """The registers that the line was made from, whatever the charge takes today."""
    own = {one["register"] for one in line.readings or ()}
    return [device for device in house.devices.get(line.unit_id, ()) if device.register_id in own]


def _use(house: House, charge: ChargeType, line: InvoiceLine, devices: list[metered.Device]) -> int:
    """What they counted on the line's days."""
    first, last = line.first.toordinal(), line.last.toordinal()
    own = house.scene.coefficient(charge, line.unit_id).on(first, SCALE)
    ends = ((device.count.at(last).total, device.count.at(first - 1).total) for device in devices)
    return sum(share_of(end, own) - share_of(begin, own) for end, begin in ends)


def _beside(runs: list[Run], tenure: int | None) -> tuple[int | None, ...]:
    """Those who pay for the line's days in equal parts; alone where the tenure holds none of them any more."""
    return next((run.tenures for run in runs if tenure in run.tenures), (tenure,))


def mark(found: Sequence[Remeasured]) -> str:
    """A short mark of what a form was drawn from (S47)."""
    return digest([[one.line.id, one.quantity] for one in found])


def correct_all(session: Session, period: BillingPeriod, text: str, seen: str, *, by) -> list[Correction]:
    """A correction for each of them, at its line's price. What comes to less than half a minor unit is left.

    seen: mark() of what was looked at. Stale when it is otherwise by now; correcting.NoChange when nothing is to be corrected.
    """
    lock_buildings(session, [period.building_id])
    lock_organisation(session, scene.controller(session, period.building_id).id)
    found = remeasured(session, period)
    if found and mark(found) != seen:
        raise Stale()
    rows = [Found(one.line, one.worth, one.quantity, one.readings) for one in found]
    return correcting.correct_many(session, period, rows, text, "readings_corrected", by=by)


def _corrected(session: Session, lines: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(Correction.line_id, summed(Correction.quantity)).where(Correction.line_id.in_(lines)).group_by(Correction.line_id)
    )
    return defaultdict(int, rows.all())
