"""Water that flows through whole nights is told to the home and to the desk: once for each leak, while it may still run.

A leak begins with so many nights in a row in which water flowed in every hour (setting leak_nights, leak_flow), and ends
with the first night in which the counter stood still. A home where the same began again within QUIET is on the desk's list
and on the home's own pages, but gets no second mail: a toilet that runs now and then would send one each week.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import SCALE, Database, lasts, plain
from ..delivery import notice
from ..homes import setting
from ..homes.organisation import Organisation
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from .leak import Leak
from .meter import WATER, Meter, Register
from .night import Night, night
from .sample import Sample

# Nights before today that are looked at for a beginning.
LOOK_BACK = 8
QUIET = timedelta(days=14)
# The hour after which a night is over.
_OVER = 5
# Registers of one transaction.
_AT_ONCE = 50
_s = Sample.__table__.c
_SAMPLES = (
    select(_s.at, _s.value)
    .where(_s.register_id == bindparam("register"), _s.at >= bindparam("since"), _s.at < bindparam("until"))
    .order_by(_s.at)
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an organisation calls a leak. flow: in millionths of a cubic metre, an hour."""

    tz: str
    nights: int
    flow: int


@dataclass(slots=True)
class Spell:
    """A leak as the nights tell it: one that runs already (id), or one that begins."""

    id: int | None
    first: date
    last: date
    flow: int
    ended: date | None = None


def watch(db: Database) -> int:
    """Look at the nights that are over; how many leaks began. Doing it twice changes nothing."""
    began = 0
    with db.reading() as session:
        remote = select(Meter.organisation_id).where(Meter.remote, Meter.medium.in_(WATER))
        organisations = session.scalars(select(Organisation).where(Organisation.id.in_(remote)).order_by(Organisation.id)).all()
    for organisation in organisations:
        with db.reading() as session:
            found = list(_spells(session, organisation))
        for start in range(0, len(found), _AT_ONCE):
            with db.writing() as session:
                began += sum(_note(session, organisation, *one) for one in found[start : start + _AT_ONCE])
    return began


def _spells(session: Session, organisation: Organisation) -> Iterator[tuple[int, Spell]]:
    """(register, leak) of whatever began, goes on or ended."""
    rule, last = _rule(session, organisation), _last_night(organisation.tz)
    since = clock.seconds(last - timedelta(days=LOOK_BACK), rule.tz)
    newest = select(func.max(Sample.at)).where(Sample.register_id == Register.id).correlate(Register).scalar_subquery()
    registers = session.scalars(
        select(Register.id)
        .join(Meter, Meter.id == Register.meter_id)
        .where(
            Meter.organisation_id == organisation.id, Meter.remote, Meter.removed.is_(None), Meter.unit_id.is_not(None),
            Meter.medium.in_(WATER), newest >= since,
        )
    ).all()  # fmt: skip
    before = _newest_leaks(session, organisation.id)
    for register_id in registers:
        for spell in _spell_of(session, register_id, before.get(register_id), rule, last):
            yield register_id, spell


def _rule(session: Session, organisation: Organisation) -> Rule:
    values = setting.in_force(session, organisation.id, organisation.country, clock.today(organisation.tz))
    return Rule(organisation.tz, values["leak_nights"], values["leak_flow"] * SCALE // 1000)


def _last_night(tz: str) -> date:
    now = clock.now().astimezone(clock.zone(tz))
    return now.date() if now.hour >= _OVER else now.date() - timedelta(days=1)


def _newest_leaks(session: Session, organisation_id: int) -> dict[int, Leak]:
    of_organisation = select(Leak).join(Register, Register.id == Leak.register_id).join(Meter, Meter.id == Register.meter_id)
    newest = of_organisation.where(Meter.organisation_id == organisation_id).order_by(Leak.id)
    return {leak.register_id: leak for leak in session.scalars(newest)}


def _spell_of(session: Session, register_id: int, before: Leak | None, rule: Rule, last: date) -> Iterator[Spell]:
    """What the nights since the last look tell of one register."""
    first = last - timedelta(days=LOOK_BACK - 1)
    if before:
        # What was told of already is not looked at again.
        first = max(first, (before.ended_on or before.last_night) + timedelta(days=1))
    running = Spell(before.id, before.first_night, before.last_night, before.flow) if before and not before.ended_on else None
    since, until = (clock.seconds(day, rule.tz) for day in (first - timedelta(days=1), last + timedelta(days=1)))
    facts = {"register": register_id, "since": since, "until": until}
    samples = [tuple(row) for row in plain(session, _SAMPLES, facts)] if first <= last else []
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return follow([(day, night(samples, day, rule.tz, rule.flow)) for day in days], running, rule.nights)


def follow(nights: list[tuple[date, Night]], running: Spell | None, needed: int) -> Iterator[Spell]:
    """The leaks that a row of nights tells of, those that changed. A night of which nothing is known begins and ends none."""
    row: list[tuple[date, Night]] = []
    changed = False
    for day, told in nights:
        if running:
            if told.flowed:
                running.last, running.flow, changed = day, min(running.flow, told.flow), True
            elif told.still:
                running.ended = day
                yield running
                running, changed, row = None, False, []
            continue
        row = [*row, (day, told)] if told.flowed else []
        if len(row) >= needed:
            running, changed = Spell(None, row[0][0], day, min(one.flow for _, one in row)), True
    if running and changed:
        yield running


def _note(session: Session, organisation: Organisation, register_id: int, spell: Spell) -> bool:
    """Write it down, and tell of one that begins. True for such a one."""
    if spell.id:
        leak = session.get_one(Leak, spell.id)
        leak.last_night, leak.flow, leak.ended_on = spell.last, spell.flow, spell.ended
        return False
    others = select(Leak.id, Leak.ended_on).where(Leak.register_id == register_id).order_by(Leak.id.desc())
    # Another worker may have looked at the same nights.
    session.execute(select(Register.id).where(Register.id == register_id).with_for_update())
    older = session.execute(others.limit(1)).first()
    if older and (older.ended_on is None or older.ended_on >= spell.first):
        return False
    leak = Leak(register_id=register_id, first_night=spell.first, last_night=spell.last, flow=spell.flow, ended_on=spell.ended)
    session.add(leak)
    session.flush()
    if spell.ended is None and not (older and spell.first - older.ended_on <= QUIET):
        leak.told_at = clock.now() if _tell(session, register_id, clock.today(organisation.tz)) else None
    facts = {"first": spell.first.isoformat(), "told": leak.told_at is not None}
    audit.record(session, "leak_found", organisation_id=organisation.id, thing=leak, facts=facts)
    return True


def _tell(session: Session, register_id: int, today: date) -> int:
    """A mail to each of the home who wants them; how many. None where one of them is under non-disclosure: the desk sees to it."""
    unit = select(Meter.unit_id).join(Register, Register.meter_id == Meter.id).where(Register.id == register_id)
    people = session.execute(
        select(Person.id, Person.non_disclosure)
        .join(Party, Party.person_id == Person.id)
        .join(Tenure, Tenure.id == Party.tenure_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .where(Holding.unit_id == unit.scalar_subquery(), *(lasts(thing, today) for thing in (Party, Tenure, Holding)))
        .distinct()
        .order_by(Person.id)
    ).all()
    if any(hidden for _, hidden in people):
        return 0
    return sum(notice.tell(session, person_id, "leak", "/") is not None for person_id, _ in people)
