"""What staff book by hand on a billing account: openings, payments, refunds, write-offs, transfers, fees, corrections (rule 36).

Every verb takes `key`, the one-use key of its form: the same key books once. Nothing is changed afterwards; a mistake is reversed.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError
from ..homes import setting
from ..homes.organisation import Organisation
from . import settling
from .account import Account
from .booking import Booking, book_all, refresh, reverse
from .holiday import effective_due
from .ledger import AccountTotal, Entry, Item, OpenItem
from .order import Debt, nature
from .what_if import what_if

# Causes of entries that have a row elsewhere, which would go on believing in them: invoice, bank_credit, payment_intent.
SOURCES = ("invoice:", "credit:", "intent:")
# What a debt is booked as where it is moved to, by its nature.
STAYS = {"principal": "transfer", "interest": "interest", "cost": "fee"}


class NeverOwed(ResidentError):
    """A deposit is received, given back and moved; nothing is ever owed on it: account_id."""


class FutureDay(ResidentError):
    """Nothing is booked for a day that has not come."""


class NoAmount(ResidentError):
    """There is nothing to book: an amount above zero is needed."""


class NotEnough(ResidentError):
    """More than there is: there, the credit that can be given back or moved, or the debt that can be written off or moved."""


class OverCap(ResidentError):
    """The law allows no more: cap, of which used is booked already; claim is what is overdue."""


class NoOtherAccount(ResidentError):
    """No other account of the creditor, in the same currency, has this number."""


class NotByHand(ResidentError):
    """What an invoice, a payment of the bank or one in the portal has booked is put right there, not by reversing it: entry_id."""


class Stand(NamedTuple):
    """owed: Σ of what is open; credit: what is not used up; overdue: principal that was to be paid before a day."""

    owed: int
    credit: int
    overdue: int


def stand(session: Session, account_id: int, today: date) -> Stand:
    rows = session.execute(
        select(OpenItem.due, OpenItem.amount, Entry.kind)
        .join(Item, Item.id == OpenItem.item_id)
        .join(Entry, Entry.id == Item.entry_id)
        .where(OpenItem.account_id == account_id)
    ).all()
    owed = sum(amount for _due, amount, _kind in rows)
    total = session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account_id)) or 0
    overdue = sum(amount for due, amount, kind in rows if due < today and nature(kind) == "principal")
    return Stand(owed, owed - total, overdue)


def _locked(session: Session, account: Account, day: date, today: date, *amounts: int) -> Organisation:
    if day > today:
        raise FutureDay()
    if min(amounts) < 0 or not any(amounts):
        raise NoAmount()
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    return session.get_one(Organisation, account.creditor_id)


def _owing(account: Account) -> None:
    if account.kind == "deposit":
        raise NeverOwed(account_id=account.id)


def _booked(session: Session, account: Account, bookings: list[Booking], by) -> list[Entry]:
    """Book them, bring the accounts up to date, write one event."""
    made = book_all(session, bookings, by=by)
    causes = [booking.cause for booking in bookings]
    entries = list(session.scalars(select(Entry).where(Entry.cause.in_(causes)).order_by(Entry.id)))
    if made:
        refresh(session, {booking.account_id for booking in bookings})
        facts = {"kind": bookings[0].kind, "entries": [entry.id for entry in entries]}
        audit.record(session, "entry_booked", by=by, organisation_id=account.creditor_id, thing=entries[0], facts=facts)
        session.flush()
    return entries


def _moved(session: Session, creditor: Organisation, due: date, today: date) -> date:
    return effective_due(due, creditor.country, setting.in_force(session, creditor.id, creditor.country, today))


# ---- Verbs -----------------------------------------------------------------------------------------------------------


def open_with(
    session: Session, account: Account, day: date, debts: list[tuple[int, date]], *, interest: int = 0, credit: int = 0,
    text: str = "", key: str, today: date, by,
) -> list[Entry]:  # fmt: skip
    """What an account begins with: principal with its due days, interest, credit; each apart. NeverOwed, NoAmount, FutureDay."""
    _owing(account)
    creditor = _locked(session, account, day, today, *(amount for amount, _due in debts), interest, credit)
    name = f"hand:{account.id}:{key}"
    bookings = [
        Booking(
            account.id,
            "opening",
            amount,
            day,
            f"{name}:{n}",
            due=due,
            effective_due=_moved(session, creditor, due, today),
            text=text,
        )
        for n, (amount, due) in enumerate(debts)
        if amount
    ]
    # Interest is of its own kind, so that it bears none and stands apart.
    bookings += [Booking(account.id, "interest", interest, day, f"opening:{name}", text=text)] if interest else []
    bookings += [Booking(account.id, "opening", -credit, day, f"{name}:credit", text=text)] if credit else []
    return _booked(session, account, bookings, by)


def receive(
    session: Session, account: Account, amount: int, day: date, *, wishes: tuple[int, ...] = (), text="", key: str, today: date, by
) -> Entry:
    """Money that came: day is the day on which the payee's bank got it, also a past one (rule 32). NoAmount, FutureDay."""
    _locked(session, account, day, today, amount)
    one = Booking(account.id, "payment", -amount, day, f"hand:{account.id}:{key}", text=text, wishes=wishes)
    return _booked(session, account, [one], by)[0]


