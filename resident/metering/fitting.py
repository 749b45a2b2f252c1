"""Meters added, and what is known of them changed: number, place, main meter, registers, verification (rules 7, 8, 19).

A change for a new meter, and taking one out, are changing.py's.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from .. import audit
from ..access import Actor
from ..db import SCALE
from ..errors import ResidentError, Stale
from ..homes.building import Building, Unit
from ..homes.organisation import lock_organisation
from ..homes.setting import digest
from ..money.period import lock_buildings
from . import medium as media
from . import usual
from .meter import Meter, Register
from .reading import Reading

LONGEST = {"serial": 40, "place": 60, "measure": 10, "name": 20, "feed_key": 80}
# A part of a whole, or a counter that counts in tens or hundreds.
LARGEST_COEFFICIENT = 10_000 * SCALE


class BadMeter(ResidentError):
    """A meter cannot be so: field, why, and facts.

    why: missing | long (most) | medium | taken (serial) | future | after_reading (day) | follows (day: it came when another
    went) | place (it needs one, for there is another of the medium in the home) | place_taken (serial of the other) |
    other_place (serial of the other, which has none) | main (of another building or medium, or taken out) | cycle |
    coefficient | registers | doubled (a register's name) | digits | decimals | value | counted (there are readings that do
    not fit).

    field of a register: its place in the list after the name, as "name-2".
    """


@dataclass(frozen=True, slots=True)
class Shown:
    """A register as somebody wants it. register_id: None for a new one. initial: millionths."""

    register_id: int | None
    name: str
    digits: int
    decimals: int
    initial: int
    feed_key: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a meter beside its medium and where it belongs. coefficient: millionths (rule 19)."""

    serial: str
    place: str | None
    measure: str
    installed: date
    verified_until: date | None
    remote: bool
    coefficient: int
    main_id: int | None
    registers: tuple[Shown, ...]


def add(
    session: Session,
    building: Building,
    unit: Unit | None,
    medium: str,
    facts: Facts,
    today: date,
    *,
    by: Actor,
) -> Meter:
    """Put a meter into a home of the building, or, without one, into the building itself. BadMeter."""
    lock_buildings(session, [building.id])
    if medium not in media.known(session, building.organisation_id):
        raise BadMeter(field="medium", why="medium")
    made = Meter(organisation_id=building.organisation_id, medium=medium)
    made.unit_id, made.building_id = (unit.id, None) if unit else (None, building.id)
    _put(session, made, _tidy(facts), building.id, today)
    audit.record(session, "meter_added", by=by, organisation_id=made.organisation_id, thing=made, facts={"unit": made.unit_id})
    session.flush()
    return made


def change(session: Session, meter: Meter, facts: Facts, seen: str, today: date, *, by: Actor) -> None:
    """Correct what is known of a meter. Its medium, its home and, once it was read, its unit stay. BadMeter; Stale when it is
    not as it was seen (mark())."""
    building_id = building_of(session, meter)
    lock_buildings(session, [building_id])
    session.refresh(meter)
    before = facts_of(session, meter)
    if digest_of(before) != seen:
        raise Stale()
    facts = _tidy(facts)
    if facts.verified_until != meter.verified_until:
        meter.reminded_on = None
    _put(session, meter, facts, building_id, today)
    changed = [name for name in Facts.__dataclass_fields__ if getattr(before, name) != getattr(facts, name)]
    audit.record(session, "meter_changed", by=by, organisation_id=meter.organisation_id, thing=meter, facts={"changed": changed})
    session.flush()


def building_of(session: Session, meter: Meter) -> int:
    """The building that a meter is in, whether it is a home's or the building's own."""
    return meter.building_id or session.scalar(select(Unit.building_id).where(Unit.id == meter.unit_id))


def facts_of(session: Session, meter: Meter) -> Facts:
    """What is known of a meter now."""
    own = {name: getattr(meter, name) for name in Facts.__dataclass_fields__ if name != "registers"}
    return Facts(**own, registers=tuple(_shown(register) for register in registers_of(session, meter.id)))


