"""Feeds: files from systems of remote reading, with a mapping made once; and what became of each file."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime

RUN_STATES = ("waiting", "running", "done", "refused", "stopped")


class Feed(Base):
    """mapping: which column holds what, how it is written, in which zone and unit (see feed_mapping.py)."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    # The folder under feeds/ of the data folder that is looked into each night.
    slug: Mapped[str] = mapped_column(String(40))
    mapping: Mapped[dict] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    made_at: Mapped[object] = mapped_column(UTCTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class FeedRun(Base):
    """One file. counts: rows, booked, known, failed, readings …; where it got to, so that a killed run goes on."""

    __tablename__ = "feed_run"
    __table_args__ = (
        CheckConstraint(f"state in {RUN_STATES}", name="state"),
        Index(None, "feed_id", "id"),
        Index(None, "feed_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    # Where it lies until it is done; the rows that failed, as a file, afterwards.
    stored: Mapped[str | None] = mapped_column(String(80))
    failed: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    why: Mapped[dict | None] = mapped_column(Json)
    counts: Mapped[dict] = mapped_column(Json, default=dict)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    begun_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
