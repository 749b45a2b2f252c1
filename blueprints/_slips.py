"""Readings that came without a page and were not booked at once, as their home sees them: what holds, and what to do."""

from datetime import date, timedelta
from typing import NamedTuple

from flask import g
from sqlalchemy import and_, or_, select

from resident import access, clock
from resident.metering.meter import Meter, Register
from resident.metering.slip import Slip
from resident.metering.slipping import ASKS

from . import _counters, _slip_words
from ._web import session

# How many days a decision stands on the page of readings.
TOLD = 30
MOST = 20


class Line(NamedTuple):
    """values: each counter with its digits; link: to the form with them typed in, when the resident is asked."""

    slip: Slip
    values: str
    word: str
    tag: str
    told: str
    link: str


def waiting() -> list[Line]:
    """What is held for the chosen home, and what was dismissed lately; the newest first."""
    today = clock.begins(g.viewer.home.organisation.today, g.viewer.home.organisation.tz)
    dismissed = and_(Slip.state == "dismissed", Slip.decided_at >= today - timedelta(days=TOLD))
    return _lines(access.own_slips(g.viewer).where(or_(Slip.state == "held", dismissed)))


def of_year(year: int) -> list[Line]:
    """All that came so for the chosen home in a year of days of reading, decided or not."""
    return _lines(access.own_slips(g.viewer).where(Slip.day.between(date(year, 1, 1), date(year, 12, 31))))


def _lines(statement) -> list[Line]:
    rows = session.scalars(statement.order_by(Slip.id.desc()).limit(MOST)).all()
    ids = {int(id) for slip in rows for id in slip.typed}
    named = select(Register.id, Register.name, Meter.medium, Meter.place).join(Meter, Meter.id == Register.meter_id)
    # Only meters of this home: the digits that somebody sent for another are not told apart from no meter.
    named = named.where(Register.id.in_(ids), Meter.unit_id == g.viewer.home.unit_id)
    names = {row.id: _counters.counter(row) for row in session.execute(named)} if ids else {}
    return [_line(slip, names) for slip in rows]


def _line(slip: Slip, names: dict[int, str]) -> Line:
    shown = [(names.get(int(id), ""), " ".join(part for part in said[:2] if part)) for id, said in slip.typed.items()]
    values = " · ".join(f"{name}: {digits}" if name else digits for name, digits in shown)
    asks = slip.state == "held" and slip.why in ASKS
    told = _slip_words.held(slip) if slip.state == "held" else slip.decided_note or _slip_words.why(slip.why)
    return Line(slip, values, *_slip_words.state(slip), told, _slip_words.prefilled(slip) if asks else "")
