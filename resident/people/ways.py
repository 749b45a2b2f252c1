"""The ways in that organisations offer, and whether somebody who is known by now may come in by the one they took (L1).

At the entrance without an organisation all ways of all are offered; who has come by a way that only some of their
organisations offer is let in, and what belongs to the others stays closed in that session.
"""

from collections.abc import Iterable

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..errors import ResidentError
from ..homes.organisation import Organisation, OrganisationSetting
from ..homes.setting import default
from .letter import StartLetter
from .link import Link
from .person import Login, Person


class WayClosed(ResidentError):
    """None of the organisations that somebody belongs to offers the way they took. open: the ways that they do offer."""


def of_organisations(session: Session, *which) -> dict[int, frozenset]:
    """organisation: its ways in as of today, of those that the conditions on Organisation choose."""
    rows = session.execute(
        select(Organisation.id, Organisation.country, Organisation.tz, OrganisationSetting.first, OrganisationSetting.value)
        .outerjoin(
            OrganisationSetting,
            and_(OrganisationSetting.organisation_id == Organisation.id, OrganisationSetting.name == "ways_in"),
        )
        .where(*which)
        .order_by(OrganisationSetting.first)
    )
    found = {}
    for id, country, tz, first, value in rows:
        found.setdefault(id, frozenset(default("ways_in", country)))
        if first is not None and first <= clock.today(tz):
            found[id] = frozenset(value)
    return found


def offered(session: Session, organisation_id: int | None = None) -> frozenset:
    """The ways in of an organisation; without one, of all of them together."""
    which = [] if organisation_id is None else [Organisation.id == organisation_id]
    return frozenset().union(*of_organisations(session, *which).values())


def closed_to(session: Session, login_id: int, way: str) -> list[int]:
    """Organisations of a login that do not offer the way (one of sign_in.WAYS). WayClosed when it is all of them.

    An own password that began with a letter or at the office opens where those are offered.
    """
    if way == "link" or session.scalar(select(Login.operator).where(Login.id == login_id)):
        return []
    own = select(Person.organisation_id).where(Person.login_id == login_id, Person.erased_at.is_(None))
    found = of_organisations(session, Organisation.id.in_(own))
    began = _began(session, login_id) if way == "password" else set()
    closed = [id for id, ways in found.items() if way not in ways and not any((id, other) in began for other in ways)]
    if found and len(closed) == len(found):
        raise WayClosed(open=tuple(sorted(frozenset().union(*found.values()))))
    return closed


def _began(session: Session, login_id: int) -> set[tuple[int, str]]:
    """(organisation, "letter" or "office") by which a login got its own password."""
    letters = session.scalars(
        select(StartLetter.organisation_id).where(StartLetter.login_id == login_id, StartLetter.activated_at.is_not(None))
    )
    persons = select(Person.id).where(Person.login_id == login_id)
    links = session.scalars(
        select(Link.organisation_id).where(
            Link.kind == "activation", Link.used_at.is_not(None), or_(Link.login_id == login_id, Link.person_id.in_(persons))
        )
    )
    return {(id, "letter") for id in letters} | {(id, "office") for id in links}


def text(closed: Iterable[int]) -> str | None:
    """What login_session.closed holds."""
    return " ".join(map(str, closed)) or None


def ids(text: str | None) -> frozenset[int]:
    """Organisations out of what text() wrote."""
    return frozenset(map(int, text.split())) if text else frozenset()
