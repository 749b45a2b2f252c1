"""Who acts for whom by day: a guardian for a ward, an executor for an estate, an officer for a company.

Whoever represents has the homes of the person represented (residence.py); what they do is theirs as an act and the other's
as a thing: the audit holds who acted.
"""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, lasts
from ..errors import ResidentError
from ..homes.organisation import Organisation
from .person import Person

GROUNDS = ("guardian", "estate", "company", "proxy")


class Representation(Base):
    __tablename__ = "representation"
    __table_args__ = (
        CheckConstraint(f"ground in {GROUNDS}", name="ground"),
        CheckConstraint("last is null or last >= first", name="days"),
        CheckConstraint("person_id <> of_person_id", name="other"),
        UniqueConstraint("person_id", "of_person_id", "first"),
        Index(None, "of_person_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    of_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ground: Mapped[str] = mapped_column(String(10))
    first: Mapped[date]
    last: Mapped[date | None]


class BadRepresentation(ResidentError):
    """field: "person" (why: "same": as the other, or as whoever enters it; "company": only a natural person acts; "there":
    represents already on one of these days), "ground", or "last" (why: "order": before the first day, "past": it has
    passed, "ended": it ended before)."""


def add(session: Session, of: Person, person: Person, ground: str, first: date, last: date | None = None, *, by) -> Representation:
    """Let a person act for another of the same organisation from a day to a day, both inclusive. BadRepresentation."""
    # Whoever enters it is not the one who acts: nobody opens somebody's messages and money to themselves.
    own = by is not None and person.login_id == by.login_id
    if own or person.id == of.id or person.organisation_id != of.organisation_id:
        raise BadRepresentation(field="person", why="same")
    if person.kind == "legal":
        raise BadRepresentation(field="person", why="company")
    if ground not in GROUNDS:
        raise BadRepresentation(field="ground", why="unknown")
    if last is not None and last < first:
        raise BadRepresentation(field="last", why="order")
    # On PostgreSQL two at once meet here; on SQLite only one writes at a time.
    session.execute(select(Person.id).where(Person.id == of.id).with_for_update())
    if _overlapping(session, of.id, person.id, first, last):
        raise BadRepresentation(field="person", why="there")
    row = Representation(
        organisation_id=of.organisation_id, person_id=person.id, of_person_id=of.id, ground=ground, first=first, last=last
    )
    session.add(row)
    session.flush()
    audit.record(session, "representation_added", by=by, thing=row, facts={"of": of.id, "person": person.id, "ground": ground})
    session.flush()
    return row


def _overlapping(session: Session, of_id: int, person_id: int, first: date, last: date | None) -> bool:
    same = (Representation.of_person_id == of_id, Representation.person_id == person_id)
    before = Representation.last.is_(None) | (Representation.last >= first)
    after = Representation.first <= last if last is not None else True
    return session.scalar(select(Representation.id).where(*same, before, after).limit(1)) is not None


def end(session: Session, row: Representation, last: date, *, by, today: date) -> None:
    """Let it end with a day: yesterday at the earliest, which is at once. It is never made longer. BadRepresentation."""
    session.refresh(row, with_for_update=True)
    if row.last is not None and row.last < today:
        raise BadRepresentation(field="last", why="ended")
    if last < row.first or (row.last is not None and last > row.last):
        raise BadRepresentation(field="last", why="order")
    if last < today - timedelta(days=1):
        raise BadRepresentation(field="last", why="past")
    row.last = last
    session.flush()
    audit.record(session, "representation_ended", by=by, thing=row, facts={"last": last.isoformat()})
    session.flush()


def acting_for(session: Session, person_id: int) -> list[int]:
    """Ids of those who act for a person today, by the organisation's day."""
    of = select(Organisation.tz).join(Person, Person.organisation_id == Organisation.id).where(Person.id == person_id)
    today = clock.today(session.scalar(of))
    acting = select(Representation.person_id).where(Representation.of_person_id == person_id, lasts(Representation, today))
    return list(session.scalars(acting.order_by(Representation.id)))


def about(session: Session, person_id: int) -> list:
    """(Representation, the other person): all by which this one acts or is acted for, the newest first."""
    other = or_(
        (Representation.of_person_id == person_id) & (Person.id == Representation.person_id),
        (Representation.person_id == person_id) & (Person.id == Representation.of_person_id),
    )
    mine = or_(Representation.of_person_id == person_id, Representation.person_id == person_id)
    statement = select(Representation, Person).join(Person, other).where(mine)
    return session.execute(statement.order_by(Representation.first.desc(), Representation.id.desc())).all()
