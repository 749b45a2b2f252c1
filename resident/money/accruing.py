"""Interest on the accounts of an organisation: what has accrued until a day, and posting it (rule 34).

What is posted for an item is round(accrued until the day) less what was posted before, negative too: a payment that turns up
late takes interest back, and posting twice changes nothing. Deposits and vacant homes bear none, nor do fees and interest.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from .. import audit
from ..errors import ResidentError
from ..homes import setting
from ..homes.building import Unit
from ..homes.organisation import Organisation, OrganisationSetting
from ..people.tenure import Holding
from . import rates, settling
from .account import Account
from .booking import Booking, book_all, refresh
from .holiday import effective_due
from .interest import Segment, exact, rounded, rule_of, segments, switched_on, within
from .ledger import Entry, Item, OpenItem, Settlement
from .posting import InterestPosting, stored

# Kinds of entries whose items bear interest: principal, but not what was given back to the holder.
BEAR = ("opening", "invoice", "correction", "transfer")


class NotCharged(ResidentError):
    """The organisation charges no late interest on this day (setting interest_charged)."""


class FutureDay(ResidentError):
    """Interest is posted for days that are over: today."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """One item's interest until a day. total is rounded; posted is what stands in the ledger for it."""

    item_id: int
    account_id: int
    currency: str
    invoice_id: int | None
    kind: str
    amount: int
    due: date
    effective_due: date
    segments: list[Segment]
    total: int
    posted: int

    @property
    def to_post(self) -> int:
        return self.total - self.posted


@dataclass(frozen=True, slots=True)
class Posted:
    """How many entries, what they add to debts, what they take back (positive), and on how many accounts."""

    entries: int
    added: int
    taken_back: int
    accounts: int


def accounts_of(organisation_id: int, building_id: int | None = None) -> ColumnElement[bool]:
    """The SQL condition "an account that bears interest", of an organisation or one of its buildings."""
    bears = and_(Account.creditor_id == organisation_id, Account.tenure_id.is_not(None), Account.kind != "deposit")
    if building_id is None:
        return bears
    held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id == building_id)
    return and_(bears, Account.tenure_id.in_(held))


def accruals(session: Session, organisation, through: date, *which: ColumnElement[bool]) -> list[Accrual]:
    """Of the items that bear interest, or for which some was posted, by account and due day. which: conditions on Account.

    organisation: anything with id and country. Items for which interest was posted until a later day are left out.
    """
    rows = session.execute(_items(through).where(*which)).all()
    ids = [row.id for row in rows]
    paid, posted = _paid(session, ids), _posted(session, ids)
    rate_of = rates.by_account(session, organisation.id, organisation.country, {row.account_id for row in rows})
    rules = setting.in_force(session, organisation.id, organisation.country, through)
    rule = rule_of(organisation.country, rules["interest_year"])
    charged = _charged(session, organisation, through)
    found = []
    for row in rows:
        last, already = posted.get(row.id, (date.min, 0))
        if last > through:
            continue
        parts = []
        if row.stands and rules["interest_charged"]:
            parts = segments(row.amount, row.effective_due, paid.get(row.id, ()), through, rule, rate_of[row.account_id])
            parts = within(parts, charged)
        found.append(Accrual(*row[:-1], parts, rounded(exact(parts)), already))
    return found


def on_page(session: Session, through: date, *which: ColumnElement[bool], after: int, rows: int) -> list[int]:
    """The next accounts, by id, with items that accruals() would look at."""
    ids = _items(through).with_only_columns(Item.account_id).where(*which, Item.account_id > after).order_by(None)
    return list(session.scalars(ids.distinct().order_by(Item.account_id).limit(rows)))


def _items(through: date):
    paid_late = (
        exists()
        .where(Settlement.item_id == Item.id, Settlement.amount > 0)
        .where(Entry.id == Settlement.entry_id, Entry.value_day > Item.effective_due)
        .correlate(Item)
    )
    owed = aliased(Entry)
    stands = settling.standing_entry(owed).label("stands")
    posted = exists().where(InterestPosting.item_id == Item.id)
    columns = (Item.id, Item.account_id, Account.currency, Item.invoice_id, owed.kind, Item.amount, Item.due, Item.effective_due)
    return (
        select(*columns, stands)
        .join(owed, owed.id == Item.entry_id)
        .join(Account, Account.id == Item.account_id)
        .outerjoin(OpenItem, OpenItem.item_id == Item.id)
        .where(Item.effective_due < through, _bears(owed), or_(OpenItem.item_id.is_not(None), paid_late, posted))
        .order_by(Item.account_id, Item.effective_due, Item.id)
    )


def _charged(session: Session, organisation, through: date) -> list[tuple[date, date]]:
    """(first, last day) of the spans in which the organisation charges interest: none for days on which it did not."""
    rows = session.execute(
        select(OrganisationSetting.first, OrganisationSetting.value)
        .where(OrganisationSetting.organisation_id == organisation.id, OrganisationSetting.name == "interest_charged")
        .where(OrganisationSetting.first <= through)
        .order_by(OrganisationSetting.first)
    ).all()
    return switched_on(setting.default("interest_charged", organisation.country), rows)


def _bears(owed) -> ColumnElement[bool]:
    """Of what is moved to another account only debts do: credit that leaves is not owed (by_hand.transfer)."""
    return and_(owed.kind.in_(BEAR), or_(owed.kind != "transfer", ~owed.cause.like("hand:%:from")))


