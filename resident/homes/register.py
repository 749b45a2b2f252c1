"""The register as the desk reads it: lists of homes, one home with its days, one person with theirs. Nothing here writes."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from .. import access
from ..db import lasts
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money.account import Account
from ..money.ledger import AccountTotal, OpenItem
from ..money.settling import summed
from ..people.person import Login, Person
from ..people.tenure import Holding, Party, Tenure
from ..talk.case import REOPENED, Case
from ..talk.thread import Thread
from .building import Building, Unit, UnitFact, door_of
from .organisation import Organisation

ROWS = 50
# Open faults and threads on the page of a home.
MOST_TALK = 10


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; None or "" for everything."""

    building: int | None = None
    staircase: str = ""
    kind: str = ""
    # The number on the door, or a part of it: "B 23", "23".
    text: str = ""


# ---- The list --------------------------------------------------------------------------------------------------------

_LISTED = (Unit.id, Unit.kind, Unit.number, Unit.staircase, Unit.floor, Unit.sort_key, Unit.building_id)


def buildings(session: Session, viewer: access.Viewer) -> dict:
    """id: row of every building that the viewer's posts cover, in the order of the list."""
    statement = (
        select(Building.id, Building.address, Building.organisation_id, Organisation.country, Organisation.name, Organisation.tz)
        .join(Organisation)
        .where(access.reach(viewer, "register", Building.organisation_id, Building.id))
        .order_by(Building.id)
    )
    return {row.id: row for row in session.execute(statement)}


def staircases(session: Session, building_id: int) -> list[str]:
    statement = select(Unit.staircase).where(Unit.building_id == building_id, Unit.staircase.is_not(None)).distinct()
    return sorted(session.scalars(statement))


def homes(session: Session, covered: dict, filters: Filters, after: str = "") -> tuple[list, str | None]:
    """A page of the list, and the key of the next one. covered is from buildings(); natural order: building, number.

    The rest of the building in which the last page ended, then the following ones: each is a range of ix_unit_order.
    """
    building_id, unit_id, sort_key = _key(after)
    ids = [id for id in covered if id >= building_id and filters.building in (None, id)]
    statement = select(*_LISTED).where(*_narrowed(filters)).order_by(Unit.building_id, Unit.sort_key, Unit.id)
    rows = []
    if building_id in ids:
        further = tuple_(Unit.sort_key, Unit.id) > tuple_(literal(sort_key), literal(unit_id))
        rows = session.execute(statement.where(Unit.building_id == building_id, further).limit(ROWS + 1)).all()
        ids.remove(building_id)
    if len(rows) <= ROWS and ids:
        rest = statement.where(Unit.building_id >= ids[0], Unit.building_id.in_(ids)).limit(ROWS + 1 - len(rows))
        rows = [*rows, *session.execute(rest)]
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    return rows[:ROWS], f"{last.building_id}.{last.id}.{last.sort_key}" if last else None


def _key(after: str) -> tuple[int, int, str]:
    """The key of a page from the address; one that is not ours leads to the first page."""
    building, _, rest = after.partition(".")
    unit, _, sort_key = rest.partition(".")
    if not (building.isascii() and building.isdigit() and unit.isascii() and unit.isdigit()) or len(building + unit) > 30:
        return 0, 0, ""
    return int(building), int(unit), sort_key[:80]


def _narrowed(filters: Filters) -> list:
    narrowed = []
    if filters.staircase:
        narrowed.append(Unit.staircase == filters.staircase)
    if filters.kind:
        narrowed.append(Unit.kind == filters.kind)
    if filters.text:
        door = door_of(filters.text)
        before = filters.text.strip().casefold()[: -len(door)].strip() if door else ""
        narrowed.append(Unit.door == door)
        if before:
            narrowed.append(Unit.staircase.in_({before, before.upper(), before.capitalize()}))
    return narrowed


