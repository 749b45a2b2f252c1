"""What is derived from the ledger: open items, account totals, balances by month. Deleted and made anew, identical."""

from collections.abc import Iterable

from sqlalchemy import Date, String, case, delete, func, insert, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from .ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement
from .settling import chunks, summed


class month_of(FunctionElement):
    """ "2026-10" of a day, in the database."""

    type = String()
    inherit_cache = True


@compiles(month_of)
def _month_of(element, compiler, **kw):
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM')"


@compiles(month_of, "sqlite")
def _month_of_sqlite(element, compiler, **kw):
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 7)"


def rebuild(session: Session, account_ids: Iterable[int] | None = None) -> int:
    """Make the derived rows of some accounts, or of all, anew from entries, items and settlements. How many accounts.

    The rows never leave the database, so memory does not grow with their number.
    """
    done = 0
    for ids in chunks(session, account_ids):
        for table in (OpenItem, AccountTotal, Balance):
            session.execute(delete(table.__table__).where(table.__table__.c.account_id.in_(ids)))
        _fill(session, OpenItem, ("item_id", "account_id", "due", "amount"), _open_items(ids))
        _fill(session, AccountTotal, ("account_id", "amount", "entries", "paid_through"), _totals(ids))
        _fill(session, Balance, tuple(Balance.__table__.c.keys()), _months(ids))
        done += len(ids)
    return done


def _fill(session: Session, table, columns: tuple, rows) -> None:
    session.execute(insert(table.__table__).from_select(columns, rows))


def _open_items(ids: list[int]):
    settled = select(summed(Settlement.amount)).where(Settlement.item_id == Item.id).scalar_subquery()
    return select(Item.id, Item.account_id, Item.effective_due, Item.amount - settled).where(
        Item.account_id.in_(ids), Item.amount != settled
    )


def _totals(ids: list[int]):
    received = case(((Entry.kind == "payment") & (Entry.amount < 0), Entry.value_day), else_=literal(None, Date))
    return (
        select(Entry.account_id, func.sum(Entry.amount), func.count(), func.max(received))
        .where(Entry.account_id.in_(ids))
        .group_by(Entry.account_id)
    )


def _months(ids: list[int]):
    """An opening balance that was taken over in the account's first month is what that month opens with."""

    def booked(*kinds):
        return func.sum(case((Entry.kind.in_(kinds), Entry.amount), else_=0))

    month = month_of(Entry.value_day)
    shown = ("invoice", "payment", "interest")
    m = (
        select(
            Entry.account_id,
            month.label("month"),
            func.sum(Entry.amount).label("all"),
            booked("opening").label("taken_over"),
            *(booked(kind).label(kind) for kind in shown),
        )
        .where(Entry.account_id.in_(ids))
        .group_by(Entry.account_id, month)
        .subquery()
    )
    place = {"partition_by": m.c.account_id, "order_by": m.c.month}
    closing = func.sum(m.c.all).over(**place)
    first = case((func.row_number().over(**place) == 1, m.c.taken_over), else_=0)
    other = m.c.all - m.c.invoice - m.c.payment - m.c.interest - first
    return select(m.c.account_id, m.c.month, closing - m.c.all + first, m.c.invoice, m.c.payment, m.c.interest, other, closing)
