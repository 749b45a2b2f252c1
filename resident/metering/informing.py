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
from ..month import month_name, month_of, months_on
from ..people import residence
from ..people.person import Person
from . import consumption
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
    theirs = [(home.unit_id, home.begins, home.actor_id) for home in homes if home.may("readings")]
    known = consumption.known_homes(session, {(unit, since) for unit, since, _ in theirs}, *month_of(month))
    ready = {person for unit, since, person in theirs if (unit, since) in known}
    return sorted(ready.intersection(persons))


def _untold(month: date) -> tuple:
    return Person.consumption_mail, or_(Person.consumption_told.is_(None), Person.consumption_told < month_name(month))


def _path(month: date) -> str:
    return f"/consumption/information?month={month_name(month)}"
