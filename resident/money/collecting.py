"""The mark "in collection": while it holds, the portal sends neither reminders nor demands (rule 36)."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import audit
from ..db import lasts
from .account import Account
from .demand import CollectionMark


def in_collection(account_column, day: date) -> ColumnElement[bool]:
    """The SQL condition "an account that is in collection on a day"."""
    return account_column.in_(select(CollectionMark.account_id).where(lasts(CollectionMark, day)))


def marked(session: Session, account_id: int, day: date) -> CollectionMark | None:
    return session.scalar(
        select(CollectionMark).where(CollectionMark.account_id == account_id, lasts(CollectionMark, day)).limit(1)
    )


def mark(session: Session, account: Account, reason: str, *, today: date, by) -> CollectionMark:
    """From today on. Twice is once."""
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    row = marked(session, account.id, today)
    if row is None:
        row = CollectionMark(account_id=account.id, first=today, reason=reason)
        session.add(row)
        session.flush()
        audit.record(session, "collection_marked", by=by, organisation_id=account.creditor_id, thing=account)
    return row


def end(session: Session, account: Account, *, today: date, by) -> None:
    """Today is the first day without it."""
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    row = marked(session, account.id, today)
    if row is None:
        return
    if row.first == today:
        session.delete(row)
    else:
        row.last = today - timedelta(days=1)
    audit.record(session, "collection_ended", by=by, organisation_id=account.creditor_id, thing=account)
    session.flush()
