"""Readings: dated, kept for good. A correction is a new row that supersedes; which row counts is a flag (rule 1)."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Quantity, UTCTime

SOURCES = ("resident", "council", "office", "provider", "import", "remote", "estimate")
STATES = ("accepted", "pending", "rejected")
# Written into statements, not bound: what is compared with a parameter where an index is partial, SQLite plans anew each time
# it is asked. Measured: six times as long.
PENDING = literal_column("'pending'")
# How it came in: the portal's pages, a link or poster without sign-in, a phone that had no line, a machine with a key, a file
# of remote readings, a paper sheet.
WAYS = ("page", "link", "offline", "device", "feed", "paper")
# Of a note beside a reading, and of one about a decision.
LONGEST_NOTE = 300
# Readings that count and that those around them do not stand for, as a remote register's daily ones do for each other.
_SPECIAL = "counts and (rolled_over or source <> 'remote')"
SPECIAL = text("reading.counts and (reading.rolled_over or reading.source <> 'remote')")


class Receipt(Base):
    """What the person holds in hand after submitting: a number, who, when, for which home (B6)."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("uq_receipt_number", "organisation_id", "number", unique=True),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"))
    # None for whoever used a link that names nobody.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)


def tidy_note(text: str | None) -> str | None:
    """A note as it is kept: without spaces around, cut to what there is room for; None for nothing."""
    return (text or "").strip()[:LONGEST_NOTE] or None


class Reading(Base):
    """value, day, source and who are guarded by a trigger: only state, counts and decided_* may change."""

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint(f"source in {SOURCES}", name="source"),
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint(f"via is null or via in {WAYS}", name="via"),
        CheckConstraint("value >= 0", name="value"),
        CheckConstraint("state = 'accepted' or not counts", name="counts"),
        Index(
            "uq_reading_day",
            "register_id",
            "day",
            unique=True,
            sqlite_where=text("counts"),
            postgresql_where=text("counts"),
        ),
        Index(
            "uq_reading_period",
            "register_id",
            "period_id",
            unique=True,
            sqlite_where=text("counts and period_id is not null"),
            postgresql_where=text("counts and period_id is not null"),
        ),
        Index("ix_reading_history", "register_id", "day", "id"),
        Index("ix_reading_special", "register_id", "day", sqlite_where=text(_SPECIAL), postgresql_where=text(_SPECIAL)),
        Index(None, "period_id", "register_id"),
        Index(None, "receipt_id"),
        # The desk's queue of readings that wait for a decision.
        Index("ix_reading_pending", "id", sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    period_id: Mapped[int | None] = mapped_column(ForeignKey("billing_period.id"))
    day: Mapped[date]
    value: Mapped[int] = mapped_column(Quantity)
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="accepted")
    # The one value of this register, day and period that use and bills are worked out from.
    counts: Mapped[bool] = mapped_column(Boolean, default=True)
    # True when the counter passed zero since the last reading, as the person confirmed (rule 6).
    rolled_over: Mapped[bool] = mapped_column(Boolean, default=False)
    # more | leak | shows | meter_changed | … : what was answered to the question.
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    # One of WAYS; None for what came before ways were told, and for imports and estimates.
    via: Mapped[str | None] = mapped_column(String(8))
    # When it was typed, where that was long before it arrived: a phone without a line (B17).
    typed_at: Mapped[object | None] = mapped_column(UTCTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[object | None] = mapped_column(UTCTime)
    # What whoever decided says to the resident.
    decided_note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
