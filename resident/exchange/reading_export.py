"""Readings of a billing period as a file: a row for each register, in a format mapped once (R4, export_format.py).

A text stays a text whatever it begins with (S41); amounts stay numbers. Rows come building by building, so that memory does
not grow with the organisation. Nobody under non-disclosure is named, whoever exports.
"""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..db import SCALE
from ..homes.building import Building, Unit
from ..metering import roster, usual
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money.period import BillingPeriod
from .cell import Number
from .export_format import Shape

_RISKY = ("=", "+", "-", "@", "\t", "\r")
# Rows of a file that are handed on at once.
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What the file says in the reader's language: media, registers and sources by their names here, and yes and no."""

    medium: Callable[[str], str]
    register: Callable[[str], str]
    source: Callable[[str], str]
    measure: Callable[[str], str]
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which readings: of the period so named; covered: the SQL condition beside Meter and Building that rights come to
    (access.reach_meters); building_id, medium: None for all; holders: may persons be named."""

    period: str
    organisation_id: int
    covered: ColumnElement[bool]
    building_id: int | None = None
    medium: str | None = None
    holders: bool = False


def buildings(session: Session, wanted: Wanted) -> list[Row]:
    """(BillingPeriod, code, address) of the buildings that have such a period, in the order of their codes."""
    statement = (
        select(BillingPeriod, Building.code, Building.address)
        .join(Building, Building.id == BillingPeriod.building_id)
        .where(BillingPeriod.name == wanted.period, Building.organisation_id == wanted.organisation_id)
        .order_by(Building.code)
    )
    if wanted.building_id is not None:
        statement = statement.where(Building.id == wanted.building_id)
    return list(session.execute(statement))


def rows(session: Session, wanted: Wanted, shape: Shape, words: Words) -> Iterator[list]:
    """The cells of each row: texts, days, Numbers and None, in the order of the format's columns."""
    for period, code, address in buildings(session, wanted):
        lines = session.execute(_lines(period, wanted)).all()
        holders = _holders(session, period, lines) if wanted.holders and "holder" in dict(shape.columns) else {}
        makers = _makers(period, code, address, holders, words)
        chosen = [makers[what] for what, _ in shape.columns]
        for line in lines:
            if line.value is not None or shape.missing:
                yield [make(line) for make in chosen]


def _lines(period: BillingPeriod, wanted: Wanted) -> Select:
    """Registers of homes that were there on some of the days of use, each with its reading of the period and the one before."""
    now, was = aliased(Reading), aliased(Reading)
    there = and_(Meter.installed <= period.bill_last, or_(Meter.removed.is_(None), Meter.removed >= period.use_first))
    statement = (
        select(
            Unit.id.label("unit_id"), Unit.number, Unit.staircase, Meter.medium, Meter.serial, Meter.place, Meter.measure,
            Meter.remote, Meter.installed, Register.name, Register.digits, Register.decimals, Register.initial, now.value,
            now.day, now.source, now.rolled_over, was.value.label("before"), was.day.label("before_day"),
        )
        .select_from(Unit)
        .join(Building, Building.id == Unit.building_id)
        .join(Meter, Meter.unit_id == Unit.id)
        .join(Register, Register.meter_id == Meter.id)
        .outerjoin(now, now.id == _of_period(period))
        .outerjoin(was, was.id == _before(period, now))
        .where(Unit.building_id == period.building_id, there, wanted.covered)
        .order_by(Unit.sort_key, Unit.id, Meter.medium, Meter.id, Register.name)
    )  # fmt: skip
    return statement if wanted.medium is None else statement.where(Meter.medium == wanted.medium)


def _of_period(period: BillingPeriod):
    """The reading that counts for the period, else the last one of its days that no other period has: what a remote meter
    showed last, and the final value of a meter that was taken out."""
    reading = aliased(Reading)
    own = select(reading.id).where(reading.register_id == Register.id, reading.counts, reading.period_id == period.id)
    loose = select(reading.id).where(
        reading.register_id == Register.id, reading.counts, reading.period_id.is_(None),
        reading.day.between(period.use_first, period.use_last),
    )  # fmt: skip
    newest = loose.order_by(reading.day.desc()).limit(1).correlate(Register).scalar_subquery()
    return func.coalesce(own.limit(1).correlate(Register).scalar_subquery(), newest)


