"""Opening a tenure's accounts by hand: running costs, a fund, a deposit (each once with a creditor).

A charge opens the account that it needs by itself (charging/accounts.py); a deposit is only ever opened here.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation, lock_organisation
from ..people.tenure import Tenure
from . import referencing
from .account import Account
from .ledger import AccountTotal

KINDS = ("running", "fund", "deposit")


class AccountThere(ResidentError):
    """The tenure has an account of this kind: account_id."""


def open_account(session: Session, tenure: Tenure, kind: str, *, by) -> Account:
    """kind: one of KINDS. The account gets its reference at once, where the creditor's country and settings give one.
    AccountThere."""
    lock_organisation(session, tenure.organisation_id)
    creditor = session.get_one(Organisation, tenure.organisation_id)
    own = Account.creditor_id == creditor.id, Account.tenure_id == tenure.id, Account.kind == kind
    there = session.scalar(select(Account.id).where(*own))
    if there is not None:
        raise AccountThere(account_id=there)
    account = Account(creditor_id=creditor.id, tenure_id=tenure.id, kind=kind, currency=creditor.currency)
    session.add(account)
    session.flush()
    referencing.give_all(session, creditor, [account.id], clock.today(creditor.tz))
    session.refresh(account)
    facts = {"kind": kind, "tenure_id": tenure.id}
    audit.record(session, "account_opened", by=by, organisation_id=creditor.id, thing=account, facts=facts)
    session.flush()
    return account


def of_tenure(session: Session, tenure: Tenure, within) -> dict[str, tuple[Account, int]]:
    """By kind, in the order of KINDS: the account and what stands on it (positive: owed). within: the condition on Account."""
    rows = session.execute(
        select(Account, func.coalesce(AccountTotal.amount, 0))
        .outerjoin(AccountTotal, AccountTotal.account_id == Account.id)
        .where(Account.tenure_id == tenure.id, Account.creditor_id == tenure.organisation_id, within)
    )
    found = {account.kind: (account, amount) for account, amount in rows}
    return {kind: found[kind] for kind in KINDS if kind in found}
