"""Readings that were corrected after a period or settlement was confirmed: by how much its metered lines were wrong (rule 26)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..errors import Stale
from ..homes.organisation import lock_organisation
from ..homes.setting import digest
from ..money.invoice import InvoiceLine
from ..money.period import lock_buildings
from . import correcting, metered, scene, settling_up
from .confirmed import Confirmed, corrections_of, lines_of
from .correcting import Found, Worth
from .correction import Correction
from .dividing import divide, rounded
from .settlement import SettlementRun
from .working import House

# By line: its corrections of before, but those of days that changed hands.
Made = dict[int, list[Correction]]


@dataclass(frozen=True, slots=True)
class Remeasured:
    """A line, by how much its quantity is wrong as the readings stand now (corrections of before counted), what that is worth,
    and these readings. was: what it comes to so far, with its corrections. Of a divided cost other homes' use changes the share
    too: quantity may be 0."""

    line: InvoiceLine
    was: int
    quantity: int
    worth: Worth
    readings: list


def remeasured(session: Session, confirmed: Confirmed) -> list[Remeasured]:
    """Metered lines of the period or settlement that would be otherwise today, in the order of the invoices. Use at its price; a
    cost that is divided by use is divided anew, so that what some get others pay."""
    house = _house(session, confirmed)
    rows = session.scalars(lines_of(confirmed).where(InvoiceLine.key == "meter")).all()
    made, found, of_costs = _made(session, confirmed), {}, defaultdict(list)
    for line in rows:
        if line.unit_price is not None and (one := _priced(house, line, made)):
            found[line.id] = one
        if line.cost is not None:
            of_costs[line.charge_type_id].append(line)
    for lines in of_costs.values():
        found |= {one.line.id: one for one in _divided(house, lines, made)}
    return [found[line.id] for line in rows if line.id in found]


def _house(session: Session, confirmed: Confirmed) -> House:
    """With readings alone, without estimates."""
    if isinstance(confirmed, SettlementRun):
        return settling_up.house(session, confirmed)
    return House(session, scene.read(session, confirmed), {})


def _priced(house: House, line: InvoiceLine, made: Made) -> Remeasured | None:
    wrong = _more(line, house, line.quantity) - sum(one.quantity or 0 for one in made[line.id] if _measured(one))
    worth = correcting.worth(line, quantity=wrong)
    return Remeasured(line, _so_far(line, made), wrong, worth, _told(house, line)) if wrong else None


def _so_far(line: InvoiceLine, made: Made) -> int:
    return line.amount + sum(one.amount for one in made[line.id])


def _measured(correction: Correction) -> bool:
    """Is it one of a quantity, or of readings?"""
    return correction.quantity is not None or correction.readings is not None


def _divided(house: House, lines: Sequence[InvoiceLine], made: Made) -> Iterator[Remeasured]:
    more = [_more(line, house, line.weight) for line in lines]
    weights = [line.weight + one for line, one in zip(lines, more, strict=True)]
    touched = any(more) or any(_measured(before) for line in lines for before in made[line.id])
    if not touched or sum(weights) <= 0:
        return
    for line, one, part in zip(lines, more, divide(lines[0].cost, weights), strict=True):
        was = line.as_priced(line.amount, line.vat_amount)
        since = sum(line.as_priced(before.amount, before.vat_amount) for before in made[line.id] if before.readings)
        if wrong := part - was - since:
            yield Remeasured(line, _so_far(line, made), one, correcting.worth(line, amount=wrong), _told(house, line))


def _more(line: InvoiceLine, house: House, quantity: int) -> int:
    """By how much a quantity that was worked out from the line's registers is more as they stand now: in the proportion that it
    was (a coefficient, a part of days that others held beside it)."""
    before = sum(read["use"] for read in line.readings or ())
    more = sum(_counted(device, read) - read["use"] for device, read in _devices(house, line))
    return rounded(more * quantity, before) if before > 0 else more


def _counted(device: metered.Device, read: dict) -> int:
    """What a register counted. Where its end was an estimate and still is, the next bill goes on from there: as it was billed."""
    first, last = (date.fromisoformat(read[name]).toordinal() for name in ("first", "last"))
    if read["estimated"] and device.ends_rough(last):
        return read["use"]
    return device.count.at(last).total - device.count.at(first).total


def _devices(house: House, line: InvoiceLine) -> Iterator[tuple[metered.Device, dict]]:
    """The registers that the line was made from, whatever its charge takes today, and what it says of each."""
    own = {read["register"]: read for read in line.readings or ()}
    for device in house.devices.get(line.unit_id, ()):
        if device.register_id in own:
            yield device, own[device.register_id]


def _told(house: House, line: InvoiceLine) -> list[dict]:
    first, last = line.first.toordinal(), line.last.toordinal()
    return [device.told(first, last) for device, _read in _devices(house, line)]


def _made(session: Session, confirmed: Confirmed) -> Made:
    found = defaultdict(list)
    for correction in session.scalars(corrections_of(confirmed).where(Correction.moved.is_(None))):
        found[correction.line_id].append(correction)
    return found


def mark(found: Sequence[Remeasured]) -> str:
    """A short mark of what a form was drawn from (S47)."""
    return digest([[one.line.id, one.quantity, one.worth.amount] for one in found])


def correct_all(session: Session, confirmed: Confirmed, text: str, seen: str, *, by) -> list[Correction]:
    """A correction for each of them, at its line's price or of its cost. What comes to less than half a minor unit is left.

    seen: mark() of what was looked at. Stale when it is otherwise by now; correcting.NoChange when nothing is to be corrected.
    """
    lock_buildings(session, [confirmed.building_id])
    lock_organisation(session, scene.controller(session, confirmed.building_id).id)
    found = remeasured(session, confirmed)
    if found and mark(found) != seen:
        raise Stale()
    rows = [Found(one.line, one.worth, one.quantity if one.line.cost is None else None, one.readings) for one in found]
    return correcting.correct_many(session, confirmed, rows, text, "readings_corrected", by=by)
