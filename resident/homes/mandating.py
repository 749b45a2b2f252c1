"""Mandates given and ended: who works for an organisation, as manager, maintenance firm or supplier of a medium, by day."""

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError, Stale
from ..metering import medium as media
from .building import Building
from .organisation import Mandate, Organisation, lock_organisation

PURPOSES = ("manage", "maintain", "supply")
# Two mandates alike in these are the same one, on other days.
_SAME = ("principal_id", "agent_id", "purpose", "medium", "building_id")


class BadMandate(ResidentError):
    """A mandate cannot be so: field, why: "agent" (no organisation is known by that), "self", "purpose", "medium", "building",
    "days", "past", "twice" (it has the same one on some of these days)."""


def agent_called(session: Session, text: str) -> Organisation | None:
    """The organisation of that short name or registry code, exactly: there is nothing to browse."""
    wanted = text.strip().casefold()
    if not wanted:
        return None
    found = select(Organisation).where(or_(Organisation.slug == wanted, func.lower(Organisation.registry_code) == wanted))
    return session.scalars(found.limit(2)).first()


def give(
    session: Session,
    principal: Organisation,
    agent: Organisation | None,
    purpose: str,
    first: date,
    last: date | None,
    *,
    medium: str | None,
    building_id: int | None,
    by,
) -> Mandate:
    """BadMandate. medium: of a supplier; building_id: None for all buildings."""
    _check(session, principal, agent, purpose, medium, building_id)
    if last is not None and last < first:
        raise BadMandate(field="last", why="days")
    lock_organisation(session, principal.id)
    row = Mandate(
        principal_id=principal.id,
        agent_id=agent.id,
        building_id=building_id,
        purpose=purpose,
        medium=medium,
        first=first,
        last=last,
    )
    _refuse_twice(session, row)
    session.add(row)
    session.flush()
    facts = {"agent": agent.id, "purpose": purpose, "medium": medium}
    audit.record(session, "mandate_added", by=by, organisation_id=principal.id, thing=row, facts=facts)
    return row


def _refuse_twice(session: Session, row: Mandate) -> None:
    """The same mandate holds on some of the days already."""
    same = (getattr(Mandate, name).is_not_distinct_from(getattr(row, name)) for name in _SAME)
    beside = select(Mandate.id).where(*same, or_(Mandate.last.is_(None), Mandate.last >= row.first))
    if session.scalar(beside.where(Mandate.first <= row.last) if row.last else beside):
        raise BadMandate(field="agent", why="twice")


def end(session: Session, mandate: Mandate, last: date | None, seen: date | None, *, by, today: date) -> None:
    """Let a mandate end on a day, or go on without an end. Rights are worked out per request, so it holds from then by itself."""
    session.refresh(mandate, with_for_update=True)
    if mandate.last != seen:
        raise Stale()
    if last is not None and last < mandate.first:
        raise BadMandate(field="last", why="days")
    if last is not None and mandate.first <= today and last < today:
        raise BadMandate(field="last", why="past")
    mandate.last = last
    session.flush()
    facts = {"last": last.isoformat() if last else None}
    audit.record(session, "mandate_ended", by=by, organisation_id=mandate.principal_id, thing=mandate, facts=facts)


def _check(session: Session, principal: Organisation, agent, purpose: str, medium: str | None, building_id: int | None) -> None:
    if agent is None:
        raise BadMandate(field="agent", why="agent")
    if agent.id == principal.id:
        raise BadMandate(field="agent", why="self")
    if purpose not in PURPOSES:
        raise BadMandate(field="purpose", why="purpose")
    if (purpose == "supply") != (medium is not None) or (medium is not None and medium not in media.known(session, principal.id)):
        raise BadMandate(field="medium", why="medium")
    if building_id is not None and not session.scalar(
        select(Building.id).where(Building.id == building_id, Building.organisation_id == principal.id)
    ):
        raise BadMandate(field="building", why="building")
