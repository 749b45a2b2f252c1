"""Limits on sign-in, kept in the database so that they survive a restart, checked before anything is hashed (S11).

A bucket counts failures in a window of time. It never locks for good: when the window has passed it is empty again,
so an outsider can delay an account's owner but not shut them out.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import clock
from ..db import Base, UTCTime
from ..errors import TooMany

# kind: (failures, within)
BUCKETS = {
    "account": (10, timedelta(minutes=15)),
    "address": (30, timedelta(minutes=15)),
    "all": (600, timedelta(minutes=15)),
}


class Limit(Base):
    __tablename__ = "sign_in_limit"

    # kind and a hash of the name or address: the table tells nobody who tried.
    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[object] = mapped_column(UTCTime)
    failures: Mapped[int]


def _names(account: str, address: str) -> dict[str, str]:
    def digest(text):
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    return {"account": f"account:{digest(account)}", "address": f"address:{digest(address)}", "all": "all"}


def check(session: Session, account: str, address: str) -> None:
    """TooMany(retry_after) when any of the three buckets is full."""
    names = _names(account, address)
    rows = {row.bucket: row for row in session.scalars(select(Limit).where(Limit.bucket.in_(names.values())))}
    waits = []
    for kind, (most, within) in BUCKETS.items():
        row = rows.get(names[kind])
        if row and row.failures >= most and row.since + within > clock.now():
            waits.append(row.since + within - clock.now())
    if waits:
        raise TooMany(retry_after=int(max(waits).total_seconds()) + 1)


def count(session: Session, account: str, address: str) -> None:
    """One more failure in all three buckets."""
    names = _names(account, address)
    for kind, (_, within) in BUCKETS.items():
        row = _locked(session, names[kind])
        if row.since + within <= clock.now():
            row.since, row.failures = clock.now(), 1
        else:
            row.failures += 1
    session.flush()


def _locked(session: Session, bucket: str) -> Limit:
    """The row of a bucket. Two first failures at once make one row, where writers do not queue."""
    row = session.get(Limit, bucket, with_for_update=True)
    if row is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(Limit(bucket=bucket, since=clock.now(), failures=0))
        row = session.get(Limit, bucket, with_for_update=True, populate_existing=True)
    return row


def forget(session: Session, account: str) -> None:
    """The account's own bucket is emptied by its owner's success."""
    session.execute(delete(Limit).where(Limit.bucket == _names(account, "")["account"]))


def sweep(session: Session) -> None:
    session.execute(delete(Limit).where(Limit.since < clock.now() - timedelta(days=1)))
