"""Friendly reminders by mail of what is to be paid: some days before it falls due, some days after (settings; rule 36).

They cost nothing and are no formal demand (demanding.py). Each person gets each of them once an item; accounts in collection get
none, nor do deposits. Who wants no mails gets none (delivery/notice.py).
"""

from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database
from ..delivery import notice
from ..delivery.daytime import is_day
from ..homes import setting
from ..homes.organisation import Organisation
from ..people.tenure import Party, Tenure
from . import settling
from .account import Account
from .collecting import in_collection
from .demand import PaymentReminder
from .ledger import AccountTotal, OpenItem

# The mail of each kind.
MAILS = {"before": "payment_due", "after": "payment_late"}
# Debts that had been late for longer when the setting was switched on are not dug up.
NEWS = timedelta(days=14)
# People of one transaction.
AT_ONCE = 200


def due(session: Session, organisation: Organisation, today: date) -> dict[str, list[tuple[int, int]]]:
    """kind: (item, person) of those to be reminded today and not reminded before."""
    rules = setting.in_force(session, organisation.id, organisation.country, today)
    before, after = timedelta(days=rules["pay_remind_before"]), timedelta(days=rules["pay_remind_after"])
    spans = {
        "before": (today, today + before) if before else None,
        "after": (today - after - NEWS, today - after) if after else None,
    }
    return {kind: _of(session, organisation.id, kind, span, today) for kind, span in spans.items() if span}


def _of(session: Session, organisation_id: int, kind: str, span: tuple[date, date], today: date) -> list[tuple[int, int]]:
    told = select(PaymentReminder.id).where(
        PaymentReminder.item_id == OpenItem.item_id, PaymentReminder.person_id == Party.person_id, PaymentReminder.kind == kind
    )
    # Whoever the bill is made out to: of a tenure that has ended, its last one.
    holds = or_(Party.last.is_(None), Party.last >= today, Party.last == Tenure.last)
    rows = (
        select(OpenItem.item_id, Party.person_id)
        .join(Account, Account.id == OpenItem.account_id)
        .join(AccountTotal, AccountTotal.account_id == Account.id)
        .join(Tenure, Tenure.id == Account.tenure_id)
        .join(Party, Party.tenure_id == Tenure.id)
        .where(
            Account.creditor_id == organisation_id, Account.kind != "deposit", AccountTotal.amount > 0, OpenItem.due.between(*span),
            Party.role == "primary", Party.first <= today, holds, ~in_collection(Account.id, today), ~told.exists(),
        )
        .order_by(Party.person_id, OpenItem.item_id)
    )  # fmt: skip
    return [tuple(row) for row in session.execute(rows)]


def remind(db: Database, organisation: Organisation, today: date) -> int:
    """Order the mails of today, one a person and kind; how many. One audit event for each AT_ONCE people: whoever else writes
    gets their turn in between."""
    with db.reading() as session:
        found = due(session, organisation, today)
    ordered = 0
    for kind, pairs in found.items():
        people = groupby(pairs, key=itemgetter(1))
        for lot in settling.batched(((person_id, [item for item, _ in items]) for person_id, items in people), AT_ONCE):
            with db.writing() as session:
                ordered += _order(session, organisation, kind, dict(lot))
    return ordered


def _order(session: Session, organisation: Organisation, kind: str, items: dict[int, list[int]]) -> int:
    """items: by person."""
    told = select(PaymentReminder.person_id, PaymentReminder.item_id).where(
        PaymentReminder.kind == kind, PaymentReminder.person_id.in_(items)
    )
    # Another worker may have come between.
    known = {tuple(row) for row in session.execute(told)}
    people = 0
    for person_id, ids in items.items():
        fresh = [id for id in ids if (person_id, id) not in known]
        session.add_all(PaymentReminder(item_id=id, person_id=person_id, kind=kind, at=clock.now()) for id in fresh)
        if fresh:
            notice.tell(session, person_id, MAILS[kind], "/invoices")
            people += 1
    if people:
        facts = {"kind": kind, "people": people}
        audit.record(session, "payment_reminded", organisation_id=organisation.id, thing=organisation, facts=facts)
    session.flush()
    return people


def remind_all(db: Database, _settings=None) -> None:
    """What the worker does now and then: by day where each organisation is."""
    with db.reading() as session:
        organisations = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    for organisation in organisations:
        here = clock.now().astimezone(clock.zone(organisation.tz))
        if is_day(here):
            remind(db, organisation, here.date())