def _before(period: BillingPeriod, now):
    """The reading that counted before that one: of a meter that people read the last that a period has, of a remote one, which
    has one each day, the last before the days of use; else the nearest."""

    def last(*conditions):
        reading = aliased(Reading)
        found = select(reading.id).where(reading.register_id == Register.id, reading.counts, reading.day < now.day)
        found = found.where(*(condition(reading) for condition in conditions)).order_by(reading.day.desc()).limit(1)
        return found.correlate(Register, now).scalar_subquery()

    billed, before_use = last(lambda one: one.period_id.is_not(None)), last(lambda one: one.day < period.use_first)
    return func.coalesce(case((Meter.remote, before_use), else_=billed), last())


def _holders(session: Session, period: BillingPeriod, lines: Collection[Row]) -> dict[int, str]:
    held = roster.primaries(session, {line.unit_id for line in lines}, period.use_last)
    return {unit: ", ".join(row.name for row in people if not row.non_disclosure) for unit, people in held.items()}


def _makers(period: BillingPeriod, code: str, address: str, holders: dict[int, str], words: Words) -> dict[str, Callable]:
    """By what a column holds: its cell from a line, for the lines of one building."""
    return {
        "building": lambda line: code,
        "address": lambda line: address,
        "home": lambda line: line.number,
        "staircase": lambda line: line.staircase,
        "holder": lambda line: holders.get(line.unit_id),
        "medium": lambda line: words.medium(line.medium),
        "meter": lambda line: line.serial,
        "place": lambda line: line.place,
        "register": lambda line: words.register(line.name),
        "period": lambda line: period.name,
        "before_day": lambda line: line.before_day or (line.installed if line.value is not None else None),
        "before": lambda line: _number(_was(line)) if line.value is not None else None,
        "day": lambda line: line.day,
        "value": lambda line: _number(line.value),
        "use": lambda line: _number(_use(line)),
        "measure": lambda line: words.measure(line.measure),
        "estimated": lambda line: line.source and (words.yes if line.source == "estimate" else words.no),
        "source": lambda line: line.source and words.source(line.source),
        "remote": lambda line: words.yes if line.remote else words.no,
    }


def _was(line: Row) -> int:
    return line.initial if line.before is None else line.before


def _use(line: Row) -> int | None:
    return None if line.value is None else usual.use(_was(line), line.value, line.digits, line.rolled_over)


def _number(millionths: int | None) -> Number | None:
    """A quantity with as many decimals as it has."""
    if millionths is None:
        return None
    whole, rest = divmod(abs(millionths), SCALE)
    decimals = f"{rest:06d}".rstrip("0")
    return Number(f"{'-' if millionths < 0 else ''}{whole}{'.' + decimals if decimals else ''}")


# ---- Files -----------------------------------------------------------------------------------------------------------


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_RISKY) else text


def csv_parts(session: Session, wanted: Wanted, shape: Shape, words: Words) -> Iterator[bytes]:
    """The file piece by piece. Letters that the encoding does not have become question marks."""
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=shape.delimiter, lineterminator="\r\n")
    encoder = _encoder(shape.encoding)
    if shape.heading:
        writer.writerow([safe(heading) for _, heading in shape.columns])
    for count, cells in enumerate(rows(session, wanted, shape, words), 1):
        writer.writerow([_text(cell, shape) for cell in cells])
        if count % _TOGETHER == 0:
            yield encoder(_taken(kept))
    yield encoder(_taken(kept))


def _taken(kept: io.StringIO) -> str:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text


def _encoder(encoding: str) -> Callable[[str], bytes]:
    """The mark at the beginning of a file comes once."""
    return codecs.getincrementalencoder(encoding)("replace").encode


def _text(cell, shape: Shape) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Number):
        return str(cell).replace(".", shape.decimal)
    if isinstance(cell, date):
        return cell.strftime(shape.day)
    return safe(str(cell))


def write_xlsx(session: Session, wanted: Wanted, shape: Shape, words: Words, out: Path, title: str) -> None:
    """The workbook, row after row in constant memory."""
    from .workbook import Out

    book = Out(out, out.parent)
    try:
        tab = book.tab(title)
        tab.set_column(0, len(shape.columns), 16)
        if shape.heading:
            tab.freeze_panes(1, 0)
            for place, (_, heading) in enumerate(shape.columns):
                book.put(tab, 0, place, heading, book.head)
        for number, cells in enumerate(rows(session, wanted, shape, words), int(shape.heading)):
            for place, cell in enumerate(cells):
                book.put(tab, number, place, cell)
    finally:
        book.close()
