"""Verification of meters that ends: home and desk are told ahead, each meter once per threshold (rule 12)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from .. import access, audit, clock
from ..db import lasts
from ..delivery import notice
from ..homes import setting
from ..homes.organisation import Organisation
from ..month import plus_months
from ..people import residence
from ..people.tenure import Holding, Party, Tenure
from .meter import Meter

# Meters that one transaction looks after, so that residents are never kept waiting.
CHUNK = 100


def remind(session: Session, organisation: Organisation, today: date) -> int:
    """Tell the homes of at most CHUNK meters whose verification ends within a threshold that they were not told of yet; how
    many meters that were. A home with several such meters gets one mail."""
    rules = setting.in_force(session, organisation.id, organisation.country, today)
    due = _due(session, organisation.id, [int(months) for months in rules["expiry_reminders"]], today)[:CHUNK]
    if not due:
        return 0
    for unit_id in sorted({unit_id for _id, unit_id in due if unit_id is not None}):
        for person_id in readers(session, unit_id, today):
            notice.tell(session, person_id, "verification", "/readings")
    ids = [id for id, _unit_id in due]
    session.execute(update(Meter).where(Meter.id.in_(ids)).values(reminded_on=today))
    audit.record(session, "expiry_reminded", organisation_id=organisation.id, thing=organisation, facts={"meters": ids})
    session.flush()
    return len(ids)


def _due(session: Session, organisation_id: int, thresholds: Sequence[int], today: date) -> list[tuple[int, int | None]]:
    """(meter, its home) of those that have come nearer than a threshold of which they were not told."""
    if not thresholds:
        return []
    near = select(Meter.id, Meter.unit_id, Meter.verified_until, Meter.reminded_on).where(
        Meter.organisation_id == organisation_id, Meter.removed.is_(None),
        Meter.verified_until >= today, Meter.verified_until <= plus_months(today, max(thresholds)),
    )  # fmt: skip
    found = []
    for id, unit_id, until, reminded_on in session.execute(near.order_by(Meter.id)):
        begun = [day for day in (plus_months(until, -months) for months in thresholds) if day <= today]
        if begun and (reminded_on is None or reminded_on < max(begun)):
            found.append((id, unit_id))
    return found


def readers(session: Session, unit_id: int, day: date) -> list[int]:
    """Persons who may enter readings of a home on a day, as its parties."""
    parties = (
        select(Party.person_id)
        .join(Tenure, Tenure.id == Party.tenure_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .where(Holding.unit_id == unit_id, *(lasts(held, day) for held in (Holding, Tenure, Party)))
        .order_by(Party.person_id)
        .distinct()
    )
    return [id for id in session.scalars(parties).all() if _reads(session, id, unit_id)]


def _reads(session: Session, person_id: int, unit_id: int) -> bool:
    homes = residence.of_person(session, person_id)
    return any(home.unit_id == unit_id and home.may("readings") for home in homes)


def remind_all(db) -> None:
    """What the worker does now and then: every organisation on its own day, chunk by chunk."""
    with db.reading() as session:
        organisations = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    for organisation in organisations:
        done = CHUNK
        while done == CHUNK:
            with db.writing() as session:
                done = remind(session, organisation, clock.today(organisation.tz))


def ahead(session: Session, organisation_id: int, country: str, today: date) -> date:
    """The day before which verification ends for what the desk is told of."""
    months = setting.in_force(session, organisation_id, country, today)["expiry_reminders"]
    return plus_months(today, max(map(int, months), default=0))


def ending(viewer: access.Viewer, before: date) -> Select:
    """select(Meter.verified_until) of live meters that the viewer keeps and whose verification ends before a day, the first
    to end first."""
    # Named here too, so that the index of live meters by organisation leads to them.
    kept = [duty.organisation.id for duty in viewer.duties_for("meters")]
    own = (Meter.organisation_id.in_(kept), Meter.removed.is_(None), Meter.verified_until < before)
    seen = access.visible_any_meters(viewer, "meters").where(*own)
    return seen.with_only_columns(Meter.verified_until).order_by(Meter.verified_until)
