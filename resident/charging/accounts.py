"""The accounts that invoices are booked on: opened when they are first needed, with the reference that leads payments to them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..identity import Controller
from ..money import referencing
from ..money.account import Account

# (tenure, None for the building's vacancy account; kind).
Which = tuple[int | None, str]


def accounts(session: Session, creditor: Controller, building_id: int, wanted: Iterable[Which], first: date) -> dict[Which, int]:
    """By (tenure, kind): the account, opened on a day where there is none. Those of vacant homes are the building's."""
    wanted = list(dict.fromkeys(wanted))
    found = _there(session, creditor, building_id, wanted)
    missing = [which for which in wanted if which not in found]
    if missing:
        session.execute(
            insert(Account.__table__),
            [
                {
                    "creditor_id": creditor.id, "tenure_id": tenure, "building_id": None if tenure else building_id,
                    "kind": kind, "currency": creditor.currency,
                }
                for tenure, kind in missing
            ],
        )  # fmt: skip
        found = _there(session, creditor, building_id, wanted)
        referencing.give_all(session, creditor, [found[which] for which in missing if which[0]], first)
    return found


def _there(session: Session, creditor: Controller, building_id: int, wanted: list[Which]) -> dict[Which, int]:
    tenures = [tenure for tenure, _ in wanted if tenure]
    own = Account.tenure_id.in_(tenures) | (Account.building_id == building_id)
    rows = session.execute(
        select(Account.tenure_id, Account.kind, Account.id)
        .where(Account.creditor_id == creditor.id, own)
        .order_by(Account.id.desc())
    )
    kinds = set(wanted)
    return {(tenure, kind): id for tenure, kind, id in rows if (tenure, kind) in kinds}
