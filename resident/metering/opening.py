"""Opening, changing and closing reading windows, for one building or for many at once (K6, K7, rules 3 and 18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError, Stale
from ..money.period import BillingPeriod, lock_buildings, overlaps, usual_days
from ..month import month_of
from .window import TAKES_READINGS, ReadingWindow, days_of


class LastBeforeFirst(ResidentError):
    """The window's last day is before its first: first, last."""


class WindowsOverlap(ResidentError):
    """Another window of the building has some of these days: building_id, name (of its period), first, last (its days)."""


class AlreadyOpened(ResidentError):
    """The period has a window: building_id, name, first, last."""


class PeriodAllocated(ResidentError):
    """The period's costs are shared out, so its window stays as it is: building_id, name, state."""


class NotRunning(ResidentError):
    """Only a window that runs today can be closed early: first, last."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening in many buildings came to: the windows made, and why the other buildings were left out."""

    windows: list[ReadingWindow]
    left_out: list[ResidentError]


def proposed(month: date, before: tuple[date, date] | None) -> tuple[date, date]:
    """Days for a month's window: the same days of the month as the window before had, its last day staying the last."""
    if before is None:
        return days_of(month.year, month.month, 25, 31)
    first, last = before
    return days_of(month.year, month.month, first.day, 31 if last == month_of(last)[1] else last.day)


def open_windows(session: Session, building_ids: Iterable[int], name: str, first: date, last: date, *, by, behind=True) -> Opened:
    """Open the window of the period so named in each building, both days included, making the period where there is none.

    Buildings where it cannot be done are left out, with the reason; when it can be done in none, the first reason is
    raised: LastBeforeFirst, PeriodAllocated, AlreadyOpened, WindowsOverlap. One audit event.
    """
    _in_order(first, last)
    days, building_ids = usual_days(name, behind), sorted(building_ids)
    lock_buildings(session, building_ids)
    refusals = _obstacles(session, building_ids, name, first, last)
    free = [building_id for building_id in building_ids if building_id not in refusals]
    periods = {period.building_id: period for period in _named(session, free, name)}
    missing = [building_id for building_id in free if building_id not in periods]
    refusals |= overlaps(session, missing, days["use_first"], days["use_last"])
    for building_id in missing:
        if building_id not in refusals:
            periods[building_id] = BillingPeriod(building_id=building_id, name=name, **days)
    if not periods:
        raise next(iter(refusals.values()))
    windows = _make(session, list(periods.values()), first, last, by)
    audit.record(session, "window_opened", by=by, facts=_facts(name, first, last) | {"buildings": sorted(periods)})
    return Opened(windows, list(refusals.values()))


def change_window(session: Session, window: ReadingWindow, first: date, last: date, *, by, seen: tuple | None = None) -> None:
    """Give the window other days. seen: (first, last) on the form that asks; Stale when they are no longer the window's.

    LastBeforeFirst, PeriodAllocated, WindowsOverlap.
    """
    _in_order(first, last)
    period = session.get_one(BillingPeriod, window.period_id)
    lock_buildings(session, [period.building_id])
    session.refresh(window)
    if seen and seen != (window.first, window.last):
        raise Stale()
    _before_allocation(session, period)
    for error in _neighbours(session, [period.building_id], first, last, but=window.period_id).values():
        raise error
    facts = _facts(period.name, first, last) | {"was": [window.first.isoformat(), window.last.isoformat()]}
    window.first, window.last = first, last
    session.flush()
    audit.record(session, "window_changed", by=by, thing=window, facts=facts)


def close_window(session: Session, window: ReadingWindow, today: date, *, by) -> None:
    """Close a running window early: today, of the organisation, is its last day. NotRunning, PeriodAllocated."""
    lock_buildings(session, [session.get_one(BillingPeriod, window.period_id).building_id])
    session.refresh(window)
    if not window.first <= today < window.last:
        raise NotRunning(first=window.first, last=window.last)
    change_window(session, window, window.first, today, by=by)


def _in_order(first: date, last: date) -> None:
    if last < first:
        raise LastBeforeFirst(first=first, last=last)


def _before_allocation(session: Session, period: BillingPeriod) -> None:
    session.refresh(period)
    if period.state not in TAKES_READINGS:
        raise PeriodAllocated(building_id=period.building_id, name=period.name, state=period.state)


def _obstacles(session: Session, building_ids: list[int], name: str, first: date, last: date) -> dict[int, ResidentError]:
    """By building: why the window of the period so named cannot be opened there."""
    refusals = _neighbours(session, building_ids, first, last)
    rows = session.execute(
        select(BillingPeriod.building_id, BillingPeriod.state, ReadingWindow.first, ReadingWindow.last)
        .outerjoin(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
        .where(BillingPeriod.building_id.in_(building_ids), BillingPeriod.name == name)
    )
    for building_id, state, window_first, window_last in rows:
        if state not in TAKES_READINGS:
            refusals[building_id] = PeriodAllocated(building_id=building_id, name=name, state=state)
        elif window_first:
            refusals[building_id] = AlreadyOpened(building_id=building_id, name=name, first=window_first, last=window_last)
    return refusals


def _neighbours(session: Session, building_ids: list[int], first: date, last: date, but: int = 0) -> dict[int, ResidentError]:
    """By building: the refusal where another window has some of these days."""
    rows = session.execute(
        select(BillingPeriod.building_id, BillingPeriod.name, ReadingWindow.first, ReadingWindow.last)
        .join(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
        .where(BillingPeriod.building_id.in_(building_ids), BillingPeriod.id != but)
        .where(ReadingWindow.first <= last, ReadingWindow.last >= first)
    )
    return {row.building_id: WindowsOverlap(**row._mapping) for row in rows}


def _named(session: Session, building_ids: list[int], name: str) -> list[BillingPeriod]:
    statement = select(BillingPeriod).where(BillingPeriod.building_id.in_(building_ids), BillingPeriod.name == name)
    return list(session.scalars(statement.with_for_update()))


def _make(session: Session, periods: list[BillingPeriod], first: date, last: date, by) -> list[ReadingWindow]:
    for period in periods:
        period.state = "open"
    session.add_all(periods)
    session.flush()
    at = clock.now()
    windows = [
        ReadingWindow(period_id=period.id, first=first, last=last, opened_by=by.person_id, opened_at=at) for period in periods
    ]
    session.add_all(windows)
    session.flush()
    return windows


def _facts(name: str, first: date, last: date) -> dict:
    return {"period": name, "first": first.isoformat(), "last": last.isoformat()}