def registers_of(session: Session, meter_id: int) -> list[Register]:
    return list(session.scalars(select(Register).where(Register.meter_id == meter_id).order_by(Register.id)))


def mark(session: Session, meter: Meter) -> str:
    """A short mark of what a form was drawn from."""
    return digest_of(facts_of(session, meter))


def digest_of(facts: Facts) -> str:
    return digest(repr(facts))


def mains(session: Session, building_id: int, medium: str, without: int | None = None) -> list[Meter]:
    """Live meters of the medium in the building behind which a meter (without) can stand: not itself, nor those behind it."""
    own = select(Unit.id).where(Unit.building_id == building_id)
    there = (Meter.building_id == building_id) | Meter.unit_id.in_(own)
    found = select(Meter).where(there, Meter.medium == medium, Meter.removed.is_(None))
    rows = list(session.scalars(found.order_by(Meter.building_id.is_(None), Meter.place, Meter.serial)))
    behind = _behind({row.id: row.main_id for row in rows}, without)
    return [row for row in rows if row.id not in behind]


def _behind(main_of: dict[int, int | None], meter_id: int | None) -> set[int]:
    """The meter and all that stand behind it."""
    found = {meter_id} - {None}
    while more := {id for id, main in main_of.items() if main in found} - found:
        found |= more
    return found


# ---- What must hold --------------------------------------------------------------------------------------------------


def _shown(register: Register) -> Shown:
    return Shown(register.id, register.name, register.digits, register.decimals, register.initial, register.feed_key)


def _tidy(facts: Facts) -> Facts:
    """Without spaces around and inside (rule 8); None for what is left out."""
    registers = tuple(replace(one, name=_trimmed(one.name), feed_key=_trimmed(one.feed_key) or None) for one in facts.registers)
    return replace(
        facts,
        serial=_trimmed(facts.serial),
        place=_trimmed(facts.place) or None,
        measure=_trimmed(facts.measure),
        registers=registers,
    )


def _trimmed(text: str | None) -> str:
    return " ".join((text or "").replace("\0", "").split())


def _put(session: Session, meter: Meter, facts: Facts, building_id: int, today: date) -> None:
    _check_texts(facts)
    _check_days(session, meter, facts, today)
    check_serial(session, meter, facts.serial)
    check_place(session, meter, facts.place)
    if not 0 < facts.coefficient <= LARGEST_COEFFICIENT:
        raise BadMeter(field="coefficient", why="coefficient")
    if facts.main_id is not None and facts.main_id not in {row.id for row in mains(session, building_id, meter.medium, meter.id)}:
        behind = facts.main_id == meter.id or session.scalar(select(Meter.main_id).where(Meter.id == facts.main_id)) is not None
        raise BadMeter(field="main", why="cycle" if behind else "main")
    _check_registers(facts.registers)
    for name in Facts.__dataclass_fields__:
        if name != "registers":
            setattr(meter, name, getattr(facts, name))
    session.add(meter)
    session.flush()
    _put_registers(session, meter, facts.registers)


def _check_texts(facts: Facts) -> None:
    for field in ("serial", "measure"):
        if not getattr(facts, field):
            raise BadMeter(field=field, why="missing")
    for field in ("serial", "place", "measure"):
        if len(getattr(facts, field) or "") > LONGEST[field]:
            raise BadMeter(field=field, why="long", most=LONGEST[field])


def _check_days(session: Session, meter: Meter, facts: Facts, today: date) -> None:
    if facts.installed > today:
        raise BadMeter(field="installed", why="future")
    if meter.replaces_id and facts.installed != meter.installed:
        raise BadMeter(field="installed", why="follows", day=meter.installed)
    earliest = select(func.min(Reading.day)).join(Register).where(Register.meter_id == meter.id, Reading.counts)
    first = session.scalar(earliest) if meter.id else None
    limit = min((day for day in (first, meter.removed) if day), default=None)
    if limit and facts.installed > limit:
        raise BadMeter(field="installed", why="after_reading", day=limit)
    if meter.id and facts.measure != meter.measure and first:
        raise BadMeter(field="measure", why="counted")


