"""Against similar homes: the middle use of homes of the same size, such that nobody's own use can be told from it.

Homes of one size in a building make a group; where the building has fewer than LEAST of them, those of all such buildings of
the organisation do. No home is in two groups, so that no difference of two figures is about a few. A figure is that of the
middle home, to two figures, of a whole month that is over; it is worked out once, is the same for everybody, and stays.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, Integer, String, bindparam, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from .. import clock
from ..db import SCALE, Database, plain
from ..homes.building import Building, Unit, UnitFact
from ..homes.organisation import Organisation
from ..month import month_name, months_on
from . import consumption
from .meter import Meter
from .similar import SimilarUse

# Homes in a group: five others for each of them.
LEAST = 6
# The day of a month from which on the readings of the month before are taken to be there.
SETTLED = 10
# How far back it is worked out for an organisation that begins.
MONTHS = 24
AREAS = (100, 80, 65, 50, 35, 0)
FACTS = ("occupants", "heated_area", "area")


class Similar(NamedTuple):
    """Of a month: the middle home's use a day, how many homes, whether other buildings' are among them, and the size."""

    daily: int
    homes: int
    wide: bool
    size: str


def size_of(medium: str, facts: dict[str, int]) -> str | None:
    """The group by size that a home is in: for heating by its area, else by how many live in it, by its area where nobody said.

    facts: {kind: millionths} as they were on the month's first day. None: nothing is known of it.
    """
    persons, area = facts.get("occupants"), facts.get("heated_area") or facts.get("area")
    if persons and persons >= SCALE and (medium != "heating" or not area):
        return f"p{min(persons // SCALE, 4)}"
    return next(f"a{least}" for least in AREAS if area >= least * SCALE) if area else None


def work_out_all(db: Database) -> int:
    """What is lacking of all organisations: months that are over, from the day SETTLED of the next one on. Each month is written
    by itself, so that nobody waits. Returns how many rows were made."""
    made = 0
    with db.reading() as session:
        organisations = session.execute(select(Organisation.id, Organisation.tz).order_by(Organisation.id)).all()
        asked = [(id, medium, clock.today(tz)) for id, tz in organisations for medium in _media(session, id)]
    for organisation_id, medium, today in asked:
        with db.reading() as session:
            found = work_out(session, organisation_id, medium, today)
        for rows in found.values():
            with db.writing() as session:
                session.add_all(rows)
                made += len(rows)
    return made


def _media(session: Session, organisation_id: int) -> list[str]:
    """Media that at least LEAST homes have a meter of: the others need no work."""
    homes = select(Meter.medium, Meter.unit_id).where(Meter.organisation_id == organisation_id, Meter.unit_id.is_not(None))
    counted = defaultdict(set)
    for medium, unit_id in session.execute(homes):
        counted[medium].add(unit_id)
    return sorted(medium for medium, units in counted.items() if len(units) >= LEAST)


def work_out(session: Session, organisation_id: int, medium: str, today: date) -> dict[str, list[SimilarUse]]:
    """By month: the rows of an organisation's medium, for those of the last MONTHS months that have none. Nothing is stored."""
    months = _lacking(session, organisation_id, medium, today)
    if not months:
        return {}
    homes = _homes(session, organisation_id)
    last = consumption.after(months[-1], "month") - consumption.DAY
    used = consumption.of_homes(session, homes, medium, months[0], last, "month")
    facts = _facts(session, organisation_id)
    found = {}
    for place, month in enumerate(consumption.parts(months[0], last, "month")):
        if month[0] in months:
            found[month_name(month[0])] = _rows(_groups(used, facts, homes, medium, place, month[0]), medium, month[0])
    return {month: rows for month, rows in found.items() if rows}


def _groups(used, facts, homes: dict[int, int], medium: str, place: int, month: date) -> dict[tuple, dict[int, int]]:
    """{(building, size): {unit: use a day}} of the homes of which the month's use was read. place: of the month in their spans."""
    groups: dict[tuple, dict[int, int]] = defaultdict(dict)
    for unit_id, spans in used.items():
        span, size = spans[place], size_of(medium, _on(facts[unit_id], month))
        if span.known and not span.estimated and span.use > 0 and size:
            groups[homes[unit_id], size][unit_id] = span.use // span.days
    return groups


