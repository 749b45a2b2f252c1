"""Staff looking at the portal as a resident sees it: announced on every page, read only, and in the resident's own log."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError
from ..identity import POSTS, SEES_CONTACTS, SEES_UNDISCLOSED, Duty, Home, Viewer
from . import residence
from .person import Person
from .sign_in import LoginSession
from .tenure import Party

# Why staff may look, as the resident reads it. A closed list: what is written down is kept for good, so it holds no free text.
REASONS = ("asked", "reported", "settings", "training")


# What the pages of a resident show, as abilities of a post.
SEEN = {"register", "readings", "money", "cases"}


class NoReason(ResidentError):
    """Why somebody looks has to be said, by one of REASONS."""


def homes(session: Session, party_id: int, duties: Iterable[Duty]) -> tuple[tuple[Home, ...], Duty | None]:
    """The homes, in one organisation, of the person who is a party, as far as the duties let their holder look; and the duty
    by which. Nothing when they may not: a post that sees there whatever the pages show, also of the undisclosed."""
    person_id = session.scalar(select(Party.person_id).where(Party.id == party_id))
    if person_id is None:
        return (), None
    found = residence.of_person(session, person_id)
    asked = {person_id, *(home.person_id for home in found)}
    undisclosed = bool(session.scalar(select(Person.id).where(Person.id.in_(asked), Person.non_disclosure).limit(1)))
    able = [duty for duty in duties if _may_look(duty, undisclosed)]
    seen = [(home, duty) for home in found if (duty := next((one for one in able if _covers(one, home)), None))]
    return tuple(home for home, _ in seen), seen[0][1] if seen else None


def _may_look(duty: Duty, undisclosed: bool) -> bool:
    """A resident's pages hold messages, faults, readings and money: nobody looks whose post does not see all of these."""
    return POSTS[duty.role] >= SEEN and duty.role in (SEES_UNDISCLOSED if undisclosed else SEES_CONTACTS)


def _covers(duty: Duty, home: Home) -> bool:
    return duty.organisation.id == home.organisation.id and (duty.buildings is None or home.building_id in duty.buildings)


def begin(session: Session, viewer: Viewer, home: Home, duty: Duty, why: str) -> None:
    """The viewer's session shows what the party of a home sees, from now on. why: of REASONS, else NoReason."""
    if why not in REASONS:
        raise NoReason()
    _look(session, viewer.session_id, home.party_id)
    facts = {"party": home.party_id, "why": why}
    audit.record(session, "viewed_as_resident", by=viewer.as_staff(duty), thing=Person(id=home.actor_id), facts=facts)


def end(session: Session, viewer: Viewer) -> None:
    """Back to the desk. Nothing happens when nobody looks."""
    if viewer.looks_by is None:
        return
    _look(session, viewer.session_id, None)
    by, person = viewer.as_staff(viewer.looks_by), Person(id=viewer.home.actor_id)
    audit.record(session, "view_as_ended", by=by, thing=person, facts={"party": viewer.as_party_id})


def _look(session: Session, session_id: int, party_id: int | None) -> None:
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(as_party_id=party_id))