def give_back(session: Session, account: Account, amount: int, day: date, *, text: str = "", key: str, today: date, by) -> Entry:
    """Money that was paid to the holder, out of their credit. NotEnough, NoAmount, FutureDay."""
    _locked(session, account, day, today, amount)
    there = stand(session, account.id, today).credit
    if amount > there:
        raise NotEnough(there=there)
    return _booked(session, account, [Booking(account.id, "refund", amount, day, f"hand:{account.id}:{key}", text=text)], by)[0]


def write_off(session: Session, account: Account, amount: int, day: date, *, text: str = "", key: str, today: date, by) -> Entry:
    """A debt that is given up. NeverOwed, NotEnough, NoAmount, FutureDay."""
    _owing(account)
    _locked(session, account, day, today, amount)
    there = stand(session, account.id, today).owed
    if amount > there:
        raise NotEnough(there=there)
    return _booked(session, account, [Booking(account.id, "write_off", -amount, day, f"hand:{account.id}:{key}", text=text)], by)[0]


def transfer(
    session: Session, account: Account, number: str, amount: int, day: date, *, debt: bool, due: date | None = None, text: str = "",
    within: ColumnElement[bool] | None = None, key: str, today: date, by,
) -> list[Entry]:  # fmt: skip
    """Move credit, or a debt (due on a day, else on that of the move), to another account of the creditor. What of a debt is
    interest or fee stays so. number: of the other, or its id where it has none. within: the condition on Account
    of whoever does it. NoOtherAccount, NeverOwed, NotEnough, NoAmount, FutureDay.
    """
    other = _other(session, account, number, true() if within is None else within)
    for one in (account, other) if debt else ():
        _owing(one)
    # Both in one order, so that two moves that cross wait for each other.
    both = select(Account.id).where(Account.id.in_((account.id, other.id))).order_by(Account.id)
    session.execute(both.with_for_update()).all()
    creditor = _locked(session, account, day, today, amount)
    stands = stand(session, account.id, today)
    if amount > (most := stands.owed if debt else stands.credit):
        raise NotEnough(there=most)
    name = f"hand:{account.id}:{key}"
    if not debt:
        out = Booking(account.id, "transfer", amount, day, f"{name}:from", text=text)
        return _booked(session, account, [out, Booking(other.id, "transfer", -amount, day, f"{name}:to", text=text)], by)
    parts, wishes = _moving(session, account, creditor, amount, day)
    due = due or day
    days = {"due": due, "effective_due": _moved(session, creditor, due, today)}
    bookings = [Booking(account.id, "transfer", -amount, day, f"{name}:from", text=text, wishes=wishes)]
    bookings += [Booking(other.id, kind, part, day, f"{name}:to:{kind}", text=text, **days) for kind, part in parts.items() if part]
    return _booked(session, account, bookings, by)


def _other(session: Session, account: Account, number: str, within: ColumnElement[bool]) -> Account:
    called = Account.number == number
    if number.isdecimal() and len(number) < 19:
        called = or_(called, and_(Account.number.is_(None), Account.id == int(number)))
    there = Account.creditor_id == account.creditor_id, Account.currency == account.currency, called, within
    other = session.scalar(select(Account).where(*there).order_by(Account.number.is_(None)).limit(1))
    if other is None or other.id == account.id:
        raise NoOtherAccount()
    return other


