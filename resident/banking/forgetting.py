"""Who paid, and with which words, goes off payments that are older than bookkeeping must keep them (rule 38). Sums, days and
references stay: they prove the ledger."""

from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database
from ..homes import setting
from ..homes.organisation import Organisation
from ..money.settling import batched
from .bank_account import BankAccount
from .bank_file import BankCredit

CHUNK = 500


def end_all(db: Database) -> int:
    """As of today, in every organisation that has bank accounts; how many payments. A few a transaction, then the pages in the
    store's journal on which the words still stand. Harmless when done twice."""
    having = select(BankAccount.organisation_id).distinct()
    with db.reading() as session:
        due = {one.id: _due(session, one) for one in session.scalars(select(Organisation).where(Organisation.id.in_(having)))}
    for organisation_id, ids in due.items():
        for some in batched(ids, CHUNK):
            with db.writing() as session:
                _end(session, organisation_id, some)
    if any(due.values()):
        db.forget()
    return sum(map(len, due.values()))


def _due(session: Session, organisation: Organisation) -> list[int]:
    today = clock.today(organisation.tz)
    years = setting.in_force(session, organisation.id, organisation.country, today)["retention_years"]
    accounts = select(BankAccount.id).where(BankAccount.organisation_id == organisation.id)
    said = or_(BankCredit.payer != "", BankCredit.text != "", BankCredit.payer_account.is_not(None), BankCredit.note.is_not(None))
    over = BankCredit.bank_account_id.in_(accounts), BankCredit.booked_day < date(today.year - years, 1, 1), said
    return list(session.scalars(select(BankCredit.id).where(*over).order_by(BankCredit.id)))


def _end(session: Session, organisation_id: int, ids: list[int]) -> None:
    session.execute(
        update(BankCredit.__table__).where(BankCredit.id.in_(ids)).values(payer="", text="", payer_account=None, note=None)
    )
    audit.record(session, "retention_ended", organisation_id=organisation_id, facts={"payments": len(ids)})
    session.flush()
