"""Estimates for what nobody read in a billing period: looked at, stored, undone (rule 11). The ladder itself: ladder.py.

An estimate is a reading of source "estimate" on the last day of use, in the period's own right: the next true one settles it,
and one that comes before the costs are shared out takes its place, as any correction does (submission.py). `reason` is the
rung, `note` how it was worked out (ladder.Basis), `decided_by` who ordered it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session, aliased

from .. import audit, clock
from ..access import Actor, Controller
from ..db import SCALE
from ..errors import ResidentError
from ..homes import setting
from ..homes.building import Unit, UnitFact
from ..measure import written
from ..money.period import BillingPeriod
from . import ladder, submitted, usual
from .meter import MEDIA, Meter, Register
from .reading import Reading
from .window import TAKES_READINGS, ReadingWindow

# Why a register that lacks a value gets no estimate.
REASONS = ("remote", "expired", "new", "read", "no_rung")


class NotOver(ResidentError):
    """People may still send readings: last, the window's last day or, without one, the last day of use."""


class CostsShared(ResidentError):
    """The period's costs are shared out, so nothing is estimated or undone: name."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A register without a value in the period: what would be stored, or why nothing is. row: see _ROWS."""

    row: Row
    estimate: ladder.Estimate | None
    why: str | None = None


_ROWS = (
    select(
        Unit.id.label("unit_id"), Unit.number, Unit.staircase, Meter.id.label("meter_id"), Meter.medium, Meter.serial, Meter.place,
        Meter.measure, Meter.coefficient, Meter.installed, Meter.verified_until, Meter.remote, Meter.replaces_id,
        Register.id.label("register_id"), Register.name, Register.digits, Register.decimals, Register.initial,
    )
    .join(Meter, Meter.unit_id == Unit.id)
    .join(Register, Register.meter_id == Meter.id)
    .order_by(Unit.sort_key, Unit.id, Meter.medium, Meter.id, Register.name)
)  # fmt: skip


def lacking(session: Session, period: BillingPeriod, organisation: Controller, media: Collection | None = None) -> list[Lacking]:
    """What the period's building lacks, home by home in natural order. media: those of the viewer's posts, None for all."""
    rules, expired_too = _rules(session, period, organisation)
    filled = submitted.filled(period).label("filled")
    rows = session.execute(_ROWS.add_columns(filled).where(Unit.building_id == period.building_id, submitted.in_use(period))).all()
    missing = [row for row in rows if not row.filled and (media is None or row.medium in media)]
    refused = _refused(session, period, missing, expired_too)
    kept = [row for row in missing if row.register_id not in refused]
    records = _records(session, kept)
    norms = _norms(session, rules, rows, kept)
    found = {row.register_id: _climb(rules, period, row, records[row.register_id], norms[row.register_id]) for row in kept}
    return [Lacking(row, *found.get(row.register_id, (None, refused.get(row.register_id)))) for row in missing]


def may_estimate(session: Session, period: BillingPeriod, today: date) -> None:
    """NotOver while the period's window is open or to come, CostsShared when it takes no readings any more."""
    if period.state not in TAKES_READINGS:
        raise CostsShared(name=period.name)
    window = session.scalar(select(ReadingWindow.last).where(ReadingWindow.period_id == period.id))
    last = max(window or period.use_last, period.use_last)
    if today <= last:
        raise NotOver(last=last)


def estimate(
    session: Session, period: BillingPeriod, organisation: Controller, registers: Collection[int], *, by: Actor, media=None
) -> list[Lacking]:
    """Store estimates for those of the registers that still lack a value; what was stored. NotOver, CostsShared."""
    _lock(session, period)
    may_estimate(session, period, organisation.today)
    stored = [one for one in lacking(session, period, organisation, media) if one.estimate and one.row.register_id in registers]
    now = clock.now()
    for one in stored:
        made = one.estimate
        session.add(
            Reading(
                register_id=one.row.register_id, period_id=period.id, day=period.use_last, value=made.value, source="estimate",
                reason=made.basis.rung, note=str(made.basis), at=now, decided_by=by.person_id, decided_at=now,
            )
        )  # fmt: skip
    session.flush()
    if stored:
        rungs = Counter(one.estimate.basis.rung for one in stored)
        facts = {"period": period.id, "readings": len(stored), "rungs": dict(sorted(rungs.items()))}
        audit.record(session, "readings_estimated", by=by, organisation_id=organisation.id, thing=period, facts=facts)
        session.flush()
    return stored


