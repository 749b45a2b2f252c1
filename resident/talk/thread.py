"""Threads: messages between a resident and an addressee, both ways, with unread marks on both sides."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime

ADDRESSEES = ("customer_service", "property_manager", "rent_control", "council", "provider")


class Thread(Base):
    __tablename__ = "thread"
    __table_args__ = (
        CheckConstraint(f"addressee in {ADDRESSEES}", name="addressee"),
        UniqueConstraint("organisation_id", "number"),
        Index("ix_thread_person", "person_id", "last_id"),
        Index("ix_thread_desk", "organisation_id", "addressee", "last_id"),
        Index("ix_thread_building", "building_id", "last_id"),
        # What waits for an answer: the desk's queue and its first page. SQLite wants the very words that a query uses.
        Index(
            "ix_thread_waiting",
            "organisation_id",
            "addressee",
            "last_id",
            "last_at",
            sqlite_where=sql("last_by_staff = 0"),
            postgresql_where=sql("not last_by_staff"),
        ),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    # The resident whose thread it is; other parties of the home do not see it.
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    addressee: Mapped[str] = mapped_column(String(20))
    # The provider that is meant when the addressee is one.
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    subject: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[object] = mapped_column(UTCTime)
    # Newest message, for order and paging; and whose it is, so that "waits for an answer" needs no join.
    last_id: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[object] = mapped_column(UTCTime)
    last_by_staff: Mapped[bool] = mapped_column(Boolean, default=False)
    # Highest message that each side has seen. A view never writes; marking is a request of its own.
    seen_by_resident: Mapped[int] = mapped_column(default=0)
    seen_by_staff: Mapped[int] = mapped_column(default=0)
    seen_by_staff_at: Mapped[object | None] = mapped_column(UTCTime)


class Message(Base):
    __tablename__ = "message"
    __table_args__ = (Index("ix_message_thread", "thread_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_staff: Mapped[bool] = mapped_column(Boolean)
    # The role in which staff wrote: "office", "caretaker" …
    role: Mapped[str | None] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[object] = mapped_column(UTCTime)
