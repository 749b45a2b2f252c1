"""What use costs: by the price of each day, in whole minor units, rounded once; so far in a period, and by its end."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from ..db import SCALE, plain
from ..homes.building import Building
from ..money.period import BillingPeriod
from ..month import month_of
from . import consumption
from .course import Course
from .price import MediumPrice

# Minor units in a major one.
MINOR = 100


class Price(NamedTuple):
    """A row of medium_price: in millionths of the currency; in force from its first day until the next one's."""

    building_id: int | None
    first: date
    price: int
    monthly: int
    about: dict


class Cost(NamedTuple):
    """Of the days first…last, in minor units, the monthly charge in it. until: the last day of which use is known (None: not
    one), and so_far what it costs until then; by_end: with the rest used as usual, None where nothing says what is usual."""

    first: date
    last: date
    until: date | None
    so_far: int
    by_end: int | None
    price: Price


_period, _price, _building = BillingPeriod.__table__, MediumPrice.__table__, Building.__table__
_PRICES = (
    select(
        _period.c.use_first,
        _period.c.use_last,
        _price.c.building_id,
        _price.c.first,
        _price.c.price,
        _price.c.monthly,
        _price.c.about,
    )
    .select_from(
        _building.outerjoin(
            _period,
            and_(
                _period.c.building_id == _building.c.id,
                _period.c.use_first <= bindparam("today"),
                _period.c.use_last >= bindparam("today"),
            ),
        ).outerjoin(
            _price,
            and_(
                _price.c.organisation_id == _building.c.organisation_id,
                _price.c.medium == bindparam("medium"),
                or_(_price.c.building_id.is_(None), _price.c.building_id == _building.c.id),
            ),
        )
    )
    .where(_building.c.id == bindparam("building"))
    .order_by(_price.c.first)
)


def prices(session: Session, building_id: int, medium: str, today: date) -> tuple[tuple[date, date], list[Price]]:
    """(first and last day of the billing period that today is in, or of the month; the medium's prices, oldest first)."""
    statement: Select = _PRICES
    rows = plain(session, statement, {"building": building_id, "medium": medium, "today": today}).all()
    days = (rows[0][0], rows[0][1]) if rows and rows[0][0] else month_of(today)
    return days, [Price(*row[2:]) for row in rows if row[3] is not None]


def on(prices: Iterable[Price], day: date) -> Price | None:
    """The price in force on a day: the building's own, else the organisation's."""
    begun = [price for price in prices if price.first <= day]
    own = [price for price in begun if price.building_id is not None]
    return (own or begun or [None])[-1]


def segments(prices: list[Price], first: date, last: date) -> list[tuple[date, date]]:
    """The days first…last in runs of one price each."""
    starts = sorted({first, *(price.first for price in prices if first < price.first <= last)})
    ends = [start - consumption.DAY for start in starts[1:]] + [last]
    return list(zip(starts, ends, strict=True)) if first <= last else []


def amount(parts: Iterable[tuple[int, Price]], monthly: Iterable[Price] = ()) -> int:
    """Minor units of (use, its price) and of a monthly charge for each of `monthly`: worked out exactly, rounded half up once."""
    exact = sum(use * price.price for use, price in parts) + sum(price.monthly * SCALE for price in monthly)
    return (exact * MINOR * 2 + SCALE * SCALE) // (2 * SCALE * SCALE)


def months(prices: list[Price], first: date, last: date) -> list[Price]:
    """The prices whose monthly charge falls into the days first…last: one for each month that begins in them."""
    begins = [day for day, _ in consumption.parts(first, last, "month") if day.day == 1]
    return [price for price in (on(prices, day) for day in begins) if price]


def of_use(courses: list[Course], prices: list[Price], first: date, last: date) -> int | None:
    """Minor units of the known use of the days first…last with their monthly charges; None while a day has no price."""
    pieces = segments(prices, first, last)
    found = [on(prices, begins) for begins, _ in pieces]
    if None in found:
        return None
    spans = consumption.spread(courses, pieces, "month")
    return amount(((span.use, price) for span, price in zip(spans, found, strict=True)), months(prices, first, last))


def of_period(courses: list[Course], prices: list[Price], days: tuple[date, date], today: date, rate: int | None) -> Cost | None:
    """The cost of a period that runs. rate: the usual use a day, for the days of which use is not known yet."""
    first, last = days
    price = on(prices, today)
    spans = consumption.spread(courses, [(first, min(today, last))], "month")
    so_far = of_use(courses, prices, first, last)
    if price is None or so_far is None:
        return None
    (span,) = spans
    left = (last - first).days + 1 - span.days
    by_end = so_far + amount([(rate * left, price)]) if rate is not None else (so_far if not left else None)
    return Cost(first, last, _until(courses, first, min(today, last)), so_far, by_end, price)


def _until(courses: list[Course], first: date, last: date) -> date | None:
    ends = [ends for begins, ends in consumption.known(courses, first.toordinal(), last.toordinal())]
    return date.fromordinal(ends[-1]) if ends else None
