"""Meters as the desk reads them: the list with its filters, and one meter with what stood before and after it. Nothing here
writes."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, Subquery, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from .. import access
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..people.person import Person
from .meter import Meter, Register
from .reading import Reading

ROWS = 50
READINGS = 24
# Buildings that are looked through before all of them are: those of a large company need not be put in order for one page.
NEAR = 12


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; None or "" for everything."""

    building: int | None = None
    medium: str = ""
    # home | building
    of: str = ""
    # yes | no
    remote: str = ""
    # live | archived; "" is live, too.
    state: str = "live"
    # Verification that ends before this day.
    ends: date | None = None
    # The beginning of the number.
    serial: str = ""


_LISTED = (
    Meter.id, Meter.medium, Meter.serial, Meter.place, Meter.remote, Meter.installed, Meter.removed, Meter.verified_until,
    Meter.coefficient, Meter.main_id, Meter.unit_id, Building.id.label("building_id"), Building.code, Building.address,
    Building.organisation_id, Organisation.country, Organisation.name.label("organisation"), Unit.number,
    func.coalesce(Unit.sort_key, "").label("sort_key"),
)  # fmt: skip


def listed(session: Session, viewer: access.Viewer, filters: Filters, after: str = "") -> tuple[list, str | None]:
    """At most ROWS meters by building, home and medium, the building's own first; and where the next page begins."""
    statement = access.visible_any_meters(viewer).join(Organisation, Organisation.id == Building.organisation_id)
    key = (Building.organisation_id, Building.code, func.coalesce(Unit.sort_key, ""), Meter.medium, Meter.id)
    statement = statement.with_only_columns(*_LISTED).where(*_narrowed(filters)).order_by(*key).limit(ROWS + 1)
    if begins := _place(after):
        statement = statement.where(tuple_(*key) > tuple_(*begins))
    near = _near(session, viewer, begins) if not filters.building else []
    rows = session.execute(statement.where(_of(near))).all() if len(near) == NEAR else []
    if len(rows) <= ROWS:
        rows = session.execute(statement).all()
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    return rows[:ROWS], last and "\t".join(map(str, (last.organisation_id, last.code, last.sort_key, last.medium, last.id)))


def _near(session: Session, viewer: access.Viewer, begins: tuple | None) -> list[int]:
    """The buildings that the page begins with."""
    key = (Building.organisation_id, Building.code)
    next_ones = access.visible_buildings(viewer, "readings").with_only_columns(Building.id).order_by(*key).limit(NEAR)
    return list(session.scalars(next_ones.where(tuple_(*key) >= tuple_(*begins[:2])) if begins else next_ones))


def _of(buildings: list[int]):
    return or_(Meter.building_id.in_(buildings), Meter.unit_id.in_(select(Unit.id).where(Unit.building_id.in_(buildings))))


def _place(after: str) -> tuple | None:
    parts = after.split("\t")
    if len(parts) != 5 or not all(part.isdecimal() and len(part) <= 18 for part in (parts[0], parts[4])):
        return None
    return int(parts[0]), parts[1], parts[2], parts[3], int(parts[4])


def _narrowed(filters: Filters) -> list:
    serial, own = filters.serial, select(Unit.id).where(Unit.building_id == filters.building)
    wanted = {
        "building": or_(Meter.building_id == filters.building, Meter.unit_id.in_(own)) if filters.building else None,
        "medium": Meter.medium == filters.medium if filters.medium else None,
        "of": Meter.unit_id.is_not(None) if filters.of == "home" else Meter.building_id.is_not(None) if filters.of else None,
        "remote": Meter.remote.is_(filters.remote == "yes") if filters.remote else None,
        "state": Meter.removed.is_not(None) if filters.state == "archived" else Meter.removed.is_(None),
        "ends": Meter.verified_until < filters.ends if filters.ends else None,
        "serial": and_(Meter.serial >= serial, Meter.serial < serial + "\U0010ffff") if serial else None,
    }
    return [condition for condition in wanted.values() if condition is not None]


# ---- One meter -------------------------------------------------------------------------------------------------------


def chain(session: Session, meter_id: int) -> list[Meter]:
    """The meter with those that it replaced and that replaced it, the newest first. One SELECT."""
    older = _line(meter_id, lambda one, line: one.id == line.c.replaces_id, "older")
    newer = _line(meter_id, lambda one, line: one.replaces_id == line.c.id, "newer")
    ids = select(older.c.id).union(select(newer.c.id))
    return list(session.scalars(select(Meter).where(Meter.id.in_(ids)).order_by(Meter.installed.desc(), Meter.id.desc())))


def _line(meter_id: int, following, name: str) -> Subquery:
    line = select(Meter.id, Meter.replaces_id).where(Meter.id == meter_id).cte(name, recursive=True)
    one = aliased(Meter)
    return line.union(select(one.id, one.replaces_id).where(following(one, line)))


def about(session: Session, meters: Select) -> list:
    """Rows as in the list, of the meters that a statement over Meter.id finds: its main meter, or those behind it."""
    joined = select(*_LISTED).select_from(Meter).outerjoin(Unit, Unit.id == Meter.unit_id)
    joined = joined.join(Building, Building.id == func.coalesce(Meter.building_id, Unit.building_id))
    joined = joined.join(Organisation, Organisation.id == Building.organisation_id).where(Meter.id.in_(meters))
    return session.execute(joined.order_by(func.coalesce(Unit.sort_key, ""), Meter.id)).all()


def main_and_behind(session: Session, meter: Meter) -> tuple[list, list]:
    """(the main meter or none, live meters that stand behind this one)."""
    rows = about(session, select(Meter.id).where(or_(Meter.id == meter.main_id, Meter.main_id == meter.id)))
    main = [row for row in rows if row.id == meter.main_id]
    return main, [row for row in rows if row.main_id == meter.id and row.removed is None]


def readings(session: Session, meter: Meter, after: tuple[date, int] | None = None) -> tuple[list, tuple | None]:
    """The newest readings of a meter, at most READINGS, the replaced ones and those that wait too, with who entered them; and
    where the next page begins. Of what is read remotely, the last of each month only. One SELECT."""
    statement = (
        select(
            Reading.id, Reading.day, Reading.value, Reading.source, Reading.state, Reading.counts, Reading.reason, Reading.note,
            Reading.at, Reading.rolled_over, Register.name, Register.decimals, Person.name.label("who"),
        )
        .join(Register, Register.id == Reading.register_id)
        .outerjoin(Person, Person.id == Reading.person_id)
        .where(Register.meter_id == meter.id)
        .order_by(Reading.day.desc(), Reading.id.desc())
        .limit(READINGS + 1)
    )  # fmt: skip
    statement = statement.where(or_(Reading.source != "remote", ~_later_in_month()))
    if after:
        statement = statement.where(tuple_(Reading.day, Reading.id) < tuple_(*after))
    rows = session.execute(statement).all()
    last = rows[READINGS - 1] if len(rows) > READINGS else None
    return rows[:READINGS], (last.day, last.id) if last else None


def _later_in_month():
    """Is there a later remote reading of the register that counts, in the same month?"""
    later = aliased(Reading)
    same = [func.extract(part, later.day) == func.extract(part, Reading.day) for part in ("year", "month")]
    where = (later.register_id == Reading.register_id, later.counts, later.source == "remote", later.day > Reading.day, *same)
    return select(later.id).where(*where).correlate(Reading).exists()
