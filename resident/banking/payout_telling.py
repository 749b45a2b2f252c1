"""Payment services' bank accounts told and forgotten, and what that makes of the payments that wait from there."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError, Stale
from ..homes.organisation import Organisation, lock_organisation
from . import payout
from .bank_account import BankAccount
from .bank_file import BankCredit, PayerAccount
from .payout_account import PayoutAccount, forms, numbers
from .statement import bare


class BadPayer(ResidentError):
    """Not an account's number, or one that is known already: why (missing | own | known)."""


def tell(session: Session, organisation: Organisation, provider: str, number: str, *, by) -> PayoutAccount:
    """From now on what comes from this account is a payout, and so is what waits of it. BadPayer."""
    number = bare(number)[:40]
    lock_organisation(session, organisation.id)
    _check(session, organisation.id, number)
    made = PayoutAccount(organisation_id=organisation.id, provider=provider, number=number, at=clock.now())
    session.add(made)
    session.flush()
    # It is nobody's own account.
    for learned in session.scalars(select(PayerAccount).where(_from(PayerAccount.number, PayerAccount.organisation_id, made))):
        session.delete(learned)
    found = _set_aside(session, made, by)
    for credit in found:
        payout.lay_beside(session, credit, organisation, made)
    _told(session, made, by, {"payouts": len(found)})
    return made


def _check(session: Session, organisation_id: int, number: str) -> None:
    if len(number) < 5:
        raise BadPayer(why="missing")
    own = select(BankAccount.number).where(BankAccount.organisation_id == organisation_id)
    if any(set(forms(one)) & set(forms(number)) for one in session.scalars(own)):
        raise BadPayer(why="own")
    if numbers(session, organisation_id) & set(forms(number)):
        raise BadPayer(why="known")


def _set_aside(session: Session, account: PayoutAccount, by) -> Sequence[BankCredit]:
    """What waits and came from the account."""
    waiting = (
        select(BankCredit)
        .join(BankAccount, BankAccount.id == BankCredit.bank_account_id)
        .where(_from(BankCredit.payer_account, BankAccount.organisation_id, account))
        .where(BankCredit.state == "waiting", BankCredit.kind != "reversal")
        .order_by(BankCredit.booked_day, BankCredit.id)
        .with_for_update(of=BankCredit)
    )
    found = session.scalars(waiting).all()
    for credit in found:
        credit.state, credit.why = "aside", "payout"
        credit.decided_by, credit.decided_at = getattr(by, "person_id", None), clock.now()
    session.flush()
    return found


def tell_of(session: Session, credit: BankCredit, organisation: Organisation, provider: str, *, by) -> PayoutAccount:
    """A payment that waits is a payout: tell() of the account that it came from. Stale when it waits no more; BadPayer."""
    lock_organisation(session, organisation.id)
    session.refresh(credit, with_for_update=True)
    if credit.state != "waiting":
        raise Stale()
    return tell(session, organisation, provider, credit.payer_account or "", by=by)


def forget(session: Session, account: PayoutAccount, *, by) -> None:
    """What comes from this account is looked at as any other payment again; payouts that were set aside stay so."""
    _told(session, account, by, {"removed": True})
    session.delete(account)
    session.flush()


def _from(number, organisation, account: PayoutAccount):
    return (organisation == account.organisation_id) & or_(*(number == form for form in forms(account.number)))


def _told(session: Session, account: PayoutAccount, by, facts: dict) -> None:
    organisation_id = account.organisation_id
    audit.record(session, "payout_account_changed", by=by, organisation_id=organisation_id, thing=account, facts=facts)
    session.flush()
