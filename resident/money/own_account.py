"""A tenure's billing accounts as its holder reads them: a year's summary and documents (S4), interest with its reckoning (K9),
and what a sum would settle (B7). Rights: Home.papers_from and papers_until, as for invoices.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from ..access import Home
from ..errors import ResidentError
from ..homes.organisation import Organisation
from ..month import month_name, month_of
from . import accruing, settling
from .account import Account
from .accruing import Accrual
from .interest import Segment
from .invoice import Invoice, Series, number_text
from .ledger import AccountTotal, Balance, Entry, Item, OpenItem, Settlement
from .order import Credit, Debt, OrderOn, nature
from .posting import InterestPosting, read
from .what_if import Answer, what_if

ROWS = 50


def accounts(session: Session, home: Home, *, deposits: bool) -> list[Account]:
    """Of the tenure, in their order."""
    rows = select(Account).where(Account.tenure_id == home.tenure_id).order_by(Account.kind == "deposit", Account.id)
    return list(session.scalars(rows if deposits else rows.where(Account.kind != "deposit")))


# ---- How it stands ---------------------------------------------------------------------------------------------------


class Split(NamedTuple):
    """K10: what is late, what is not yet due, interest and fees apart, and what the holder has in credit; each positive."""

    overdue: int
    not_due: int
    interest: int
    fees: int
    credit: int

    @property
    def total(self) -> int:
        return self.overdue + self.not_due + self.interest + self.fees - self.credit


def split_today(session: Session, account_id: int, today: date) -> Split:
    """From what is open: whatever the account's age. Two SELECTs."""
    rows = select(OpenItem.due, Entry.kind, OpenItem.amount).join(Item, Item.id == OpenItem.item_id)
    rows = rows.join(Entry, Entry.id == Item.entry_id).where(OpenItem.account_id == account_id)
    balance = session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account_id)) or 0
    return _split(session.execute(rows).all(), balance, today)


def split_at(session: Session, account_id: int, day: date) -> Split:
    """As it stood when a day began: entries, and what settled what, of the days before it. Two SELECTs."""
    paid, owed = aliased(Entry), aliased(Entry)
    before = (
        select(Settlement.item_id, settling.summed(Settlement.amount).label("amount"))
        .join(paid, paid.id == Settlement.entry_id)
        .where(paid.account_id == account_id, paid.value_day < day)
        .group_by(Settlement.item_id)
        .subquery()
    )
    left = Item.amount - func.coalesce(before.c.amount, 0)
    rows = (
        select(Item.effective_due, owed.kind, left)
        .join(owed, owed.id == Item.entry_id)
        .outerjoin(before, before.c.item_id == Item.id)
        .where(Item.account_id == account_id, owed.value_day < day, left > 0)
    )
    balance = select(settling.summed(Entry.amount)).where(Entry.account_id == account_id, Entry.value_day < day)
    return _split(session.execute(rows).all(), session.scalar(balance), day)


def _split(rows: list, balance: int, day: date) -> Split:
    sums = {"overdue": 0, "not_due": 0, "interest": 0, "cost": 0}
    for due, kind, amount in rows:
        what = nature(kind)
        sums[what if what != "principal" else "overdue" if due < day else "not_due"] += amount
    owed = sum(sums.values())
    return Split(sums["overdue"], sums["not_due"], sums["interest"], sums["cost"], owed - balance)


# ---- A year ----------------------------------------------------------------------------------------------------------


class Year(NamedTuple):
    """Positive: owed by the holder."""

    opening: int
    invoiced: int
    received: int
    interest: int
    other: int
    closing: int


class Document(NamedTuple):
    """An entry; number: of the invoice that it is, invoice_id when it may be opened."""

    id: int
    kind: str
    amount: int
    day: date
    text: str | None
    reverses_id: int | None
    invoice_id: int | None
    number: str


