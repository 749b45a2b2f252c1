"""A sheet of readings that staff enter for many homes at once: what is good is stored, the rest is said (B14, R6)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Controller
from ..homes.building import Unit
from ..money.period import BillingPeriod
from .meter import Meter, Register
from .submission import NothingToStore, Sent, Typed, Verdict, submit


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a sheet. saved: what was stored, by home; left: what was not, by register."""

    saved: dict[int, Sent]
    left: dict[int, Verdict]

    @property
    def readings(self) -> int:
        return sum(len(sent.stored) for sent in self.saved.values())


def write(
    session: Session,
    period: BillingPeriod,
    organisation: Controller,
    typed: dict[int, Typed],
    day: date,
    *,
    by: Actor,
    media: Collection[str] | None = None,
    via: str = "page",
) -> Written:
    """Store what is good, with a receipt per home. Counters outside the period's building, outside media, and those read
    remotely are passed over. via: "paper" when it was copied from a sheet."""
    homes = _homes(session, period, typed, media)
    # All homes are locked before the first receipt's number is drawn, so that two sheets never wait for each other.
    session.execute(select(Unit.id).where(Unit.id.in_(homes)).order_by(Unit.id).with_for_update())
    written = Written({}, {})
    for unit_id in sorted(homes):
        values = {register_id: typed[register_id] for register_id in homes[unit_id]}
        try:
            sent = submit(session, unit_id, organisation, values, day, by=by, partial=True, period_id=period.id, via=via)
            written.saved[unit_id] = sent
            left = sent.left
        except NothingToStore as nothing:
            left = nothing.verdicts
        written.left.update((verdict.counter.register_id, verdict) for verdict in left)
    return written


def _homes(session: Session, period: BillingPeriod, typed: dict[int, Typed], media: Collection[str] | None) -> dict[int, list[int]]:
    """By home: its registers that something was typed for."""
    statement = (
        select(Meter.unit_id, Register.id)
        .join(Meter, Meter.id == Register.meter_id)
        .join(Unit, Unit.id == Meter.unit_id)
        .where(Register.id.in_([number for number, said in typed.items() if said.black.strip()]))
        .where(Unit.building_id == period.building_id, Meter.remote.is_(False))
    )
    homes = {}
    for unit_id, register_id in session.execute(statement if media is None else statement.where(Meter.medium.in_(media))):
        homes.setdefault(unit_id, []).append(register_id)
    return homes
