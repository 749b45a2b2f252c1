"""Lists of threads: the resident's own and the desk's queue.

The desk's pages are merged from one walk along an index for each organisation and addressee, so that page one and the
page at row 100,000 cost the same. The key of a page is Thread.last_id, the thread's newest message.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from sqlalchemy import Select, and_, asc, desc, func, or_, select, union_all
from sqlalchemy.orm import aliased

from .. import access
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..homes.search import beginning
from ..number import PREFIX
from ..people.person import Person, PersonWord, words
from .queue import called
from .thread import Thread

PAGE, OWN_PAGE = 50, 20
# From so many walks on, one takes all of them: SQLite holds at most 500 parts in a union.
_APART = 60
_NUMBER = re.compile(r"[Vv]\s?-?\s?(\d{4})-(\d{1,6})")
_provider = aliased(Organisation)

_LISTED = (
    Thread.id,
    Thread.subject,
    Thread.number,
    Thread.addressee,
    _provider.name.label("provider"),
    Thread.opened_at,
    Thread.last_id,
    Thread.last_at,
    Thread.last_by_staff,
    Building.address,
    Unit.number.label("home"),
    Organisation.id.label("organisation_id"),
    Organisation.country,
    Organisation.legal_form,
    Organisation.tz,
)


def _listed(*more) -> Select:
    return (
        select(*_LISTED, *more)
        .join(Unit, Unit.id == Thread.unit_id)
        .join(Building, Building.id == Thread.building_id)
        .join(Organisation, Organisation.id == Thread.organisation_id)
        .outerjoin(_provider, _provider.id == Thread.provider_id)
    )


def own(viewer: access.Viewer, after: int | None = None) -> Select:
    """The viewer's own threads, newest first, OWN_PAGE and one more; `unread` marks what they have not seen."""
    unread = and_(Thread.last_by_staff, Thread.last_id > Thread.seen_by_resident).label("unread")
    statement = _listed(unread).where(access.own_threads(viewer))
    if after is not None:
        statement = statement.where(Thread.last_id < after)
    return statement.order_by(Thread.last_id.desc()).limit(OWN_PAGE + 1)


# ---- The desk ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk asks for. waiting: only threads whose newest message is the resident's; search: number, home or name."""

    waiting: bool = True
    addressee: str | None = None
    building: int | None = None
    search: str = ""
    newest_first: bool = False


def queue(viewer: access.Viewer, wanted: Filter, after: int | None = None) -> Select:
    """A page of what the viewer's posts answer: PAGE and one more. `unread`: the resident wrote what nobody has opened."""
    unread = and_(~Thread.last_by_staff, Thread.last_id > Thread.seen_by_staff).label("unread")
    ids = _merged(viewer, wanted, after)
    turned = desc if wanted.newest_first else asc
    return (
        _listed(unread, Person.name, Person.non_disclosure)
        .join(ids, ids.c.id == Thread.id)
        .join(Person, Person.id == Thread.person_id)
        .order_by(turned(Thread.last_id))
    )


def _merged(viewer: access.Viewer, wanted: Filter, after: int | None):
    turned = desc if wanted.newest_first else asc
    narrowed = [] if after is None else [Thread.last_id < after if wanted.newest_first else Thread.last_id > after]
    if wanted.waiting:
        narrowed.append(~Thread.last_by_staff)
    walks = []
    for scope in _scopes(viewer, wanted):
        walk = select(Thread.id, Thread.last_id).where(*scope, *narrowed).order_by(turned(Thread.last_id)).limit(PAGE + 1)
        part = walk.subquery()
        walks.append(select(part.c.id, part.c.last_id))
    found = union_all(*walks).subquery()
    return select(found.c.id).order_by(turned(found.c.last_id)).limit(PAGE + 1).subquery()


def _scopes(viewer: access.Viewer, wanted: Filter) -> Iterable[tuple]:
    """Conditions that an index begins with, one tuple for each walk; together what the viewer answers of the filter."""
    covered = [access.answered_threads(viewer)]
    if wanted.addressee:
        covered.append(Thread.addressee == wanted.addressee)
    if wanted.building:
        covered.append(Thread.building_id == wanted.building)
    if wanted.search.strip():
        return [(_sought(viewer, wanted.search), *covered)]
    if wanted.building:
        return [tuple(covered)]
    reached = {duty.organisation.id for duty in viewer.duties if _addressees(duty.role)}
    kinds = [wanted.addressee] if wanted.addressee else viewer.answers()
    pairs = list(product(sorted(reached), kinds))
    if len(pairs) > _APART or not pairs:
        return [tuple(covered)]
    return [(Thread.organisation_id == id, Thread.addressee == kind, *covered) for id, kind in pairs]


def _addressees(role: str) -> list[str]:
    return [addressee for addressee, posts in access.ANSWERS.items() if role in posts]


def _sought(viewer: access.Viewer, search: str):
    """The condition for a thread's number, a home's ("B 23", with a figure in it) or a resident's name."""
    numbered = _NUMBER.fullmatch(search.strip())
    if numbered:
        year, running = numbered.groups()
        return Thread.number == f"{PREFIX['thread']}-{year}-{int(running):04d}"
    disclosed = access.disclosed_to(viewer, Thread.organisation_id)
    open_persons = or_(disclosed, Thread.person_id.in_(select(Person.id).where(~Person.non_disclosure)))
    if any(letter.isdigit() for letter in search):
        here = [duty.organisation.id for duty in viewer.duties]
        units = select(Unit.id).join(Building).where(Building.organisation_id.in_(here), called(search))
        return and_(Thread.unit_id.in_(units), open_persons)
    named = [Thread.person_id.in_(_called_so(viewer, word)) for word in words(search)[:5]]
    return and_(*named, open_persons) if named else Thread.id.is_(None)


def _called_so(viewer: access.Viewer, word: str) -> Select:
    here = [duty.organisation.id for duty in viewer.duties]
    return select(PersonWord.person_id).where(PersonWord.organisation_id.in_(here), *beginning(PersonWord.word, word))


def buildings(viewer: access.Viewer) -> Select:
    """(id, address) of the buildings from which threads can come to the viewer's posts."""
    duties = [duty for duty in viewer.duties if _addressees(duty.role)]
    covered = access.covered(duties, Building.organisation_id, Building.id)
    return select(Building.id, Building.address).where(covered).order_by(Building.address, Building.id)


def waiting(viewer: access.Viewer) -> Select:
    """(how many threads wait for an answer of the viewer's posts, since when the oldest does)."""
    return select(func.count(), func.min(Thread.last_at)).where(access.answered_threads(viewer), ~Thread.last_by_staff)
