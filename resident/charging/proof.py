"""The proof of the money (B18, rule 35), for the shell and for auditors: what was looked at, when, and what does not hold.

Asked for at the desk, made by the worker, and made each night. Findings are kept with the organisation that they are about, so
that nobody reads of another one's.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..banking import proving as bank_proving
from ..banking.bank_account import BankAccount
from ..banking.bank_file import BankCredit
from ..db import Base, Database, Json, Key, UTCTime
from ..homes.building import Building
from ..money import balances
from ..money.account import Account
from ..money.balances import Finding
from ..money.invoice import Invoice, InvoiceLine, Series
from ..money.ledger import Entry, Item
from ..money.period import BillingPeriod
from ..paying.intent import PaymentIntent
from . import proving
from .draft import Draft
from .settlement import SettlementRun

NIGHTLY = timedelta(hours=20)
# A proof that was begun so long ago and has no end died with its worker.
LOST = timedelta(hours=1)

# What is proved (the promises of B18), each with the names of what would break it.
PROMISES = {
    "costs": ("allocated_cost", "invoiced_cost", "settled_cost", "draft_total", "stray_draft"),
    "invoices": ("series_gap", "invoice_total", "line_vat", "unposted_invoice", "void_invoice", "carried_twice"),
    "ledger": ("account_total", "open_item", "oversettled_credit", "guard_missing"),
    "periods": ("month_chain", "last_month"),
    "payments": ("bank_payment", "portal_payment", "payout"),
}


class MoneyProof(Base):
    """findings: [{"what", "thing", "is", "should", "organisation"}]; None while it is not made yet."""

    __tablename__ = "money_proof"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[object] = mapped_column(UTCTime)
    begun_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
    findings: Mapped[list | None] = mapped_column(Json(none_as_null=True))


def check(session: Session) -> list[Finding]:
    """All that should hold of the money and does not."""
    return balances.check(session) + proving.check(session) + bank_proving.check(session)


def ask(session: Session, *, by) -> MoneyProof:
    """The one that waits already, or a new one for the worker."""
    waits = session.scalar(select(MoneyProof).where(MoneyProof.ended_at.is_(None), MoneyProof.begun_at.is_(None)).limit(1))
    if waits:
        return waits
    made = MoneyProof(asked_by=by.person_id, asked_at=clock.now())
    session.add(made)
    session.flush()
    audit.record(session, "money_proved", by=by, thing=made)
    session.flush()
    return made


def last(session: Session) -> MoneyProof | None:
    """The newest one that is made."""
    return session.scalar(select(MoneyProof).where(MoneyProof.ended_at.is_not(None)).order_by(MoneyProof.id.desc()).limit(1))


def waits(session: Session) -> bool:
    """Is one asked for, or being made?"""
    asked = select(MoneyProof.id).where(MoneyProof.ended_at.is_(None), MoneyProof.asked_at > clock.now() - LOST)
    return session.scalar(asked.limit(1)) is not None


def look(db: Database, _settings=None) -> int:
    """Make the proofs that are asked for, and tonight's; how many."""
    with db.reading() as session:
        found = session.scalars(_asked()).all()
        newest = session.scalar(select(MoneyProof.asked_at).order_by(MoneyProof.id.desc()).limit(1))
    if not found and (newest is None or newest < clock.now() - NIGHTLY):
        with db.writing() as session:
            session.add(MoneyProof(asked_at=clock.now()))
        with db.reading() as session:
            found = session.scalars(_asked()).all()
    for proof in found:
        _make(db, proof.id)
    return len(found)


def _asked() -> Select:
    return select(MoneyProof).where(MoneyProof.ended_at.is_(None), MoneyProof.begun_at.is_(None)).order_by(MoneyProof.id)


def _make(db: Database, id: int) -> None:
    begun = clock.now()
    with db.writing() as session:
        session.get_one(MoneyProof, id).begun_at = begun
    with db.reading() as session:
        found = [_kept(session, finding) for finding in check(session)]
    with db.writing() as session:
        proof = session.get_one(MoneyProof, id)
        proof.findings, proof.ended_at = found, clock.now()


# ---- Whose it is -----------------------------------------------------------------------------------------------------


def _kept(session: Session, finding: Finding) -> dict:
    find = _OWNERS.get(finding.what)
    owner = session.scalar(find(int(finding.thing.split()[0]))) if find else None
    return {
        "what": finding.what, "thing": finding.thing, "is": _plain(finding.is_), "should": _plain(finding.should),
        "organisation": owner,
    }  # fmt: skip


def _plain(figure):
    return figure if figure is None or isinstance(figure, int | str) else int(figure)


def _account(id: int) -> Select:
    return select(Account.creditor_id).where(Account.id == id)


def _invoice(id: int) -> Select:
    return select(Invoice.creditor_id).where(Invoice.id == id)


def _of_account(thing) -> Callable[[int], Select]:
    return lambda id: select(Account.creditor_id).join(thing, thing.account_id == Account.id).where(thing.id == id)


def _of_building(thing) -> Callable[[int], Select]:
    return lambda id: select(Building.organisation_id).join(thing, thing.building_id == Building.id).where(thing.id == id)


def _draft(id: int) -> Select:
    period = select(Draft.period_id).where(Draft.id == id).scalar_subquery()
    return select(Building.organisation_id).join(BillingPeriod, BillingPeriod.building_id == Building.id).where(
        BillingPeriod.id == period
    )  # fmt: skip


def _line(id: int) -> Select:
    return select(Invoice.creditor_id).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id).where(InvoiceLine.id == id)


def _credit(id: int) -> Select:
    joined = select(BankAccount.organisation_id).join(BankCredit, BankCredit.bank_account_id == BankAccount.id)
    return joined.where(BankCredit.id == id)


_OWNERS: dict[str, Callable[[int], Select]] = {
    **dict.fromkeys(("account_total", "month_chain", "last_month"), _account),
    **dict.fromkeys(("invoice_total", "unposted_invoice", "void_invoice"), _invoice),
    **dict.fromkeys(("allocated_cost", "invoiced_cost", "stray_draft"), _of_building(BillingPeriod)),
    "portal_payment": _of_account(PaymentIntent),
    "open_item": _of_account(Item),
    "oversettled_credit": _of_account(Entry),
    "series_gap": lambda id: select(Series.creditor_id).where(Series.id == id),
    **dict.fromkeys(("line_vat", "carried_twice"), _line),
    "draft_total": _draft,
    "settled_cost": _of_building(SettlementRun),
    **dict.fromkeys(("bank_payment", "payout"), _credit),
}
