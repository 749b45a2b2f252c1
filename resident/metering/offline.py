"""Entry on a phone that has no line (B17): the pass that the page of readings leaves on it, and what arrives with it later.

A pass is signed text that says for whom, which home and which window, and serves for handing in readings alone. It
outlives the window, so that what comes too late still reaches the desk. No cookie goes with it: the pass is all the
authority there is, and it opens nothing that can be read.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock, signed
from ..delivery import notice
from ..errors import ResidentError
from ..homes.building import Building, Unit
from ..identity import Home, Viewer
from ..people import limit, residence, sign_in
from ..people.person import Person
from ..people.token import digest
from . import entry_link, slipping, window
from .counter import Form
from .entry_link import EntryLink, Over
from .slip import Slip
from .slipping import Parcel
from .submission import Typed

PURPOSE = "offline entry"
# How long after the window a pass still brings readings to the desk.
OUTLIVES = timedelta(days=60)
_EPOCH = date(2020, 1, 1)
_WHY = {"over": "over", "coming": "not_open"}


class NoPass(ResidentError):
    """The pass was not signed here for this, or is too old. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Pass:
    """until: the last day, in UTC."""

    login_id: int
    session_id: int
    party_id: int
    unit_id: int
    period_id: int
    until: date


def leave(viewer: Viewer, form: Form) -> Pass | None:
    """The pass for the viewer's chosen home and the form's window; None while nothing can be entered, and for whoever only
    looks at the portal as a resident."""
    turn = form.entry.turn
    if viewer.looks_by or not form.open or turn is None:
        return None
    until = max(turn.last or form.today, form.today) + OUTLIVES
    return Pass(viewer.login_id, viewer.session_id, viewer.home.party_id, form.unit_id, turn.period_id, until)


@lru_cache(maxsize=2048)
def sign(secret_key: str, held: Pass) -> str:
    """The same pass is the same text, on every look at the page."""
    facts = (held.login_id, held.session_id, held.party_id, held.unit_id, held.period_id, (held.until - _EPOCH).days)
    return signed.sign(secret_key, PURPOSE, list(facts))


def read(secret_key: str, text: str) -> Pass:
    """NoPass for everything that sign() did not make, or whose time is over."""
    facts = signed.read(secret_key, PURPOSE, text)
    if facts is None:
        raise NoPass(why="foreign")
    held = Pass(*facts[:5], until=_EPOCH + timedelta(days=facts[5]))
    if held.until < clock.now().date():
        raise NoPass(why="old")
    return held


def arrive(session: Session, held: Pass, key: str, day: date, typed: dict[int, Typed], typed_at: datetime) -> Slip:
    """What became of readings that a phone kept: booked, or held; the same when they come again under their key."""
    slipping.locked(session, held.unit_id)
    if slip := seen(session, held, key):
        return slip
    organisation_id = session.scalars(select(Building.organisation_id).join(Unit).where(Unit.id == held.unit_id)).one()
    # Nobody's once the person is erased.
    whose = select(Person.id).where(Person.login_id == held.login_id, Person.organisation_id == organisation_id)
    parcel = Parcel("offline", _digested(held, key), held.unit_id, held.period_id, session.scalar(whose), day, typed, typed_at)
    home = _home(session, held)
    if home is None:
        return slipping.hold(session, parcel, organisation_id, slipping.ENDED)
    by = home.acts(held.login_id)
    if not sign_in.goes_on(session, held.session_id, held.login_id):
        return slipping.hold(session, parcel, organisation_id, slipping.SIGNED_OUT, by=by)
    slip = slipping.book(session, parcel, home.organisation, by=by, since=home.begins)
    if slip.why in slipping.ASKS:
        notice.tell(session, parcel.person_id, "slip", "/readings")
    return slip


def arrive_by_link(
    session: Session, link: EntryLink, text: str, key: str, day: date, typed: dict[int, Typed], typed_at: datetime, address: str
) -> Slip:
    """The same for a phone that was on the page of a link, which is its pass. text: the link's token; address: where from.

    Under the key of that page's form stands what was confirmed there. NoPass when the link is too old; TooMany.
    """
    slipping.locked(session, link.unit_id)
    digested = digest(f"{text} {key}")
    if slip := slipping.seen(session, digested):
        return slip
    turn = window.of_period(session, link.period_id)
    if turn is None or turn.last is None or turn.last + OUTLIVES < clock.now().date():
        raise NoPass(why="old")
    limit.take_entry(session, digest(repr(link)), address)
    parcel = Parcel("link", digested, link.unit_id, link.period_id, link.person_id, day, typed, typed_at)
    try:
        found = entry_link.opened(session, link)
    except Over as error:
        organisation_id = session.scalars(select(Building.organisation_id).join(Unit).where(Unit.id == link.unit_id)).one()
        return slipping.hold(session, parcel, organisation_id, _WHY.get(error.why, slipping.ENDED))
    return slipping.book(session, parcel, found.organisation, by=found.by, since=found.begins, blind=link.blind)


def seen(session: Session, held: Pass, key: str) -> Slip | None:
    """What became of what came before under the same key."""
    return slipping.seen(session, _digested(held, key))


def _digested(held: Pass, key: str) -> str:
    return digest(f"{PURPOSE} {held.login_id} {held.unit_id} {key}")


def _home(session: Session, held: Pass) -> Home | None:
    """The home of the pass, when its holder may still enter its readings today (rule 40)."""
    homes = residence.of_login(session, held.login_id)
    mine = (home for home in homes if (home.party_id, home.unit_id) == (held.party_id, held.unit_id))
    return next((home for home in mine if home.may("readings")), None)
