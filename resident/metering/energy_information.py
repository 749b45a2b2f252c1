"""The consumption information of a month: Directive (EU) 2023/1791, annex IX 3 (annex VIIa of 2012/27/EU before).

What has to be in it, field by field, and where it comes from: docs/energy-information.md. It is for whoever uses the energy, a
tenant as well as an owner; the months are the home's own, from its holder's first day on.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..access import Home
from ..db import SCALE
from ..month import month_name, months_on
from . import comparing, consumption, cost, own_use, pricing
from .comparing import Similar
from .consumption import DAY, Span
from .cost import Price
from .own_use import Meters, Row

# Months that the graph shows, each beside the same one a year before.
MONTHS = 12


@dataclass(slots=True)
class Information:
    """Of one medium. rows: the months up to the one asked for, that one last; their `before` is climate-corrected for heating
    where degree days are known of both months (corrected), else as it was."""

    medium: str
    measure: str
    rows: list[Row]
    corrected: bool
    # As used a year before, not corrected.
    before: Span | None
    price: Price | None
    # Minor units, the month's charge in it; None while a price is missing.
    cost: int | None
    similar: Similar | None

    @property
    def span(self) -> Span:
        return self.rows[-1].span

    @property
    def paused(self) -> bool:
        """Heating outside of its season: information may pause then (annex IX 2)."""
        return self.medium == "heating" and self.span.known and self.span.use == 0

    @property
    def emissions(self) -> int | None:
        """Millionths of a kilogram of CO₂ of the month's use; None where the supplier's figure is not known."""
        factor = self.price.about.get("emissions") if self.price else None
        return None if factor is None else self.span.use * factor // SCALE

    @property
    def taxes(self) -> int | None:
        """Minor units of the month's cost that are taxes and levies; None where their part is not known."""
        part = self.price.about.get("taxes") if self.price else None
        return None if part is None or self.cost is None else (self.cost * part * 2 + SCALE) // (2 * SCALE)


def of_home(session: Session, home: Home, found: Meters, month: date) -> list[Information]:
    """What there is to say of a month (its first day) about each medium of the home of which something is known."""
    degrees = pricing.degrees_of(session, home.organisation.id, home.building_id) if "heating" in found.media else {}
    every = (_of_medium(session, home, found, medium, month, degrees) for medium in found.media)
    return [one for one in every if one.span.days]


def _of_medium(session: Session, home: Home, found: Meters, medium: str, month: date, degrees: dict[str, int]) -> Information:
    places = found.of(medium)
    last = consumption.after(month, "month") - DAY
    pieces = consumption.parts(months_on(month, 1 - MONTHS), last, "month")
    before = consumption.parts(months_on(month, 1 - 2 * MONTHS), months_on(month, 1 - MONTHS) - DAY, "month")
    _days, prices = cost.prices(session, home.building_id, medium, last)
    edges = {edge for first, ends in cost.segments(prices, month, last) for edge in (first - DAY, ends)}
    courses = consumption.courses(session, places, [*before, *pieces], since=home.begins, more=edges)
    earlier = consumption.spread(courses, before, "month")
    likes = comparing.of_home(session, home.unit_id, home.building_id, medium, pieces[0][0], last)
    spans = consumption.spread(courses, pieces, "month")
    corrected = _corrected(earlier, spans, degrees) if medium == "heating" else None
    shown = corrected or [then if then.days else None for then in earlier]
    rows = [Row(span, then, own_use.similar_to(span, likes)) for span, then in zip(spans, shown, strict=True)]
    return Information(
        medium, places[0].measure, rows, corrected is not None,
        earlier[-1] if earlier[-1].days else None, cost.on(prices, last),
        cost.of_use(courses, prices, month, last), likes.get(month_name(month)),
    )  # fmt: skip


def _corrected(earlier: list[Span], spans: list[Span], degrees: dict[str, int]) -> list[Span | None] | None:
    """What was used a year before, each month corrected; None when a month's correction is lacking, for they stand side by side."""
    found = [corrected_for(then, degrees, span.first) for then, span in zip(earlier, spans, strict=True)]
    lacking = any(then.known and not fitted for then, fitted in zip(earlier, found, strict=True))
    return None if lacking or not any(found) else found


def corrected_for(then: Span, degrees: dict[str, int], month: date) -> Span | None:
    """Heat used a year before as it would have been had it been as cold as in `month`, by heating degree days: use × this
    year's ÷ last year's. None where one of the figures is missing, or there was no cold to speak of."""
    now, was = degrees.get(month_name(month)), degrees.get(month_name(then.first))
    if now is None or not was or not then.days:
        return None
    return then._replace(use=(then.use * now * 2 + was) // (2 * was))


def latest(home: Home, found: Meters) -> date:
    """The first day of the newest month that is over and of which something is known, else of the last one that is over."""
    over = months_on(home.organisation.today, -1)
    read = max(found.read.values(), default=over)
    return min(over, months_on(read, 0))
