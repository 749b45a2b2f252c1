"""Payments as the desk sees them: those that wait, what a file brought, one with how it is booked."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, load_only

from ..people.person import Person
from ..people.tenure import Party
from .bank_account import BankAccount
from .bank_file import BankCredit, BankFile
from .suggesting import described

ROWS = 50


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a payment is booked to which billing account."""

    account_id: int
    number: str | None
    home: str
    amount: int


_LISTED = load_only(
    BankCredit.id, BankCredit.amount, BankCredit.value_day, BankCredit.booked_day, BankCredit.payer, BankCredit.text,
    BankCredit.state, BankCredit.why, BankCredit.kind, BankCredit.reference, BankCredit.account_id, BankCredit.bank_account_id,
)  # fmt: skip


def waiting(
    session: Session, visible: Select, organisation_id: int, after: tuple[date, int] | None
) -> tuple[list[BankCredit], bool]:
    """The oldest first, at most ROWS; is there more? visible: access.visible_bank_credits."""
    rows = visible.where(BankAccount.organisation_id == organisation_id, BankCredit.state == "waiting").options(_LISTED)
    if after:
        day, id = after
        rows = rows.where((BankCredit.booked_day > day) | ((BankCredit.booked_day == day) & (BankCredit.id > id)))
    found = list(session.scalars(rows.order_by(BankCredit.booked_day, BankCredit.id).limit(ROWS + 1)))
    return found[:ROWS], len(found) > ROWS


def totals(session: Session, visible: Select, organisation_id: int) -> tuple[int, int]:
    """How many payments wait, and what they come to."""
    rows = visible.where(BankAccount.organisation_id == organisation_id, BankCredit.state == "waiting")
    count, amount = session.execute(rows.with_only_columns(func.count(), func.coalesce(func.sum(BankCredit.amount), 0))).one()
    return count, int(amount)


def of_file(session: Session, file: BankFile, state: str, after: int | None) -> tuple[list[BankCredit], bool]:
    """What a file brought, in its own order; state "" for all."""
    rows = select(BankCredit).where(BankCredit.file_id == file.id).options(_LISTED)
    if state:
        rows = rows.where(BankCredit.state == state)
    if after:
        rows = rows.where(BankCredit.id > after)
    found = list(session.scalars(rows.order_by(BankCredit.id).limit(ROWS + 1)))
    return found[:ROWS], len(found) > ROWS


def parts(session: Session, credit: BankCredit, country: str) -> list[Part]:
    facts = described(session, [account_id for account_id, _ in credit.parts or ()], country)
    return [Part(id, facts[id][0], facts[id][1], amount) for id, amount in credit.parts or () if id in facts]


def undisclosed(session: Session, account_ids: list[int]) -> set[int]:
    """Those of somebody under non-disclosure: name and home do not stand beside each other for everybody."""
    from ..money.account import Account

    rows = (
        select(Account.id)
        .join(Party, Party.tenure_id == Account.tenure_id)
        .join(Person, Person.id == Party.person_id)
        .where(Account.id.in_(account_ids), Person.non_disclosure)
    )
    return set(session.scalars(rows))


def files(session: Session, visible: Select, organisation_id: int, after: int | None, most: int) -> tuple[list[BankFile], bool]:
    """The newest first."""
    rows = visible.where(BankFile.organisation_id == organisation_id)
    if after:
        rows = rows.where(BankFile.id < after)
    found = list(session.scalars(rows.order_by(BankFile.id.desc()).limit(most + 1)))
    return found[:most], len(found) > most


def still_waiting(session: Session, file_ids: list[int]) -> dict[int, int]:
    """How many of the payments that files brought wait today."""
    rows = select(BankCredit.file_id, func.count()).where(BankCredit.file_id.in_(file_ids), BankCredit.state == "waiting")
    return dict(session.execute(rows.group_by(BankCredit.file_id)).all())


def originals(session: Session, reversal: BankCredit) -> list[BankCredit]:
    """Payments of the same sum before a reversal, the latest first: one of them may be what the bank took back."""
    rows = (
        select(BankCredit)
        .where(
            BankCredit.bank_account_id == reversal.bank_account_id,
            BankCredit.amount == -reversal.amount,
            BankCredit.state.in_(("booked", "waiting", "aside")),
            BankCredit.kind != "reversal",
            BankCredit.booked_day <= reversal.booked_day,
        )
        .order_by(BankCredit.booked_day.desc(), BankCredit.id.desc())
        .limit(10)
    )
    return list(session.scalars(rows))