def undo(session: Session, period: BillingPeriod, organisation: Controller, registers: Collection[int], *, by: Actor) -> int:
    """Take the period's estimates of these registers back, as long as costs are not shared out; how many. Those that a later
    estimate stands on stay. CostsShared."""
    _lock(session, period)
    if period.state not in TAKES_READINGS:
        raise CostsShared(name=period.name)
    later = aliased(Reading)
    followed = exists().where(
        later.register_id == Reading.register_id, later.counts, later.source == "estimate", later.day > Reading.day
    )
    ids = session.scalars(
        stored_in(period).with_only_columns(Reading.id).where(Reading.register_id.in_(registers), ~followed)
    ).all()
    withdrawn = {"counts": False, "state": "rejected", "decided_by": by.person_id, "decided_at": clock.now()}
    session.execute(update(Reading).where(Reading.id.in_(ids)).values(withdrawn), execution_options={"synchronize_session": False})
    if ids:
        facts = {"period": period.id, "readings": len(ids)}
        audit.record(session, "estimates_undone", by=by, organisation_id=organisation.id, thing=period, facts=facts)
        session.flush()
    return len(ids)


def stored_in(period: BillingPeriod):
    """The period's estimates that count: select(Reading)."""
    return select(Reading).where(Reading.period_id == period.id, Reading.source == "estimate", Reading.counts)


def shown(session: Session, period: BillingPeriod, media: Collection | None = None) -> list[Row]:
    """The period's estimates that count, home by home, with value, note and decided_at."""
    columns = (Reading.value, Reading.note, Reading.decided_at)
    statement = _ROWS.add_columns(*columns).join(Reading, Reading.register_id == Register.id)
    statement = statement.where(Reading.period_id == period.id, Reading.source == "estimate", Reading.counts)
    return list(session.execute(statement if media is None else statement.where(Meter.medium.in_(media))))


def _lock(session: Session, period: BillingPeriod) -> None:
    """As an entry does (sheet.py): the homes, so that no reading comes in between; the period, so that no costs do."""
    session.execute(select(Unit.id).where(Unit.building_id == period.building_id).order_by(Unit.id).with_for_update())
    session.refresh(period, with_for_update=True)


def _rules(session: Session, period: BillingPeriod, organisation: Controller) -> tuple[ladder.Rules, bool]:
    """The ladder on the last day of use, and whether meters whose expired verification is refused are estimated too."""
    settings = setting.in_force(session, organisation.id, organisation.country, period.use_last)
    given = settings["estimate_ladder"]
    rules = ladder.Rules(tuple(given["rungs"]), given["months"], given["most"], given["norms"])
    return rules, given["expired"] or settings["expired_meter"] == "accepted"


def _refused(session: Session, period: BillingPeriod, rows: list[Row], expired_too: bool) -> dict[int, str]:
    """By register: why it gets none, whatever the ladder says."""
    ids = [row.register_id for row in rows]
    days = select(Reading.register_id, Reading.day).where(
        Reading.register_id.in_(ids), Reading.counts, Reading.day.between(period.use_first, period.use_last)
    )
    read = defaultdict(set)
    for register_id, day in session.execute(days):
        read[register_id].add(day)
    return {row.register_id: why for row in rows if (why := _why(period, row, read[row.register_id], expired_too))}


def _why(period: BillingPeriod, row: Row, read: set[date], expired_too: bool) -> str | None:
    if row.remote and read:
        return "remote"
    if period.use_last in read:
        return "read"
    if row.installed >= period.use_last:
        return "new"
    if not expired_too and row.verified_until and row.verified_until < period.use_last:
        return "expired"
    return None


# ---- What is known of a register -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Record:
    """points: see ladder.Point, oldest first; values: what the register itself showed on the days of its own readings."""

    points: list[ladder.Point]
    values: dict[date, int]


