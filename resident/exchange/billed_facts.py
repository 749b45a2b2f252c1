"""Dated facts of homes that invoices stand on: what rows change of them behind what is billed waits as corrections (rules 25, 26),
as when the page of a home changes them (charging/refacting.py).

Drafts are in the way, and so is what cannot be corrected because somebody who has to pay now has no line of the charge.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import format
from ..charging import correcting, refacting, scene
from ..charging.charge import ChargeType, called
from ..charging.confirmed import Confirmed, invoices_of
from ..charging.correcting import Found
from ..charging.refacting import Altered, Change, Effect, InDrafts, InSettlement
from ..charging.settlement import SettlementRun
from ..charging.working import NobodyPays
from ..errors import ResidentError
from ..homes.building import Building
from ..homes.organisation import lock_organisation
from ..money.invoice import Invoice
from ..money.period import lock_buildings
from .outcome import Corrected


class BilledFacts:
    """Changes of facts of homes that were there before, gathered row by row; what they make of what is billed."""

    def __init__(self, session: Session):
        self._session = session
        # By building: changes, each with its row.
        self._rows: dict[int, list[tuple[Altered, object]]] = defaultdict(list)
        # By building, kind and days: the drafts that are in the way, if any.
        self._drafts: dict[tuple, ResidentError | None] = {}
        self.effects: list[Effect] = []

    def add(
        self, row, building_id: int, unit_id: int, kind: str, before: Mapping[date, int], first: date, value: int
    ) -> ResidentError | None:
        """InDrafts or InSettlement where drafts stand on a value which would be another one, and nothing is gathered; else None.

        before: first days and values as they are known; value: what holds from first on.
        """
        if _in_force(before, first) == value:
            return None
        one = refacting.altered(unit_id, dict(before), Change(kind, first, value))
        key = building_id, kind, one.reached
        if key not in self._drafts:
            self._drafts[key] = self._drafted(building_id, one)
        if self._drafts[key] is None:
            self._rows[building_id].append((one, row))
        return self._drafts[key]

    def _drafted(self, building_id: int, one: Altered) -> ResidentError | None:
        try:
            refacting.refuse_drafts(self._session, building_id, one)
        except (InDrafts, InSettlement) as error:
            return error
        return None

    def work_out(self, units: Container[int]) -> Iterable[tuple[object, str, NobodyPays | str]]:
        """What the changes make of invoices, in effects, among the units that were there before. (row, kind, why) of those of which
        it cannot be said: nobody would pay a cost, or somebody has no line in this month."""
        for building_id, rows in self._rows.items():
            try:
                found = refacting.effects_of(self._session, building_id, [one for one, _row in rows], units)
            except NobodyPays as error:
                yield from ((row, one.kind, error) for one, row in rows)
                continue
            self.effects += [one for one in found if any(line.worth.amount for line in one.found)]
            if lacking := [name_of(one.confirmed) for one in found if one.without]:
                yield from ((row, one.kind, max(lacking)) for one, row in rows)

    def told(self, currency: str) -> list[Corrected]:
        """What waits as corrections, period by period."""
        rows = select(Building.id, Building.address).where(Building.id.in_({one.confirmed.building_id for one in self.effects}))
        addresses = dict(self._session.execute(rows).all())
        return [_told(one, addresses[one.confirmed.building_id], currency) for one in self.effects]


def name_of(confirmed: Confirmed) -> str:
    """The month of a period, the last one of a settlement."""
    return confirmed.last if isinstance(confirmed, SettlementRun) else confirmed.name


def _told(effect: Effect, address: str, currency: str) -> Corrected:
    confirmed, worth = effect.confirmed, [one.worth.amount for one in effect.found if one.worth.amount]
    first = confirmed.first if isinstance(confirmed, SettlementRun) else confirmed.name
    return Corrected(address, first, name_of(confirmed), len(worth), sum(worth), currency)


def _in_force(before: Mapping[date, int], day: date) -> int | None:
    """What is known first holds for the days before it too (charging/scene.py)."""
    known = max((first for first in before if first <= day), default=min(before, default=None))
    return before[known] if known else None


# ---- Writing ---------------------------------------------------------------------------------------------------------


def correct(session: Session, effects: Sequence[Effect], *, by) -> None:
    """Corrections of what was worked out, each called as its charge and days in the invoice's language."""
    for effect in effects:
        building_id = effect.confirmed.building_id
        lock_buildings(session, [building_id])
        creditor = scene.controller(session, building_id)
        lock_organisation(session, creditor.id)
        texts = _texts(session, effect, creditor.languages.split())
        correcting.correct_many(session, effect.confirmed, effect.found, texts, "facts_corrected", by=by)


def _texts(session: Session, effect: Effect, served: list[str]):
    languages = dict(session.execute(select(Invoice.id, Invoice.language).where(invoices_of(effect.confirmed))).all())
    ids = {one.line.charge_type_id for one in effect.found}
    charges = {one.id: one for one in session.scalars(select(ChargeType).where(ChargeType.id.in_(ids)))}

    def text(one: Found) -> str:
        language, charge = languages[one.line.invoice_id], charges[one.line.charge_type_id]
        write, name = format.of(language), called(charge.name, charge.code, language, served)
        return f"{name}, {write.date(one.line.first)}–{write.date(one.line.last)}"

    return text
