"""What would be left without its holder if a tenure or a part in it had other days (rule 37). Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from ..charging import correcting
from ..charging.confirmed import ours
from ..charging.draft import Draft, DraftLine
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money.account import Account
from ..money.invoice import Invoice, InvoiceLine, Series, number_text
from ..money.ledger import Entry
from ..money.period import BillingPeriod
from ..month import month_name
from ..people.tenure import Holding, Party, Tenure

# What number_text() makes the number of.
_NUMBER = (Series.year, Invoice.number, Invoice.foreign_number, func.coalesce(Series.prefix, ""))
# So many of each kind are listed; nobody reads on.
MOST = 20


@dataclass(frozen=True, slots=True)
class Orphan:
    """kind: entry | invoice | party. name: an invoice's number, the role of a party; id: of an invoice."""

    kind: str
    day: date
    name: str = ""
    id: int | None = None


def of_tenure(session: Session, tenure: Tenure, first: date, last: date | None) -> list[Orphan]:
    """Of a tenure with new days. After its last day a ledger goes on (payments, interest: rule 36), before its first it
    cannot have begun; an invoice belongs to the month that it bills. What a period billed for days goes along with them
    (charging/reholding.py), rent and advances by what others agreed on. A reading is the home's."""
    return [
        *dict.fromkeys([*_invoices(session, tenure, first, last), *_billed(session, tenure, first, last)]),
        *_entries(session, tenure, first),
        *_parties(session, tenure, first, last),
    ]


def strays(session: Session, tenure: Tenure) -> Sequence[Row]:
    """(day, serial) of readings that count and that the tenure's people sent for its homes, of days on which they hold them no
    more or not yet. They orphan nobody: a reading is the home's (rule 1), whoever sent it, and bills divide by it."""
    there = and_(Holding.first <= Reading.day, or_(Holding.last.is_(None), Holding.last >= Reading.day))
    holds = (
        exists()
        .where(Party.person_id == Reading.person_id, Holding.tenure_id == Party.tenure_id, Holding.unit_id == Meter.unit_id)
        .where(there)
    )
    own = select(Party.person_id).where(Party.tenure_id == tenure.id)
    held = select(Holding.unit_id).where(Holding.tenure_id == tenure.id)
    rows = (
        select(Reading.day, Meter.serial)
        .join(Register, Register.id == Reading.register_id)
        .join(Meter, Meter.id == Register.meter_id)
        .where(Meter.unit_id.in_(held), Reading.counts, Reading.source == "resident", Reading.person_id.in_(own), ~holds)
        .order_by(Reading.day, Reading.id)
        .limit(MOST)
    )
    return session.execute(rows).all()


def _cut(day, was_first: date, was_last: date | None, first: date, last: date | None):
    """The SQL condition "a day of the old days that is none of the new ones"."""
    before = and_(day >= was_first, day < first) if first > was_first else false()
    if last is None or (was_last and was_last <= last):
        return before
    after = and_(day > last, day <= was_last) if was_last else day > last
    return or_(before, after)


def _invoices(session: Session, tenure: Tenure, first: date, last: date | None) -> list[Orphan]:
    """Invoices of months; those that periods and settlements made are judged by the days of their lines, in _billed, and a credit
    note goes with what it credits."""
    months = _cut(Invoice.month, _month(tenure.first), _month(tenure.last), _month(first), _month(last))
    rows = (
        select(Invoice.id, Invoice.issued, *_NUMBER)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .join(Account, Account.id == Invoice.account_id)
        .where(Account.tenure_id == tenure.id, Invoice.voided_at.is_(None), Invoice.month != "", months)
        .where(~ours(), Invoice.kind != "correction")
        .order_by(Invoice.month, Invoice.id)
        .limit(MOST)
    )
    return [Orphan("invoice", issued, number_text(*number), id) for id, issued, *number in session.execute(rows)]


def _billed(session: Session, tenure: Tenure, first: date, last: date | None) -> list[Orphan]:
    """Invoices of periods and settlements with lines for days that would not be the tenure's, that move to nobody by themselves,
    and that the desk did not correct yet (rule 26)."""
    held = select(Holding.unit_id).where(Holding.tenure_id == tenure.id)
    stays = or_(InvoiceLine.unit_id.is_(None), InvoiceLine.unit_id.not_in(held)), InvoiceLine.key != "advance"
    rows = (
        select(Invoice.issued, *_NUMBER)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .join(Account, Account.id == Invoice.account_id)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(Account.tenure_id == tenure.id, Invoice.voided_at.is_(None), ours(), *stays)
        .where(_outside(InvoiceLine, tenure, first, last), InvoiceLine.correction_id.is_(None))
        .where(~correcting.by_hand(InvoiceLine.id))
        .order_by(Invoice.month, Invoice.id)
        .distinct()
        .limit(MOST)
    ).add_columns(Invoice.month, Invoice.id)
    return [Orphan("invoice", issued, number_text(*number), id) for issued, *number, _month, id in session.execute(rows)]


def _outside(line, tenure: Tenure, first: date, last: date | None):
    """The SQL condition "a line for days that would be the tenure's no more"."""
    before = line.first < first if first > tenure.first else false()
    return or_(before, line.last > last) if last and (tenure.last is None or last < tenure.last) else before


def drafted(session: Session, tenure: Tenure, first: date, last: date | None) -> tuple[str, date] | None:
    """(name, last day) of the latest period whose drafts bill days that would be the tenure's no more."""
    rows = (
        select(BillingPeriod.name, BillingPeriod.bill_last)
        .join(Draft, Draft.period_id == BillingPeriod.id)
        .join(DraftLine, DraftLine.draft_id == Draft.id)
        .where(Draft.tenure_id == tenure.id, DraftLine.correction_id.is_(None), _outside(DraftLine, tenure, first, last))
        .order_by(BillingPeriod.bill_last.desc())
    )
    row = session.execute(rows.limit(1)).first()
    return (row.name, row.bill_last) if row else None


def _month(day: date | None) -> str | None:
    return day and month_name(day)


def _entries(session: Session, tenure: Tenure, first: date) -> list[Orphan]:
    rows = (
        select(Entry.value_day, Entry.kind)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.tenure_id == tenure.id, Entry.value_day >= tenure.first, Entry.value_day < first)
        # A deposit is received before anybody moves in.
        .where(Account.kind != "deposit")
        .order_by(Entry.value_day, Entry.id)
        .limit(MOST)
    )
    return [Orphan("entry", row.value_day, row.kind) for row in session.execute(rows)]


def _parties(session: Session, tenure: Tenure, first: date, last: date | None) -> list[Orphan]:
    """Parts that would have no day left."""
    gone = or_(Party.last < first, Party.first > last) if last else Party.last < first
    rows = select(Party.first, Party.role).where(Party.tenure_id == tenure.id, gone).order_by(Party.first).limit(MOST)
    return [Orphan("party", row.first, row.role) for row in session.execute(rows)]
