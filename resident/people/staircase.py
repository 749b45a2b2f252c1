"""Who of a building or a staircase has come in and who has not, and whom letters for all of them go to (B14, rule 41)."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import home_label
from . import letter
from .letter import Addressed, Issued, StartLetter
from .person import Person
from .post import Post
from .tenure import Holding, Party, Tenure

ROWS = 50
# Letters of one run from the desk, and of one transaction: others write meanwhile.
MOST, CHUNK = 500, 100
WHO = ("primary", "all")
STATES = ("active", "issued", "begun", "expired", "never")

_ACTIVE = letter.active_login(Person.login_id)
_NEWEST = (
    select(func.max(StartLetter.id))
    .where(StartLetter.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
    .label("letter_id")
)
_RANK = case((Party.role == "primary", 0), (Party.role == "co_owner", 1), else_=2)
_COLUMNS = (
    Unit.id.label("unit_id"),
    Unit.number,
    Unit.sort_key,
    Building.address,
    Building.postcode,
    Building.city,
    Organisation.country,
    Person.id,
    Person.name,
    Person.kind,
    Person.non_disclosure,
    Person.login_id,
    Party.role,
    Tenure.kind.label("tenure_kind"),
    Party.first.label("party_first"),
    Tenure.first.label("tenure_first"),
    Holding.first.label("holding_first"),
    _ACTIVE.label("active"),
    _NEWEST,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a run would send letters to, and who is left out: rows with why "active", "waiting", "undisclosed", "coming",
    "legal", "post" (a letter box opens no post: whoever holds one gets a letter alone)."""

    sent: list
    left: list[tuple[object, str]]


def begins(row) -> date:
    return max(row.party_first, row.tenure_first, row.holding_first)


def _living(building_id: int, staircase: str, today: date) -> Select:
    """Everybody in the building whose tenure has not ended."""
    which = _living_at(Unit.building_id == building_id, today)
    return which.where(Unit.staircase == staircase) if staircase else which


