"""Settling: credits go to what is owed, oldest due first (setting payment_order; rule 33). Append-only.

What one run settled stays; the next one sees only the rests. So a second run changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import ColumnElement, cast, func, insert, select
from sqlalchemy.orm import Session, aliased

from ..db import Money
from .account import Account
from .ledger import Entry, Item, Settlement

CHUNK = 500


def settle(session: Session, account_ids: Iterable[int] | None = None) -> int:
    """Let the unused rest of each account's credits settle its open items. How many settlements were made."""
    return sum(_settle(session, ids) for ids in chunks(session, account_ids))


def chunks(session: Session, account_ids: Iterable[int] | None = None) -> Iterator[list[int]]:
    """Accounts in handy numbers, locked for the rest of the transaction in one order, so that two runs never cross."""
    if account_ids is not None:
        for ids in batched(sorted(set(account_ids)), CHUNK):
            yield list(session.scalars(select(Account.id).where(Account.id.in_(ids)).order_by(Account.id).with_for_update()))
        return
    last = 0
    following = select(Account.id).order_by(Account.id).limit(CHUNK).with_for_update()
    while ids := list(session.scalars(following.where(Account.id > last))):
        yield ids
        last = ids[-1]


def batched(rows: Iterable, size: int) -> Iterator[list]:
    """Lists of at most so many."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def summed(column):
    """Σ of a money column, 0 for none, as an integer on PostgreSQL too (its sum of bigints is a decimal)."""
    return cast(func.coalesce(func.sum(column), 0), Money)


def take_back(session: Session, which: ColumnElement[bool]) -> None:
    """Take settlements back by rows with the negative amount; those taken back before are left alone."""
    undo = aliased(Settlement)
    rows = session.execute(
        select(Settlement.id, Settlement.entry_id, Settlement.item_id, Settlement.amount)
        .outerjoin(undo, undo.reverses_id == Settlement.id)
        .where(which, Settlement.reverses_id.is_(None), undo.id.is_(None))
    ).all()
    if rows:
        session.execute(
            insert(Settlement.__table__),
            [{"entry_id": entry, "item_id": item, "amount": -amount, "reverses_id": id} for id, entry, item, amount in rows],
        )


def _settle(session: Session, ids: list[int]) -> int:
    credits = _credits(session, ids)
    rows = []
    for account_id, items in _open(session, list(credits)).items():
        rows.extend(_matched(credits[account_id], items))
    if rows:
        session.execute(insert(Settlement.__table__), rows)
    return len(rows)


def _matched(credits: list[list[int]], items: list[list[int]]) -> Iterator[dict]:
    """Pour one list of [id, rest] into the other, both in their order."""
    credits, items = iter(credits), iter(items)
    credit, item = next(credits, None), next(items, None)
    while credit and item:
        amount = min(credit[1], item[1])
        yield {"entry_id": credit[0], "item_id": item[0], "amount": amount, "reverses_id": None}
        credit[1] -= amount
        item[1] -= amount
        if not credit[1]:
            credit = next(credits, None)
        if not item[1]:
            item = next(items, None)


def _credits(session: Session, ids: list[int]) -> dict[int, list[list[int]]]:
    """Unused rests of credits by account, oldest first. What was reversed, and reversals, have none."""
    undo = aliased(Entry)
    used = select(summed(Settlement.amount)).where(Settlement.entry_id == Entry.id).scalar_subquery()
    rows = select(Entry.account_id, Entry.id, -Entry.amount - used).where(
        Entry.account_id.in_(ids),
        Entry.amount < -used,
        Entry.reverses_id.is_(None),
        ~select(undo.id).where(undo.reverses_id == Entry.id).exists(),
    )
    rests = defaultdict(list)
    for account_id, entry_id, rest in session.execute(rows.order_by(Entry.account_id, Entry.value_day, Entry.id)):
        rests[account_id].append([entry_id, rest])
    return rests


def _open(session: Session, ids: list[int]) -> dict[int, list[list[int]]]:
    """What is left of items by account, oldest due first."""
    settled = select(summed(Settlement.amount)).where(Settlement.item_id == Item.id).scalar_subquery()
    rows = select(Item.account_id, Item.id, Item.amount - settled).where(Item.account_id.in_(ids), Item.amount > settled)
    rests = defaultdict(list)
    for account_id, item_id, rest in session.execute(rows.order_by(Item.account_id, Item.due, Item.id)):
        rests[account_id].append([item_id, rest])
    return rests
