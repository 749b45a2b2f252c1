"""Who holds a home, as the desk changes it: tenures with their days, the homes held, the parties with theirs.

At most one ownership a home and day, one primary a tenure and day; a change that would leave entries or invoices without
their holder is refused with the list (rule 37). Days that a period billed change hands by corrections instead
(rule 26, charging/reholding.py).
"""

from datetime import date, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..charging import reholding
from ..db import lasts
from ..errors import ResidentError, Stale
from ..homes.building import Building, Unit
from ..homes.setting import digest
from ..people.invitation import Invitation
from ..people.person import Person
from ..people.sign_in import LoginSession
from ..people.tenure import Holding, Party, Tenure
from . import billed_days
from .billed_days import DaysShared
from .orphan import Orphan, drafted, of_tenure

__all__ = ["BadDays", "DaysShared", "OwnershipsOverlap", "PrimaryTaken", "WouldOrphan", "Orphan"]
ROLES = ("primary", "co_owner", "occupant")
_FOREVER = date.max


class BadDays(ResidentError):
    """Days cannot be so: why (order: the last is before the first | outside: not within the tenure, whose days are first, last)."""


class OwnershipsOverlap(ResidentError):
    """Another ownership holds the home on some of these days: number (of the home), first, last."""


class PrimaryTaken(ResidentError):
    """Somebody else is the primary owner or tenant on some of these days: first, last."""


class Oneself(ResidentError):
    """Staff enter everybody but themselves: a colleague does that."""


class WouldOrphan(ResidentError):
    """Rule 37: things, Orphans that would stand outside of the new days."""


def mark(thing: Tenure | Party) -> str:
    """A short mark of what a form was drawn from (S47)."""
    names = ("signed", "first", "last") if isinstance(thing, Tenure) else ("role", "rights", "first", "last")
    return digest([getattr(thing, name) for name in names])


# ---- Tenures ---------------------------------------------------------------------------------------------------------


def begin(
    session: Session,
    unit_id: int,
    kind: str,
    primary: Person,
    *,
    signed: date | None,
    first: date,
    last: date | None,
    by,
    after: int | None = None,
) -> Tenure:
    """A new tenure of a home with its primary owner or tenant.

    after: a tenure that will have ended by then (a handover's leaving one), however its days stand now. What is billed already
    for its days is moved to it by corrections that wait.
    BadDays, OwnershipsOverlap, Oneself, DaysShared; ValueError for a person of another organisation.
    """
    _in_order(first, last)
    organisation_id = _organisation_of(session, unit_id)
    if primary.organisation_id != organisation_id:
        raise ValueError("a person of another organisation")
    _refuse_oneself(primary, by)
    lock_unit(session, unit_id)
    if kind == "ownership":
        _refuse_overlap(session, unit_id, first, last, besides={after})
    billed_days.refuse_drafted(session, unit_id, first, last)
    tenure = Tenure(organisation_id=organisation_id, kind=kind, signed=signed, first=first, last=last)
    session.add(tenure)
    session.flush()
    session.add_all(
        [
            Holding(tenure_id=tenure.id, unit_id=unit_id, first=first, last=last),
            Party(tenure_id=tenure.id, person_id=primary.id, role="primary", first=first, last=last),
        ]
    )
    session.flush()
    moved = billed_days.move(session, [(unit_id, first, last)], by=by, after=after)
    facts = {"unit": unit_id, "kind": kind, "first": first.isoformat(), "person": primary.id} | moved
    audit.record(session, "tenure_added", by=by, organisation_id=organisation_id, thing=tenure, facts=facts)
    session.flush()
    return tenure


