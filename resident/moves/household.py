"""A home's people as one of them changes them: parts added, changed and ended, and the number of occupants (K1–K3, H2).

Whoever holds the right "household" gives no more than they have: rights out of their own, days out of their own. The past
is the desk's (tenancy.py). Who is already known to the organisation cannot be learnt here: the name that was typed is all
that the household sees until that person has said so themselves.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import SCALE
from ..errors import ResidentError
from ..homes import setting
from ..homes.building import MOST_OCCUPANTS, Unit, UnitFact
from ..identity import Actor, Home
from ..metering.window import TAKES_READINGS
from ..money.period import BillingPeriod, lock_buildings
from ..people import personal_code
from ..people.invitation import Invitation
from ..people.link import Link
from ..people.person import Person, index_words, remember_address, search_key
from ..people.tenure import Party, Tenure
from . import tenancy

# What an occupant may be given: they change neither the home nor its people (K3), and the agreement is not theirs (H2).
FOR_OCCUPANTS = frozenset(("readings", "invoices", "talk"))
FOR_CO_OWNERS = FOR_OCCUPANTS | {"household", "agreement"}


class NotYours(ResidentError):
    """A part cannot be changed from here: why (primary: the primary owner's or tenant's | own: one's own is left)."""


class BadPart(ResidentError):
    """Days of a part cannot be so: field (first | last), why (past | order | before: the first day allowed is day |
    after: the last day allowed is day | open: a last day is needed, at the latest day)."""


class BadCount(ResidentError):
    """The number of occupants cannot be so: field (count | first), why (range | before | after | allocated), day or period."""


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody is to become: role co_owner | occupant, rights as ticked."""

    called: str
    role: str
    rights: frozenset
    first: date
    last: date | None


# ---- Reading ---------------------------------------------------------------------------------------------------------


def members(session: Session, tenure_id: int, today: date) -> list:
    """The parts in a tenure that have not ended: rows with id, role, rights, first, last, name (what may be
    shown; None under non-disclosure), entered."""
    rank = case((Party.role == "primary", 0), (Party.role == "co_owner", 1), else_=2)
    # The name of somebody under non-disclosure is their own to tell, also to whoever lives with them.
    shown = case((Party.called.is_not(None), Party.called), (Person.non_disclosure, literal(None)), else_=Person.name)
    return session.execute(
        select(
            Party.id, Party.role, Party.rights, Party.first, Party.last, Party.person_id, Party.called,
            shown.label("name"), (Party.called.is_(None)).label("entered"),
        )
        .join(Person, Person.id == Party.person_id)
        .where(Party.tenure_id == tenure_id, (Party.last.is_(None)) | (Party.last >= today))
        .order_by(rank, Party.first, Party.id)
    ).all()  # fmt: skip


def open_invitations(session: Session, tenure_id: int) -> list:
    """Invitations that can still be accepted: rows with id, called, role, rights, first, last, expires_at."""
    return session.execute(
        select(
            Invitation.id, Invitation.called, Invitation.role, Invitation.rights, Invitation.first, Invitation.last,
            Link.expires_at,
        )
        .join(Link, Link.id == Invitation.link_id)
        .where(Invitation.tenure_id == tenure_id, Invitation.withdrawn_at.is_(None), Invitation.party_id.is_(None))
        .where(Link.used_at.is_(None), Link.ended_at.is_(None), Link.expires_at > clock.now())
        .order_by(Invitation.id)
    ).all()  # fmt: skip


def occupants(session: Session, unit_id: int) -> list[UnitFact]:
    """The dated numbers of occupants, the newest first."""
    counts = select(UnitFact).where(UnitFact.unit_id == unit_id, UnitFact.kind == "occupants")
    return list(session.scalars(counts.order_by(UnitFact.first.desc())))


def grantable(home: Home, role: str) -> frozenset:
    """What the holder of a home may give to somebody in a role: out of their own rights."""
    return home.rights & (FOR_CO_OWNERS if role == "co_owner" else FOR_OCCUPANTS)


def may_change(home: Home, party) -> bool:
    """Is a part in this household one that the holder of the home changes: neither the primary's nor their own?"""
    return party.role != "primary" and party.id != home.party_id


# ---- Parts -----------------------------------------------------------------------------------------------------------


def add_by_code(session: Session, home: Home, part: Part, country: str, code: str, key, *, by: Actor) -> Party:
    """Add whoever has a personal code. The same for somebody known and unknown; who is there already is joined, not doubled.

    BadCode (personal_code.py), BadPart. A new person is entered with the typed name, and gets in by identification.
    """
    checked(home, part)
    tenure = session.get_one(Tenure, home.tenure_id, with_for_update=True)
    person = personal_code.person_with(session, home.organisation.id, country, code, key)
    if person is None:
        person = _expected(session, home, part.called, country, code, key, by)
    else:
        _as_if_unknown(session, home, part.called, country, by)
    return admit(session, tenure, person, part, by=by)


def _expected(session: Session, home: Home, called: str, country: str, code: str, key, by: Actor) -> Person:
    """A new person under the code, or the one whom somebody else entered under it at the same moment."""
    try:
        with session.begin_nested():
            person = new_person(session, home.organisation.id, called)
            session.flush()
            personal_code.expect(session, person, country, code, key, by)
    except personal_code.CodeTaken as taken:
        return session.get_one(Person, taken.person_id)
    return person


def _as_if_unknown(session: Session, home: Home, called: str, country: str, by: Actor) -> None:
    """The work that somebody unknown would make, and no trace of it: how long an answer takes tells nothing either (S09)."""
    with session.begin_nested() as tried:
        person = new_person(session, home.organisation.id, called)
        session.flush()
        personal_code.expect_hash(session, person, country.upper(), "none", secrets.token_hex(32), by)
        session.flush()
        tried.rollback()


def new_person(session: Session, organisation_id: int, name: str, **given) -> Person:
    """Somebody the organisation did not know, with the words they are found by. given: further columns of Person. Not flushed."""
    person = Person(organisation_id=organisation_id, name=name, search_key=search_key(name), **given)
    if person.email:
        remember_address(person, None)
    session.add(person)
    index_words(session, person)
    return person


def admit(session: Session, tenure: Tenure, person: Person, part: Part, *, by) -> Party:
    """The part made, or the one that is there. Days are kept inside the tenure's."""
    first, last = max(part.first, tenure.first), part.last
    if tenure.last and (last is None or last > tenure.last):
        last = tenure.last
    return tenancy.join(session, tenure, person, part.role, sorted(part.rights), first, last, by=by, called=part.called)


def checked(home: Home, part: Part) -> None:
    """BadPart, ValueError for rights that were never offered."""
    if part.role not in ("co_owner", "occupant") or not part.rights <= grantable(home, part.role):
        raise ValueError(part.role)
    _check_first(home, part.first)
    _check_last(home, part.first, part.last)


def _check_first(home: Home, first: date) -> None:
    today = home.organisation.today
    if first < today:
        raise BadPart(field="first", why="past", day=today)
    if first < home.begins:
        raise BadPart(field="first", why="before", day=home.begins)
    if home.ends and first > home.ends:
        raise BadPart(field="first", why="after", day=home.ends)


def _check_last(home: Home, first: date, last: date | None) -> None:
    if home.ends and last is None:
        raise BadPart(field="last", why="open", day=home.ends)
    if last is None:
        return
    if last < first:
        raise BadPart(field="last", why="order", day=first)
    if last < home.organisation.today:
        raise BadPart(field="last", why="past", day=home.organisation.today)
    if home.ends and last > home.ends:
        raise BadPart(field="last", why="after", day=home.ends)


def change(session: Session, home: Home, party: Party, rights: frozenset, last: date | None, seen: str, *, by: Actor) -> bool:
    """Give and take rights and set the last day (included). Rights that the holder of the home does not have stay as they are.

    NotYours, Stale, BadPart, BadDays, WouldOrphan (tenancy.py). False when nothing was changed.
    """
    if not may_change(home, party):
        raise NotYours(why="primary" if party.role == "primary" else "own")
    if last != party.last:
        _check_last(home, party.first, last)
    offered = grantable(home, party.role)
    held = held_rights(session, home, party)
    given = (held - offered) | (rights & offered)
    kept = party.rights if given == held else sorted(given)
    return tenancy.change_party(session, party, party.role, kept, party.first, last, seen, by=by)


def held_rights(session: Session, home: Home, party) -> frozenset:
    """The rights of a part: its own, or the organisation's for its role."""
    if party.rights is not None:
        return frozenset(party.rights)
    return frozenset(defaults(session, home).get(party.role, ()))


def defaults(session: Session, home: Home) -> dict:
    """{role: rights} that hold today where a part has none of its own."""
    organisation = home.organisation
    return setting.in_force(session, organisation.id, organisation.country, organisation.today)["rights"]


def take_back(session: Session, home: Home, party: Party, seen: str, *, by: Actor) -> None:
    """Undo a part that has not begun. NotYours, Stale, BadDays."""
    if not may_change(home, party):
        raise NotYours(why="primary" if party.role == "primary" else "own")
    tenancy.remove(session, party, home.organisation.today, seen, by=by)


def leave(session: Session, home: Home, party: Party, last: date, seen: str, *, by: Actor) -> None:
    """End one's own part on a day from today on. NotYours for the primary, whose part the desk ends; Stale, BadPart."""
    if party.role == "primary":
        raise NotYours(why="primary")
    _check_last(home, party.first, last)
    tenancy.change_party(session, party, party.role, party.rights, party.first, last, seen, by=by)


def enter(session: Session, party: Party, *, by: Actor) -> None:
    """The person says that they are here: from now on the household sees their own name."""
    if party.called is None:
        return
    party.called = None
    session.flush()
    audit.record(session, "party_changed", by=by, thing=party, facts={"entered": True})


# ---- Occupants -------------------------------------------------------------------------------------------------------


def set_occupants(session: Session, home: Home, count: int, first: date, *, by: Actor) -> UnitFact:
    """The number of people who live in the home from a day on (K1, rule 25). The same day again: the last word holds.

    BadCount: out of range, before the tenure, after its end, or in days whose costs are shared out (period: its name).
    """
    if not 0 <= count <= MOST_OCCUPANTS:
        raise BadCount(field="count", why="range", most=MOST_OCCUPANTS)
    if first < home.begins:
        raise BadCount(field="first", why="before", day=home.begins)
    if home.ends and first > home.ends:
        raise BadCount(field="first", why="after", day=home.ends)
    lock_buildings(session, [home.building_id])
    _refuse_allocated(session, home, first)
    same = select(UnitFact).where(UnitFact.unit_id == home.unit_id, UnitFact.kind == "occupants", UnitFact.first == first)
    fact = session.scalar(same)
    before = fact and fact.value // SCALE
    if fact is None:
        fact = UnitFact(unit_id=home.unit_id, kind="occupants", value=count * SCALE, first=first)
        session.add(fact)
    fact.value = count * SCALE
    session.flush()
    facts = {"unit": home.unit_id, "count": count, "before": before, "first": first.isoformat()}
    unit = session.get_one(Unit, home.unit_id)
    audit.record(session, "occupants_changed", by=by, organisation_id=home.organisation.id, thing=unit, facts=facts)
    session.flush()
    return fact


def _refuse_allocated(session: Session, home: Home, first: date) -> None:
    """Costs of days that are shared out stand on the numbers of those days: the change would reach into them."""
    later = select(UnitFact.first).where(UnitFact.unit_id == home.unit_id, UnitFact.kind == "occupants", UnitFact.first > first)
    until = session.scalar(later.order_by(UnitFact.first).limit(1))
    shared = select(BillingPeriod.name, BillingPeriod.use_last).where(
        BillingPeriod.building_id == home.building_id,
        BillingPeriod.state.not_in(TAKES_READINGS),
        BillingPeriod.use_last >= first,
    )
    if until:
        shared = shared.where(BillingPeriod.use_first < until)
    if row := session.execute(shared.order_by(BillingPeriod.use_last.desc()).limit(1)).first():
        raise BadCount(field="first", why="allocated", period=row.name, day=row.use_last)
