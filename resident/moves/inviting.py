"""Invitations made, withdrawn, sent and accepted. The token is in the link alone: a mail gets a fresh one when it is sent."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..errors import ResidentError
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import Actor, Home, home_label
from ..people import limit, link
from ..people.invitation import Invitation
from ..people.person import Login, Person
from ..people.tenure import Holding, Party, Tenure
from . import household
from .household import Part

# How long an invitation may wait to be accepted, in days, and what is proposed.
CHOICES, USUAL = (3, 7, 14, 30), 14
JOB = "invitation"


class Over(ResidentError):
    """An invitation that is unknown, used, withdrawn or too old, or whose home is no longer its maker's: the same for all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What whoever holds the link may know before they sign in. No family name, no address of anybody."""

    id: int
    organisation_id: int
    organisation: str
    country: str
    label: str
    role: str
    tenure_kind: str
    # The first word of the name of whoever invites; "" where that is or may be a family name, and, as label, under
    # non-disclosure of anybody of the home.
    inviter: str
    called: str
    first: date
    last: date | None
    today: date


def invite(
    session: Session, home: Home, part: Part, days: int, *, by: Actor, to: str | None = None, language: str = "en"
) -> str | None:
    """Make an invitation that waits for so many days. Its token, or None when a mail to `to` is ordered. BadPart, TooMany."""
    household.checked(home, part)
    if to is not None:
        limit.take_mail(session, to.casefold(), f"login {by.login_id}")
    session.execute(select(Tenure.id).where(Tenure.id == home.tenure_id).with_for_update())
    token, link_id = _link(session, home.organisation.id, timedelta(days=days), by)
    row = Invitation(
        organisation_id=home.organisation.id, tenure_id=home.tenure_id, link_id=link_id, called=part.called, role=part.role,
        rights=sorted(part.rights), first=part.first, last=part.last, by_person_id=home.person_id, made_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    facts = {"tenure": home.tenure_id, "role": part.role, "by_mail": to is not None}
    audit.record(session, "invitation_sent", by=by, thing=row, facts=facts)
    if to is None:
        return token
    jobs.add(session, JOB, {"invitation_id": row.id, "to": to, "language": language})
    session.flush()
    return None


def _link(session: Session, organisation_id: int, lasts: timedelta, by=None) -> tuple[str, int]:
    token = link.make(session, "invitation", lasts=lasts, organisation_id=organisation_id, by=by)
    return token, link.find(session, "invitation", token).id


def renewed(session: Session, invitation_id: int) -> tuple[str, Shown] | None:
    """A fresh token in the place of the old one, for a mail that is sent now; None when the invitation is over."""
    row = session.get(Invitation, invitation_id)
    old = session.get(link.Link, row.link_id) if row else None
    if old is None or row.withdrawn_at or row.party_id or old.used_at or old.ended_at or old.expires_at <= clock.now():
        return None
    token, row.link_id = _link(session, row.organisation_id, old.expires_at - clock.now())
    link.end(session, "invitation", link_id=old.id)
    session.flush()
    shown = _shown(session, row)
    return (token, shown) if shown else None


def withdraw(session: Session, invitation: Invitation, *, by: Actor) -> None:
    """Take an invitation back; its link leads nowhere from now on. Once accepted, or withdrawn, nothing happens."""
    session.refresh(invitation, with_for_update=True)
    if invitation.withdrawn_at or invitation.party_id:
        return
    invitation.withdrawn_at = clock.now()
    link.end(session, "invitation", link_id=invitation.link_id, by=by)
    audit.record(session, "invitation_withdrawn", by=by, thing=invitation)
    session.flush()


def find(session: Session, token: str) -> tuple[Invitation, Shown] | None:
    """The invitation behind a link while it holds."""
    row = link.find(session, "invitation", token)
    invitation = row and session.scalar(select(Invitation).where(Invitation.link_id == row.id, Invitation.withdrawn_at.is_(None)))
    shown = invitation and _shown(session, invitation)
    return (invitation, shown) if shown else None


def accept(session: Session, token: str, login: Login) -> Party:
    """The holder of a sign-in joins the household: as the person whom the organisation knows by it, else as a new one.

    Over when the link does not hold (any more).
    """
    found = find(session, token)
    if found is None:
        raise Over()
    invitation, _shown_to = found
    try:
        link.use(session, "invitation", token)
    except link.LinkOver:
        raise Over() from None
    tenure = session.get_one(Tenure, invitation.tenure_id, with_for_update=True)
    person = _person_of(session, invitation, login)
    by = Actor(login.id, person.id, invitation.organisation_id, "resident", person.name)
    rights = frozenset(invitation.rights or ())
    part = Part(invitation.called, invitation.role, rights, invitation.first, invitation.last)
    party = household.admit(session, tenure, person, part, by=by)
    party.called = None
    party.added_by_id = party.added_by_id if party.added_by_id != person.id else invitation.by_person_id
    invitation.party_id = party.id
    session.flush()
    audit.record(session, "invitation_accepted", by=by, thing=invitation, facts={"party": party.id})
    session.flush()
    return party


def _person_of(session: Session, invitation: Invitation, login: Login) -> Person:
    session.execute(select(Login.id).where(Login.id == login.id).with_for_update())
    own = select(Person).where(Person.organisation_id == invitation.organisation_id, Person.login_id == login.id)
    person = session.scalar(own)
    if person is None:
        name = invitation.called
        person = household.new_person(session, invitation.organisation_id, name, login_id=login.id, language=login.language)
    return person


def _shown(session: Session, row: Invitation) -> Shown | None:
    """None when the home is no longer held, or whoever invites is no longer of the household."""
    found = session.execute(
        select(
            Organisation.name, Organisation.country, Organisation.tz, Tenure.kind, Tenure.last, Building.address, Unit.number,
            Unit.kind.label("unit_kind"),
        )
        .select_from(Tenure)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Tenure.id == row.tenure_id)
        .order_by(Unit.kind != "home", Unit.sort_key)
        .limit(1)
    ).first()  # fmt: skip
    today = found and clock.today(found.tz)
    over = found is None or any(last is not None and last < today for last in (found.last, row.last))
    if over or not _still_there(session, row, today):
        return None
    person = session.get_one(Person, row.by_person_id)
    hidden = _undisclosed(session, row.tenure_id) or person.non_disclosure
    # In Russia the family name is usually written first: the first word would tell it.
    inviter = "" if hidden or found.country == "RU" else next(iter(person.name.split()), "")
    label = "" if hidden else home_label(found.country, found.address, found.number)
    return Shown(
        row.id, row.organisation_id, found.name, found.country, label, row.role, found.kind, inviter, row.called, row.first,
        row.last, today,
    )  # fmt: skip


def _undisclosed(session: Session, tenure_id: int) -> bool:
    of_home = select(Party.id).join(Person, Person.id == Party.person_id).where(Party.tenure_id == tenure_id, Person.non_disclosure)
    return session.scalar(of_home.limit(1)) is not None


def _still_there(session: Session, row: Invitation, today: date) -> bool:
    own = select(Party.id).where(Party.tenure_id == row.tenure_id, Party.person_id == row.by_person_id)
    return session.scalar(own.where((Party.last.is_(None)) | (Party.last >= today)).limit(1)) is not None
