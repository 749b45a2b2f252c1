"""Days of a tenure that are billed already: drafts of them are refused, and what is confirmed goes to whoever has them now."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..charging import reholding
from ..errors import ResidentError
from ..people.tenure import Holding, Tenure


class DaysShared(ResidentError):
    """Drafts bill days that would change hands: name and last day of the period, end (is it a last day that moves?)."""


def refuse_drafted(session: Session, unit_id: int, first: date, last: date | None, end: bool = False) -> None:
    """DaysShared while drafts of some of the days stand, or a settlement of them that is not confirmed."""
    if shared := reholding.drafted(session, unit_id, first, last):
        raise DaysShared(name=shared[0], last=shared[1], end=end)
    refuse_settling(session, unit_id, first, last, end)


def refuse_settling(session: Session, unit_id: int, first: date, last: date | None, end: bool = False) -> None:
    """DaysShared while a settlement of some of the days is worked out and not confirmed."""
    if shared := reholding.settling(session, unit_id, first, last):
        raise DaysShared(name=shared[0], last=shared[1], end=end)


def move(session: Session, rows: Iterable[tuple], *, by, **given) -> dict:
    """What is billed for these days (unit, first, last) goes to whoever has them now, by corrections that wait; for the audit, how
    many. given: as in reholding.rehold()."""
    made = [one for row in rows for one in reholding.rehold(session, *row, by=by, **given)]
    return {"corrections": len(made)} if made else {}


def settle(session: Session, tenure: Tenure, gained: Iterable[tuple], lost: Iterable[tuple], *, by, after: int | None) -> dict:
    """After a tenure's days were moved: what is billed for days that it gained, then for those that it lost; for the audit, as
    move(). Lost lines that the desk corrected itself, one by one, were given back by that (rule 37)."""
    came = move(session, gained, by=by, after=after)
    went = move(session, lost, by=by, released=tenure.id, spares=True)
    count = sum(made.get("corrections", 0) for made in (came, went))
    return {"corrections": count} if count else {}


def gained(session: Session, tenure: Tenure, first: date, last: date | None) -> Iterator[tuple[int, date, date | None]]:
    """(unit, first, last) of days that units held from the tenure's beginning or to its end get."""
    for holding in session.scalars(select(Holding).where(Holding.tenure_id == tenure.id)):
        if holding.first == tenure.first and first < tenure.first:
            yield holding.unit_id, first, tenure.first - timedelta(days=1)
        if holding.last is not None and holding.last == tenure.last and (last is None or last > tenure.last):
            yield holding.unit_id, tenure.last + timedelta(days=1), last


def lost(session: Session, tenure: Tenure, first: date, last: date | None) -> Iterator[tuple[int, date, date | None]]:
    """(unit, first, last) of days that the tenure's units are held now and would be no more."""
    for holding in session.scalars(select(Holding).where(Holding.tenure_id == tenure.id)):
        if holding.first < first:
            yield holding.unit_id, holding.first, first - timedelta(days=1)
        if last is not None and (holding.last is None or holding.last > last):
            yield holding.unit_id, max(holding.first, last + timedelta(days=1)), holding.last
