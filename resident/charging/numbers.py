"""Numbers of invoices: without gaps for each creditor and year, also when several are made at once (rule 27).

The row of the series is locked until the transaction ends, so numbers that were taken are used or go back with it.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..homes.organisation import lock_organisation
from ..money.invoice import Series


def take(session: Session, creditor_id: int, year: int, count: int, prefix: str = "") -> tuple[int, int]:
    """(series, the first of so many numbers in a row)."""
    which = select(Series).where(Series.creditor_id == creditor_id, Series.year == year, Series.prefix == prefix)
    # The organisation first: whoever takes numbers gives references after, which begins there.
    lock_organisation(session, creditor_id)
    series = session.scalar(which.with_for_update().execution_options(populate_existing=True))
    if series is None:
        series = Series(creditor_id=creditor_id, year=year, prefix=prefix, next=1)
        session.add(series)
        session.flush()
    first, series.next = series.next, series.next + count
    session.flush()
    return series.id, first
