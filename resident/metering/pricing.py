"""Prices of media and degree days by month, as the desk keeps them: in force by day, in the organisation or one building.

A price whose first day has passed stands behind costs and consumption information that people have seen: it is changed, or
made, only by somebody who says that this is what they want, and the audit keeps both figures.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..db import SCALE
from ..errors import ResidentError, Stale
from ..homes import setting
from ..homes.organisation import Organisation, lock_organisation
from .price import DegreeDays, MediumPrice

MOST_ROWS = 600
# What a month of degree days can be: no place on earth has more.
MOST_DEGREES = 3000


class PastPrice(ResidentError):
    """The price holds, or would hold, for days that have passed: first. Say so to change it all the same."""


class DayTaken(ResidentError):
    """Another price of the medium begins on this day in the same place: first."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a price is: millionths of the currency for one unit, and for a home and month, taxes included; about: taxes,
    emissions, mix as MediumPrice.about has them."""

    price: int
    monthly: int = 0
    about: dict = field(default_factory=dict)


def in_force(session: Session, organisation_id: int, building_id: int, medium: str, day: date) -> MediumPrice | None:
    """The price of a day: the building's own goes before the organisation's, whichever began later."""
    here = or_(MediumPrice.building_id == building_id, MediumPrice.building_id.is_(None))
    statement = select(MediumPrice).where(
        MediumPrice.organisation_id == organisation_id, MediumPrice.medium == medium, MediumPrice.first <= day, here
    )
    order = MediumPrice.building_id.is_(None), MediumPrice.first.desc(), MediumPrice.id.desc()
    return session.scalar(statement.order_by(*order).limit(1))


def prices(session: Session, organisation_id: int) -> list[MediumPrice]:
    """All of an organisation, by medium and place, the latest first."""
    statement = select(MediumPrice).where(MediumPrice.organisation_id == organisation_id)
    order = MediumPrice.medium, MediumPrice.building_id.is_not(None), MediumPrice.building_id, MediumPrice.first.desc()
    return list(session.scalars(statement.order_by(*order, MediumPrice.id.desc())))


def mark(row: MediumPrice) -> str:
    """A short mark of what a form was drawn from."""
    return setting.digest([row.first.isoformat(), row.price, row.monthly, row.about])


def add(
    session: Session, organisation: Organisation, building_id: int | None, medium: str, first: date, terms: Terms, *,
    today: date, by, past: bool = False,
) -> MediumPrice:  # fmt: skip
    """Let a price hold from a day. past: it may begin before today. PastPrice, DayTaken."""
    lock_organisation(session, organisation.id)
    _may(first, today, past)
    _free(session, organisation.id, building_id, medium, first)
    row = MediumPrice(
        organisation_id=organisation.id, building_id=building_id, medium=medium, first=first, price=terms.price,
        monthly=terms.monthly, about=terms.about,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, organisation, row, None, by)
    return row


def change(
    session: Session, organisation: Organisation, row: MediumPrice, first: date, terms: Terms, seen: str, *,
    today: date, by, past: bool = False,
) -> None:  # fmt: skip
    """Give a price another day or other terms. past: also for days that have passed. PastPrice, DayTaken; Stale when it is
    not as it was seen (mark())."""
    _as_seen(session, organisation, row, seen)
    _may(min(first, row.first), today, past)
    if first != row.first:
        _free(session, organisation.id, row.building_id, row.medium, first)
    was = _figures(row)
    row.first, row.price, row.monthly, row.about = first, terms.price, terms.monthly, terms.about
    session.flush()
    _record(session, organisation, row, was, by)


def remove(session: Session, organisation: Organisation, row: MediumPrice, seen: str, *, today: date, by, past=False) -> None:
    """As change()."""
    _as_seen(session, organisation, row, seen)
    _may(row.first, today, past)
    was = _figures(row)
    session.delete(row)
    facts = {"medium": row.medium, "building": row.building_id, "was": was}
    audit.record(session, "prices_changed", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)
    session.flush()


def _as_seen(session: Session, organisation: Organisation, row: MediumPrice, seen: str) -> None:
    lock_organisation(session, organisation.id)
    session.refresh(row)
    if mark(row) != seen:
        raise Stale()


def _may(first: date, today: date, past: bool) -> None:
    if first < today and not past:
        raise PastPrice(first=first)


def _free(session: Session, organisation_id: int, building_id: int | None, medium: str, first: date) -> None:
    here = MediumPrice.building_id == building_id if building_id else MediumPrice.building_id.is_(None)
    same = select(MediumPrice.id).where(MediumPrice.organisation_id == organisation_id, MediumPrice.medium == medium, here)
    if session.scalar(same.where(MediumPrice.first == first)):
        raise DayTaken(first=first)


def _figures(row: MediumPrice) -> list:
    return [row.first.isoformat(), row.price, row.monthly]


def _record(session: Session, organisation: Organisation, row: MediumPrice, was: list | None, by) -> None:
    facts = {"medium": row.medium, "building": row.building_id, "now": _figures(row)} | ({"was": was} if was else {})
    audit.record(session, "prices_changed", by=by, organisation_id=organisation.id, thing=row, facts=facts)
    session.flush()


# ---- Degree days -----------------------------------------------------------------------------------------------------


class BadDegreeDays(ResidentError):
    """Lines that cannot be read: lines, [(number from 1, why)]; why: month | value | twice | many. Nothing was stored."""


_LINE = re.compile(r"\s*(?:(\d{4})[-./](\d{1,2})|(\d{1,2})[-./](\d{4}))(?:[-./]\d{1,2})?\s*[;,\t ]\s*(\S.*?)\s*")
_VALUE = re.compile(r"(\d{1,4})(?:[.,](\d{1,6}))?")


def degree_days(session: Session, organisation_id: int, building_id: int | None) -> dict[str, int]:
    """By month, in millionths: those kept for this place alone."""
    here = DegreeDays.building_id == building_id if building_id else DegreeDays.building_id.is_(None)
    statement = select(DegreeDays.month, DegreeDays.value).where(DegreeDays.organisation_id == organisation_id, here)
    return dict(session.execute(statement.order_by(DegreeDays.month.desc())).all())


def degrees_of(session: Session, organisation_id: int, building_id: int) -> dict[str, int]:
    """By month, in millionths, as they hold for a building: its own, else the organisation's."""
    return degree_days(session, organisation_id, None) | degree_days(session, organisation_id, building_id)


