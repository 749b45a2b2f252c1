"""Putting rows into tables in bulk, and the instants of things that happened on a day."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from .. import clock


def put(session: Session, model, rows: list[dict]) -> range:
    """Insert rows, all with the same keys, in bulk; their ids in the order given.

    Nobody else writes while the demo is made, so that the ids are the ones behind the highest before.
    """
    if not rows:
        return range(0)
    table = model.__table__
    before = session.scalar(select(func.max(table.c.id))) or 0
    session.execute(insert(table), rows)
    last = session.scalar(select(func.max(table.c.id)))
    first = session.scalar(select(func.min(table.c.id)).where(table.c.id > before))
    assert last - first + 1 == len(rows), table.name
    return range(first, last + 1)


def one(session: Session, model, **values) -> int:
    return put(session, model, [values])[0]


def instant(day: date, tz: str, hour: int, minute: int = 0) -> datetime:
    """A local time of a day as an instant; never later than a minute ago."""
    at = datetime.combine(day, time(hour, minute), clock.zone(tz))
    return min(at, clock.now() - timedelta(minutes=1))
