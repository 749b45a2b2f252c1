"""Setting up a feed at the desk: an example is kept beside it, so that a mapping is looked at on real rows before it holds."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database
from ..errors import ResidentError, Stale
from ..homes.organisation import Organisation, lock_organisation
from ..identity import Actor
from ..slug import slug
from . import feed_file, feed_journal, feed_mapping, feeding
from .feed import Feed
from .feed_file import FileRefused, Row
from .feed_mapping import Mapping
from .feed_meters import BadMeter, Found, Meters
from .feed_rows import Understanding, placed
from .feed_spread import told
from .feed_time import BadTime
from .feed_value import BadShown
from .meter import Meter, Register

# Rows of an example that are shown, and that are counted.
SHOWN, COUNTED = 12, 20_000


class BadName(ResidentError):
    """A feed needs a name of its own: why (missing | taken)."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A row of the example as it would be read: register, at and value; or why it would come back."""

    row: Row
    register: Found | None
    at: int | None
    value: int | None
    name: str | None
    facts: dict


def make(session: Session, organisation_id: int, name: str, mapping: Mapping, *, by: Actor) -> Feed:
    """A feed that reads nothing yet. BadName."""
    name = _named(session, organisation_id, name, None)
    made = Feed(
        organisation_id=organisation_id, name=name, slug=_slug(session, organisation_id, name), mapping=mapping.stored(),
        active=False, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, "feed_changed", by=by, organisation_id=organisation_id, thing=made, facts={"active": False})
    return made


def change(session: Session, feed: Feed, name: str, mapping: Mapping, active: bool, seen: int, *, by: Actor) -> None:
    """Let a mapping hold from the next file on. seen: the version that the form was drawn from; Stale. BadName, BadMapping."""
    session.refresh(feed, with_for_update=True)
    if feed.version != seen:
        raise Stale()
    feed.name = _named(session, feed.organisation_id, name, feed.id)
    feed.mapping, feed.active = feed_mapping.checked(mapping).stored(), active
    session.flush()
    audit.record(session, "feed_changed", by=by, organisation_id=feed.organisation_id, thing=feed, facts={"active": active})


def _named(session: Session, organisation_id: int, name: str, own_id: int | None) -> str:
    # One name at a time is looked for and taken.
    lock_organisation(session, organisation_id)
    name = " ".join(name.split())[:80]
    if not name:
        raise BadName(why="missing")
    others = select(Feed.id).where(Feed.organisation_id == organisation_id, Feed.name == name)
    if session.scalar(others.where(Feed.id != own_id) if own_id else others):
        raise BadName(why="taken")
    return name


def _slug(session: Session, organisation_id: int, name: str) -> str:
    taken = set(session.scalars(select(Feed.slug).where(Feed.organisation_id == organisation_id)))
    return slug(name, taken, "feed")


def keys(session: Session, organisation_id: int) -> set[str]:
    """What the meters of an organisation may be called in files."""
    rows = session.execute(
        select(Meter.serial, Register.feed_key)
        .join(Register, Register.meter_id == Meter.id)
        .where(Meter.organisation_id == organisation_id)
    )
    return {key for row in rows for key in row if key}


# ---- The example -----------------------------------------------------------------------------------------------------


def example(data_dir: Path, feed: Feed) -> Path:
    return feed_journal.folder(data_dir) / example_name(feed)


def example_name(feed: Feed) -> str:
    return f"example-{feed.id}"


def keep_example(data_dir: Path, feed: Feed, sent: Path) -> None:
    shutil.move(sent, example(data_dir, feed))


def head(path: Path, mapping: Mapping, most: int = SHOWN) -> list[Row]:
    """The first rows as they stand in the file. FileRefused."""
    return list(islice(feed_file.rows(path, mapping, feed_file.WEB), most))


def words_of(path: Path, mapping: Mapping) -> list[str]:
    """What stands in the register's column, each once; or what the columns are called whose names tell a register or a meter."""
    if mapping.across in ("register", "meter"):
        return told(mapping)[:40]
    if mapping.register is None:
        return []
    rows = islice(feed_file.rows(path, mapping, feed_file.WEB), COUNTED)
    found = {row.cells[mapping.register].strip() for row in rows if row.line > mapping.skip and len(row.cells) > mapping.register}
    return sorted(found - {""})[:40]


def preview(session: Session, feed: Feed, path: Path, mapping: Mapping) -> list[Understood]:
    """The first rows as they would be understood. FileRefused."""
    tz = session.get_one(Organisation, feed.organisation_id).tz
    meters = Meters(session, feed.organisation_id, tz, mapping)
    mapping, rows = placed(mapping, feed_file.rows(path, mapping, feed_file.WEB))
    reader = Understanding(mapping, meters, tz)
    return list(islice(_understood(reader, meters, rows), SHOWN))


def _understood(reader: Understanding, meters: Meters, rows) -> Iterator[Understood]:
    for row in rows:
        try:
            taken = reader.take(row.cells)
        except (BadMeter, BadTime, BadShown) as error:
            yield Understood(row, None, None, None, error.args[0], getattr(error, "facts", {}))
        else:
            register, at, value = taken or (None, None, None)
            yield Understood(row, meters.registers.get(register), at, value, None if taken else "LeftOut", {})


def falls(rows: list[Understood]) -> bool:
    """Do the values fall so often that they must be something else than what counters show?"""
    last, steps, fallen = {}, 0, 0
    for one in rows:
        if one.register is None:
            continue
        if (before := last.get(one.register.id)) and before.at < one.at:
            steps, fallen = steps + 1, fallen + (one.value < before.value)
        last[one.register.id] = one
    return fallen > 1 and 3 * fallen >= steps


def try_out(db: Database, feed: Feed, path: Path, mapping: Mapping) -> feeding.Outcome:
    """What would become of the first COUNTED rows; nothing is booked. FileRefused."""
    if feed_file.kind_of(path, feed_file.WEB) != mapping.kind:
        raise FileRefused(why="kind")
    tried = Feed(id=feed.id, organisation_id=feed.organisation_id, mapping=mapping.stored())
    return feeding.read(db, tried, path, limits=feed_file.WEB, trial=True, most=COUNTED)
