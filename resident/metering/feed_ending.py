"""The end of a feed: one that brought nothing goes as if it had never been, one that did is archived and what it brought stays.

Archived is a feed that is not in use and had files; it can be taken into use again where its columns are set (feed_setup.change).
"""

from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError, Stale
from ..identity import Actor
from . import feed_journal, feed_setup
from .feed import Feed, FeedRun


class UnderWay(ResidentError):
    """A file of the feed waits or is being read: it ends when that has ended."""


def brought(session: Session, feed: Feed) -> bool:
    """Has any of its files brought a value?"""
    counts = session.scalars(select(FeedRun.counts).where(FeedRun.feed_id == feed.id))
    return any(one.get("booked") or one.get("readings") for one in counts)


def end(session: Session, feed: Feed, keep: bool, seen: int, *, by: Actor) -> list[str]:
    """Archive a feed (keep), or remove it with the notes about its files; names in feed_journal.folder() to be removed once that
    is committed. keep and seen (its version) are what the page showed: Stale when it is otherwise now. UnderWay."""
    session.refresh(feed, with_for_update=True)
    if feed.version != seen or keep != brought(session, feed):
        raise Stale()
    going = select(FeedRun.id).where(FeedRun.feed_id == feed.id, FeedRun.state.in_(("waiting", "running")))
    if session.scalar(going.limit(1)):
        raise UnderWay()
    feed.active = False
    facts, left = {"active": False}, []
    if not keep:
        failed = session.scalars(select(FeedRun.failed).where(FeedRun.feed_id == feed.id, FeedRun.failed.is_not(None)))
        left, facts = [*failed, feed_setup.example_name(feed)], {"removed": True}
    audit.record(session, "feed_changed", by=by, organisation_id=feed.organisation_id, thing=feed, facts=facts)
    session.flush()
    if not keep:
        session.execute(delete(FeedRun).where(FeedRun.feed_id == feed.id))
        session.delete(feed)
        session.flush()
    return left


def clear(data_dir: Path, names: list[str]) -> None:
    """Remove what a feed has left behind. What cannot be removed goes with the worker's sweep."""
    for name in names:
        (feed_journal.folder(data_dir) / name).unlink(missing_ok=True)
