"""A cost turned out to be different after its period was confirmed (rule 26): what each home gets of the difference."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import Stale
from ..homes.organisation import lock_organisation
from ..homes.setting import digest
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod, lock_buildings
from . import correcting, scene
from .charge import ChargeType
from .correcting import Found
from .correction import Correction
from .dividing import divide


@dataclass(slots=True)
class Divided:
    """A cost that a period's invoices divide: its lines in the order of their invoices, and the corrections of their sums.

    entered, corrected: minor units as costs are entered, without VAT where it comes on top.
    """

    charge: ChargeType
    lines: list[InvoiceLine]
    corrections: list[Correction]

    @property
    def entered(self) -> int:
        return self.lines[0].cost

    @property
    def corrected(self) -> int:
        """By how much it is corrected so far."""
        net = {line.id: bool(line.vat_net) for line in self.lines}
        return sum(one.amount - (one.vat_amount if net[one.line_id] else 0) for one in self.corrections)

    @property
    def seen(self) -> str:
        """A short mark of what a form was drawn from (S47)."""
        return digest([one.id for one in self.corrections])


@dataclass(frozen=True, slots=True)
class Share:
    """A line's part of a difference, as costs are entered, and what it comes to on an invoice."""

    line: InvoiceLine
    part: int
    worth: correcting.Worth

    @property
    def was(self) -> int:
        """What the line had of the cost."""
        return self.line.amount - ((self.line.vat_amount or 0) if self.line.vat_net else 0)


def divided(session: Session, period: BillingPeriod) -> list[Divided]:
    """The costs that invoices of the period divide, in the order of an invoice's lines."""
    rows = session.scalars(
        select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None))
        .where(InvoiceLine.cost.is_not(None), InvoiceLine.weight.is_not(None), InvoiceLine.correction_id.is_(None))
        .order_by(Invoice.number, InvoiceLine.position)
    ).all()
    of: dict[int, list[InvoiceLine]] = {}
    for line in rows:
        of.setdefault(line.charge_type_id, []).append(line)
    types = select(ChargeType).where(ChargeType.id.in_(list(of))).order_by(ChargeType.position, ChargeType.code)
    corrections = _corrections(session, period)
    return [Divided(charge, of[charge.id], corrections.get(charge.id, [])) for charge in session.scalars(types)]


def _corrections(session: Session, period: BillingPeriod) -> dict[int, list[Correction]]:
    rows = session.execute(
        select(InvoiceLine.charge_type_id, Correction)
        .join(Correction, Correction.line_id == InvoiceLine.id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id == period.id, Invoice.voided_at.is_(None), InvoiceLine.cost.is_not(None))
        .order_by(Correction.id)
    )
    found: dict[int, list[Correction]] = {}
    for charge_id, correction in rows:
        found.setdefault(charge_id, []).append(correction)
    return found


def shares(one: Divided, difference: int) -> list[Share]:
    """The difference by the weights that the cost was divided by, whole minor units by largest remainder (rule 22): the parts
    come to it exactly. VAT is each line's own."""
    parts = divide(difference, [line.weight for line in one.lines])
    return [Share(line, part, correcting.worth(line, amount=part)) for line, part in zip(one.lines, parts, strict=True) if part]


def cost_was(
    session: Session, period: BillingPeriod, charge_id: int, difference: int, text: str, seen: str, *, by
) -> list[Correction]:
    """The cost of a charge in the period was wrong by so much, signed: each line of it is corrected by its part.

    seen: Divided.seen of what was looked at. Stale when somebody corrected the cost since; correcting.NoChange, also when no
    invoice of the period divides a cost of the charge.
    """
    lock_buildings(session, [period.building_id])
    lock_organisation(session, scene.controller(session, period.building_id).id)
    one = next((one for one in divided(session, period) if one.charge.id == charge_id), None)
    if one is None:
        raise correcting.NoChange()
    if one.seen != seen:
        raise Stale()
    found = [Found(share.line, share.worth) for share in shares(one, difference)]
    return correcting.correct_many(session, period, found, text, "costs_corrected", by=by)