def _records(session: Session, rows: list[Row]) -> dict[int, Record]:
    """By register: its readings that count and those of the meters that it replaced."""
    before = _replaced(session, rows)
    chains = {row.register_id: _chain(row, before) for row in rows}
    ids = {register.register_id for chain in chains.values() for register in chain}
    readings = defaultdict(list)
    columns = (Reading.register_id, Reading.day, Reading.value, Reading.rolled_over, Reading.source)
    for reading in session.execute(select(*columns).where(Reading.register_id.in_(ids), Reading.counts).order_by(Reading.day)):
        readings[reading.register_id].append(reading)
    return {id: _record(chain, readings) for id, chain in chains.items()}


def _replaced(session: Session, rows: Iterable[Row]) -> dict[tuple[int, str], Row]:
    """(meter, name of the register): the registers of all meters that stood in the place of these before."""
    columns = (Meter.id.label("meter_id"), Meter.replaces_id, Meter.installed)
    own = (Register.id.label("register_id"), Register.name, Register.digits, Register.initial)
    found, wanted = {}, {row.replaces_id for row in rows} - {None}
    while wanted:
        older = session.execute(select(*columns, *own).join(Register).where(Meter.id.in_(wanted))).all()
        found |= {(row.meter_id, row.name): row for row in older}
        wanted = {row.replaces_id for row in older} - {None} - {meter for meter, _ in found}
    return found


def _chain(row: Row, before: dict[tuple[int, str], Row]) -> list[Row]:
    """The register and those before it, oldest first."""
    chain = [row]
    while older := before.get((chain[0].replaces_id, row.name)):
        chain.insert(0, older)
    return chain


def _record(chain: list[Row], readings: dict[int, list[Row]]) -> Record:
    record = Record([ladder.Point(chain[0].installed, 0)], {})
    total = 0
    for register in chain:
        value, values = register.initial, {}
        for reading in readings[register.register_id]:
            total += usual.use(value, reading.value, register.digits, reading.rolled_over)
            value = values[reading.day] = reading.value
            record.points.append(ladder.Point(reading.day, total, reading.source != "estimate"))
        record.values = values
    return record


def _climb(rules, period: BillingPeriod, row: Row, record: Record, norm) -> tuple[ladder.Estimate | None, str | None]:
    past = [point for point in record.points if point.day < period.use_last]
    later = next((point for point in record.points if point.day > period.use_last), None)
    own = [day for day in record.values if day < period.use_last]
    value = record.values[max(own)] if own else row.initial
    found = ladder.climb(
        rules, past, later, period.use_last, norm, value=value, digits=row.digits, decimals=row.decimals
    )  # fmt: skip
    return found, None if found else "no_rung"


def _norms(session: Session, rules: ladder.Rules, rows: list[Row], kept: list[Row]) -> dict[int, ladder.Norm]:
    """By register: its part of its home's norm. All registers of the home and medium have equal parts."""
    facts = select(UnitFact.unit_id, UnitFact.first, UnitFact.value).where(
        UnitFact.kind == "occupants", UnitFact.unit_id.in_({row.unit_id for row in kept})
    )
    occupants = defaultdict(list)
    for unit_id, first, value in session.execute(facts.order_by(UnitFact.first)):
        occupants[unit_id].append((first, value))
    parts = Counter((row.unit_id, row.medium) for row in rows)
    return {row.register_id: _norm(rules, row, occupants[row.unit_id], parts[row.unit_id, row.medium]) for row in kept}


def _norm(rules: ladder.Rules, row: Row, occupants: list, parts: int) -> ladder.Norm:
    norm = rules.norms.get(row.medium)
    known = (
        norm is not None and row.coefficient > 0 and written(row.measure, "en") == written(MEDIA.get(row.medium, row.measure), "en")
    )

    def of_days(after: date, until: date) -> Fraction | None:
        use = ladder.persons(norm, occupants, after, until) if known else None
        # A meter that is shared with another home turns by more than this home uses (rule 19).
        return use if use is None else use * SCALE / (row.coefficient * parts)

    return of_days
