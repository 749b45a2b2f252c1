"""Lists of cases: the resident's, the desk's queue and the caretaker's own.

The desk's pages are merged from one walk along an index for each state and each organisation (or building, caretaker,
home), so that page one and the page at row 100,000 cost the same and nothing is sorted as a whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product

from sqlalchemy import Select, and_, asc, desc, false, func, or_, select, union_all
from sqlalchemy.orm import aliased

from .. import access
from ..db import lasts
from ..homes.building import Building, Unit, door_of, natural
from ..homes.organisation import Organisation
from ..number import PREFIX
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from .case import REOPENED, STATES, Case

PAGE = 50
OWN_PAGE = 20
OPEN = ("new", "received", "in_progress", "waiting")
# Groups of states that the queue can be filtered by.
GROUPS = {
    "open": OPEN,
    "new": ("new",),
    "waiting": ("waiting",),
    "reopened": OPEN,
    "done": ("done",),
    "closed": ("closed", "rejected"),
    "all": STATES,
}
# From so many organisations on, one walk takes all of them: SQLite holds at most 500 parts in a union.
_APART = 40
# A word that is not longer than this before the figure is a staircase: "B 23", "III 7".
_STAIRCASE = 3
_NUMBER = re.compile(r"(?:[Ff]\s?-?\s?)?(\d{4})-(\d{1,6})")

_LISTED = (
    Case.id,
    Case.number,
    Case.subject,
    Case.place,
    Case.category,
    Case.state,
    Case.unit_id,
    Case.opened_at,
    Case.waits_until,
    Case.due,
    Building.address,
    Unit.number.label("home"),
    Unit.staircase,
    Organisation.country,
    Organisation.tz,
    # Somebody said that it is not gone, and it is not done again yet.
    and_(Case.state.in_(OPEN), REOPENED).label("reopened"),
)


def _listed(*more) -> Select:
    return (
        select(*_LISTED, *more)
        .join(Building, Building.id == Case.building_id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
    )


# ---- Residents -----------------------------------------------------------------------------------------------------


def own(viewer: access.Viewer, after: int | None = None) -> Select:
    """The household's cases, newest first, OWN_PAGE and one more; `unread` marks what the viewer has not seen."""
    persons = [home.person_id for home in viewer.homes]
    unread = and_(Case.person_id.in_(persons), Case.last_event > Case.seen_event).label("unread")
    statement = _listed(unread, Case.done_at).where(access.own_cases(viewer))
    if after is not None:
        statement = statement.where(Case.id < after)
    return statement.order_by(Case.id.desc()).limit(OWN_PAGE + 1)


def common(viewer: access.Viewer) -> Select:
    """What others reported in common areas of the building and is not closed yet, newest first."""
    others = or_(Case.tenure_id.is_(None), ~access.own_cases(viewer))
    statement = _listed().where(access.common_cases(viewer), others, Case.state.in_((*OPEN, "done")))
    return statement.order_by(Case.id.desc()).limit(OWN_PAGE)


# ---- The desk ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk asks for. group: one of GROUPS; assignee: a person's id, 0 for nobody; search: number, home or subject."""

    group: str = "open"
    building: int | None = None
    category: str | None = None
    assignee: int | None = None
    search: str = ""


def queue(viewer: access.Viewer, wanted: Filter, after: int | None = None) -> Select:
    """A page of what the viewer's posts cover, newest first: PAGE and one more, with the caretaker's name."""
    assignee = aliased(Person)
    ids = _merged(viewer, wanted, PAGE + 1, after)
    return (
        _listed(assignee.name.label("assignee"))
        .join(ids, ids.c.id == Case.id)
        .outerjoin(assignee, assignee.id == Case.assignee_id)
        .order_by(Case.id.desc())
    )


def oldest(viewer: access.Viewer, wanted: Filter) -> Select:
    """When the oldest of the whole filtered queue was opened."""
    ids = _merged(viewer, wanted, 1, None, newest_first=False)
    return select(Case.opened_at).join(ids, ids.c.id == Case.id)


def _merged(viewer: access.Viewer, wanted: Filter, limit: int, after: int | None, newest_first: bool = True):
    """Ids of the first `limit` cases of the filter, as a subquery."""
    turned = desc if newest_first else asc
    narrowed = _narrowed(viewer, wanted)
    if after is not None:
        narrowed.append(Case.id < after)
    walks = []
    for scope, state in product(_scopes(viewer, wanted), GROUPS[wanted.group]):
        walk = select(Case.id).where(*scope, Case.state == state, *narrowed).order_by(turned(Case.id)).limit(limit)
        walks.append(select(walk.subquery().c.id))
    found = union_all(*walks).subquery()
    return select(found.c.id).order_by(turned(found.c.id)).limit(limit).subquery()


