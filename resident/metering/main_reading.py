"""Readings of a building's own meters, as staff enter them: what the water balance and the house's use stand on (B5, L13).

The same questions as for a home's meters are asked (submission.check); nobody gets a receipt.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor, Controller
from ..db import plain
from ..homes.building import Building
from ..money.period import lock_buildings
from . import counter
from .meter import Meter
from .reading import Reading, tidy_note
from .submission import NothingToStore, Typed, Unanswered, Verdict, check, source_of

_meter = Meter.__table__.c
_ANY_OF = select(exists().where(_meter.building_id == bindparam("building"), _meter.removed.is_(None)))


def any_of(session: Session, building_id: int) -> bool:
    """Has the building live meters of its own?"""
    return bool(plain(session, _ANY_OF, {"building": building_id}).scalar())


def form(
    session: Session,
    building_id: int,
    organisation: Controller,
    period_id: int | None = None,
    media: Collection[str] | None = None,
    settings: dict | None = None,
) -> counter.Form:
    """What the entry of a building's own meters needs. media: those that the viewer's posts reach, None for all; settings: as
    for counter.form()."""
    given = counter.form(session, None, organisation, staff=True, period_id=period_id, building_id=building_id, settings=settings)
    given.counters = [row for row in given.counters if media is None or row.medium in media]
    return given


def enter(
    session: Session,
    building: Building,
    organisation: Controller,
    typed: dict[int, Typed],
    day: date,
    *,
    by: Actor,
    period_id: int | None = None,
    media: Collection[str] | None = None,
) -> list[Verdict]:
    """Store the values of a building's own meters, all of them or none: Unanswered(verdicts), NothingToStore."""
    lock_buildings(session, [building.id])
    given = form(session, building.id, organisation, period_id, media)
    own = {row.register_id: typed[row.register_id] for row in given.counters if row.register_id in typed and not row.remote}
    verdicts = check(given, own, day)
    if any(verdict.kind != "good" for verdict in verdicts):
        raise Unanswered(verdicts=verdicts)
    if not verdicts:
        raise NothingToStore(verdicts=[])
    for verdict in verdicts:
        _store(session, verdict, day, given.entry.period_id, by)
    facts = {"building": building.id, "period": given.entry.period_id, "readings": len(verdicts)}
    audit.record(session, "readings_entered", by=by, organisation_id=organisation.id, thing=building, facts=facts)
    session.flush()
    return verdicts


def _store(session: Session, verdict: Verdict, day: date, period_id: int | None, by: Actor) -> None:
    """One reading counts per register and day, and per register and period: an earlier one stays, uncounted (rule 1)."""
    register_id = verdict.counter.register_id
    places = [Reading.day == day, *([Reading.period_id == period_id] if period_id is not None else [])]
    same = select(Reading.id).where(Reading.register_id == register_id, Reading.counts, or_(*places))
    earlier = list(session.scalars(same.order_by(Reading.id)))
    session.execute(update(Reading).where(Reading.id.in_(earlier)).values(counts=False))
    session.add(
        Reading(
            register_id=register_id,
            period_id=period_id,
            day=day,
            value=verdict.value,
            source=source_of(by),
            via="page",
            rolled_over=verdict.answer == "rollover",
            reason=verdict.answer,
            note=tidy_note(verdict.typed.note),
            supersedes_id=earlier[-1] if earlier else None,
            person_id=by.person_id,
            at=clock.now(),
        )
    )
