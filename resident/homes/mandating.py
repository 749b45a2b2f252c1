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
    beside = select(Mandate.id).where(
        Mandate.principal_id == principal.id,
        Mandate.agent_id == agent.id,
        Mandate.purpose == purpose,
        Mandate.medium.is_(medium) if medium is None else Mandate.medium == medium,
        Mandate.building_id.is_(None) if building_id is None else Mandate.building_id == building_id,
        or_(Mandate.last.is_(None), Mandate.last >= first),
    )
    if session.scalar(beside.where(Mandate.first <= last) if last else beside):
        raise BadMandate(field="agent", why="twice")
    row = Mandate(
        principal_id=principal.id,
        agent_id=agent.id,
        building_id=building_id,
        purpose=purpose,
        medium=medium,
        first=first,
        last=last,
    )
    session.add(row)
    session.flush()
    facts = {"agent": agent.id, "purpose": purpose, "medium": medium}
    audit.record(session, "mandate_added", by=by, organisation_id=principal.id, thing=row, facts=facts)
    return row


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
