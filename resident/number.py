"""Running numbers of what people hold in hand: receipts of readings (N-) and of payments (M-), messages (V-), faults (F-), by
organisation and year."""

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .db import Base, Key, dialect_insert

PREFIX = {"receipt": "N", "thread": "V", "case": "F", "payment": "M"}


class Counter(Base):
    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "year"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    year: Mapped[int]
    next: Mapped[int] = mapped_column(default=1)


def draw(session: Session, organisation_id: int, kind: str, year: int) -> str:
    """The next number, like "F-2026-0388". Locks the counter's row until the transaction ends."""
    which = (Counter.organisation_id == organisation_id, Counter.kind == kind, Counter.year == year)
    counter = session.scalar(select(Counter).where(*which).with_for_update())
    if counter is None:
        _make(session, organisation_id, kind, year)
        counter = session.scalar(select(Counter).where(*which).with_for_update())
    number, counter.next = counter.next, counter.next + 1
    session.flush()
    return f"{PREFIX[kind]}-{year}-{number:04d}"


def _make(session: Session, organisation_id: int, kind: str, year: int) -> None:
    # Two transactions may meet here on the first day of a year; the slower one's row is dropped in silence.
    insert = dialect_insert(session)(Counter).values(organisation_id=organisation_id, kind=kind, year=year, next=1)
    session.execute(insert.on_conflict_do_nothing())
