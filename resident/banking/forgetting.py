"""Who paid, and with which words, goes off payments that are older than bookkeeping must keep them (rule 38). Sums, days and
references stay: they prove the ledger."""

from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import Database
from ..homes import setting
from ..homes.organisation import Organisation
from .bank_account import BankAccount
from .bank_file import BankCredit


def end_all(db: Database) -> None:
    """end_due() in a transaction of its own, with the pages in the store's journal on which the words still stand."""
    with db.writing() as session:
        gone = end_due(session)
    if gone:
        db.forget()


def end_due(session: Session) -> int:
    """As of today, in every organisation that has bank accounts; how many payments. Harmless when done twice."""
    having = select(BankAccount.organisation_id).distinct()
    return sum(_end(session, one) for one in session.scalars(select(Organisation).where(Organisation.id.in_(having))).all())


def _end(session: Session, organisation: Organisation) -> int:
    today = clock.today(organisation.tz)
    years = setting.in_force(session, organisation.id, organisation.country, today)["retention_years"]
    accounts = select(BankAccount.id).where(BankAccount.organisation_id == organisation.id)
    said = or_(BankCredit.payer != "", BankCredit.text != "", BankCredit.payer_account.is_not(None), BankCredit.note.is_not(None))
    over = BankCredit.bank_account_id.in_(accounts), BankCredit.booked_day < date(today.year - years, 1, 1), said
    gone = session.execute(
        update(BankCredit).where(*over).values(payer="", text="", payer_account=None, note=None),
        execution_options={"synchronize_session": False},
    ).rowcount
    if gone:
        audit.record(session, "retention_ended", organisation_id=organisation.id, facts={"payments": gone})
        session.flush()
    return gone
