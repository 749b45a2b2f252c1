"""From payments that were matched to entries of the ledger: booked, taken back, booked otherwise. A mistake is reversed (rule 32).

The cause of an entry is the payment, how often it was booked before, and the billing account, so that nothing is booked twice.
"""

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..db import Database
from ..money import booking
from ..money.booking import Booking
from ..money.ledger import Entry
from ..money.settling import summed
from . import payout
from .bank_file import BankCredit, BankFile

CHUNK = 600
# In which a payment can be taken back.
_TAKEN_BACK = ("matched", "booked", "waiting", "aside")


def cause(credit_id: int, round: int, account_id: int) -> str:
    return f"credit:{credit_id}:{round}:{account_id}"


def payment_of(cause: str) -> int | None:
    """The payment that an entry was booked for, by its cause; None for any other entry. What takes an entry back has a cause of
    its own."""
    return int(cause.split(":")[1]) if cause.startswith("credit:") else None


def bookings(credit: BankCredit) -> list[Booking]:
    """The entries of a payment: one for each of its parts. What is paid in is below zero in the ledger."""
    return [
        Booking(account_id, "payment", -amount, credit.value_day, cause(credit.id, credit.round, account_id))
        for account_id, amount in credit.parts
    ]


def post(db: Database, file_id: int, *, by=None, along: Callable[[Session, int], None] | None = None) -> int:
    """Book what was matched of a file, account by account, in short transactions; how many. Each leaves its accounts right."""
    booked = 0
    columns = (BankCredit.id, BankCredit.round, BankCredit.account_id, BankCredit.amount, BankCredit.value_day)
    following = (
        select(*columns)
        .where(BankCredit.file_id == file_id, BankCredit.state == "matched")
        .order_by(BankCredit.account_id, BankCredit.id)
        .limit(CHUNK)
    )
    while True:
        with db.turn() as session:
            rows = session.execute(following).all()
            if not rows:
                return booked
            made = [Booking(to, "payment", -amount, day, cause(id, round, to)) for id, round, to, amount, day in rows]
            booking.book_all(session, made, by=by)
            session.execute(update(BankCredit.__table__).where(BankCredit.id.in_([row.id for row in rows])).values(state="booked"))
            booking.refresh(session, {row.account_id for row in rows})
            booked += len(rows)
            if along:
                along(session, len(rows))


def left(session: Session, bank_account_ids: Iterable[int]) -> list[int]:
    """Files of these bank accounts that stopped before all that was matched of them was booked."""
    rows = (
        select(BankFile.id)
        .join(BankCredit, BankCredit.file_id == BankFile.id)
        .where(BankFile.state == "stopped", BankCredit.state == "matched")
        .where(BankCredit.bank_account_id.in_(set(bank_account_ids)))
        .distinct()
        .order_by(BankFile.id)
    )
    return list(session.scalars(rows))


def entries(session: Session, credit: BankCredit) -> list[Entry]:
    """What a payment is booked as now."""
    causes = [cause(credit.id, credit.round, account_id) for account_id, _ in credit.parts or ()]
    return list(session.scalars(select(Entry).where(Entry.cause.in_(causes)).order_by(Entry.id)))


def unbook(session: Session, credit: BankCredit, *, by=None, value_day: date | None = None) -> None:
    """Reverse what a payment is booked as: on its own day, or on another."""
    for entry in entries(session, credit):
        booking.reverse(session, entry, by, value_day=value_day)


# ---- Sums that another file tells one by one -------------------------------------------------------------------------


def sum_of_entry(session: Session, bank_account_id: int, entry: str, booked_day: date) -> int:
    """What the payments of one entry of the bank come to, as files have told them."""
    told = select(summed(BankCredit.amount)).where(
        BankCredit.bank_account_id == bank_account_id,
        BankCredit.entry == entry,
        BankCredit.booked_day == booked_day,
        BankCredit.kind == "credit",
    )
    return session.scalar(told)


def told(session: Session, bank_account_ids: Iterable[int]) -> int:
    """Sums that wait, and whose payments have come since, wait no longer; how many."""
    found = 0
    for credit in session.scalars(_waiting("batch", bank_account_ids).where(BankCredit.entry.is_not(None))):
        if sum_of_entry(session, credit.bank_account_id, credit.entry, credit.booked_day) == credit.amount:
            credit.state, credit.why = "told", None
            found += 1
    session.flush()
    return found


def _waiting(kind: str, bank_account_ids: Iterable[int]):
    return (
        select(BankCredit)
        .where(BankCredit.bank_account_id.in_(set(bank_account_ids)), BankCredit.state == "waiting", BankCredit.kind == kind)
        .order_by(BankCredit.booked_day, BankCredit.id)
    )


# ---- Payments that the bank takes back -------------------------------------------------------------------------------


def take_back(db: Database, bank_account_ids: Iterable[int], *, by=None) -> int:
    """Let reversals that wait take back their payments, whichever of the two came first; how many."""
    with db.reading() as session:
        ids = list(session.scalars(_waiting("reversal", bank_account_ids).with_only_columns(BankCredit.id)))
    done = 0
    for id in ids:
        with db.writing() as session:
            # Both as they are now: the desk may decide about either at this moment.
            reversal = session.get(BankCredit, id, with_for_update=True)
            original = original_of(session, reversal) if reversal.state == "waiting" else None
            if original is not None:
                session.refresh(original, with_for_update=True)
            if original is not None and original.state in _TAKEN_BACK:
                reverse(session, original, reversal, by=by)
                done += 1
    return done


def reverse(session: Session, original: BankCredit, reversal: BankCredit, *, by=None) -> None:
    """The bank took a payment back: on the day when it did, its money is gone."""
    if original.state == "booked":
        unbook(session, original, by=by, value_day=reversal.value_day)
    if original.why == "payout":
        payout.release(session, original)
    original.state, original.why = "reversed", None
    reversal.state, reversal.why, reversal.reverses_id = "booked", None, original.id
    session.flush()


def original_of(session: Session, reversal: BankCredit) -> BankCredit | None:
    """The payment that a reversal is of, when an id of the bank's or the payer's says it, or the same reference: then the last
    one before it. By nothing else."""
    before = (
        select(BankCredit)
        .where(
            BankCredit.bank_account_id == reversal.bank_account_id,
            BankCredit.amount == -reversal.amount,
            BankCredit.kind == "credit",
            BankCredit.state.in_(_TAKEN_BACK),
            BankCredit.booked_day <= reversal.booked_day,
        )
        .order_by(BankCredit.booked_day.desc(), BankCredit.id.desc())
        .limit(1)
    )
    for column in (BankCredit.own, BankCredit.entry, BankCredit.end_to_end, BankCredit.reference):
        told = getattr(reversal, column.key)
        found = session.scalar(before.where(column == told)) if told else None
        if found is not None:
            return found
    return None
