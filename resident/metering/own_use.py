"""What one home uses, as its page shows it: by step, beside the same time last year and similar homes, with what it costs.

Four SELECTs over plain tables, whatever the step: a page that is opened often. Days before the holder's first one are nobody's
business here (since).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from ..access import Home
from ..db import plain
from ..month import month_name, month_of, months_on
from . import comparing, consumption, cost
from .comparing import Similar
from .consumption import DAY, Place, Span
from .cost import Cost, Price
from .course import Course
from .leak import Leak
from .medium import Medium
from .meter import Meter, Register, medium_order
from .reading import Reading

# What a page can show: the days of a month, weeks of a quarter, months of a year, years.
STEPS = ("day", "week", "month", "year")
WEEKS, YEARS = 13, 10
WEEK = timedelta(days=7)
# A year of weeks, so that weekdays stand beside the same weekdays.
WEEKLY_YEAR = 52 * WEEK


class Dripping(NamedTuple):
    """A possible leak of the home that goes on: water through whole nights. flow: the least use of an hour."""

    medium: str
    measure: str
    serial: str
    place: str | None
    first_night: date
    flow: int


class Row(NamedTuple):
    """A day, week … of the home; before: the same a year ago, None where there is nothing to set beside it; similar: what the
    middle one of similar homes used in it, in millionths."""

    span: Span
    before: Span | None
    similar: int | None


@dataclass(slots=True)
class Meters:
    """What hangs in a home, or did. remote: media read remotely, so that single days and hours are known; read: the day of the
    last reading that counts, by medium; names: by language, of media that the organisation has added."""

    places: list[Place]
    leaks: list[Dripping]
    remote: frozenset
    read: dict[str, date]
    names: dict[str, dict]

    @property
    def media(self) -> list[str]:
        return sorted({one.medium for one in self.places}, key=medium_order)

    def of(self, medium: str) -> list[Place]:
        return [one for one in self.places if one.medium == medium]


@dataclass(slots=True)
class Use:
    """A medium's use in steps. rows: oldest first, those to come with nothing known; total: of the rows of which all is known;
    both: that and last year's, of the rows of which both are; usual: a day, by the months of the last year; price: in force."""

    medium: str
    measure: str
    step: str
    at: date
    first: date
    last: date
    today: date
    rows: list[Row]
    similar: Similar | None
    usual: int | None
    cost: Cost | None
    price: Price | None

    @property
    def known(self) -> list[Row]:
        return [row for row in self.rows if row.span.days]

    @property
    def whole(self) -> list[Row]:
        return [row for row in self.rows if row.span.known]

    @property
    def total(self) -> int:
        return sum(row.span.use for row in self.known)

    @property
    def both(self) -> tuple[int, int] | None:
        pairs = [(row.span.use, row.before.use) for row in self.whole if row.before and row.before.known]
        return (sum(now for now, _ in pairs), sum(then for _, then in pairs)) if pairs else None


_meter, _register, _leak, _reading, _medium = (made.__table__ for made in (Meter, Register, Leak, Reading, Medium))
_LAST = (
    select(func.max(_reading.c.day))
    .where(_reading.c.register_id == _register.c.id, _reading.c.counts)
    .correlate(_register)
    .scalar_subquery()
)
_OWN: Select = (
    consumption.OF_UNIT.add_columns(
        _LAST, _meter.c.remote, _medium.c.names, _meter.c.serial, _meter.c.place, _leak.c.first_night, _leak.c.flow
    )
    .outerjoin(_medium, and_(_medium.c.code == _meter.c.medium, _medium.c.organisation_id == _meter.c.organisation_id))
    .outerjoin(_leak, and_(_leak.c.register_id == _register.c.id, _leak.c.ended_on.is_(None)))
    .order_by(_leak.c.id)
)


def meters(session: Session, unit_id: int, since: date) -> Meters:
    """What hangs in a home, or did after a day. One SELECT."""
    places, leaks, remote, read, names = {}, [], set(), {}, {}
    for *place, last, far, called, serial, where, first_night, flow in plain(session, _OWN, {"unit": unit_id}):
        one = consumption.placed(place)
        if one.gauge.removed is not None and one.gauge.removed < since.toordinal():
            continue
        places[one.register_id] = one
        if last and last >= since:
            read[one.medium] = max(last, read.get(one.medium, last))
        if far:
            remote.add(one.medium)
        if called:
            names[one.medium] = called
        if first_night is not None and one.gauge.removed is None and first_night >= since:
            leaks.append(Dripping(one.medium, one.measure, serial, where, first_night, flow))
    return Meters(list(places.values()), leaks, frozenset(remote), read, names)