def _scopes(viewer: access.Viewer, wanted: Filter) -> Iterable[tuple]:
    """Conditions that an index begins with, one tuple for each walk; together what the viewer may see of the filter."""
    covered = access.reach(viewer, "cases", Case.organisation_id, Case.building_id)
    by_search = _sought(viewer, wanted.search)
    if by_search is not None:
        return [(by_search, covered)]
    if wanted.building:
        return [(Case.building_id == wanted.building, covered)]
    if wanted.assignee:
        return [(Case.assignee_id == wanted.assignee, covered)]
    reached = organisations(viewer)
    if len(reached) > _APART or not reached:
        return [(covered,)]
    whole = _whole(viewer)
    return [(Case.organisation_id == id,) if id in whole else (Case.organisation_id == id, covered) for id in sorted(reached)]


def organisations(viewer: access.Viewer) -> set[int]:
    """Ids of those whose faults a post of the viewer covers, wholly or in part."""
    return {duty.organisation.id for duty in viewer.duties_for("cases")}


def _whole(viewer: access.Viewer) -> set[int]:
    """Organisations of which a post covers every building."""
    return {duty.organisation.id for duty in access.whole_duties(viewer, "cases")}


def _sought(viewer: access.Viewer, search: str):
    """The condition for a case's number or a home's; None when the search is neither."""
    number = _NUMBER.fullmatch(search.strip())
    if number:
        year, running = number.groups()
        return Case.number == f"{PREFIX['case']}-{year}-{int(running):04d}"
    if any(letter.isdigit() for letter in search):
        here = access.visible_buildings(viewer, "cases").with_only_columns(Building.id)
        return Case.unit_id.in_(select(Unit.id).where(Unit.building_id.in_(here), called(search)))
    return None


def is_number(search: str) -> bool:
    """Is this a case's number, which is looked for in every state?"""
    return bool(_NUMBER.fullmatch(search.strip()))


def called(search: str):
    """The condition on Unit and its Building: "23", "B 23" and "Pihlajakuja 6 B 23" find B 23."""
    words = re.findall(r"\w+", search)
    if not words:
        return false()
    letter = len(words) > 1 and words[-2].isalpha() and len(words[-2]) <= _STAIRCASE
    found = [Unit.door == door_of(words[-1]), Unit.sort_key.endswith(natural(*words[-2 if letter else -1 :]), autoescape=True)]
    if words[0].isalpha() and len(words[0]) > _STAIRCASE and len(words) > 1:
        street = [Building.address.icontains(form, autoescape=True) for form in sorted({words[0], words[0].capitalize()})]
        found.append(Unit.building_id.in_(select(Building.id).where(or_(*street))))
    return and_(*found)


def _narrowed(viewer: access.Viewer, wanted: Filter) -> list:
    """What is checked on the way along an index."""
    found = []
    if wanted.group == "reopened":
        found.append(REOPENED)
    if wanted.category:
        found.append(Case.category == wanted.category)
    if wanted.assignee is not None:
        found.append(Case.assignee_id == (wanted.assignee or None))
    if wanted.building:
        found.append(Case.building_id == wanted.building)
    words = wanted.search.strip()
    if words and _sought(viewer, words) is None:
        # SQLite folds ASCII alone: the other cases are asked for by themselves.
        forms = sorted({words, words.lower(), words.capitalize()})
        found.append(or_(*(Case.subject.icontains(form, autoescape=True) for form in forms)))
    return found


def open_counts(viewer: access.Viewer) -> Select:
    """(state, how many, opened_at of the oldest) of what is not done yet: for the desk's first page."""
    covered = access.reach(viewer, "cases", Case.organisation_id, Case.building_id)
    return select(Case.state, func.count(), func.min(Case.opened_at)).where(covered, Case.state.in_(OPEN)).group_by(Case.state)


def homes(viewer: access.Viewer, search: str) -> Select:
    """Homes that a fault can be opened for: id, building_id, organisation_id, country, address, number."""
    return (
        select(Unit.id, Unit.building_id, Building.organisation_id, Organisation.country, Building.address, Unit.number)
        .join(Building, Building.id == Unit.building_id)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(access.reach(viewer, "cases", Building.organisation_id, Building.id), called(search))
        .order_by(Building.address, Unit.sort_key)
        .limit(PAGE)
    )


def caretakers_work(viewer: access.Viewer) -> Select:
    """All that is assigned to the viewer and not done, the longest waiting first, with what the caretaker's list needs."""
    persons = [duty.person_id for duty in viewer.duties_for("own_cases")]
    reporter = aliased(Person)
    more = (Case.building_id, Case.entry, Case.when, Case.pets, Case.phone, Case.version, reporter.non_disclosure)
    return (
        _listed(*more)
        .join(reporter, reporter.id == Case.person_id)
        .where(Case.assignee_id.in_(persons), Case.state.in_(OPEN), access.desk_cases(viewer))
        .order_by(Case.id)
        .limit(200)
    )


def parties(unit_id: int, day: date) -> Select:
    """(person_id, tenure_id, name, phone, non_disclosure) of whoever holds or lives in a home on a day."""
    return (
        select(Party.person_id, Party.tenure_id, Person.name, Person.phone, Person.non_disclosure)
        .join(Tenure, Tenure.id == Party.tenure_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .where(Holding.unit_id == unit_id, *(lasts(part, day) for part in (Tenure, Holding, Party)))
        .order_by(Tenure.kind.desc(), Party.id)
    )
