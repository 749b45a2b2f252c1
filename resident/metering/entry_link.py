"""A signed link of one purpose (B2): readings of this home in this window, without signing in, and nothing else.

In it stand the home, the billing period, the tenure in force when it was made, and the person when it goes to somebody's own
address. It opens nothing else, stops with the window and with the tenure, and whether it holds is asked anew at each request.
Without a person it is a link for paper: whoever holds the paper sees neither names nor anything of earlier readings (rule 43).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from .. import signed
from ..access import Actor, Controller
from ..db import lasts, plain
from ..errors import ResidentError
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import home_label
from ..people import residence
from ..people.person import Login, Person
from ..people.tenure import Holding, Tenure
from . import submission, window
from .counter import Form

PURPOSE, RECEIPT = "entry link", "receipt of an entry link"
# As long as a key can be: what is larger was not signed by us.
_MOST = 2**63


class Over(ResidentError):
    """The link does not hold. why: unknown (not made by us, or changed) | coming | over | another (window than the one that is
    open) | ended (held by somebody else, or the person's right has gone)."""


@dataclass(frozen=True, slots=True)
class EntryLink:
    """What a link says. person_id: None for one on paper."""

    unit_id: int
    period_id: int
    tenure_id: int
    person_id: int | None = None

    @property
    def blind(self) -> bool:
        return self.person_id is None


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that holds now. begins: the first day whose readings may be told. language: the person's own, None for paper."""

    link: EntryLink
    organisation: Controller
    label: str
    begins: date
    by: Actor
    language: str | None = None

    def form(self, session: Session) -> Form:
        """The home's form, when it is about the link's window; Over."""
        unit, since = self.link.unit_id, self.begins
        found = submission.form(session, unit, self.organisation, since=since, blind=self.link.blind)
        if found.entry.late or found.entry.turn is None or found.entry.turn.period_id != self.link.period_id:
            raise Over(why="another")
        return found


def token(secret_key: str, link: EntryLink) -> str:
    return signed.sign(secret_key, PURPOSE, [link.unit_id, link.period_id, link.tenure_id, link.person_id or 0])


def read(secret_key: str, text: str) -> EntryLink:
    """Over(why="unknown") when we did not make it."""
    facts = signed.read(secret_key, PURPOSE, text)
    if not isinstance(facts, list) or len(facts) != 4 or not all(isinstance(one, int) and 0 <= one < _MOST for one in facts):
        raise Over(why="unknown")
    return EntryLink(*facts[:3], facts[3] or None)


def opened(session: Session, link: EntryLink) -> Opened:
    """The link's home as of now; Over. Two or three SELECTs."""
    turn = window.of_period(session, link.period_id)
    found = _of_person(session, link) if link.person_id else _of_home(session, link)
    if turn is None or turn.first is None or found is None:
        raise Over(why="ended")
    today = found.organisation.today
    if not turn.open_on(today) or not turn.takes_readings:
        raise Over(why="coming" if turn.first > today else "over")
    return found


def _of_person(session: Session, link: EntryLink) -> Opened | None:
    """The home as this person holds it, or acts for who holds it, with the right to send readings."""
    homes = residence.of_person(session, link.person_id)
    home = next((one for one in homes if (one.unit_id, one.tenure_id) == (link.unit_id, link.tenure_id)), None)
    if home is None or not home.may("readings"):
        return None
    chosen, known, disabled, erased = plain(session, _WHO, {"person": link.person_id}).one()
    if disabled or erased:
        return None
    for_id = home.person_id if home.acting else None
    by = Actor(None, home.actor_id, home.organisation.id, "resident", "", for_id)
    return Opened(link, home.organisation, home.label, home.begins, by, chosen or known)


def _of_home(session: Session, link: EntryLink) -> Opened | None:
    row = plain(session, _HOME, {"unit": link.unit_id, "tenure": link.tenure_id}).first()
    if row is None:
        return None
    width = len(residence.CONTROLLER)
    organisation = Controller(*row[:width])
    address, number, *began = row[width:]
    which = {"unit": link.unit_id, "tenure": link.tenure_id, "day": organisation.today}
    if plain(session, _HELD, which).first() is None:
        return None
    nobody = Actor(None, None, organisation.id, "resident", "")
    return Opened(link, organisation, home_label(organisation.country, address, number), max(began), nobody)


def _in_force(unit_id, day):
    """Tenures of a home on a day: a lease before the ownership that it stands in, the newest first."""
    return (
        select(Tenure.id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .where(Holding.unit_id == unit_id, lasts(Tenure, day), lasts(Holding, day))
        .order_by(case((Tenure.kind == "lease", 0), else_=1), Tenure.first.desc(), Tenure.id.desc())
    )


# Built once: on a window's last evening they are asked thousands of times.
_WHO = (
    select(Login.language, Person.language, Login.disabled_at, Person.erased_at)
    .outerjoin(Login, Login.id == Person.login_id)
    .where(Person.id == bindparam("person"))
)
_HOME = (
    select(*residence.CONTROLLER, Building.address, Unit.number, Holding.first, Tenure.first)
    .select_from(Unit)
    .join(Building, Building.id == Unit.building_id)
    .join(Organisation, Organisation.id == Building.organisation_id)
    .join(Holding, Holding.unit_id == Unit.id)
    .join(Tenure, Tenure.id == Holding.tenure_id)
    .where(Unit.id == bindparam("unit"), Tenure.id == bindparam("tenure"))
    .order_by(Holding.first.desc())
    .limit(1)
)
_HELD = _in_force(bindparam("unit"), bindparam("day")).where(Tenure.id == bindparam("tenure"))


def holders(session: Session, unit_ids, day: date) -> dict[int, int]:
    """By home: the tenure that a link on paper is bound to. A home that nobody holds has none."""
    of = _in_force(Unit.id, day).correlate(Unit).limit(1).scalar_subquery()
    rows = session.execute(select(Unit.id, of).where(Unit.id.in_(unit_ids)))
    return {unit_id: tenure_id for unit_id, tenure_id in rows if tenure_id is not None}