def of_home(session: Session, home: Home, found: Meters, medium: str, step: str, at: date) -> Use:
    """A medium of the home, in steps around a day. Three SELECTs."""
    today, since = home.organisation.today, home.begins
    places = found.of(medium)
    pieces = _pieces(step, at, today, max(since, _installed(places)))
    before = [_year_before(step, *piece) for piece in pieces] if step != "year" else []
    days, prices = cost.prices(session, home.building_id, medium, today)
    recent = consumption.parts(months_on(today, -12), months_on(today, 0) - DAY, "month")
    asked = [*pieces, *(piece for piece in before if piece), *recent]
    edges = {edge for first, last in cost.segments(prices, *days) for edge in (first - DAY, last)} | {min(today, days[1])}
    courses = consumption.courses(session, places, asked, since=since, more=edges)
    usual = _usual(courses, recent, today if medium == "heating" else None)
    likes = comparing.of_home(session, home.unit_id, home.building_id, medium, pieces[0][0], pieces[-1][1])
    rows = _rows(courses, pieces, before, step, likes)
    spent = cost.of_period(courses, prices, days, today, usual)
    last = max(likes, default=None)
    return Use(
        medium, places[0].measure, step, at, pieces[0][0], pieces[-1][1], today, rows, likes[last] if last else None, usual, spent,
        cost.on(prices, today),
    )  # fmt: skip


def all_of(session: Session, home: Home, found: Meters, medium: str, step: str) -> list[Span]:
    """All that is known of a medium of the home, in whole steps up to today. One SELECT."""
    places, today = found.of(medium), home.organisation.today
    pieces = consumption.parts(max(home.begins, _installed(places)), today, step)
    return consumption.spread(consumption.courses(session, places, pieces, since=home.begins), pieces, step)


def _rows(courses: list[Course], pieces, before, step: str, likes: dict[str, Similar]) -> list[Row]:
    spans = consumption.spread(courses, pieces, step)
    asked = [piece for piece in before if piece]
    earlier = dict(zip(asked, consumption.spread(courses, asked, step), strict=True))
    beside = [earlier.get(piece) for piece in before] or [None] * len(spans)
    return [
        Row(span, then if then and then.days else None, similar_to(span, likes)) for span, then in zip(spans, beside, strict=True)
    ]


def similar_to(span: Span, likes: dict[str, Similar]) -> int | None:
    """The middle home's use in the days of a span; None when one of its months is not over, or not known."""
    use = 0
    if not likes:
        return None
    for first, last in consumption.parts(span.first, span.last, "month"):
        of_month = likes.get(month_name(first))
        if of_month is None:
            return None
        use += of_month.daily * ((last - first).days + 1)
    return use


def _pieces(step: str, at: date, today: date, begun: date) -> list[tuple[date, date]]:
    """(first, last) of what a page about a day shows: all of a month, a quarter, a year; for years, those that there are."""
    if step == "day":
        return consumption.parts(*month_of(at), "day")
    if step == "week":
        last = consumption.after(at, "week") - DAY
        return consumption.parts(last - WEEKS * WEEK + DAY, last, "week")
    if step == "month":
        return consumption.parts(date(at.year, 1, 1), date(at.year, 12, 31), "month")
    first = max(begun.year, today.year - YEARS + 1)
    return consumption.parts(date(min(first, today.year), 1, 1), date(today.year, 12, 31), "year")


def _year_before(step: str, first: date, last: date) -> tuple[date, date] | None:
    """The same days a year before; None for 29 February."""
    if step == "week":
        return first - WEEKLY_YEAR, last - WEEKLY_YEAR
    if step == "month":
        begins = first.replace(year=first.year - 1)
        return begins, consumption.after(begins, "month") - DAY
    if (first.month, first.day) == (2, 29):
        return None
    return first.replace(year=first.year - 1), last.replace(year=last.year - 1)


def _usual(courses: list[Course], recent: list[tuple[date, date]], season: date | None) -> int | None:
    """Use a day by the whole months of the last year: the middle one; with a season, the same month a year ago."""
    spans = [span for span in consumption.spread(courses, recent, "month") if span.known and span.use >= 0]
    same = [span for span in spans if season and span.first.month == season.month]
    rates = [span.use // span.days for span in same or spans]
    return median_low(rates) if rates else None


def _installed(places: list[Place]) -> date:
    return date.fromordinal(min(one.gauge.installed for one in places))
