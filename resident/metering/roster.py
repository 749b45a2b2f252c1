"""Who has submitted and who has not: the homes of a building in one billing period, in natural order (R5, K6).

What submitted means, and which counters are asked for: submitted.py. A home is missing until it has submitted; one that
has a value that waits for a decision is in question besides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, ScalarSelect, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from ..db import lasts
from ..homes.building import Unit
from ..money.period import BillingPeriod
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure
from . import submitted
from .meter import Meter, Register
from .reading import Reading
from .window import ReadingWindow

STATES = ("missing", "question", "submitted")
# Whose entries may be sought.
BY = ("resident", "council", "office", "provider", "import", "remote")
ROWS = 50


@dataclass(frozen=True, slots=True)
class Sought:
    """Which homes to list. media: None for all; after: (sort_key, unit id) of the last home of the page before."""

    staircase: str | None = None
    state: str | None = None
    media: Collection | None = None
    by: str | None = None
    after: tuple[str, int] | None = None


def homes(session: Session, period: BillingPeriod, sought: Sought, rows: int = ROWS) -> list[Row]:
    """(id, number, staircase, sort_key, question, missing, counted, remote) of each home, one more than asked for when there
    are more. question, missing: has such a counter; counted: has a counter that people read."""
    kept = _counters(period, sought.media)
    read = kept.where(Meter.remote.is_(False))
    question = exists(read.where(submitted.has(period, Reading.state == "pending")))
    missing = exists(read.where(~submitted.sent(period)))
    counted, remote = exists(read), exists(kept.where(Meter.remote.is_(True)))
    statement = (
        select(
            Unit.id, Unit.number, Unit.staircase, Unit.sort_key,
            question.label("question"), missing.label("missing"), counted.label("counted"), remote.label("remote"),
        )
        .where(Unit.building_id == period.building_id, or_(Unit.last.is_(None), Unit.last >= period.use_first))
        .where(or_(counted, remote) if sought.media is not None else or_(Unit.kind.in_(("home", "business")), counted, remote))
        .order_by(Unit.sort_key, Unit.id)
        .limit(rows + 1)
    )  # fmt: skip
    states = {"question": [question], "missing": [missing], "submitted": [counted, ~missing]}
    statement = statement.where(*states.get(sought.state, ()))
    if sought.staircase is not None:
        statement = statement.where(Unit.staircase == sought.staircase)
    if sought.by == "remote":
        statement = statement.where(remote)
    elif sought.by:
        entered = and_(Reading.source == sought.by, or_(Reading.counts.is_(True), Reading.state == "pending"))
        statement = statement.where(exists(kept.where(submitted.has(period, entered))))
    if sought.after:
        statement = statement.where(tuple_(Unit.sort_key, Unit.id) > tuple_(*sought.after))
    return list(session.execute(statement))


def _counters(period: BillingPeriod, media: Collection | None) -> Select:
    """Registers of the home's meters that were there in the period; correlated to Unit."""
    statement = (
        select(Register.id)
        .join(Meter, Meter.id == Register.meter_id)
        .where(Meter.unit_id == Unit.id, submitted.in_use(period))
        .correlate(Unit)
    )
    return statement if media is None else statement.where(Meter.medium.in_(media))


