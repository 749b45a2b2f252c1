"""What the common loss of a period costs the homes: at the price of its last day, shared as the organisation sets (rule 14)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..access import Controller
from ..db import SCALE
from ..homes import setting
from ..homes.building import Unit, UnitFact
from . import balance, pricing
from .cost import MINOR


@dataclass(frozen=True, slots=True)
class Cost:
    """price: millionths for a unit; total: minor units; by: equal | area; homes: minor units by home."""

    price: int
    total: int
    by: str
    homes: dict[int, int]

    @property
    def least(self) -> int:
        return min(self.homes.values())

    @property
    def most(self) -> int:
        return max(self.homes.values())


def of(session: Session, organisation: Controller, building_id: int, branch: balance.Branch, line: balance.Line) -> Cost | None:
    """None without a loss, without a price, or without homes behind the branch."""
    price = pricing.in_force(session, organisation.id, building_id, branch.medium, line.last)
    if not line.loss or price is None:
        return None
    by = setting.in_force(session, organisation.id, organisation.country, line.last)["loss_shared_by"]
    homes = _homes(session, branch.homes, line.last)
    if not homes:
        return None
    areas = _areas(session, homes, line.last) if by == "area" else {}
    total = amount(line.loss, price.price)
    shares = share(total, [areas.get(home, 0) if by == "area" else 1 for home in homes])
    return Cost(price.price, total, by, dict(zip(homes, shares, strict=True)))


def _homes(session: Session, units: Collection[int], day: date) -> list[int]:
    """Those that are there on the day, in natural order: the same homes get the odd cents each time."""
    there = or_(Unit.last.is_(None), Unit.last >= day)
    return list(session.scalars(select(Unit.id).where(Unit.id.in_(units), there).order_by(Unit.sort_key, Unit.id)))


def _areas(session: Session, homes: Collection[int], day: date) -> dict[int, int]:
    facts = select(UnitFact.unit_id, UnitFact.value).where(
        UnitFact.kind == "area", UnitFact.unit_id.in_(homes), UnitFact.first <= day
    )
    return dict(session.execute(facts.order_by(UnitFact.first)).all())


def amount(loss: int, price: int) -> int:
    """Millionths of a unit at a price in millionths, in minor units of money; a half is rounded away from nothing."""
    whole = SCALE * SCALE
    minor = (2 * abs(loss) * price * MINOR + whole) // (2 * whole)
    return minor if loss >= 0 else -minor


def share(total: int, weights: Sequence[int]) -> list[int]:
    """A sum in minor units by weights: whole units by largest remainder, exact in total (rule 22). Without any weight, equally."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    sign, rest = (1, total) if total >= 0 else (-1, -total)
    parts = [divmod(rest * weight, whole) for weight in weights]
    left = rest - sum(part for part, _ in parts)
    first = set(sorted(range(len(parts)), key=lambda place: (-parts[place][1], place))[:left])
    return [sign * (part + (place in first)) for place, (part, _) in enumerate(parts)]
