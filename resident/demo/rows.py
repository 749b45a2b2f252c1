"""Putting rows into tables in bulk, and the instants of things that happened on a day."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from .. import clock


def put(session: Session, model, rows: list[dict]) -> list[int]:
    """Insert the rows; their ids in the order given."""
    if not rows:
        return []
    return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def one(session: Session, model, **values) -> int:
    return put(session, model, [values])[0]


def instant(day: date, tz: str, hour: int, minute: int = 0) -> datetime:
    """A local time of a day as an instant; never later than a minute ago."""
    at = datetime.combine(day, time(hour, minute), clock.zone(tz))
    return min(at, clock.now() - timedelta(minutes=1))
