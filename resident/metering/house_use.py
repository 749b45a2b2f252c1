"""What a building uses, month by month against the year before: by its main meters (L13)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from . import balance, pricing
from .consumption import Span, series
from .meter import WATER


@dataclass(frozen=True, slots=True)
class Through:
    """A medium that the building has main meters of. registers: theirs, those of meters that were changed too."""

    medium: str
    measure: str
    registers: tuple[int, ...]

    @property
    def daily(self) -> bool:
        """Water is told by the day, so that long and short months can be compared."""
        return self.medium in WATER


@dataclass(frozen=True, slots=True)
class Month:
    """A month and the same one a year before; None for what is not known at all. degrees: heating degree days of each."""

    now: Span
    before: Span | None
    degrees: tuple[int | None, int | None] = (None, None)


def media(session: Session, building_id: int, today: date) -> list[Through]:
    """In the order in which the main meters came."""
    since = date(today.year - 3, 1, 1)
    found = balance.mains(session, building_id, since, today)
    return [Through(one.medium, one.measure, tuple(row.register_id for row in one.own)) for one in found]


def of_year(
    session: Session, organisation_id: int, building_id: int, through: Through, year: int, today: date
) -> list[Month]:  # fmt: skip
    """The months of a year that have begun."""
    last = min(date(year, 12, 31), today)
    spans = series(session, through.registers, None, date(year - 1, 1, 1), last, "month")
    known = {(span.first.year, span.first.month): span for span in spans if span.days}
    cold = pricing.degrees_of(session, organisation_id, building_id) if through.medium == "heating" else {}
    return [
        Month(span, known.get((year - 1, span.first.month)), (cold.get(_name(year, span)), cold.get(_name(year - 1, span))))
        for span in spans
        if span.first.year == year
    ]


def _name(year: int, span: Span) -> str:
    return f"{year}-{span.first.month:02d}"


def amount(through: Through, span: Span) -> int:
    """What is shown of a month: use of a day for water, of the known days together for everything else."""
    return span.use // span.days if through.daily and span.days else span.use
