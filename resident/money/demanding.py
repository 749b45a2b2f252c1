"""The formal demand: a letter that staff write about what is overdue, with a fee and a new due day (rule 36).

What it asked for is kept as it was written; the paper is drawn from that. Accounts in collection get none.
"""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes import setting
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import home_label
from ..people.person import Person
from ..people.tenure import Holding, Party
from . import by_hand, collecting, own_account, referencing
from .account import Account
from .demand import Demand
from .holiday import effective_due
from .ledger import OpenItem

SHOWN = 200


class InCollection(ResidentError):
    """Somebody else collects: account_id."""


class NothingOverdue(ResidentError):
    """Nothing of the account is overdue: account_id."""


class Late(NamedTuple):
    """An account with something overdue. demanded: the day of its last demand."""

    account_id: int
    number: str | None
    overdue: int
    oldest: date
    demanded: date | None
    collected: bool


def late(session: Session, organisation_id: int, today: date, *which, after: tuple[date, int] | None = None) -> list[Late]:
    """Accounts with something overdue, the oldest debt first: SHOWN, and one more where others follow. which: conditions on
    Account; after: (oldest, account) of the last one before."""
    last = select(func.max(Demand.day)).where(Demand.account_id == Account.id).scalar_subquery()
    oldest = func.min(OpenItem.due)
    rows = (
        select(Account.id, Account.number, func.sum(OpenItem.amount), oldest, last, collecting.in_collection(Account.id, today))
        .join(OpenItem, OpenItem.account_id == Account.id)
        .where(
            Account.creditor_id == organisation_id, Account.kind != "deposit", Account.tenure_id.is_not(None), OpenItem.due < today
        )
        .where(*which)
        .group_by(Account.id, Account.number)
        .order_by(oldest, Account.id)
        .limit(SHOWN + 1)
    )
    if after:
        rows = rows.having(tuple_(oldest, Account.id) > tuple_(*after))
    return [
        Late(id, number, int(overdue), oldest, day, bool(there))
        for id, number, overdue, oldest, day, there in session.execute(rows)
    ]


def write(session: Session, account: Account, *, fee: int, key: str, today: date, by) -> Demand:
    """Charge the fee and keep what the letter says. InCollection, NothingOverdue, by_hand.OverCap."""
    if collecting.marked(session, account.id, today):
        raise InCollection(account_id=account.id)
    creditor = session.get_one(Organisation, account.creditor_id)
    rules = setting.in_force(session, creditor.id, creditor.country, today)
    due = effective_due(today + timedelta(days=rules["demand_days"]), creditor.country, rules)
    debts, names = own_account.open_debts(session, account.id)
    last_days = dict(session.execute(select(OpenItem.item_id, OpenItem.due).where(OpenItem.account_id == account.id)).all())
    overdue = [debt for debt in debts if last_days[debt.id] < today]
    if not overdue:
        raise NothingOverdue(account_id=account.id)
    charged = by_hand.charge_fee(session, account, fee, today, due=due, key=key, today=today, by=by) if fee else None
    facts = {
        "items": [[*names[debt.id], debt.due.isoformat(), debt.amount] for debt in overdue],
        "fee": fee,
        **_addressee(session, account, today),
        "reference": referencing.permanent(session, [account.id], today).get(account.id),
    }
    row = Demand(
        account_id=account.id, day=today, due=due, amount=sum(debt.amount for debt in overdue) + fee, facts=facts,
        fee_entry_id=charged.id if charged else None, written_by=getattr(by, "person_id", None), written_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, "demand_written", by=by, organisation_id=creditor.id, thing=row)
    session.flush()
    return row


def _addressee(session: Session, account: Account, today: date) -> dict:
    """Who and where on the day of the letter: the primary of the tenure, and its home; ids."""
    row = session.execute(
        select(Party.person_id, Unit.id)
        .select_from(Party)
        .join(Holding, Holding.tenure_id == Party.tenure_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .where(Party.tenure_id == account.tenure_id, Party.role == "primary", Party.first <= today)
        .order_by(Party.first.desc(), Unit.kind != "home", Unit.id)
        .limit(1)
    ).first()
    return {"person_id": row[0], "unit_id": row[1]} if row else {"person_id": None, "unit_id": None}


class Addressee(NamedTuple):
    """language: of the person's invoices, else their own; None: neither is known."""

    name: str
    lines: list[str]
    language: str | None
    undisclosed: bool


def addressee(session: Session, demand: Demand) -> Addressee:
    person = session.get(Person, demand.facts["person_id"]) if demand.facts["person_id"] else None
    row = session.execute(
        select(Organisation.country, Building.address, Unit.number, Building.postcode, Building.city)
        .join_from(Unit, Building, Building.id == Unit.building_id)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(Unit.id == demand.facts["unit_id"])
    ).first()
    lines = [home_label(*row[:3]), " ".join(filter(None, row[3:]))] if row else []
    if person is None:
        return Addressee("", lines, None, False)
    return Addressee(person.name, lines, person.invoice_language or person.language, person.non_disclosure)


def written(session: Session, organisation_id: int, *which) -> list[tuple[Demand, str | None]]:
    """The last demands of an organisation, with the number of the account. which: conditions on Account."""
    rows = (
        select(Demand, Account.number).join(Account, Account.id == Demand.account_id).where(Account.creditor_id == organisation_id)
    )
    return [tuple(row) for row in session.execute(rows.where(*which).order_by(Demand.id.desc()).limit(50))]
