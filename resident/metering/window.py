"""The days on which a billing period's readings may be sent in (K6, K7, rules 2, 3, 18)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db import Base, Key, UTCTime, plain
from ..homes.building import Unit
from ..money.period import BillingPeriod
from ..month import month_name

# States of a billing period in which readings may still be added to it.
TAKES_READINGS = ("planned", "open")
# How far back a window that is over is still spoken of.
LOOK_BACK = timedelta(days=130)


class ReadingWindow(Base):
    """One a billing period. first…last are days in the organisation's time zone, both included."""

    __tablename__ = "reading_window"
    __table_args__ = (CheckConstraint("last >= first", name="days"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"), unique=True)
    first: Mapped[date]
    last: Mapped[date]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[object] = mapped_column(UTCTime)
    note: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why entry is not possible (rule 2): no_meter | archived | not_open | over | allocated | staff_entered | remote |
    expired, with the facts that a sentence about it needs."""

    why: str
    first: date | None = None
    last: date | None = None
    # The billing period's name, "2026-12".
    period: str | None = None
    # Who entered, for staff_entered: office | council | provider.
    source: str | None = None


class Turn(NamedTuple):
    """A billing period with the days of its window; first and last are None when it has none."""

    period_id: int
    name: str
    use_first: date
    use_last: date
    state: str
    first: date | None
    last: date | None

    @property
    def takes_readings(self) -> bool:
        return self.state in TAKES_READINGS

    def open_on(self, day: date) -> bool:
        return self.first is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an entry of today belongs. turn: the period whose window it is about; period_id: the period that will use
    the reading (None: the next one made); late: after its window, kept for the next bill (rule 4).

    correct: the period whose window is over and whose costs are not shared out: what was sent for it may be corrected."""

    turn: Turn | None
    period_id: int | None
    late: bool
    reason: Reason | None
    correct: Turn | None = None


# Columns of the tables, not of the entities: hot statements without the ORM's part.
_period, _window, _unit = BillingPeriod.__table__, ReadingWindow.__table__, Unit.__table__
_COLUMNS = (
    _period.c.id,
    _period.c.name,
    _period.c.use_first,
    _period.c.use_last,
    _period.c.state,
    _window.c.first,
    _window.c.last,
)
_TURNS = (
    select(*_COLUMNS)
    .select_from(_period)
    .outerjoin(_window, _window.c.period_id == _period.c.id)
    .where(_period.c.name >= bindparam("since"))
    .order_by(_period.c.name)
)
_OF_BUILDING = _TURNS.where(_period.c.building_id == bindparam("building"))
_OF_UNIT = _TURNS.where(
    _period.c.building_id == select(_unit.c.building_id).where(_unit.c.id == bindparam("unit")).scalar_subquery()
)
_ONE = (
    select(*_COLUMNS)
    .select_from(_period)
    .outerjoin(_window, _window.c.period_id == _period.c.id)
    .where(_period.c.id == bindparam("period"))
)


def turns(session: Session, today: date, *, building_id: int | None = None, unit_id: int | None = None) -> list[Turn]:
    """The billing periods of a building (or of a unit's building) around today, oldest first. One SELECT."""
    since = month_name(today - LOOK_BACK)
    statement, which = (_OF_UNIT, {"unit": unit_id}) if building_id is None else (_OF_BUILDING, {"building": building_id})
    return [Turn(*row) for row in plain(session, statement, {"since": since, **which})]


def of_period(session: Session, period_id: int) -> Turn | None:
    row = plain(session, _ONE, {"period": period_id}).first()
    return Turn(*row) if row else None


def for_resident(rows: list[Turn], today: date, keep_late: bool) -> Entry:
    """Open now, opens later, over, or costs shared out; with keep_late what is over goes to the next period.

    Once the window of a period is open, nothing of the periods before it is corrected: its reading settles them."""
    opened = [turn for turn in rows if turn.open_on(today)]
    for turn in opened:
        if turn.takes_readings:
            return Entry(turn, turn.period_id, False, None)
    over = opened[-1] if opened else next((turn for turn in reversed(rows) if turn.last and turn.last < today), None)
    correct = over if over and over.takes_readings else None
    if over and keep_late:
        following = next((turn for turn in rows if turn.name > over.name and turn.takes_readings), None)
        return Entry(over, following.period_id if following else None, True, None, correct)
    coming = next((turn for turn in rows if turn.first and turn.first > today), None)
    if coming and not opened:
        return Entry(coming, None, False, Reason("not_open", coming.first, coming.last, coming.name), correct)
    return Entry(over, None, False, _shut(over), correct)


def _shut(turn: Turn | None) -> Reason:
    if turn is None:
        return Reason("not_open")
    return Reason("over" if turn.takes_readings else "allocated", turn.first, turn.last, turn.name)


def for_staff(rows: list[Turn], today: date, period_id: int | None = None) -> Entry:
    """Staff enter until the costs are shared out, in the window or not: for the period named, else the present one."""
    named = [turn for turn in rows if turn.period_id == period_id]
    turn = present(named if period_id is not None else rows, today)
    if turn is None:
        return Entry(None, None, False, _shut(None))
    if not turn.takes_readings:
        return Entry(turn, None, False, Reason("allocated", turn.first, turn.last, turn.name))
    return Entry(turn, turn.period_id, False, None)


def present(rows: list[Turn], today: date) -> Turn | None:
    """The period that readings are about today: its window is open, else the last one over, else the next to come."""
    opened = [turn for turn in rows if turn.open_on(today)]
    over = [turn for turn in rows if turn.last and turn.last < today]
    useful = [turn for turn in (*opened, *reversed(over)) if turn.takes_readings] or [turn for turn in rows if turn.takes_readings]
    return (useful or opened or over[-1:] or rows[-1:] or [None])[0]


def days_of(year: int, month: int, first: int, last: int) -> tuple[date, date]:
    """A window given as days of a month, clamped to its length at both ends; last < first ends in the month after (rule 18)."""
    begins = _clamped(year, month, first)
    if last >= first:
        return begins, _clamped(year, month, last)
    after = date(year + month // 12, month % 12 + 1, 1)
    return begins, _clamped(after.year, after.month, last)


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, max(1, min(day, monthrange(year, month)[1])))


def month_end(today: date) -> date:
    """The last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


def earliest_day(turn: Turn | None, today: date, back_date_days: int) -> date:
    """The first day that a resident may date a reading to: the window's first; in a month's first days also the last
    day of the month before (rule 3)."""
    days = [today]
    if turn and turn.first:
        days.append(turn.first)
    if today.day <= back_date_days:
        days.append(month_end(today))
    return min(days)


def default_day(today: date, back_date_days: int, after: date | None) -> date:
    """Today; in a month's first days the last day of the month before, unless there is a reading of it or later already."""
    day = month_end(today)
    return day if today.day <= back_date_days and (after is None or day > after) else today