def holders(session: Session, unit_ids: list[int], today: date) -> dict[int, list]:
    """unit id: the primary holders on a day, in the order of their names, with the organisation of each."""
    statement = (
        select(Holding.unit_id, Person.id, Person.name, Person.non_disclosure, Person.organisation_id)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .join(Party, Party.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .where(Holding.unit_id.in_(unit_ids), Party.role == "primary", *(lasts(thing, today) for thing in (Holding, Tenure, Party)))
        .order_by(Person.search_key)
    )
    found = {}
    for row in session.execute(statement):
        found.setdefault(row.unit_id, []).append(row)
    return found


# ---- One home --------------------------------------------------------------------------------------------------------


def facts(session: Session, unit_id: int) -> list:
    """(kind, value in millionths, first), the newest of each kind first."""
    columns = (UnitFact.kind, UnitFact.value, UnitFact.first)
    return session.execute(select(*columns).where(UnitFact.unit_id == unit_id).order_by(UnitFact.kind, UnitFact.first.desc())).all()


def parties(session: Session, unit_id: int) -> list:
    """Everybody who holds, held or will hold the home: rows with tenure_*, begins, ends; the newest tenure first."""
    return session.execute(_held().where(Holding.unit_id == unit_id)).all()


def homes_of(session: Session, person_id: int) -> list:
    """The same rows of one person: their homes."""
    return session.execute(_held().where(Party.person_id == person_id)).all()


def _held():
    rank = case((Party.role == "primary", 0), (Party.role == "co_owner", 1), else_=2)
    return (
        select(
            Tenure.id.label("tenure_id"),
            Tenure.kind,
            Tenure.first.label("tenure_first"),
            Tenure.last.label("tenure_last"),
            Tenure.signed,
            Holding.first.label("holding_first"),
            Holding.last.label("holding_last"),
            Party.id.label("party_id"),
            Party.role,
            Party.rights,
            Party.first,
            Party.last,
            Person.id.label("person_id"),
            Person.name,
            Person.non_disclosure,
            Unit.id.label("unit_id"),
            Unit.number,
            Unit.staircase,
            Unit.building_id,
            Building.address,
        )
        .select_from(Holding)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .join(Party, Party.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .order_by(Tenure.first.desc(), Tenure.id, rank, Party.first, Party.id, Unit.sort_key)
    )


def days(row) -> tuple[date, date | None]:
    """First and last day of a row of parties() or homes_of(): what party, tenure and holding have in common."""
    lasts = [last for last in (row.last, row.tenure_last, row.holding_last) if last]
    return max(row.first, row.tenure_first, row.holding_first), min(lasts, default=None)


def meters(session: Session, unit_id: int) -> list:
    """Live meters of a home by register, each with its last counted day and value (None before the first)."""
    one = aliased(Reading)
    counted = select(one.id).where(one.register_id == Register.id, one.counts).correlate(Register)
    last = counted.order_by(one.day.desc(), one.id.desc()).limit(1).scalar_subquery()
    return session.execute(
        select(
            Meter.id, Meter.medium, Meter.serial, Meter.place, Meter.measure, Meter.remote, Meter.verified_until,
            Register.name, Register.decimals, Reading.day, Reading.value,
        )
        .join(Register, Register.meter_id == Meter.id)
        .outerjoin(Reading, Reading.id == last)
        .where(Meter.unit_id == unit_id, Meter.removed.is_(None))
        .order_by(Meter.medium, Meter.serial, Register.name)
    ).all()  # fmt: skip


def open_cases(session: Session, viewer: access.Viewer, unit_id: int) -> list:
    """What is not closed of a home's faults; "reopened" where the resident said so and nobody has begun again."""
    state = case((and_(Case.state == "received", REOPENED), "reopened"), else_=Case.state).label("state")
    return session.execute(
        select(Case.id, Case.number, Case.subject, state, Case.opened_at)
        .where(Case.unit_id == unit_id, Case.state.not_in(("closed", "rejected")), access.desk_cases(viewer))
        .order_by(Case.id.desc())
        .limit(MOST_TALK)
    ).all()


def threads(session: Session, viewer: access.Viewer, unit_id: int) -> list:
    """The newest threads of a home that the viewer's posts answer."""
    return session.execute(
        select(Thread.id, Thread.number, Thread.subject, Thread.last_at, Thread.last_by_staff)
        .where(Thread.unit_id == unit_id, access.answered_threads(viewer))
        .order_by(Thread.last_id.desc())
        .limit(MOST_TALK)
    ).all()


def known_to(login_id: int) -> Select:
    """(name, phone, hours, email) of the organisations in whose registers a person with this login stands."""
    here = select(Person.organisation_id).where(Person.login_id == login_id)
    columns = (Organisation.name, Organisation.phone, Organisation.hours, Organisation.email)
    return select(*columns).where(Organisation.id.in_(here)).order_by(Organisation.name)


_OVERDUE = select(summed(OpenItem.amount)).where(OpenItem.account_id == Account.id).correlate(Account)


def balance(session: Session, viewer: access.Viewer, unit_id: int, today: date) -> list:
    """Accounts that the viewer reaches, of the tenures in force: id, kind, number, currency, total (positive: owed), overdue."""
    return session.execute(
        select(
            Account.id,
            Account.kind,
            Account.number,
            Account.currency,
            func.coalesce(AccountTotal.amount, 0).label("total"),
            _OVERDUE.where(OpenItem.due < today).scalar_subquery().label("overdue"),
        )
        .join(Holding, Holding.tenure_id == Account.tenure_id)
        .outerjoin(AccountTotal, AccountTotal.account_id == Account.id)
        .where(Holding.unit_id == unit_id, lasts(Holding, today), access.reach_accounts(viewer))
        .order_by(Account.kind == "deposit", Account.id)
    ).all()


# ---- One person ------------------------------------------------------------------------------------------------------


def sign_in_name(session: Session, person_id: int) -> str | None:
    return session.scalar(select(Login.name).join(Person, Person.login_id == Login.id).where(Person.id == person_id))


def counts(session: Session) -> list:
    """Every organisation with its numbers of homes and persons, for whoever runs the machine. Nothing personal."""
    homes = select(func.count(Unit.id)).join(Building).where(Building.organisation_id == Organisation.id, Unit.kind == "home")
    persons = select(func.count(Person.id)).where(Person.organisation_id == Organisation.id)
    columns = (Organisation.id, Organisation.name, Organisation.country, Organisation.demo)
    statement = select(*columns, homes.scalar_subquery().label("homes"), persons.scalar_subquery().label("persons"))
    return session.execute(statement.order_by(Organisation.name)).all()