def _lacking(session: Session, organisation_id: int, medium: str, today: date) -> list[date]:
    """First days of the months without rows, oldest first."""
    there = select(SimilarUse.month).join(Building).where(Building.organisation_id == organisation_id, SimilarUse.medium == medium)
    known = set(session.scalars(there.distinct()))
    newest = -1 if today.day >= SETTLED else -2
    found = (months_on(today, newest - back) for back in reversed(range(MONTHS)))
    return [month for month in found if month_name(month) not in known]


def _homes(session: Session, organisation_id: int) -> dict[int, int]:
    """unit id: building id, of what people live in."""
    rows = select(Unit.id, Unit.building_id).join(Building).where(Building.organisation_id == organisation_id, Unit.kind == "home")
    return dict(tuple(row) for row in session.execute(rows))


def _facts(session: Session, organisation_id: int) -> dict[int, list[tuple]]:
    """unit id: [(kind, value, first)], oldest first."""
    rows = (
        select(UnitFact.unit_id, UnitFact.kind, UnitFact.value, UnitFact.first)
        .join(Unit, Unit.id == UnitFact.unit_id)
        .join(Building)
        .where(Building.organisation_id == organisation_id, UnitFact.kind.in_(FACTS))
        .order_by(UnitFact.first)
    )
    found = defaultdict(list)
    for unit_id, *fact in session.execute(rows):
        found[unit_id].append(tuple(fact))
    return found


def _on(facts: Iterable[tuple], day: date) -> dict[str, int]:
    return {kind: value for kind, value, first in facts if first <= day}


def _rows(groups: dict[tuple, dict[int, int]], medium: str, month: date) -> list[SimilarUse]:
    """groups: {(building, size): {unit: use a day}}. A building's group that is too small goes together with its likes."""
    pooled: dict[str, list[int]] = defaultdict(list)
    for (_, size), homes in groups.items():
        if len(homes) < LEAST:
            pooled[size] += homes.values()
    made = []
    for (building_id, size), homes in sorted(groups.items()):
        wide = len(homes) < LEAST
        values = pooled[size] if wide else list(homes.values())
        if len(values) >= LEAST:
            made.append(
                SimilarUse(
                    building_id=building_id,
                    medium=medium,
                    month=month_name(month),
                    size=size,
                    daily=middle(values),
                    homes=len(values),
                    wide=wide,
                )  # fmt: skip
            )
    return made


def middle(values: Iterable[int]) -> int:
    """The middle value, of an even number the mean of the two, rounded half up to two figures."""
    ordered = sorted(values)
    exact = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    step = 2 * 10 ** max(0, len(str(exact // 2)) - 2)
    return (exact + step // 2) // step * step // 2


# ---- Looking it up ---------------------------------------------------------------------------------------------------

_similar, _fact = SimilarUse.__table__.c, UnitFact.__table__.c
_FOUND = union_all(
    select(
        literal(None, String).label("month"),
        _fact.kind.label("name"),
        _fact.value.label("figure"),
        cast(null(), Integer).label("homes"),
        cast(null(), Integer).label("wide"),
        _fact.first,
    ).where(_fact.unit_id == bindparam("unit"), _fact.kind.in_(FACTS)),
    select(
        _similar.month,
        _similar.size,
        _similar.daily,
        _similar.homes,
        cast(_similar.wide, Integer),
        cast(null(), Date),
    ).where(
        _similar.building_id == bindparam("building"),
        _similar.medium == bindparam("medium"),
        _similar.month.between(bindparam("first"), bindparam("last")),
    ),
)


def of_home(session: Session, unit_id: int, building_id: int, medium: str, first: date, last: date) -> dict[str, Similar]:
    """By month ("2026-11") of first…last: what homes of this home's size use. Months without enough of them are not there.
    One SELECT."""
    asked = {"unit": unit_id, "building": building_id, "medium": medium, "first": month_name(first), "last": month_name(last)}
    facts, rows = [], []
    for month, name, figure, homes, wide, since in plain(session, _FOUND, asked):
        if month is None:
            facts.append((name, figure, since))
        else:
            rows.append((month, Similar(figure, homes, bool(wide), name)))
    facts.sort(key=lambda fact: fact[2])
    return {month: row for month, row in rows if row.size == size_of(medium, _on(facts, date.fromisoformat(f"{month}-01")))}
