"""Payments in the portal as the desk walks them: newest first, by state, page by page."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import access
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import home_label
from ..money.account import Account
from ..people.tenure import Holding
from .intent import PaymentIntent

ROWS = 50
# What a list is narrowed to: states, and what somebody has to look into.
STATES = {
    "": None,
    "waiting": PaymentIntent.state.in_(("created", "pending")),
    "trouble": PaymentIntent.trouble.is_not(None),
    "paid": PaymentIntent.state == "paid",
    "ended": PaymentIntent.state.in_(("failed", "expired")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """home: its label, else the account's number."""

    intent: PaymentIntent
    home: str
    tz: str


def page(session: Session, viewer: access.Viewer, state: str, before: int | None) -> tuple[list[Row], int | None]:
    """At most ROWS, and the key of the next page, if there is one. state: one of STATES."""
    unit = select(func.min(Holding.unit_id)).where(Holding.tenure_id == Account.tenure_id).scalar_subquery()
    listed = (
        access.visible_intents(viewer, at_desk=True)
        .add_columns(Account.number, Unit.number, Building.address, Organisation.country, Organisation.tz)
        .join(Organisation, Organisation.id == PaymentIntent.creditor_id)
        .outerjoin(Unit, Unit.id == unit)
        .outerjoin(Building, Building.id == Unit.building_id)
        .order_by(PaymentIntent.id.desc())
        .limit(ROWS + 1)
    )
    if STATES[state] is not None:
        listed = listed.where(STATES[state])
    if before:
        listed = listed.where(PaymentIntent.id < before)
    rows = session.execute(listed).all()
    following = rows[ROWS - 1][0].id if len(rows) > ROWS else None
    return [_row(*row) for row in rows[:ROWS]], following


def _row(intent, account, door, address, country, tz) -> Row:
    return Row(intent, home_label(country, address, door) if address else account or str(intent.account_id), tz)
