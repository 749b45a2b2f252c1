"""Every payment is booked once: what came by a bank file or a payment page stands in the ledger, with its sum, a single time."""

from sqlalchemy import Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ..money.balances import SHOWN, Finding
from ..money.ledger import Entry
from ..paying.intent import PaymentIntent
from .bank_account import BankAccount
from .bank_file import BankCredit
from .payout_account import PayoutAccount


def check(session: Session) -> list[Finding]:
    """At most 20 findings of a kind; thing: the payment of the bank, the payment in the portal."""
    found = []
    for what, statement in (("bank_payment", _credits()), ("portal_payment", _intents()), ("payout", _payouts())):
        found.extend(Finding(what, str(thing), *figures) for thing, *figures in session.execute(statement.limit(SHOWN)))
    return found


def _credits() -> Select:
    """A payment that went to one account. The cause is joined from the payment, so that its index serves."""
    undo = aliased(Entry)
    cause = (
        literal("credit:") + cast(BankCredit.id, String) + ":" + cast(BankCredit.round, String) + ":"
        + cast(BankCredit.account_id, String)
    )  # fmt: skip
    rows = select(BankCredit.id, func.coalesce(-Entry.amount, 0), BankCredit.amount).outerjoin(Entry, Entry.cause == cause)
    rows = rows.outerjoin(undo, undo.reverses_id == Entry.id)
    booked = BankCredit.state == "booked", BankCredit.account_id.is_not(None)
    return rows.where(*booked, or_(Entry.id.is_(None), -Entry.amount != BankCredit.amount, undo.id.is_not(None)))


def _payouts() -> Select:
    """What a payment service pays out is booked to nobody: the payments in it are."""
    from_there = or_(
        BankCredit.payer_account == PayoutAccount.number, BankCredit.payer_account == func.substr(PayoutAccount.number, 3)
    )
    rows = select(BankCredit.id, BankCredit.amount, literal(0)).join(BankAccount, BankAccount.id == BankCredit.bank_account_id)
    rows = rows.join(PayoutAccount, and_(PayoutAccount.organisation_id == BankAccount.organisation_id, from_there))
    return rows.where(BankCredit.state == "booked", BankCredit.kind != "reversal")


def _intents() -> Select:
    """A payment in the portal that is paid is an entry of its account with its sum, which stands."""
    undo = aliased(Entry)
    rows = select(PaymentIntent.id, -Entry.amount, PaymentIntent.amount).join(Entry, Entry.id == PaymentIntent.entry_id)
    rows = rows.outerjoin(undo, undo.reverses_id == Entry.id)
    wrong = or_(-Entry.amount != PaymentIntent.amount, Entry.account_id != PaymentIntent.account_id, undo.id.is_not(None))
    return rows.where(wrong)