def year(session: Session, home: Home, account_id: int, of: str) -> Year:
    """Two SELECTs, whatever the account's age. For whoever joined or left on the way: of their own months."""
    first, last = max(f"{of}-01", month_name(home.papers_from)), min(f"{of}-12", month_name(home.papers_until))
    mine = Balance.account_id == account_id
    sums = [settling.summed(column) for column in (Balance.invoiced, Balance.received, Balance.interest, Balance.other)]
    *figures, start = session.execute(
        select(*sums, func.min(Balance.month)).where(mine, Balance.month >= first, Balance.month <= last)
    ).one()
    if start:
        opening = session.scalar(select(Balance.opening).where(mine, Balance.month == start))
    else:
        before = select(Balance.closing).where(mine, Balance.month < first).order_by(Balance.month.desc()).limit(1)
        opening = session.scalar(before) or 0
    return Year(opening, *figures, opening + sum(figures))


def documents(session: Session, home: Home, account_id: int, of: str, before: tuple[date, int] | None = None) -> list[Document]:
    """Every entry of a year, the newest first, one more than a page. One SELECT."""
    since, until = max(date(int(of), 1, 1), home.papers_from), min(date(int(of), 12, 31), home.papers_until)
    rows = (
        select(
            Entry.id, Entry.kind, Entry.amount, Entry.value_day, Entry.text, Entry.reverses_id, Invoice.id, Series.year,
            Invoice.number, Invoice.foreign_number, Series.prefix,
        )
        .outerjoin(Item, Item.entry_id == Entry.id)
        .outerjoin(Invoice, and_(Invoice.id == Item.invoice_id, Invoice.voided_at.is_(None)))
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(Entry.account_id == account_id, Entry.value_day.between(since, until))
        .order_by(Entry.value_day.desc(), Entry.id.desc())
        .limit(ROWS + 1)
    )  # fmt: skip
    if before:
        rows = rows.where(tuple_(Entry.value_day, Entry.id) < tuple_(*before))
    return [
        Document(*row[:7], number_text(row[7], row[8], row[9], row[10] or "") if row[6] else "") for row in session.execute(rows)
    ]


def together(rows: Iterable[Document]) -> list[Document]:
    """Interest that was posted until one day as one, however many debts bore it; what was taken back by hand is itself."""
    found: dict[object, Document] = {}
    for row in rows:
        key = row.day if row.kind == "interest" and row.reverses_id is None and not row.text else row
        before = found.get(key)
        found[key] = before._replace(amount=before.amount + row.amount) if before else row
    return list(found.values())


def years(session: Session, home: Home, account_id: int) -> list[str]:
    """Years that have entries, of the holder's own days; the last first."""
    mine = select(func.min(Balance.month), func.max(Balance.month)).where(Balance.account_id == account_id)
    first, last = session.execute(mine).one()
    if first is None:
        return []
    begin, end = max(int(first[:4]), home.papers_from.year), min(int(last[:4]), home.papers_until.year)
    return [str(one) for one in range(end, begin - 1, -1)]


# ---- Interest --------------------------------------------------------------------------------------------------------


class Reckoned(NamedTuple):
    """Interest of one item: what it is of, the reckoning until a day, its rounded sum, what was posted before, what it adds."""

    kind: str
    number: str
    amount: int
    due: date
    through: date
    segments: list[Segment]
    total: int
    before: int
    adds: int


