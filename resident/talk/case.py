"""Cases: faults of a home or a common area, followed to their end (rule 44)."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime

STATES = ("new", "received", "in_progress", "waiting", "done", "closed", "rejected")
CATEGORIES = ("water", "heating", "electricity", "doors", "appliance", "lift", "other")


class Case(Base):
    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint("kind in ('fault')", name="kind"),
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint(f"category in {CATEGORIES}", name="category"),
        CheckConstraint("entry in ('yes','no','ask')", name="entry"),
        UniqueConstraint("organisation_id", "number"),
        Index("ix_case_desk", "organisation_id", "state", "id"),
        Index("ix_case_reporter", "person_id", "id"),
        Index("ix_case_assignee", "assignee_id", "state", "id"),
        Index("ix_case_building", "building_id", "state", "id"),
        Index("ix_case_tenure", "tenure_id", "id"),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    # None for a common area.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    tenure_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10), default="fault")
    number: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    # May we enter with the master key: yes, no, ask for a time first.
    entry: Mapped[str] = mapped_column(String(4))
    # When it suits, or since when it has been so: the resident's own words.
    when: Mapped[str | None] = mapped_column(String(200))
    pets: Mapped[bool] = mapped_column(Boolean, default=False)
    phone: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="new")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # A deferred case comes back on its day.
    waits_until: Mapped[date | None]
    due: Mapped[date | None]
    opened_at: Mapped[object] = mapped_column(UTCTime)
    changed_at: Mapped[object] = mapped_column(UTCTime)
    done_at: Mapped[object | None] = mapped_column(UTCTime)
    # Highest event that the reporter has seen, and the highest that is meant for them.
    seen_event: Mapped[int] = mapped_column(default=0)
    last_event: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CaseEvent(Base):
    """One line of the history: a change of state, a comment to the resident, an internal comment, an assignment."""

    __tablename__ = "case_event"
    __table_args__ = (
        CheckConstraint("kind in ('state','comment','internal','assigned')", name="kind"),
        Index("ix_case_event_case", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_staff: Mapped[bool] = mapped_column(Boolean)
    role: Mapped[str | None] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    # That the case came to: one of STATES; or "reopened", after which it is received again.
    state: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[str | None] = mapped_column(Text)
    at: Mapped[object] = mapped_column(UTCTime)


# The SQL condition "was opened again once", beside Case.
REOPENED = exists().where(CaseEvent.case_id == Case.id, CaseEvent.state == "reopened").correlate(Case)
