"""What flowed in a night, hour by hour from one to five by the organisation's clock, where hourly samples tell it.

Flow in every hour of a night is what a running toilet or a dripping pipe does and people do not. The day of a night is the one
on which it ends.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

from .. import clock

HOURS = (1, 2, 3, 4, 5)
# A sample tells what the counter showed at an hour when it is not older than this: they come hourly, and not on the hour.
_OLD = 5400


@dataclass(frozen=True, slots=True)
class Night:
    """flowed: the threshold at least in every hour; still: less in one of them; neither: not known. flow: the least of an hour."""

    flowed: bool
    still: bool
    flow: int


def night(samples: list[tuple[int, int]], day: date, tz: str, threshold: int) -> Night:
    """samples: (seconds, value) of one register in order of time, the night's among them. threshold: in millionths, an hour."""
    zone, uses = clock.zone(tz), []
    places = [_at(samples, int(datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp())) for hour in HOURS]
    for one, after in zip(places, places[1:], strict=False):
        # One sample for two hours says nothing of what flowed between them.
        known = one is not None and after is not None and one != after
        uses.append(samples[after][1] - samples[one][1] if known else None)
    known_uses = [use for use in uses if use is not None]
    still = any(use < threshold for use in known_uses)
    return Night(len(known_uses) == len(uses) and not still, still, min(known_uses, default=0))


def _at(samples: list[tuple[int, int]], at: int) -> int | None:
    """The place of the sample that tells what was shown at an instant."""
    place = bisect_right(samples, (at, float("inf"))) - 1
    return place if place >= 0 and at - samples[place][0] < _OLD else None
