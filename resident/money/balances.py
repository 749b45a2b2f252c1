"""What is derived from the ledger: open items, account totals, balances by month. Deleted and made anew, identical.

check() proves the ledger (rule 35).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Date, Select, String, case, delete, func, insert, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from .. import guards
from .invoice import Invoice, InvoiceLine, Series
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
        _fill(session, AccountTotal, tuple(AccountTotal.__table__.c.keys()), _totals(ids))
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
        select(
            Entry.account_id,
            func.sum(Entry.amount),
            func.count(),
            func.max(received),
            func.max(Entry.id),
            func.max(Entry.value_day),
        )
        .where(Entry.account_id.in_(ids))
        .group_by(Entry.account_id)
    )


def _months(ids: list[int]):
    """An opening balance that was taken over in the account's first month is what that month opens with."""

    def booked(*kinds):
        return func.sum(case((Entry.kind.in_(kinds), Entry.amount), else_=0))

    month = month_of(Entry.value_day)
    shown = ("invoice", "payment", "interest")
    # Interest that was taken over is of the kind of interest, so that it bears none (by_hand.open_with).
    taken_over = or_(Entry.kind == "opening", (Entry.kind == "interest") & Entry.cause.startswith("opening:"))
    m = (
        select(
            Entry.account_id,
            month.label("month"),
            func.sum(Entry.amount).label("all"),
            func.sum(case((taken_over, Entry.amount), else_=0)).label("taken_over"),
            func.sum(case((taken_over & (Entry.kind == "interest"), Entry.amount), else_=0)).label("interest_taken_over"),
            *(booked(kind).label(kind) for kind in shown),
        )
        .where(Entry.account_id.in_(ids))
        .group_by(Entry.account_id, month)
        .subquery()
    )
    place = {"partition_by": m.c.account_id, "order_by": m.c.month}
    closing = func.sum(m.c.all).over(**place)
    first = case((func.row_number().over(**place) == 1, m.c.taken_over), else_=0)
    opened = case((func.row_number().over(**place) == 1, m.c.interest_taken_over), else_=0)
    interest = m.c.interest - opened
    other = m.c.all - m.c.invoice - m.c.payment - interest - first
    return select(m.c.account_id, m.c.month, closing - m.c.all + first, m.c.invoice, m.c.payment, interest, other, closing)


# ---- Proof ---------------------------------------------------------------------------------------------------------

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not hold, of which thing (an id, a month, a name), and the two figures that should be equal."""

    what: str
    thing: str
    is_: object = None
    should: object = None


def check(session: Session) -> list[Finding]:
    """Everything that should hold of the ledger and does not; at most 20 findings of a kind."""
    found = [Finding("guard_missing", name) for name in guards.missing(session.connection())]
    for what, statement in _proofs():
        found.extend(Finding(what, str(thing), *figures) for thing, *figures in session.execute(statement.limit(SHOWN)))
    return found


def _proofs() -> Iterator[tuple[str, Select]]:
    """(name, statement that finds what breaks it: thing, what is, what should be)."""
    yield "account_total", _wrong_totals()
    yield "month_chain", _broken_chains()
    yield "last_month", _wrong_last_months()
    yield "open_item", _wrong_open_items()
    yield "oversettled_credit", _oversettled()
    yield "series_gap", _series_gaps()
    yield "invoice_total", _wrong_invoices()


def _wrong_totals() -> Select:
    booked = select(Entry.account_id, summed(Entry.amount).label("amount")).group_by(Entry.account_id).subquery()
    is_ = func.coalesce(AccountTotal.amount, 0)
    joined = select(booked.c.account_id, is_, booked.c.amount).outerjoin(
        AccountTotal, AccountTotal.account_id == booked.c.account_id
    )
    return joined.where(or_(AccountTotal.account_id.is_(None), is_ != booked.c.amount))


def _broken_chains() -> Select:
    before = func.lag(Balance.closing).over(partition_by=Balance.account_id, order_by=Balance.month)
    m = select(Balance.account_id, Balance.month, Balance.opening, before.label("before")).subquery()
    return select(m.c.account_id, m.c.opening, m.c.before).where(m.c.before != m.c.opening)


def _wrong_last_months() -> Select:
    """The last month closes with the account's total."""
    place = func.row_number().over(partition_by=Balance.account_id, order_by=Balance.month.desc())
    last = select(Balance.account_id, Balance.closing, place.label("place")).subquery()
    joined = select(AccountTotal.account_id, last.c.closing, AccountTotal.amount).outerjoin(
        last, (last.c.account_id == AccountTotal.account_id) & (last.c.place == 1)
    )
    return joined.where(or_(last.c.closing.is_(None), last.c.closing != AccountTotal.amount))


def _wrong_open_items() -> Select:
    """What is open is the item less what settled it; never below zero."""
    settled = select(summed(Settlement.amount)).where(Settlement.item_id == Item.id).scalar_subquery()
    rest = Item.amount - settled
    is_ = func.coalesce(OpenItem.amount, 0)
    joined = select(Item.id, is_, rest).outerjoin(OpenItem, OpenItem.item_id == Item.id)
    return joined.where(or_(is_ != rest, rest < 0))


def _oversettled() -> Select:
    """No credit settles more than it is, and none less than nothing."""
    given = select(Settlement.entry_id, summed(Settlement.amount).label("amount")).group_by(Settlement.entry_id).subquery()
    joined = select(Entry.id, given.c.amount, -Entry.amount).join(given, given.c.entry_id == Entry.id)
    return joined.where(or_(given.c.amount > -Entry.amount, given.c.amount < 0))


def _series_gaps() -> Select:
    """Our own numbers run 1, 2, 3 … next − 1 (rule 27)."""
    joined = select(Series.id, func.count(Invoice.id), Series.next - 1).outerjoin(Invoice, Invoice.series_id == Series.id)
    expected = Series.next - 1
    ends = or_(func.count(Invoice.id) != expected, func.min(Invoice.number) != 1, func.max(Invoice.number) != expected)
    return joined.group_by(Series.id, Series.next).having(ends)


def _wrong_invoices() -> Select:
    """An invoice that has lines is their sum. Those of other programs may have none."""
    lines = select(InvoiceLine.invoice_id, summed(InvoiceLine.amount).label("amount")).group_by(InvoiceLine.invoice_id).subquery()
    joined = select(Invoice.id, Invoice.total, lines.c.amount).join(lines, lines.c.invoice_id == Invoice.id)
    return joined.where(Invoice.total != lines.c.amount)