def change_days(
    session: Session,
    tenure: Tenure,
    signed: date | None,
    first: date,
    last: date | None,
    seen: str,
    *,
    by,
    after: int | None = None,
) -> list[str]:
    """Move a tenure's days; its homes and parties follow where they began or ended with it. The names of what changed.
    What is billed already for days that it gains or loses goes to whoever has them then, by corrections that wait.

    seen: mark() of what the form was drawn from; after: as in begin(). Stale, BadDays, OwnershipsOverlap, WouldOrphan, DaysShared.
    """
    _in_order(first, last)
    session.refresh(tenure, with_for_update=True)
    if seen != mark(tenure):
        raise Stale()
    given = {"signed": signed, "first": first, "last": last}
    changed = [name for name, value in given.items() if getattr(tenure, name) != value]
    if not changed:
        return []
    if orphans := of_tenure(session, tenure, first, last):
        raise WouldOrphan(things=orphans)
    if shared := drafted(session, tenure, first, last):
        raise DaysShared(name=shared[0], last=shared[1], end="last" in changed)
    gained, lost = (list(days(session, tenure, first, last)) for days in (billed_days.gained, billed_days.lost))
    for unit_id, *days in gained:
        billed_days.refuse_drafted(session, unit_id, *days)
    for unit_id, *days in lost:
        billed_days.refuse_settling(session, unit_id, *days, end="last" in changed)
    _move(session, tenure, first, last, after)
    for name in changed:
        setattr(tenure, name, given[name])
    session.flush()
    moved = billed_days.settle(session, tenure, gained, lost, by=by, after=after)
    facts = {name: value and value.isoformat() for name, value in given.items() if name in changed} | moved
    audit.record(session, "tenure_changed", by=by, organisation_id=tenure.organisation_id, thing=tenure, facts=facts)
    session.flush()
    return changed


def _move(session: Session, tenure: Tenure, first: date, last: date | None, after: int | None) -> None:
    holdings = session.scalars(select(Holding).where(Holding.tenure_id == tenure.id)).all()
    for holding in holdings:
        lock_unit(session, holding.unit_id)
        _follow(holding, tenure, first, last)
        if tenure.kind == "ownership":
            _refuse_overlap(session, holding.unit_id, holding.first, holding.last, besides={tenure.id, after})
    for party in session.scalars(select(Party).where(Party.tenure_id == tenure.id)):
        _follow(party, tenure, first, last)


def _follow(thing: Holding | Party, tenure: Tenure, first: date, last: date | None) -> None:
    """What began with the tenure begins with it still, and what ended with it ends; nothing stands out of its days."""
    thing.first = first if thing.first == tenure.first else max(thing.first, first)
    if thing.last == tenure.last or (last and (thing.last is None or thing.last > last)):
        thing.last = last


def hold(session: Session, tenure: Tenure, unit_id: int, first: date, last: date | None, *, by) -> Holding:
    """Let the tenure hold one more unit (a parking space, a storage room). What it holds already stays one row. What is billed
    already for its days is moved to it by corrections that wait. BadDays, OwnershipsOverlap, DaysShared."""
    _within(first, last, tenure)
    if _organisation_of(session, unit_id) != tenure.organisation_id:
        raise ValueError("a unit of another organisation")
    lock_unit(session, unit_id)
    held = select(Holding).where(Holding.tenure_id == tenure.id, Holding.unit_id == unit_id, _overlapping(Holding, first, last))
    if there := session.scalar(held.limit(1)):
        return there
    if tenure.kind == "ownership":
        _refuse_overlap(session, unit_id, first, last, besides={tenure.id})
    billed_days.refuse_drafted(session, unit_id, first, last)
    made = Holding(tenure_id=tenure.id, unit_id=unit_id, first=first, last=last)
    session.add(made)
    session.flush()
    moved = billed_days.move(session, [(unit_id, first, last)], by=by)
    facts = {"unit": unit_id, "first": first.isoformat(), "last": last and last.isoformat()} | moved
    audit.record(session, "tenure_changed", by=by, organisation_id=tenure.organisation_id, thing=tenure, facts=facts)
    session.flush()
    return made