def check_serial(session: Session, meter: Meter, serial: str) -> None:
    """Rule 8: the number is one live meter's of the medium in the organisation. BadMeter.

    One number at a time is looked for and taken.
    """
    lock_organisation(session, meter.organisation_id)
    same = (Meter.organisation_id == meter.organisation_id, Meter.medium == meter.medium, Meter.serial == serial)
    other = exists().where(*same, Meter.removed.is_(None), *([Meter.id != meter.id] if meter.id else []))
    if meter.removed is None and session.scalar(select(other)):
        raise BadMeter(field="serial", why="taken", serial=serial)


def check_place(session: Session, meter: Meter, place: str | None) -> None:
    """Rule 8: live meters of one medium in one home have a place each. BadMeter."""
    if meter.unit_id is None or meter.removed is not None:
        return
    beside = aliased(Meter)
    found = select(beside.place, beside.serial).where(
        beside.unit_id == meter.unit_id, beside.medium == meter.medium, beside.removed.is_(None), beside.id != (meter.id or 0)
    )
    others = session.execute(found.order_by(beside.id)).all()
    if others and not place:
        raise BadMeter(field="place", why="place")
    for other in others:
        if not other.place:
            raise BadMeter(field="place", why="other_place", serial=other.serial)
        if other.place.casefold() == (place or "").casefold():
            raise BadMeter(field="place", why="place_taken", serial=other.serial)


def _check_registers(registers: tuple[Shown, ...]) -> None:
    if not registers:
        raise BadMeter(field="name-1", why="registers")
    names = [one.name.casefold() for one in registers]
    for place, one in enumerate(registers, 1):
        if len(registers) > 1 and not one.name:
            raise BadMeter(field=f"name-{place}", why="missing")
        if names.index(one.name.casefold()) < place - 1:
            raise BadMeter(field=f"name-{place}", why="doubled")
        for field in ("name", "feed_key"):
            if len(getattr(one, field) or "") > LONGEST[field]:
                raise BadMeter(field=f"{field}-{place}", why="long", most=LONGEST[field])
        check_shape(one, place)


def check_shape(one, place: int) -> None:
    """A counter has one to twelve digits, at most six after the point, and begins with a value that it can show. BadMeter."""
    wrong = {
        "digits": not 1 <= one.digits <= 12,
        "decimals": not 0 <= one.decimals <= 6,
        "initial": not 0 <= one.initial < usual.capacity(min(one.digits, 12)),
    }
    for field, bad in wrong.items():
        if bad:
            raise BadMeter(field=f"{field}-{place}", why="value" if field == "initial" else field)


def _put_registers(session: Session, meter: Meter, wanted: tuple[Shown, ...]) -> None:
    """Registers stay once they are there; those without readings may begin anew."""
    there = {register.id: register for register in registers_of(session, meter.id)}
    missing = there.keys() - {one.register_id for one in wanted}
    if missing or {one.register_id for one in wanted} - there.keys() - {None}:
        raise BadMeter(field="name-1", why="registers")
    for register in there.values():
        # Names may change places.
        register.name = f"~{register.id}"
    session.flush()
    for place, one in enumerate(wanted, 1):
        register = there.get(one.register_id) or Register(meter_id=meter.id)
        _check_counted(session, register, one, place)
        register.name, register.digits, register.decimals = one.name, one.digits, one.decimals
        register.initial, register.feed_key = one.initial, one.feed_key
        session.add(register)
    session.flush()


def _check_counted(session: Session, register: Register, wanted: Shown, place: int) -> None:
    """What was read must fit the counter: its first value is where use begins, and no value has more digits than it."""
    if register.id is None:
        return
    read = select(func.max(Reading.value)).where(Reading.register_id == register.id, Reading.state != "rejected")
    highest = session.scalar(read)
    if highest is None:
        return
    if wanted.initial != register.initial:
        raise BadMeter(field=f"initial-{place}", why="counted")
    if highest >= usual.capacity(wanted.digits):
        raise BadMeter(field=f"digits-{place}", why="counted")