def posted(session: Session, home: Home, account_id: int, month: str) -> list[Reckoned]:
    """What was posted in a month, with the reckoning that was kept. One SELECT."""
    owed = aliased(Entry)
    rows = session.execute(
        select(
            owed.kind, Series.year, Invoice.number, Invoice.foreign_number, Series.prefix, Item.amount, Item.effective_due,
            InterestPosting.through, InterestPosting.segments, InterestPosting.total, Entry.amount,
        )
        .select_from(InterestPosting)
        .join(Entry, Entry.id == InterestPosting.entry_id)
        .join(Item, Item.id == InterestPosting.item_id)
        .join(owed, owed.id == Item.entry_id)
        .outerjoin(Invoice, Invoice.id == Item.invoice_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(Entry.account_id == account_id, Entry.value_day.between(*_days(home, month)))
        .order_by(Item.effective_due, Entry.id)
    )  # fmt: skip
    return [
        Reckoned(
            kind, number_text(of, number, foreign, prefix or "") if number or foreign else "", amount, due, through, read(parts),
            total, total - adds, adds,
        )
        for kind, of, number, foreign, prefix, amount, due, through, parts, total, adds in rows
    ]  # fmt: skip


def _days(home: Home, month: str) -> tuple[date, date]:
    first, last = month_of(date(int(month[:4]), int(month[5:]), 1))
    return max(first, home.papers_from), min(last, home.papers_until)


def running(session: Session, home: Home, account: Account, today: date) -> list[tuple[Accrual, str]]:
    """What has accrued until today and is not posted, with the number of the invoice that it is of. For whoever left, nothing:
    they see what was posted in their days."""
    if home.papers_until != date.max or account.creditor_id != home.organisation.id:
        return []
    rows = accruing.accruals(session, home.organisation, today, Account.id == account.id, accruing.accounts_of(account.creditor_id))
    rows = [row for row in rows if row.to_post]
    columns = (Invoice.id, Series.year, Invoice.number, Invoice.foreign_number, Series.prefix)
    named = select(*columns).outerjoin(Series, Series.id == Invoice.series_id)
    named = named.where(Invoice.id.in_([row.invoice_id for row in rows if row.invoice_id]))
    numbers = {id: number_text(of, number, foreign, prefix or "") for id, of, number, foreign, prefix in session.execute(named)}
    return [(row, numbers.get(row.invoice_id, "")) for row in rows]


# ---- What a sum would settle -----------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """answer, and by item: what it is (kind, number), and its interest until the day, not yet posted."""

    answer: Answer
    names: dict[int, tuple[str, str]]
    interest: dict[int, int]


class MoreThanOwn(ResidentError):
    """Whoever left a tenure that goes on pays what was billed to them, and no more than that: most, in minor units."""


def ask(session: Session, home: Home, account: Account, amount: int, day: date) -> Asked:
    """What paying a sum on a day would do, by the order that holds then (B7). MoreThanOwn, as where it is paid."""
    leaver = home.state == "after" and home.papers_until != date.max
    debts, names = open_debts(session, account.id, home.papers_until if leaver else date.max)
    if leaver and amount > (most := sum(debt.amount for debt in debts)):
        raise MoreThanOwn(most=most)
    # Whoever left sees no credit of those who stayed.
    credits = [] if leaver else _unused(session, account.id)
    answer = what_if(debts, amount, day, order(session, account), credits=credits)
    which = (Account.id == account.id, accruing.accounts_of(home.organisation.id))
    rows = accruing.accruals(session, home.organisation, day, *which) if account.creditor_id == home.organisation.id else []
    return Asked(answer, names, {row.item_id: row.to_post for row in rows})


def order(session: Session, account: Account) -> OrderOn:
    country = session.scalar(select(Organisation.country).where(Organisation.id == account.creditor_id))
    return settling.order_of(session, account.creditor_id, country)


def open_debts(session: Session, account_id: int, until: date = date.max) -> tuple[list[Debt], dict[int, tuple[str, str]]]:
    """What is open of an account, and what each is called (kind, number of the invoice). until: of invoices issued by then."""
    rows = (
        select(
            Item.id, Entry.value_day, Item.due, Entry.kind, OpenItem.amount, Series.year, Invoice.number, Invoice.foreign_number,
            Series.prefix, Item.amount,
        )
        .select_from(OpenItem)
        .join(Item, Item.id == OpenItem.item_id)
        .join(Entry, Entry.id == Item.entry_id)
        .outerjoin(Invoice, Invoice.id == Item.invoice_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(OpenItem.account_id == account_id)
        .order_by(OpenItem.due, OpenItem.item_id)
    )  # fmt: skip
    if until != date.max:
        rows = rows.where(Invoice.issued <= until)
    debts, names = [], {}
    for id, day, due, kind, amount, of, number, foreign, prefix, booked in session.execute(rows):
        debts.append(Debt(id, day, due, nature(kind), amount, booked))
        names[id] = (kind, number_text(of, number, foreign, prefix or "") if number or foreign else "")
    return debts, names


def _unused(session: Session, account_id: int) -> list[Credit]:
    """Credits that are not used up: they stand beside open items only where those are of a day to come."""
    used = select(settling.summed(Settlement.amount)).where(Settlement.entry_id == Entry.id).scalar_subquery()
    rows = select(Entry.id, Entry.value_day, -Entry.amount - used).where(
        Entry.account_id == account_id, Entry.amount < -used, settling.standing_entry()
    )
    return [Credit(id, day, rest) for id, day, rest in session.execute(rows)]