def counters(
    session: Session, period: BillingPeriod, unit_ids: Collection[int], until: date, media: Collection | None = None
) -> list[Row]:
    """The counters of these homes, by home and medium: each with its value before (before, before_day), the period's
    that counts (value, day, source, at, person, undisclosed, receipt_id) and the one that waits (pending_id, pending).
    until: the last day of the window, or of use."""
    now, waits, was = aliased(Reading), aliased(Reading), aliased(Reading)
    statement = (
        select(
            Meter.unit_id, Meter.id.label("meter_id"), Meter.medium, Meter.place, Meter.serial, Meter.measure, Meter.remote,
            Register.id.label("register_id"), Register.name, Register.digits, Register.decimals, Register.initial,
            was.value.label("before"), was.day.label("before_day"), now.id, now.value, now.day, now.source, now.at,
            now.receipt_id, now.note, Person.name.label("person"), Person.non_disclosure.label("undisclosed"),
            waits.id.label("pending_id"), waits.value.label("pending"), waits.at.label("pending_at"),
            waits.source.label("pending_source"),
        )
        .join(Register, Register.meter_id == Meter.id)
        .outerjoin(now, and_(now.register_id == Register.id, now.period_id == period.id, now.counts.is_(True)))
        .outerjoin(waits, waits.id == _waiting(period))
        .outerjoin(was, was.id == _last_before(period, until))
        .outerjoin(Person, Person.id == now.person_id)
        .where(Meter.unit_id.in_(unit_ids), submitted.in_use(period))
        .order_by(Meter.unit_id, Meter.medium, Meter.id, Register.name)
    )  # fmt: skip
    return list(session.execute(statement if media is None else statement.where(Meter.medium.in_(media))))


def _last_before(period: BillingPeriod, until: date) -> ScalarSelect:
    """The reading that a value of the period is held against; correlated to Register."""
    return (
        select(Reading.id)
        .where(Reading.register_id == Register.id, Reading.counts.is_(True), Reading.day <= until)
        .where(or_(Reading.period_id.is_(None), Reading.period_id != period.id))
        .order_by(Reading.day.desc(), Reading.id.desc())
        .limit(1)
        .correlate(Register)
        .scalar_subquery()
    )


def _waiting(period: BillingPeriod) -> ScalarSelect:
    """The newest reading of the period that waits for a decision; correlated to Register."""
    return (
        select(Reading.id)
        .where(Reading.register_id == Register.id, Reading.period_id == period.id, Reading.state == "pending")
        .order_by(Reading.id.desc())
        .limit(1)
        .correlate(Register)
        .scalar_subquery()
    )


def primaries(session: Session, unit_ids: Collection[int], day: date) -> dict[int, list[Row]]:
    """By home: (name, non_disclosure) of those in whose name it is held on the day; tenants before owners."""
    found = {}
    statement = (
        select(Holding.unit_id, Person.name, Person.non_disclosure)
        .join(Tenure, Tenure.id == Holding.tenure_id)
        .join(Party, Party.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .where(Holding.unit_id.in_(unit_ids), Party.role == "primary")
        .where(*(lasts(held, day) for held in (Holding, Tenure, Party)))
        .order_by(Holding.unit_id, Tenure.kind, Party.id)
    )
    for row in session.execute(statement):
        found.setdefault(row.unit_id, []).append(row)
    return found


def periods(session: Session, building_id: int, rows: int = 24) -> list[Row]:
    """(BillingPeriod, ReadingWindow or None) of a building, newest first."""
    statement = (
        select(BillingPeriod, ReadingWindow)
        .outerjoin(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
        .where(BillingPeriod.building_id == building_id)
        .order_by(BillingPeriod.name.desc())
        .limit(rows)
    )
    return list(session.execute(statement))


def current(rows: list[Row], today: date) -> Row | None:
    """The period to show first: the one whose window is open, else the newest whose window was, else the newest."""
    running = [row for row in rows if row.ReadingWindow and row.ReadingWindow.first <= today <= row.ReadingWindow.last]
    begun = [row for row in rows if row.ReadingWindow and row.ReadingWindow.first <= today]
    return next(iter([*running, *begun, *rows]), None)


def staircases(session: Session, period: BillingPeriod, media: Collection | None = None) -> list[Row]:
    """(staircase, homes, submitted) in natural order: homes with a counter that people read, and how many are done."""
    read = _counters(period, media).where(Meter.remote.is_(False))
    unfinished = exists(read.where(~submitted.sent(period)))
    statement = (
        select(Unit.staircase, func.count().label("homes"), func.sum(case((unfinished, 0), else_=1)).label("submitted"))
        .where(Unit.building_id == period.building_id, or_(Unit.last.is_(None), Unit.last >= period.use_first), exists(read))
        .group_by(Unit.staircase)
        .order_by(func.min(Unit.sort_key))
    )
    return list(session.execute(statement))
