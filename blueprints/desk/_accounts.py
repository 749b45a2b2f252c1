"""By which post somebody at the desk changes what is on a billing account."""

from collections.abc import Iterable

from flask import g
from sqlalchemy import select

from resident import access
from resident.banking import posting
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.money.account import Account
from resident.money.statement import Row
from resident.people.tenure import MAIN_FIRST, Holding

from .._web import session


def billing(account_id: int) -> access.Duty | None:
    """The post with "billing" that covers the account, its building too; None where the viewer may look at most."""
    return next((duty for duty in g.viewer.duties_for("billing") if _covers(duty, account_id)), None)


def _covers(duty: access.Duty, account_id: int) -> bool:
    own = select(Account.id).where(Account.id == account_id, access.covered_accounts(duty))
    return session.scalar(own) is not None


def home(account: Account) -> tuple[int, str] | None:
    """(unit id, what the home is called) that the account is for; None for a building's own."""
    held = access.visible_units(g.viewer, "money").join(Holding, Holding.unit_id == Unit.id)
    held = held.where(Holding.tenure_id == account.tenure_id).with_only_columns(
        Unit.id, Organisation.country, Building.address, Unit.number
    )
    held = held.join(Organisation, Organisation.id == Building.organisation_id)
    row = session.execute(held.order_by(*MAIN_FIRST).limit(1)).first()
    return row and (row.id, access.home_label(row.country, row.address, row.number))


def payments(account: Account, rows: Iterable[Row]) -> dict[int, int]:
    """By entry: the bank's payment that it was booked for, where the viewer sees the organisation's payments."""
    if not any(duty.organisation.id == account.creditor_id for duty in access.whole_duties(g.viewer, "money")):
        return {}
    came = ((row.id, posting.payment_of(row.cause)) for row in rows)
    return {id: payment for id, payment in came if payment}


def billed(account_ids: Iterable[int]) -> set[int]:
    """Those of the accounts that a post with "billing" covers."""
    own = select(Account.id).where(Account.id.in_(list(account_ids)), access.reach_accounts(g.viewer, "billing"))
    return set(session.scalars(own))
