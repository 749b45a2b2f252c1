"""A cost turned out to be different after its period or settlement was confirmed (rule 26): what each home gets of the
difference."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import Stale
from ..homes.organisation import lock_organisation
from ..homes.setting import digest
from ..money.invoice import InvoiceLine
from ..money.period import lock_buildings
from . import correcting, scene
from .charge import ChargeType
from .confirmed import Confirmed, corrections_of, lines_of
from .correcting import Found
from .correction import Correction
from .dividing import divide


@dataclass(slots=True)
class Divided:
    """A cost that invoices of a period or settlement divide: its lines in the order of their invoices, and the corrections of
    their sums.

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
        return sum(self.since().values())

    def since(self) -> dict[int, int]:
        """The same by line."""
        line, found = {line.id: line for line in self.lines}, defaultdict(int)
        for one in self.corrections:
            found[one.line_id] += line[one.line_id].as_priced(one.amount, one.vat_amount)
        return found

    @property
    def seen(self) -> str:
        """A short mark of what a form was drawn from (S47)."""
        return digest([one.id for one in self.corrections])


@dataclass(frozen=True, slots=True)
class Share:
    """A line's part of a difference, as costs are entered, and what it comes to on an invoice. was: what the line has of the cost
    so far, with its corrections."""

    line: InvoiceLine
    was: int
    part: int
    worth: correcting.Worth

    @property
    def now(self) -> int:
        return self.was + self.part


def divided(session: Session, confirmed: Confirmed) -> list[Divided]:
    """The costs that invoices of the period or settlement divide, in the order of an invoice's lines."""
    of: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in session.scalars(lines_of(confirmed).where(InvoiceLine.cost.is_not(None), InvoiceLine.weight.is_not(None))):
        of[line.charge_type_id].append(line)
    types = select(ChargeType).where(ChargeType.id.in_(list(of))).order_by(ChargeType.position, ChargeType.code)
    corrections = _corrections(session, confirmed)
    return [Divided(charge, of[charge.id], corrections[charge.id]) for charge in session.scalars(types)]


def _corrections(session: Session, confirmed: Confirmed) -> dict[int, list[Correction]]:
    """By charge: the corrections of its cost."""
    found: dict[int, list[Correction]] = defaultdict(list)
    rows = corrections_of(confirmed).where(InvoiceLine.cost.is_not(None))
    for charge_id, correction in session.execute(rows.with_only_columns(InvoiceLine.charge_type_id, Correction)):
        found[charge_id].append(correction)
    return found


def shares(one: Divided, difference: int) -> list[Share]:
    """The difference by the weights that the cost was divided by, whole minor units by largest remainder (rule 22): the parts
    come to it exactly. VAT is each line's own."""
    parts, since = divide(difference, [line.weight for line in one.lines]), one.since()
    return [
        Share(line, line.as_priced(line.amount, line.vat_amount) + since[line.id], part, correcting.worth(line, amount=part))
        for line, part in zip(one.lines, parts, strict=True)
        if part
    ]


def cost_was(
    session: Session, confirmed: Confirmed, charge_id: int, difference: int, text: str, seen: str, *, by
) -> list[Correction]:
    """The cost of a charge in the period or settlement was wrong by so much, signed: each line of it is corrected by its part.

    seen: Divided.seen of what was looked at. Stale when somebody corrected the cost since; correcting.NoChange, also when no
    invoice of it divides a cost of the charge.
    """
    lock_buildings(session, [confirmed.building_id])
    lock_organisation(session, scene.controller(session, confirmed.building_id).id)
    one = next((one for one in divided(session, confirmed) if one.charge.id == charge_id), None)
    if one is None:
        raise correcting.NoChange()
    if one.seen != seen:
        raise Stale()
    found = [Found(share.line, share.worth) for share in shares(one, difference)]
    return correcting.correct_many(session, confirmed, found, text, "costs_corrected", by=by)
