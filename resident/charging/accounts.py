"""The accounts that invoices are booked on: opened when they are first needed, with the reference that leads payments to them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..db import lasts
from ..identity import Controller
from ..money.account import Account, Reference
from ..money.references import check_digit

# What the numbers of accounts are added to, so that references are of one length.
FIRST_NUMBER = 1_000_000

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
        _refer(session, creditor, [found[which] for which in missing if which[0]], first)
    return found


def references(session: Session, account_ids: Iterable[int], day: date) -> dict[int, str]:
    """By account: the reference in force on a day; the one that was given last of several."""
    rows = select(Reference.account_id, Reference.value).where(Reference.account_id.in_(list(account_ids)), lasts(Reference, day))
    return dict(session.execute(rows.order_by(Reference.first, Reference.id)).all())


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


def _refer(session: Session, creditor: Controller, ids: list[int], first: date) -> None:
    """7-3-1 where banks carry it (rule 31). Elsewhere the account's number is the reference, and whoever knows it enters it."""
    if creditor.country not in ("FI", "EE") or not ids:
        return
    values = {id: _numbered(str(FIRST_NUMBER + id)) for id in ids}
    taken = select(Reference.value).where(Reference.creditor_id == creditor.id)
    while clashes := set(session.scalars(taken.where(Reference.value.in_(list(values.values()))))):
        # Another program gave this one before.
        values = {id: _numbered(value[:-1] + "0") if value in clashes else value for id, value in values.items()}
    rows = [
        {"creditor_id": creditor.id, "scheme": "7-3-1", "value": value, "account_id": id, "first": first}
        for id, value in values.items()
    ]
    session.execute(insert(Reference.__table__), rows)


def _numbered(base: str) -> str:
    return base + check_digit(base)
