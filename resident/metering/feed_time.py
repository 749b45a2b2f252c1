"""From what a file writes about a time to the instant: seconds since 1970 in UTC. A million of them in a few seconds.

Local time has an hour that is not there in spring and one that is there twice in autumn. A time in the first comes back; in
the second the order of the file tells: a meter whose time would not go on has passed the hour once (Clock.of, previous).
"""

import re
from datetime import UTC, date, datetime, timedelta

from .. import clock
from .feed_mapping import OFFSET, Mapping

_PARTS = re.compile(
    r"(\d{1,4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,4})"
    r"(?:[T ,]\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2}|UTC)?)?",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_EPOCH = re.compile(r"\d{9,10}(?:\.0*)?|\d{12,13}", re.ASCII)
# A spreadsheet's day and the part of it that has passed, in one cell or in two.
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d{1,15}))?(?: 0?(?:[.,](\d{1,15}))?)?", re.ASCII)
_DAY = 86_400
# Day 0 of spreadsheets, which take 1900 for a leap year.
_SHEET = date(1899, 12, 30).toordinal()
_UNIX = date(1970, 1, 1).toordinal()
# Longer than any change of the clocks.
_SHIFT = 3 * 3600


class BadTime(Exception):
    """name: NotATime | InGap | OtherZone | NoOffset."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name


class Clock:
    """Reads times as one mapping writes them."""

    def __init__(self, mapping: Mapping, tz: str):
        self._order, self._bare = mapping.order, mapping.bare
        self._pattern = _COMPACT if mapping.order == "compact" else _PARTS
        self._zone = clock.zone(tz) if mapping.zone in ("organisation", "value") else None
        self._own = mapping.zone == "value"
        # A spreadsheet's whole number is a midnight where there are several values a day, else a day without a time.
        self._several = mapping.every < _DAY
        self._fixed = _seconds(mapping.zone) if OFFSET.fullmatch(mapping.zone) else 0
        # By the text of a day: its midnight by the local clock in seconds since 1970, and the zone's offset: None when it changes.
        self._days: dict[tuple[str, str, str], tuple[int, int | None]] = {}

    def of(self, text: str, previous: int | None = None) -> int:
        """Seconds since 1970 in UTC. BadTime. previous: those of the row before of the same meter."""
        if self._order in ("epoch", "serial"):
            return _epoch(text) if self._order == "epoch" else self._serial(text, previous)
        found = self._pattern.fullmatch(text)
        if found is None and self._pattern is _COMPACT:
            found = _PARTS.fullmatch(text)
        if found is None:
            raise BadTime("NotATime")
        first, second, third = found[1], found[2], found[3]
        known = self._days.get((first, second, third))
        if known is None:
            known = self._days[first, second, third] = self._day(first, second, third)
        midnight, offset = known
        local = midnight + self._second_of_day(found)
        written = found[found.re.groups]
        if written:
            return self._with_offset(local, written)
        if self._own:
            raise BadTime("NoOffset")
        if offset is not None and local - midnight < _DAY:
            return local - offset
        return self._odd(local, previous)

    def _serial(self, text: str, previous: int | None) -> int:
        found = _SERIAL.fullmatch(text)
        if found is None:
            raise BadTime("NotATime")
        part = found[3] or found[2]
        if part is None:
            passed = 0 if self._several or " " in text or self._bare == "start" else _DAY - 1
        else:
            # To the nearest second: an hour is no round part of a day.
            passed = (2 * int(part) * _DAY + 10 ** len(part)) // (2 * 10 ** len(part))
        whole = date.fromordinal(_SHEET + int(found[1]))
        offset = self._offset_of(whole)
        local = (whole.toordinal() - _UNIX) * _DAY + passed
        return local - offset if offset is not None and passed < _DAY else self._odd(local, previous)

    def _day(self, first: str, second: str, third: str) -> tuple[int, int | None]:
        if len(first) == 4 or self._order == "ymd":
            year, month, day = first, second, third
        elif self._order == "mdy":
            month, day, year = first, second, third
        else:
            day, month, year = first, second, third
        if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
            raise BadTime("NotATime")
        try:
            whole = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        except ValueError:
            raise BadTime("NotATime") from None
        if not 1990 <= whole.year < 2200:
            raise BadTime("NotATime")
        return (whole.toordinal() - _UNIX) * _DAY, self._offset_of(whole)

    def _offset_of(self, day: date) -> int | None:
        """The zone's offset on a day, in seconds; None on a day on which it changes."""
        if self._zone is None:
            return self._fixed
        ends = [datetime(day.year, day.month, day.day, tzinfo=self._zone).utcoffset()]
        following = day + timedelta(days=1)
        ends.append(datetime(following.year, following.month, following.day, tzinfo=self._zone).utcoffset())
        return int(ends[0].total_seconds()) if ends[0] == ends[1] else None

    def _second_of_day(self, found) -> int:
        if found[4] is None:
            return 0 if self._bare == "start" else _DAY - 1
        hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
        half = found[7] if found.re is _PARTS else None
        if half:
            if not 1 <= hour <= 12:
                raise BadTime("NotATime")
            hour = hour % 12 + (12 if half[0] in "pP" else 0)
        if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
            raise BadTime("NotATime")
        return hour * 3600 + minute * 60 + second

    def _with_offset(self, local: int, written: str) -> int:
        """A value that says its own offset: it must be the one that was agreed, or nobody knows which of the two is right."""
        offset = 0 if written in ("Z", "UTC") else _seconds(written)
        at = local - offset
        if not self._own:
            agreed = self._fixed
            if self._zone is not None:
                agreed = int(datetime.fromtimestamp(at, self._zone).utcoffset().total_seconds())
            if offset != agreed:
                raise BadTime("OtherZone")
        return at

    def _odd(self, local: int, previous: int | None) -> int:
        """The instant on a day on which the clocks change (or of 24:00)."""
        if self._zone is None:
            return local - self._fixed
        shown = datetime.fromtimestamp(local, UTC).replace(tzinfo=self._zone)
        early, late = shown.utcoffset(), shown.replace(fold=1).utcoffset()
        if early == late:
            return local - int(early.total_seconds())
        if early < late:
            raise BadTime("InGap")
        at = local - int(early.total_seconds())
        again = previous is not None and at <= previous < at + _SHIFT
        return local - int(late.total_seconds()) if again else at


def _epoch(text: str) -> int:
    if not _EPOCH.fullmatch(text):
        raise BadTime("NotATime")
    whole = text.partition(".")[0]
    return int(whole) if len(whole) < 11 else int(whole) // 1000


def _seconds(offset: str) -> int:
    """Of "+02:00" or "+0200"."""
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60)
