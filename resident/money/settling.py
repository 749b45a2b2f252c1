"""Settling: credits go to what is owed, in the order that holds on the credit's day (rule 33). Append-only.

order.shares says what settles what, from the days of all entries: so a payment that turns up late leaves the account as it would
stand had it come in time. What was settled otherwise is taken back by rows of its own. Where everything new is later than what
was there, only the rests are looked at. A second run changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import ColumnElement, Select, and_, cast, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from ..db import Money
from ..homes import setting
from ..homes.organisation import Organisation, OrganisationSetting
from .account import Account
from .ledger import AccountTotal, Entry, EntryWish, Item, OpenItem, Settlement
from .order import Credit, Debt, OrderOn, nature, shares

CHUNK = 500


def settle(session: Session, account_ids: Iterable[int] | None = None) -> int:
    """Let the credits of accounts settle what is owed. How many settlements were made or taken back.

    Looks only at accounts with entries since balances.rebuild() was last run, which belongs after it.
    """
    orders: dict[int, OrderOn] = {}
    return sum(_settle(session, ids, orders) for ids in chunks(session, account_ids))


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


def take_back(session: Session, which: ColumnElement[bool]) -> int:
    """Take settlements back by rows with the negative amount; those taken back before are left alone. How many."""
    rows = session.execute(live(Settlement.id, Settlement.entry_id, Settlement.item_id, Settlement.amount).where(which)).all()
    if rows:
        session.execute(
            insert(Settlement.__table__),
            [{"entry_id": entry, "item_id": item, "amount": -amount, "reverses_id": id} for id, entry, item, amount in rows],
        )
    return len(rows)


def live(*columns) -> Select:
    """Of settlements that were not taken back."""
    undo = aliased(Settlement)
    return (
        select(*columns)
        .select_from(Settlement)
        .outerjoin(undo, undo.reverses_id == Settlement.id)
        .where(Settlement.reverses_id.is_(None), undo.id.is_(None))
    )


def standing_entry(entry=Entry) -> ColumnElement[bool]:
    """The SQL condition "neither reversed nor a reversal": what was reversed is as though it had never been."""
    undo = aliased(Entry)
    return and_(entry.reverses_id.is_(None), ~select(undo.id).where(undo.reverses_id == entry.id).exists())


def order_of(session: Session, organisation_id: int, country: str) -> OrderOn:
    """The order of payments of an organisation, by day."""
    rows = session.execute(
        select(OrganisationSetting.first, OrganisationSetting.value)
        .where(OrganisationSetting.organisation_id == organisation_id, OrganisationSetting.name == "payment_order")
        .order_by(OrganisationSetting.first.desc())
    ).all()
    usual = setting.default("payment_order", country)
    return lambda day: next((value for first, value in rows if first <= day), usual)


# ---- One lot of accounts ---------------------------------------------------------------------------------------------


def _settle(session: Session, ids: list[int], orders: dict[int, OrderOn]) -> int:
    later, anew = _sorted_by_news(session, ids)
    made = 0
    if anew:
        made += _put_right(session, anew, _walked(session, anew, orders, _debts(session, anew), _credits(session, anew)))
    if later:
        rests = _rests(session, later)
        made += _insert(session, [row for rows in _walked(session, later, orders, *rests).values() for row in rows])
    return made


def _sorted_by_news(session: Session, ids: list[int]) -> tuple[list[int], list[int]]:
    """(accounts whose news come after everything there was, accounts that are to be walked from their beginning)."""
    total = AccountTotal.__table__.c
    known = func.coalesce(total.last_entry, 0)
    news = session.execute(
        select(
            Entry.account_id,
            func.max(total.last_day),
            func.min(Entry.value_day),
            func.count(Entry.reverses_id),
        )
        .outerjoin(AccountTotal.__table__, total.account_id == Entry.account_id)
        .where(Entry.account_id.in_(ids), Entry.id > known)
        .group_by(Entry.account_id)
    ).all()
    later = [id for id, last, first, reversals in news if last is not None and first > last and not reversals]
    anew = {id for id, *_ in news} - set(later)
    # Credit beside open items: somebody rebuilt without settling before.
    owed = select(OpenItem.account_id, summed(OpenItem.amount).label("owed")).group_by(OpenItem.account_id).subquery()
    beside = select(owed.c.account_id).join(AccountTotal, AccountTotal.account_id == owed.c.account_id)
    anew |= set(session.scalars(beside.where(owed.c.account_id.in_(ids), owed.c.owed > AccountTotal.amount)))
    return [id for id in later if id not in anew], sorted(anew)


def _walked(
    session: Session, ids: list[int], orders: dict[int, OrderOn], debts: dict[int, list[Debt]], credits: dict[int, list[Credit]]
) -> dict[int, list[dict]]:
    """By account: the rows of settlement that there should be."""
    rows = {}
    for id, creditor, country in session.execute(
        select(Account.id, Account.creditor_id, Organisation.country)
        .join(Organisation, Organisation.id == Account.creditor_id)
        .where(Account.id.in_(ids))
    ):
        if creditor not in orders:
            orders[creditor] = order_of(session, creditor, country)
        found = shares(debts.get(id, ()), credits.get(id, ()), orders[creditor])
        rows[id] = [{"entry_id": s.credit, "item_id": s.debt, "amount": s.amount, "reverses_id": None} for s in found]
    return rows


def _insert(session: Session, rows: list[dict]) -> int:
    if rows:
        session.execute(insert(Settlement.__table__), rows)
    return len(rows)


def _put_right(session: Session, ids: list[int], wanted: dict[int, list[dict]]) -> int:
    """Take back what is settled otherwise than it should be, add what is missing. What a reversal settled stays."""
    there: dict[tuple[int, int], int] = defaultdict(int)
    rows = live(Settlement.entry_id, Settlement.item_id, Settlement.amount).join(Entry, Entry.id == Settlement.entry_id)
    for entry_id, item_id, amount in session.execute(rows.where(Entry.account_id.in_(ids), standing_entry())):
        there[entry_id, item_id] += amount
    should: dict[tuple[int, int], int] = defaultdict(int)
    for row in (row for rows in wanted.values() for row in rows):
        should[row["entry_id"], row["item_id"]] += row["amount"]
    wrong = [pair for pair, amount in there.items() if should.get(pair) != amount]
    made = 0
    for pairs in batched(wrong, CHUNK):
        made += take_back(session, or_(*(and_(Settlement.entry_id == e, Settlement.item_id == i) for e, i in pairs)))
    missing = [pair for pair, amount in should.items() if there.get(pair) != amount]
    return made + _insert(
        session, [{"entry_id": e, "item_id": i, "amount": should[e, i], "reverses_id": None} for e, i in sorted(missing)]
    )


# ---- What there is ---------------------------------------------------------------------------------------------------


def _debts(session: Session, ids: list[int]) -> dict[int, list[Debt]]:
    """Everything that was ever owed, by account."""
    return debts(session, Item.amount, Item.account_id.in_(ids), standing_entry())


def debts(session: Session, amount, *which) -> dict[int, list[Debt]]:
    """Items by account, with an amount that a statement over Item gives."""
    found = defaultdict(list)
    rows = select(Item.account_id, Item.id, Entry.value_day, Item.due, Entry.kind, amount, Item.amount)
    rows = rows.join(Entry, Entry.id == Item.entry_id)
    for account_id, id, day, due, kind, amount, booked in session.execute(rows.where(*which)):
        found[account_id].append(Debt(id, day, due, nature(kind), amount, booked))
    return found


def _credits(session: Session, ids: list[int]) -> dict[int, list[Credit]]:
    """Everything that was ever paid or credited, by account."""
    which = (Entry.account_id.in_(ids), Entry.amount < 0, standing_entry())
    rows = session.execute(select(Entry.account_id, Entry.id, Entry.value_day, -Entry.amount).where(*which)).all()
    return _with_wishes(session, rows, ids)


def _with_wishes(session: Session, rows: Iterable, ids: list[int]) -> dict[int, list[Credit]]:
    named = defaultdict(list)
    wishes = select(EntryWish.entry_id, EntryWish.item_id).join(Entry, Entry.id == EntryWish.entry_id)
    for entry_id, item_id in session.execute(wishes.where(Entry.account_id.in_(ids)).order_by(EntryWish.position)):
        named[entry_id].append(item_id)
    found = defaultdict(list)
    for account_id, id, day, amount in rows:
        found[account_id].append(Credit(id, day, amount, tuple(named.get(id, ()))))
    return found


def _rests(session: Session, ids: list[int]) -> tuple[dict[int, list[Debt]], dict[int, list[Credit]]]:
    """What is left of debts and of credits."""
    settled = select(summed(Settlement.amount)).where(Settlement.item_id == Item.id).scalar_subquery()
    used = select(summed(Settlement.amount)).where(Settlement.entry_id == Entry.id).scalar_subquery()
    owed = debts(session, Item.amount - settled, Item.account_id.in_(ids), Item.amount > settled)
    which = (Entry.account_id.in_(ids), Entry.amount < -used, standing_entry())
    rows = session.execute(select(Entry.account_id, Entry.id, Entry.value_day, -Entry.amount - used).where(*which)).all()
    return owed, _with_wishes(session, rows, ids)
