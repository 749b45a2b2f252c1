"""Posting interest on many accounts: a job of the worker, some accounts a transaction, so that nobody else waits for it."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..homes.organisation import Organisation
from . import accruing, settling
from .account import Account

KIND = "interest"
# As many are posted while the page waits; more are left to the worker.
AT_ONCE = 500
CHUNK = 100


def many(session: Session, organisation_id: int, building_id: int | None) -> bool:
    """More accounts than are posted while somebody waits?"""
    count = select(func.count()).select_from(Account).where(accruing.accounts_of(organisation_id, building_id))
    return session.scalar(count) > AT_ONCE


def order(session: Session, organisation: Organisation, building_id: int | None, through: date, *, by) -> jobs.Job:
    """NotCharged and FutureDay are asked before: accruing.may_post()."""
    place = {"organisation": organisation.id, "building": building_id, "through": through.isoformat()}
    return jobs.add(session, KIND, place, by=by)


def carry_out(db: Database, _settings, _words, job: jobs.Job) -> None:
    """Begun anew after a stop it posts what is missing: twice changes nothing. One audit event."""
    order, by = job.payload, job.by
    through = date.fromisoformat(order["through"])
    with db.reading() as session:
        organisation = session.get_one(Organisation, order["organisation"])
        bear = accruing.accounts_of(organisation.id, order["building"])
        accounts = list(session.scalars(select(Account.id).where(bear).order_by(Account.id)))
    entries = added = back = 0
    for ids in settling.batched(accounts, CHUNK):
        with db.turn() as session:
            today = clock.today(organisation.tz)
            posted = accruing.post(session, organisation, through, Account.id.in_(ids), today=today, by=by, record=False)
            jobs.hold(session, job)
        entries, added, back = entries + posted.entries, added + posted.added, back + posted.taken_back
    with db.writing() as session:
        facts = {"through": order["through"], "entries": entries, "added": added, "back": back}
        audit.record(session, "interest_posted", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)
