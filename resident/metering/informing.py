"""Telling those who chose it that a month's consumption is there to be seen (EED annex IX 2): a mail with a link, once a month.

The mail names no figure and no home (rule 48): what it leads to is behind the sign-in.
"""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..db import Database
from ..delivery import notice
from ..delivery.daytime import is_day
from ..homes.organisation import Organisation
from ..month import month_name, months_on
from ..people import residence
from ..people.person import Person
from . import consumption, own_use
from .comparing import SETTLED

# Persons told in one transaction.
CHUNK = 50


def tell_all(db: Database) -> int:
    """In each organisation where it is day, from the day of the month on which readings are there: whoever is still to be told.
    Returns how many were."""
    told = 0
    with db.reading() as session:
        organisations = session.execute(select(Organisation.id, Organisation.tz).order_by(Organisation.id)).all()
    for organisation_id, tz in organisations:
        here = clock.now().astimezone(clock.zone(tz))
        if here.day >= SETTLED and is_day(here):
            told += _tell(db, organisation_id, months_on(here.date(), -1))
    return told


def _tell(db: Database, organisation_id: int, month: date) -> int:
    with db.reading() as session:
        ready = _ready(session, organisation_id, month)
    for start in range(0, len(ready), CHUNK):
        with db.writing() as session:
            for person in session.scalars(select(Person).where(Person.id.in_(ready[start : start + CHUNK]), *_untold(month))):
                # It stays the person's own matter: whoever acts for others is told of their own choice.
                notice.tell(session, person.id, "consumption", _path(month), acting=False)
                person.consumption_told = month_name(month)
    return len(ready)


def _ready(session: Session, organisation_id: int, month: date) -> list[int]:
    """Persons who want it, were not told yet, and have a home of which the month's use is known."""
    wanted = select(Person.id).where(Person.organisation_id == organisation_id, Person.notify_email, *_untold(month))
    persons = list(session.scalars(wanted.order_by(Person.id)))
    homes = residence.of_persons(session, persons) if persons else []
    known: dict[tuple, bool] = {}
    ready = set()
    for home in (one for one in homes if one.may("readings")):
        place = home.unit_id, home.begins
        if place not in known:
            known[place] = _known(session, *place, month)
        if known[place]:
            ready.add(home.actor_id)
    return sorted(ready.intersection(persons))


def _untold(month: date) -> tuple:
    return Person.consumption_mail, or_(Person.consumption_told.is_(None), Person.consumption_told < month_name(month))


def _known(session: Session, unit_id: int, since: date, month: date) -> bool:
    pieces = consumption.parts(month, consumption.after(month, "month") - consumption.DAY, "month")
    found = own_use.meters(session, unit_id, since)
    for medium in found.media:
        courses = consumption.courses(session, found.of(medium), pieces, since=since)
        if consumption.spread(courses, pieces, "month")[0].days:
            return True
    return False


def _path(month: date) -> str:
    return f"/consumption/information?month={month_name(month)}"
