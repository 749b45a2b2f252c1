"""What the desk decides about a payment that waits: to whom it belongs, in one part or several; that it is nobody's here; that a
booking was wrong. Accepting teaches from which account somebody pays.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation
from ..money import booking
from ..money.account import Account
from . import payout, payout_account, posting
from .bank_account import BankAccount
from .bank_file import BankCredit, PayerAccount
from .statement import tidy


class WrongState(ResidentError):
    """A payment is no longer, or not, in the state in which this can be done: state."""


class PaidOut(ResidentError):
    """A payment service pays out what residents paid there, and that is booked: it is not booked again."""


class WrongParts(ResidentError):
    """The parts do not come to the payment: why (none | sum | doubled | sign | account), is_, should in minor units."""


def accept(session: Session, credit: BankCredit, parts: Iterable[tuple[int, int]], *, by, learn: bool = True) -> None:
    """Book a payment that waits: parts are (billing account, amount), all of it. learn: from which account was paid.

    WrongState, PaidOut, WrongParts.
    """
    _locked(session, credit, "waiting", "aside")
    if credit.why == "payout" or payout_account.source(session, credit):
        raise PaidOut()
    if credit.kind == "reversal":
        raise WrongState(state="reversal")
    parts = _checked(session, credit, list(parts))
    credit.parts, credit.how = [list(part) for part in parts], "desk"
    credit.account_id = parts[0][0] if len(parts) == 1 else None
    credit.state, credit.why, credit.note = "booked", None, None
    _decided(credit, by)
    booking.book_all(session, posting.bookings(credit), by=by)
    booking.refresh(session, {account_id for account_id, _ in parts})
    if learn and credit.payer_account and len(parts) == 1:
        teach(session, _organisation(session, credit), credit.payer_account, parts[0][0])
    _told(session, "credit_booked", credit, by, {"parts": len(parts)})


def set_aside(session: Session, credit: BankCredit, note: str, *, by) -> None:
    """It is not for us to book: a loan, a payment between own accounts, one that was sent back. WrongState."""
    _locked(session, credit, "waiting")
    credit.state, credit.why, credit.note = "aside", None, tidy(note, 200) or None
    _decided(credit, by)
    _told(session, "credit_set_aside", credit, by)


def bring_back(session: Session, credit: BankCredit, *, by) -> None:
    """What was set aside waits again. WrongState; PaidOut as long as it came from a payment service's account."""
    _locked(session, credit, "aside")
    if payout_account.source(session, credit):
        raise PaidOut()
    if credit.why == "payout":
        payout.release(session, credit)
    credit.state, credit.why, credit.note = "waiting", "undone", None
    _decided(credit, by)
    _told(session, "credit_undone", credit, by)


def undo(session: Session, credit: BankCredit, *, by) -> None:
    """A payment was booked to the wrong account: its entries are reversed, and it waits again, unless it is a payment service's
    payout: that is set aside. WrongState."""
    _locked(session, credit, "booked")
    if credit.kind == "reversal":
        raise WrongState(state="reversal")
    posting.unbook(session, credit, by=by)
    if credit.how in ("desk", "payer") and credit.payer_account and credit.account_id:
        forget(session, _organisation(session, credit), credit.payer_account, credit.account_id)
    credit.round, credit.state, credit.why = credit.round + 1, "waiting", "undone"
    credit.parts = credit.account_id = credit.how = None
    if source := payout_account.source(session, credit):
        credit.state, credit.why = "aside", "payout"
        payout.lay_beside(session, credit, session.get_one(Organisation, source.organisation_id), source)
    _decided(credit, by)
    _told(session, "credit_undone", credit, by)


def accept_reversal(session: Session, reversal: BankCredit, original: BankCredit, *, by) -> None:
    """Say which payment the bank took back. WrongState; WrongParts when it is another sum, or another account's."""
    _locked(session, reversal, "waiting")
    _locked(session, original, "booked", "waiting", "aside")
    if reversal.kind != "reversal" or original.kind == "reversal":
        raise WrongState(state=original.state)
    if original.amount != -reversal.amount or original.bank_account_id != reversal.bank_account_id:
        raise WrongParts(why="sum", is_=original.amount, should=-reversal.amount)
    posting.reverse(session, original, reversal, by=by)
    _decided(reversal, by)
    _told(session, "credit_undone", original, by)


def teach(session: Session, organisation_id: int, number: str, account_id: int) -> None:
    known = PayerAccount.organisation_id == organisation_id, PayerAccount.number == number, PayerAccount.account_id == account_id
    if session.scalar(select(PayerAccount.id).where(*known)) is None:
        session.add(PayerAccount(organisation_id=organisation_id, number=number, account_id=account_id, at=clock.now()))
        session.flush()


def forget(session: Session, organisation_id: int, number: str, account_id: int) -> None:
    """What was learned from a booking that was wrong, unless another payment says the same."""
    others = select(BankCredit.id).where(
        BankCredit.account_id == account_id, BankCredit.payer_account == number, BankCredit.state == "booked"
    )
    if len(session.scalars(others.limit(2)).all()) > 1:
        return
    known = PayerAccount.organisation_id == organisation_id, PayerAccount.number == number, PayerAccount.account_id == account_id
    for row in session.scalars(select(PayerAccount).where(*known)):
        session.delete(row)
    session.flush()


def _checked(session: Session, credit: BankCredit, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    total, ids = sum(amount for _, amount in parts), [account_id for account_id, _ in parts]
    if not parts:
        raise WrongParts(why="none", is_=0, should=credit.amount)
    if any(amount <= 0 for _, amount in parts):
        raise WrongParts(why="sign", is_=total, should=credit.amount)
    if len(set(ids)) != len(ids):
        raise WrongParts(why="doubled", is_=total, should=credit.amount)
    if total != credit.amount:
        raise WrongParts(why="sum", is_=total, should=credit.amount)
    own = Account.creditor_id == _organisation(session, credit), Account.id.in_(ids)
    if len(session.scalars(select(Account.id).where(*own)).all()) != len(ids):
        raise WrongParts(why="account", is_=total, should=credit.amount)
    return parts


def _locked(session: Session, credit: BankCredit, *states: str) -> None:
    """As it is now: two who decide at once meet here."""
    session.refresh(credit, with_for_update=True)
    if credit.state not in states:
        raise WrongState(state=credit.state)


def _organisation(session: Session, credit: BankCredit) -> int:
    return session.get_one(BankAccount, credit.bank_account_id).organisation_id


def _decided(credit: BankCredit, by) -> None:
    credit.decided_by, credit.decided_at = getattr(by, "person_id", None), clock.now()


def _told(session: Session, act: str, credit: BankCredit, by, facts: dict | None = None) -> None:
    session.flush()
    audit.record(session, act, by=by, organisation_id=_organisation(session, credit), thing=credit, facts=facts)
    session.flush()
