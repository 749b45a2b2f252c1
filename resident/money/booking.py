"""Booking: entries are made once for a cause and never changed; a mistake is reversed (rule 32)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation
from . import balances, settling
from .account import Account
from .ledger import Entry, EntryWish, Item, Settlement

CHUNK = 400


class NotReversible(ResidentError):
    """A reversal is not reversed itself: entry_id."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry to be made. amount is in minor units, positive = owed by the holder.

    Every debit makes an item; one without a due day (a refund) is due on its value day.

    cause is unique in the whole database ("invoice:17", "payment:3:K-2211"), at most 120 characters.
    """

    account_id: int
    kind: str
    amount: int
    value_day: date
    cause: str
    due: date | None = None
    effective_due: date | None = None
    invoice_id: int | None = None
    text: str | None = None
    # Items that the payer named, in order: a credit settles them before any other (rule 33).
    wishes: tuple[int, ...] = ()


def book(session: Session, account_id: int, kind: str, amount: int, value_day: date, cause: str, *, by=None, **given) -> Entry:
    """Book one entry and bring the account up to date. The same cause twice gives the same entry and changes nothing.

    given: the other fields of Booking, and booked_day (the creditor's today unless given).
    """
    found = _by_cause(session, cause)
    if found is not None:
        return found
    booked_day = given.pop("booked_day", None)
    # The named parent row: two bookings on one account wait for each other on PostgreSQL.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    book_all(session, [Booking(account_id, kind, amount, value_day, cause, **given)], booked_day=booked_day, by=by)
    refresh(session, [account_id])
    entry = _by_cause(session, cause)
    audit.record(session, "entry_booked", by=by, organisation_id=_creditor(session, account_id), thing=entry)
    session.flush()
    return entry


def book_all(session: Session, bookings: Iterable[Booking], *, booked_day: date | None = None, by=None) -> int:
    """Book many, without a unit of work; how many were new. Bookings whose cause is known are left out.

    Settles and rebuilds nothing, and writes no audit event: whoever runs the batch calls refresh() once, and says so once.
    """
    made = 0
    days: dict[int, date] = {}
    for chunk in settling.batched(bookings, CHUNK):
        causes = [booking.cause for booking in chunk]
        known = set(session.scalars(select(Entry.cause).where(Entry.cause.in_(causes))))
        fresh = list({booking.cause: booking for booking in chunk if booking.cause not in known}.values())
        if fresh:
            if booked_day is None:
                _learn_days(session, fresh, days)
            _insert(session, fresh, booked_day, days, by)
            made += len(fresh)
    return made


def refresh(session: Session, account_ids: Iterable[int] | None = None) -> None:
    """Settle what can be settled, then rebuild what is derived, for some accounts or for all."""
    ids = None if account_ids is None else list(account_ids)
    settling.settle(session, ids)
    balances.rebuild(session, ids)


def reverse(session: Session, entry: Entry, by, *, value_day: date | None = None, text: str | None = None) -> Entry:
    """Book the entry's opposite, on the day of the entry unless said otherwise. Twice gives the same reversal.

    What the entry settled, or what settled its item, is taken back first, so that it can settle something else.
    """
    if entry.reverses_id is not None:
        raise NotReversible(entry_id=entry.id)
    session.execute(select(Account.id).where(Account.id == entry.account_id).with_for_update())
    found = session.scalar(select(Entry).where(Entry.reverses_id == entry.id))
    if found is not None:
        return found
    item = session.execute(select(Item.id, Item.amount).where(Item.entry_id == entry.id)).one_or_none()
    settling.take_back(session, Settlement.entry_id == entry.id)
    if item is not None:
        settling.take_back(session, Settlement.item_id == item.id)
    reversal = Entry(
        account_id=entry.account_id, kind=entry.kind, amount=-entry.amount, value_day=value_day or entry.value_day,
        booked_day=_today(session, entry.account_id), cause=f"reversal:{entry.id}", reverses_id=entry.id, text=text,
        booked_by=getattr(by, "person_id", None), booked_at=clock.now(),
    )  # fmt: skip
    session.add(reversal)
    session.flush()
    if item is not None:
        session.add(Settlement(entry_id=reversal.id, item_id=item.id, amount=item.amount))
        session.flush()
    refresh(session, [entry.account_id])
    audit.record(session, "entry_reversed", by=by, organisation_id=_creditor(session, entry.account_id), thing=reversal)
    session.flush()
    return reversal


def reverse_all(session: Session, entry_ids: Iterable[int], *, by=None, text: str | None = None) -> int:
    """Book the opposite of many entries, each on the day of its entry, and bring their accounts up to date; how many were new.

    As reverse(), but writes no audit event: whoever runs the batch says so once. Reversals, and what was reversed, are left out.
    """
    undo, made, touched = aliased(Entry), 0, set()
    days: dict[int, date] = {}
    for ids in settling.batched(entry_ids, CHUNK):
        fresh = select(Entry).where(Entry.id.in_(ids), Entry.reverses_id.is_(None))
        entries = session.scalars(fresh.where(~select(undo.id).where(undo.reverses_id == Entry.id).exists())).all()
        if not entries:
            continue
        accounts = sorted({entry.account_id for entry in entries})
        session.execute(select(Account.id).where(Account.id.in_(accounts)).order_by(Account.id).with_for_update())
        _reverse(session, entries, days, by, text)
        made += len(entries)
        touched.update(accounts)
    refresh(session, touched)
    return made


def _reverse(session: Session, entries: Sequence[Entry], days: dict[int, date], by, text: str | None) -> None:
    ids = [entry.id for entry in entries]
    items = session.execute(select(Item.entry_id, Item.id, Item.amount).where(Item.entry_id.in_(ids))).all()
    settling.take_back(session, Settlement.entry_id.in_(ids))
    settling.take_back(session, Settlement.item_id.in_([item.id for item in items]))
    zones = select(Account.id, Organisation.tz).join(Organisation, Organisation.id == Account.creditor_id)
    unknown = {entry.account_id for entry in entries} - days.keys()
    days.update((id, clock.today(tz)) for id, tz in session.execute(zones.where(Account.id.in_(unknown))))
    now, person_id = clock.now(), getattr(by, "person_id", None)
    session.execute(
        insert(Entry.__table__),
        [
            {
                "account_id": one.account_id, "kind": one.kind, "amount": -one.amount, "value_day": one.value_day,
                "booked_day": days[one.account_id], "cause": f"reversal:{one.id}", "reverses_id": one.id, "text": text,
                "booked_by": person_id, "booked_at": now,
            }
            for one in entries
        ],
    )  # fmt: skip
    reversals = dict(session.execute(select(Entry.reverses_id, Entry.id).where(Entry.reverses_id.in_(ids))).all())
    if items:
        session.execute(
            insert(Settlement.__table__),
            [
                {"entry_id": reversals[entry], "item_id": item, "amount": amount, "reverses_id": None}
                for entry, item, amount in items
            ],
        )


def _by_cause(session: Session, cause: str) -> Entry | None:
    return session.scalar(select(Entry).where(Entry.cause == cause))


def _creditor(session: Session, account_id: int) -> int:
    return session.scalar(select(Account.creditor_id).where(Account.id == account_id))


def _today(session: Session, account_id: int) -> date:
    tz = session.scalar(
        select(Organisation.tz).join(Account, Account.creditor_id == Organisation.id).where(Account.id == account_id)
    )
    return clock.today(tz)


def _learn_days(session: Session, bookings: list[Booking], days: dict[int, date]) -> None:
    """Each account's today: its creditor's."""
    unknown = {booking.account_id for booking in bookings} - days.keys()
    if unknown:
        zones = select(Account.id, Organisation.tz).join(Organisation, Organisation.id == Account.creditor_id)
        days.update((id, clock.today(tz)) for id, tz in session.execute(zones.where(Account.id.in_(unknown))))


def _insert(session: Session, bookings: list[Booking], booked_day: date | None, days: dict[int, date], by) -> None:
    now, person_id = clock.now(), getattr(by, "person_id", None)
    session.execute(
        insert(Entry.__table__),
        [
            {
                "account_id": b.account_id, "kind": b.kind, "amount": b.amount, "value_day": b.value_day,
                "booked_day": booked_day or days[b.account_id], "cause": b.cause, "text": b.text,
                "booked_by": person_id, "booked_at": now,
            }
            for b in bookings
        ],
    )  # fmt: skip
    more = [b for b in bookings if b.amount > 0 or b.wishes]
    if more:
        _insert_items(session, more)


def _insert_items(session: Session, bookings: list[Booking]) -> None:
    """What entries that were just made owe, and which items they wish to settle."""
    ids = dict(session.execute(select(Entry.cause, Entry.id).where(Entry.cause.in_({b.cause for b in bookings}))).all())
    wishes = [
        {"entry_id": ids[b.cause], "position": n, "item_id": id} for b in bookings for n, id in enumerate(dict.fromkeys(b.wishes))
    ]
    items = [
        {
            "account_id": b.account_id, "entry_id": ids[b.cause], "invoice_id": b.invoice_id, "amount": b.amount,
            "due": b.due or b.value_day, "effective_due": b.effective_due or b.due or b.value_day,
        }
        for b in bookings if b.amount > 0
    ]  # fmt: skip
    if wishes:
        session.execute(insert(EntryWish.__table__), wishes)
    if items:
        session.execute(insert(Item.__table__), items)