def _paid(session: Session, item_ids: list[int]) -> dict[int, list[tuple[date, int]]]:
    """By item: (value day, amount) of what settles it."""
    found = defaultdict(list)
    for ids in settling.batched(item_ids, settling.CHUNK):
        rows = settling.live(Settlement.item_id, Entry.value_day, settling.summed(Settlement.amount))
        rows = rows.join(Entry, Entry.id == Settlement.entry_id).where(Settlement.item_id.in_(ids))
        for item_id, day, amount in session.execute(rows.group_by(Settlement.item_id, Entry.value_day)):
            found[item_id].append((day, amount))
    return found


def _posted(session: Session, item_ids: list[int]) -> dict[int, tuple[date, int]]:
    """By item: until when interest was posted, and how much of it stands."""
    undo = aliased(Entry)
    standing = settling.summed(Entry.amount + func.coalesce(undo.amount, 0))
    found = {}
    for ids in settling.batched(item_ids, settling.CHUNK):
        rows = (
            select(InterestPosting.item_id, func.max(InterestPosting.through), standing)
            .join(Entry, Entry.id == InterestPosting.entry_id)
            .outerjoin(undo, undo.reverses_id == Entry.id)
            .where(InterestPosting.item_id.in_(ids))
            .group_by(InterestPosting.item_id)
        )
        found |= {item_id: (through, amount) for item_id, through, amount in session.execute(rows)}
    return found


# ---- Posting ---------------------------------------------------------------------------------------------------------


def may_post(session: Session, organisation, through: date, today: date) -> dict:
    """The settings in force; NotCharged, FutureDay."""
    if through > today:
        raise FutureDay()
    rules = setting.in_force(session, organisation.id, organisation.country, through)
    if not rules["interest_charged"]:
        raise NotCharged()
    return rules


def post(
    session: Session,
    organisation: Organisation,
    through: date,
    *which: ColumnElement[bool],
    today: date,
    by=None,
    record: bool = True,
) -> Posted:
    """Post what has accrued until a day on an organisation's accounts, or on those that `which` (conditions on Account) leaves.

    Twice changes nothing. NotCharged, FutureDay. One audit event when there was anything to post; record=False: none, as part of
    a run that writes its own.
    """
    rules = may_post(session, organisation, through, today)
    # Counted from the posting, not from `through`: what is worked out late is not overdue the moment it is asked for.
    due = today + timedelta(days=rules["interest_due_days"])
    days = (due, effective_due(due, organisation.country, rules))
    accounts = list(session.scalars(select(Account.id).where(accounts_of(organisation.id), *which).order_by(Account.id)))
    sums = [0, 0, 0, 0]
    for ids in settling.chunks(session, accounts):
        rows = [row for row in accruals(session, organisation, through, Account.id.in_(ids)) if row.to_post]
        _book(session, rows, through, days, by)
        for n, more in enumerate(_sums(rows)):
            sums[n] += more
    posted = Posted(*sums)
    if posted.entries and record:
        facts = {"through": through.isoformat(), "entries": posted.entries, "added": posted.added, "back": posted.taken_back}
        audit.record(session, "interest_posted", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)
        session.flush()
    return posted


def _sums(rows: list[Accrual]) -> tuple[int, int, int, int]:
    added, back = (sum(abs(row.to_post) for row in rows if (row.to_post > 0) is more) for more in (True, False))
    return len(rows), added, back, len({row.account_id for row in rows})


def posted_of(rows: Iterable[Accrual]) -> Posted:
    """What posting these would come to."""
    return Posted(*_sums([row for row in rows if row.to_post]))


def _book(session: Session, rows: list[Accrual], through: date, days: tuple[date, date], by) -> None:
    if not rows:
        return
    items = _interest_items(session, [row.item_id for row in rows])
    causes = {row.item_id: f"interest:{row.item_id}:{through}:{len(items[row.item_id])}" for row in rows}
    due, moved = days
    book_all(
        session,
        [
            Booking(
                row.account_id, "interest", row.to_post, through, causes[row.item_id], due=due, effective_due=moved,
                wishes=tuple(id for id in items[row.item_id] if id) if row.to_post < 0 else (),
            )
            for row in rows
        ],
        by=by,
    )  # fmt: skip
    ids = dict(session.execute(select(Entry.cause, Entry.id).where(Entry.cause.in_(causes.values()))).all())
    session.execute(
        insert(InterestPosting.__table__),
        [
            {
                "entry_id": ids[causes[row.item_id]], "item_id": row.item_id, "through": through, "total": row.total,
                "segments": stored(row.segments),
            }
            for row in rows
        ],
    )  # fmt: skip
    refresh(session, {row.account_id for row in rows})


def _interest_items(session: Session, item_ids: list[int]) -> dict[int, list[int | None]]:
    """By item: the items of the interest that was posted for it, None for what took some back."""
    found = defaultdict(list)
    rows = select(InterestPosting.item_id, Item.id).outerjoin(Item, Item.entry_id == InterestPosting.entry_id)
    for ids in settling.batched(item_ids, settling.CHUNK):
        for item_id, interest in session.execute(rows.where(InterestPosting.item_id.in_(ids)).order_by(InterestPosting.entry_id)):
            found[item_id].append(interest)
    return found