def _moving(session: Session, account: Account, creditor: Organisation, amount: int, day: date) -> tuple[dict, tuple[int, ...]]:
    """What a sum of debt is made of, by the kind it has where it goes; the items, in the order of payments of the day."""
    columns = OpenItem.item_id, Entry.value_day, Item.due, Entry.kind, OpenItem.amount, Item.amount
    rows = select(*columns).join(Item, Item.id == OpenItem.item_id)
    rows = rows.join(Entry, Entry.id == Item.entry_id).where(OpenItem.account_id == account.id)
    debts = [Debt(id, since, due, nature(kind), *sums) for id, since, due, kind, *sums in session.execute(rows)]
    settled = what_if(debts, amount, day, settling.order_of(session, creditor.id, creditor.country)).outcomes
    parts = dict.fromkeys(STAYS.values(), 0)
    for one in settled:
        parts[STAYS[one.debt.nature]] += one.paid
    return parts, tuple(one.debt.id for one in settled if one.paid)


def charge_fee(
    session: Session,
    account: Account,
    amount: int,
    day: date,
    *,
    due: date | None = None,
    text: str = "",
    key: str,
    today: date,
    by,
) -> Entry:
    """A collection fee, as high as the law allows for what is overdue. NeverOwed, OverCap, NoAmount, FutureDay."""
    _owing(account)
    creditor = _locked(session, account, day, today, amount)
    used, cap, claim = fee_room(session, account, creditor, day)
    if cap is not None and used + amount > cap:
        raise OverCap(cap=cap, used=used, claim=claim)
    due = due or day
    moved = _moved(session, creditor, due, today)
    one = Booking(account.id, "fee", amount, day, f"hand:{account.id}:{key}", due=due, effective_due=moved, text=text)
    return _booked(session, account, [one], by)[0]


def fee_room(session: Session, account: Account, creditor: Organisation, day: date) -> tuple[int, int | None, int]:
    """(fees of this debt so far, the cap or None, what is overdue). This debt began with what has been overdue longest."""
    oldest = session.scalar(
        select(OpenItem.due).where(OpenItem.account_id == account.id, OpenItem.due < day).order_by(OpenItem.due).limit(1)
    )
    claim = stand(session, account.id, day).overdue
    fees = select(settling.summed(Entry.amount)).where(Entry.account_id == account.id, Entry.kind == "fee")
    used = session.scalar(fees.where(settling.standing_entry(), Entry.value_day >= (oldest or day)))
    caps = setting.in_force(session, creditor.id, creditor.country, day)["fee_caps"]
    return used, cap_of(caps, claim), claim


def cap_of(caps: list, claim: int) -> int | None:
    """caps: [[claims up to, cap]], None for all above; no rows: no cap. Claims without debt allow no fee where there are caps."""
    if not caps:
        return None
    return next((cap for most, cap in caps if claim and (most is None or claim <= most)), 0)


def correct(
    session: Session,
    account: Account,
    amount: int,
    day: date,
    *,
    up: bool,
    due: date | None = None,
    text: str,
    key: str,
    today: date,
    by,
) -> Entry:
    """Raise or lower what is owed, with a reason. NeverOwed, NoAmount, FutureDay."""
    _owing(account)
    creditor = _locked(session, account, day, today, amount)
    name = f"hand:{account.id}:{key}"
    due = due or day
    moved = _moved(session, creditor, due, today)
    one = Booking(account.id, "correction", amount if up else -amount, day, name, due=due, effective_due=moved, text=text)
    return _booked(session, account, [one], by)[0]


def has_source(kind: str, cause: str) -> bool:
    """Does something beside the ledger, an invoice or a payment that came, believe that this is booked?"""
    return kind == "invoice" or cause.startswith(SOURCES)


def take_back(session: Session, entry: Entry, reason: str, *, by) -> Entry:
    """Reverse an entry, with a reason. NotByHand for those of SOURCES, booking.NotReversible for reversals."""
    if has_source(entry.kind, entry.cause):
        raise NotByHand(entry_id=entry.id)
    return reverse(session, entry, by, text=reason)
