"""The one clock of the portal. Instants are aware UTC; days are the organisation's (rule 18)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_offset = timedelta(0)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def today(tz: str) -> date:
    """The calendar day in an organisation's time zone, wherever the server stands."""
    return now().astimezone(zone(tz)).date()


def day(instant: datetime, tz: str) -> date:
    """The calendar day of an instant in an organisation's time zone."""
    return instant.astimezone(zone(tz)).date()


def begins(day: date, tz: str) -> datetime:
    """The first instant of a day in an organisation's time zone."""
    return datetime.combine(day, time.min, zone(tz))


def seconds(day: date, tz: str) -> int:
    """The same as samples of remote meters keep instants: seconds since 1970-01-01 in UTC."""
    return int(begins(day, tz).timestamp())


@lru_cache(maxsize=64)
def zone(tz: str) -> ZoneInfo:
    return ZoneInfo(tz)


def shift(by: timedelta) -> None:
    """Move the clock of this process. For tests and the demo only; timedelta(0) puts it back."""
    global _offset
    _offset = by