def _living_at(which, today: date) -> Select:
    goes_on = (or_(thing.last.is_(None), thing.last >= today) for thing in (Holding, Tenure, Party))
    return (
        select(*_COLUMNS, _waiting().label("waiting"))
        .select_from(Unit)
        .join(Building, Building.id == Unit.building_id)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .join(Holding, Holding.unit_id == Unit.id)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .join(Party, Party.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .where(which, Person.erased_at.is_(None), *goes_on)
    )


# ---- Who has come in -------------------------------------------------------------------------------------------------


def listed(
    session: Session, building_id: int, staircase: str, state: str, today: date, *, undisclosed: bool, after: str = ""
) -> tuple[list, str | None]:
    """A page of the list: [(row, state, its newest letter or None)] by home, and the key of the next page.

    state: one of STATES or ""; undisclosed: whoever looks may see persons under non-disclosure.
    """
    statement = _living(building_id, staircase, today).order_by(Unit.sort_key, Unit.id, Person.id)
    if not undisclosed:
        statement = statement.where(Person.non_disclosure.is_(False))
    if state:
        statement = statement.where(_in_state(state))
    if key := _key(after):
        statement = statement.where(tuple_(Unit.sort_key, Unit.id, Person.id) > tuple_(*map(literal, key)))
    rows = session.execute(statement.limit(ROWS + 1)).all()
    shown = rows[:ROWS]
    ids = [row.letter_id for row in shown if row.letter_id]
    letters = {paper.id: paper for paper in session.scalars(select(StartLetter).where(StartLetter.id.in_(ids)))}
    last = shown[-1] if len(rows) > ROWS else None
    following = f"{last.unit_id}.{last.id}.{last.sort_key}" if last else None
    return [(row, state_of(row.active, letters.get(row.letter_id)), letters.get(row.letter_id)) for row in shown], following


def state_of(active: bool, newest: StartLetter | None) -> str:
    """One of STATES: has come in; a letter is on its way; it was used, no own password chosen; it is over; none was made."""
    if active:
        return "active"
    if newest is None:
        return "never"
    if newest.used_at:
        return "begun"
    return "issued" if newest.open else "expired"


def _waiting():
    # Not at module level: the present moment is in it.
    return letter.waiting(Person.login_id)


def _in_state(state: str):
    newest = _NEWEST.element
    used = select(StartLetter.id).where(StartLetter.id == newest, StartLetter.used_at.is_not(None)).exists()
    return {
        "active": _ACTIVE,
        "issued": and_(not_(_ACTIVE), not_(used), _waiting()),
        "begun": and_(not_(_ACTIVE), used),
        "expired": and_(not_(_ACTIVE), not_(used), not_(_waiting()), newest.is_not(None)),
        "never": and_(not_(_ACTIVE), newest.is_(None)),
    }[state]


def _key(after: str) -> tuple[str, int, int] | None:
    """The key of a page from the address; one that is not ours leads to the first page."""
    unit, _, rest = after.partition(".")
    person, _, sort_key = rest.partition(".")
    if not (unit + person).isascii() or not unit.isdigit() or not person.isdigit() or len(unit + person) > 30:
        return None
    return sort_key[:80], int(unit), int(person)


# ---- Letters for all of them -----------------------------------------------------------------------------------------


def choose(session: Session, building_id: int, staircase: str, who: str, today: date, *, again: bool, undisclosed: bool) -> Chosen:
    """Whom a run would go to. who: "primary" or "all"; again: also who has an unused letter; undisclosed: whoever asks may see
    persons under non-disclosure. Those get no letter with others', so that it is handed to themselves."""
    rows = session.execute(
        _living(building_id, staircase, today).order_by(Unit.kind != "home", Unit.sort_key, Unit.id, _RANK, Person.id)
    )
    held = or_(Post.last.is_(None), Post.last >= today)
    own = select(Post.person_id).join(Building, Building.organisation_id == Post.organisation_id)
    posts = set(session.scalars(own.where(Building.id == building_id, held)))
    chosen, seen = Chosen([], []), set()
    for row in rows:
        if row.id in seen or (who == "primary" and row.role != "primary") or (row.non_disclosure and not undisclosed):
            continue
        seen.add(row.id)
        why = _left_out(row, today, again, row.id in posts)
        if why:
            chosen.left.append((row, why))
        else:
            chosen.sent.append(row)
    return chosen


def _left_out(row, today: date, again: bool, post: bool) -> str | None:
    reasons = (
        ("legal", row.kind == "legal"),
        ("coming", begins(row) > today),
        ("active", row.active),
        ("undisclosed", row.non_disclosure),
        ("post", post),
        ("waiting", row.waiting and not again),
    )
    return next((why for why, holds in reasons if holds), None)


def addressed(row) -> Addressed:
    """A row of choose() as the address of a letter."""
    home = home_label(row.country, row.address, row.number)
    place = " ".join(part for part in (row.postcode, row.city) if part)
    return Addressed(row.id, row.unit_id, tuple(line for line in (row.name, home, place) if line), home)


def home_of(session: Session, person: Person, today: date) -> Addressed:
    """The address of a letter for one person: their first home that has not ended. Under non-disclosure the name alone: it is
    handed to nobody but themselves."""
    row = None
    if not person.non_disclosure:
        rows = _living_at(Person.id == person.id, today).order_by(Unit.kind != "home", Party.first, Unit.sort_key)
        row = session.execute(rows.limit(1)).first()
    return addressed(row) if row else Addressed(person.id, None, (person.name,), None)


def issue(db: Database, organisation: Organisation, to: Iterable[Addressed], *, by=None, facts: dict | None = None) -> list[Issued]:
    """Letters for all of them as one batch, delivered to the homes, in short transactions of its own; one event."""
    waiting, batch = list(to), secrets.token_hex(8)
    letters: list[Issued] = []
    for part in _parts(waiting):
        with db.writing() as session:
            letters += letter.write(session, organisation, part, "delivered", batch, by=by)
            if len(letters) == len(waiting):
                told = {"method": "delivered", "batch": batch, "letters": len(letters), **(facts or {})}
                audit.record(session, "letter_issued", by=by, organisation_id=organisation.id, thing=organisation, facts=told)
    return letters


def _parts(rows: list) -> Iterator[list]:
    for at in range(0, len(rows), CHUNK):
        yield rows[at : at + CHUNK]
