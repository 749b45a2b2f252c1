"""Writing many demands: a job of the worker, a few accounts a transaction, so that nobody else waits for it."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock, jobs
from ..db import Database
from . import by_hand, demanding, settling
from .account import Account
from .demand import Demand

KIND = "demands"
# As many are written while the page waits; more are left to the worker.
AT_ONCE = 20
CHUNK = 10
# Why an account gets none.
REFUSED = (demanding.InCollection, demanding.NothingOverdue, by_hand.OverCap)


def order(session: Session, account_ids: list[int], fee: int, *, key: str, today: date, by) -> jobs.Job:
    """key: of the form, so that no account is charged twice for it."""
    wanted = {"accounts": sorted(account_ids), "fee": fee, "key": key, "today": today.isoformat()}
    return jobs.add(session, KIND, wanted | {"ordered": clock.now().isoformat()}, by=by)


def carry_out(db: Database, _settings, _words, job: jobs.Job) -> str | None:
    """Begun anew after a stop it leaves out whoever got a demand since it was ordered. Whoever must get none stays in the list."""
    order, by, refused = job.payload, job.by, 0
    today = date.fromisoformat(order["today"])
    for ids in settling.batched(order["accounts"], CHUNK):
        with db.turn() as session:
            since = Demand.account_id.in_(ids), Demand.written_at >= datetime.fromisoformat(order["ordered"])
            there = set(session.scalars(select(Demand.account_id).where(*since)))
            for account in session.scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.id)).all():
                try:
                    if account.id not in there:
                        demanding.write(session, account, fee=order["fee"], key=order["key"], today=today, by=by)
                except REFUSED:
                    refused += 1
            jobs.hold(session, job)
    return f"{refused} refused" if refused else None