def let_go(session: Session, tenure: Tenure, unit_id: int, last: date, *, by) -> None:
    """The last day of a unit that is held beside the home. What is billed already for the days behind it goes to whoever has them
    then, by corrections that wait. BadDays, DaysShared; ValueError for one that is not held then."""
    lock_unit(session, unit_id)
    session.execute(select(Tenure.id).where(Tenure.id == tenure.id).with_for_update())
    held = select(Holding).where(Holding.tenure_id == tenure.id, Holding.unit_id == unit_id)
    holding = session.scalar(held.order_by(Holding.first.desc()).limit(1))
    if holding is None:
        raise ValueError(unit_id)
    _within(holding.first, last, tenure)
    if holding.last is not None and last > holding.last:
        raise BadDays(why="outside", first=holding.first, last=holding.last)
    ended = holding.last
    if last == ended:
        return
    gone = last + timedelta(days=1), ended
    billed_days.refuse_drafted(session, unit_id, *gone, end=True)
    holding.last = last
    session.flush()
    moved = billed_days.move(session, [(unit_id, *gone)], by=by, released=tenure.id)
    facts = {"unit": unit_id, "last": last.isoformat()} | moved
    audit.record(session, "tenure_changed", by=by, organisation_id=tenure.organisation_id, thing=tenure, facts=facts)
    session.flush()


def undo(session: Session, tenure: Tenure, *, by) -> None:
    """Take back a tenure that does not come: nobody is its party and it holds nothing any more. Its row stays for the record."""
    for party_id in session.scalars(select(Party.id).where(Party.tenure_id == tenure.id)).all():
        _delete(session, party_id)
    held = session.execute(select(Holding.unit_id, Holding.first, Holding.last).where(Holding.tenure_id == tenure.id)).all()
    for unit_id in sorted({row.unit_id for row in held}):
        lock_unit(session, unit_id)
    session.execute(delete(Holding).where(Holding.tenure_id == tenure.id))
    moved = billed_days.move(session, held, by=by, released=tenure.id)
    facts = {"undone": True} | moved
    audit.record(session, "tenure_changed", by=by, organisation_id=tenure.organisation_id, thing=tenure, facts=facts)
    session.flush()


# ---- Parties ---------------------------------------------------------------------------------------------------------


def join(
    session: Session,
    tenure: Tenure,
    person: Person,
    role: str,
    rights: list | None,
    first: date,
    last: date | None,
    *,
    by,
    called: str | None = None,
) -> Party:
    """Make a person a party of a tenure. Somebody already there on some of these days is joined, not doubled: one row, its
    days widened. BadDays, PrimaryTaken, Oneself; ValueError for a person of another organisation."""
    if person.organisation_id != tenure.organisation_id or role not in ROLES:
        raise ValueError(role)
    _refuse_oneself(person, by)
    session.execute(select(Tenure.id).where(Tenure.id == tenure.id).with_for_update())
    _within(first, last, tenure)
    own = select(Party).where(Party.tenure_id == tenure.id, Party.person_id == person.id, _overlapping(Party, first, last))
    if there := session.scalar(own.order_by(Party.id).limit(1)):
        return _widened(session, there, role, first, last, by)
    if role == "primary":
        _refuse_second_primary(session, tenure.id, first, last)
    party = Party(
        tenure_id=tenure.id, person_id=person.id, role=role, rights=rights, first=first, last=last, called=called,
        added_by_id=by.person_id,
    )  # fmt: skip
    session.add(party)
    session.flush()
    facts = {"person": person.id, "role": role, "rights": rights, "first": first.isoformat(), "last": last and last.isoformat()}
    audit.record(session, "party_added", by=by, organisation_id=tenure.organisation_id, thing=party, facts=facts)
    session.flush()
    return party


def _refuse_oneself(person: Person, by) -> None:
    """Nobody opens somebody's home to themselves, in whichever organisation their post is."""
    if by.staff and (person.id == by.person_id or (person.login_id is not None and person.login_id == by.login_id)):
        raise Oneself()


def _widened(session: Session, there: Party, role: str, first: date, last: date | None, by) -> Party:
    """The days of somebody already there cover the new ones too; role and rights stay. The primary's are the desk's alone."""
    begins, ends = min(there.first, first), max(there.last or _FOREVER, last or _FOREVER)
    ends = None if ends == _FOREVER else ends
    if there.role == role != "primary" and (begins, ends) != (there.first, there.last):
        there.first, there.last = begins, ends
        session.flush()
        _record(session, "party_changed", there, by)
    return there