def read_lines(text: str) -> dict[str, int]:
    """Months with their degree days out of what was pasted or a file held: "2026-11; 412,5", "11/2026 412.5", a line each;
    a first line without figures is a heading. BadDegreeDays."""
    found, wrong = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (not found and not wrong and not re.search(r"\d", line)):
            continue
        why = _read(line, found)
        if why:
            wrong.append((number, why))
    if len(found) > MOST_ROWS:
        wrong.append((MOST_ROWS + 1, "many"))
    if wrong:
        raise BadDegreeDays(lines=wrong)
    return found


def _read(line: str, found: dict[str, int]) -> str | None:
    match = _LINE.fullmatch(line.replace("\u00a0", " "))
    year, month = (int(match[1] or match[4]), int(match[2] or match[3])) if match else (0, 0)
    if not (1900 <= year <= 2100 and 1 <= month <= 12):
        return "month"
    value = _VALUE.fullmatch(match[5])
    if not value or int(value[1]) > MOST_DEGREES:
        return "value"
    name = f"{year}-{month:02d}"
    if name in found:
        return "twice"
    found[name] = int(value[1]) * SCALE + int((value[2] or "").ljust(6, "0"))
    return None


def put_degree_days(
    session: Session, organisation: Organisation, building_id: int | None, values: dict[str, int | None], seen: str, *, by
) -> int:
    """Keep the values of these months; None removes one. How many changed. Stale when they are not as they were seen
    (digest of degree_days())."""
    lock_organisation(session, organisation.id)
    there = degree_days(session, organisation.id, building_id)
    if setting.digest(there) != seen:
        raise Stale()
    changed = {month: value for month, value in values.items() if there.get(month) != value}
    here = DegreeDays.building_id == building_id if building_id else DegreeDays.building_id.is_(None)
    rows = select(DegreeDays).where(DegreeDays.organisation_id == organisation.id, here, DegreeDays.month.in_(changed))
    known = {row.month: row for row in session.scalars(rows)}
    for month, value in changed.items():
        if value is None:
            session.delete(known[month])
        elif month in known:
            known[month].value = value
        else:
            session.add(DegreeDays(organisation_id=organisation.id, building_id=building_id, month=month, value=value))
    if changed:
        facts = {"building": building_id, "degree_days": {month: [there.get(month), value] for month, value in changed.items()}}
        audit.record(session, "prices_changed", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)
    session.flush()
    return len(changed)
