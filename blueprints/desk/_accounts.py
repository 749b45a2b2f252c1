"""By which post somebody at the desk changes what is on a billing account."""

from collections.abc import Iterable

from flask import g
from sqlalchemy import select

from resident import access
from resident.money.account import Account

from .._web import session


def billing(account_id: int) -> access.Duty | None:
    """The post with "billing" that covers the account, its building too; None where the viewer may look at most."""
    return next((duty for duty in g.viewer.duties_for("billing") if _covers(duty, account_id)), None)


def _covers(duty: access.Duty, account_id: int) -> bool:
    own = select(Account.id).where(Account.id == account_id, access.covered_accounts(duty))
    return session.scalar(own) is not None


def billed(account_ids: Iterable[int]) -> set[int]:
    """Those of the accounts that a post with "billing" covers."""
    own = select(Account.id).where(Account.id.in_(list(account_ids)), access.reach_accounts(g.viewer, "billing"))
    return set(session.scalars(own))