def change_party(
    session: Session, party: Party, role: str, rights: list | None, first: date, last: date | None, seen: str, *, by
) -> bool:
    """Change what somebody is in a tenure, their rights and days. False when nothing was changed. Readings that they sent stay.

    Stale, BadDays, PrimaryTaken.
    """
    tenure = session.get_one(Tenure, party.tenure_id, with_for_update=True)
    session.refresh(party)
    if seen != mark(party):
        raise Stale()
    if (role, rights, first, last) == (party.role, party.rights, party.first, party.last):
        return False
    _within(first, last, tenure)
    if role == "primary":
        _refuse_second_primary(session, tenure.id, first, last, besides=party.id)
    ends = last is not None and last != party.last
    party.role, party.rights, party.first, party.last = role, rights, first, last
    session.flush()
    _record(session, "party_ended" if ends else "party_changed", party, by)
    return True


def remove(session: Session, party: Party, today: date, seen: str, *, by) -> None:
    """Take back a part that has not begun. Stale; BadDays(why="begun") when it has: then it gets a last day."""
    session.refresh(party, with_for_update=True)
    if seen != mark(party):
        raise Stale()
    if party.first <= today:
        raise BadDays(why="begun", first=party.first, last=party.last)
    _record(session, "party_ended", party, by, removed=True)
    _delete(session, party.id)


def _delete(session: Session, party_id: int) -> None:
    for column in (LoginSession.party_id, LoginSession.as_party_id, Invitation.party_id):
        session.execute(update(column.class_).where(column == party_id).values({column.key: None}))
    session.execute(delete(Party).where(Party.id == party_id))
    session.flush()


def _record(session: Session, act: str, party: Party, by, **more) -> None:
    facts = {"role": party.role, "rights": party.rights, "first": party.first.isoformat(), **more}
    facts["last"] = party.last and party.last.isoformat()
    audit.record(session, act, by=by, thing=party, facts=facts)
    session.flush()


# ---- Rules -----------------------------------------------------------------------------------------------------------


def _in_order(first: date, last: date | None) -> None:
    if last and last < first:
        raise BadDays(why="order", first=first, last=last)


def _within(first: date, last: date | None, tenure: Tenure) -> None:
    _in_order(first, last)
    if first < tenure.first or (tenure.last and (last is None or last > tenure.last)):
        raise BadDays(why="outside", first=tenure.first, last=tenure.last)


def _overlapping(thing, first: date, last: date | None):
    return (
        lasts(thing, first)
        if last == first
        else (thing.first <= (last or _FOREVER)) & or_(thing.last.is_(None), thing.last >= first)
    )


def _refuse_overlap(session: Session, unit_id: int, first: date, last: date | None, besides: set) -> None:
    other = (
        select(Unit.number, Holding.first, Holding.last)
        .join(Holding, Holding.unit_id == Unit.id)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .where(Unit.id == unit_id, Tenure.kind == "ownership", Tenure.id.not_in(besides - {None}))
        .where(_overlapping(Holding, first, last), _overlapping(Tenure, first, last))
    )
    if row := session.execute(other.limit(1)).first():
        raise OwnershipsOverlap(number=row.number, first=row.first, last=row.last)


def _refuse_second_primary(session: Session, tenure_id: int, first: date, last: date | None, besides: int = 0) -> None:
    other = select(Party.first, Party.last).where(
        Party.tenure_id == tenure_id, Party.role == "primary", Party.id != besides, _overlapping(Party, first, last)
    )
    if row := session.execute(other.limit(1)).first():
        raise PrimaryTaken(first=row.first, last=row.last)


def _organisation_of(session: Session, unit_id: int) -> int:
    return session.scalar(select(Building.organisation_id).join(Unit).where(Unit.id == unit_id))


def lock_unit(session: Session, unit_id: int) -> None:
    """Rules across the tenures of a home hold while its row is locked (PostgreSQL; SQLite has one writer); what its building has
    billed holds still before it."""
    reholding.hold_still(session, unit_id)
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
