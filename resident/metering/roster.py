"""Who has submitted and who has not: the homes of a building in one billing period, in natural order (R5, K6).

What submitted means, and which counters are asked for: submitted.py. A home is missing until it has submitted; one that
has a value that waits for a decision is in question besides. Staff have this list open all day while a window is: its
statements (roster_rows.py) are made once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..db import plain
from ..money.period import BillingPeriod
from . import roster_rows, submitted
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


class Counter(NamedTuple):
    """A register of a home in the period. before: the value that one of the period is held against; value … undisclosed: of
    the one that counts, and who entered it; pending…: of the newest that waits for a decision."""

    unit_id: int
    meter_id: int
    medium: str
    place: str | None
    measure: str
    remote: bool
    register_id: int
    name: str
    decimals: int
    initial: int
    before: int | None
    value: int | None
    source: str | None
    at: datetime | None
    person: str | None
    undisclosed: bool | None
    pending_id: int | None
    pending: int | None
    pending_at: datetime | None
    pending_source: str | None


class Period(NamedTuple):
    """What pages need of a BillingPeriod."""

    id: int
    building_id: int
    name: str
    state: str
    use_first: date
    bill_last: date


class Days(NamedTuple):
    """What pages need of a ReadingWindow."""

    id: int
    first: date
    last: date


class Month(NamedTuple):
    """As a row of periods()."""

    BillingPeriod: Period
    ReadingWindow: Days | None


def homes(session: Session, period: BillingPeriod, sought: Sought, rows: int = ROWS) -> list[Row]:
    """(id, number, staircase, sort_key) of each home, one more than asked for when there are more."""
    state, by = sought.state if sought.state in STATES else None, sought.by
    way = by if by in (None, "remote") else "entered"
    statement = roster_rows.homes(sought.media is not None, sought.staircase is not None, bool(sought.after), state, way)
    facts = _facts(period, sought.media) | {"staircase": sought.staircase, "source": by, "rows": rows + 1}
    if sought.after:
        facts["after_key"], facts["after_id"] = sought.after
    return plain(session, statement, facts).all()


def counters(
    session: Session, period: BillingPeriod, unit_ids: Collection[int], until: date, media: Collection | None = None
) -> list[Counter]:
    """The counters of these homes, by home and medium. until: the last day of the window, or of use."""
    facts = _facts(period, media) | {"units": list(unit_ids), "until": until}
    return [Counter(*row) for row in plain(session, roster_rows.counters(media is not None), facts).all()]


def standing(counters: Collection[Counter]) -> str:
    """How a home with these counters (counters()) stands: question | missing | submitted; remote where none is read by
    people, "" where there is none."""
    read = [row for row in counters if not row.remote]
    if any(row.pending_id is not None for row in read):
        return "question"
    if read:
        return "submitted" if all(map(submitted.holds, read)) else "missing"
    return "remote" if counters else ""


def staircases(session: Session, period: BillingPeriod, media: Collection | None = None) -> list[Row]:
    """(staircase, homes, submitted) in natural order: homes with a counter that people read, and how many are done."""
    return plain(session, roster_rows.staircases(media is not None), _facts(period, media)).all()


def _facts(period: BillingPeriod, media: Collection | None) -> dict:
    return {
        "period": period.id,
        "building": period.building_id,
        "use_first": period.use_first,
        "bill_last": period.bill_last,
        "media": list(media or ()),
    }


def primaries(session: Session, unit_ids: Collection[int], day: date) -> dict[int, list[Row]]:
    """By home: (name, non_disclosure) of those in whose name it is held on the day; tenants before owners."""
    found = {}
    for row in plain(session, roster_rows.PRIMARIES, {"units": list(unit_ids), "day": day}):
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


def months(session: Session, building_id: int, rows: int = 24) -> list[Month]:
    """The same as plain values: for pages that change no period."""
    found = plain(session, roster_rows.MONTHS, {"building": building_id, "rows": rows})
    return [Month(Period(*row[:6]), Days(*row[6:]) if row.window_id is not None else None) for row in found.all()]


def current(rows: list, today: date):
    """The period to show first: the one whose window is open, else the newest whose window was, else the newest."""
    running = [row for row in rows if row.ReadingWindow and row.ReadingWindow.first <= today <= row.ReadingWindow.last]
    begun = [row for row in rows if row.ReadingWindow and row.ReadingWindow.first <= today]
    return next(iter([*running, *begun, *rows]), None)
