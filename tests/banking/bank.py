"""A bank account for the cast, references that lead to its homes, and files taken from a few words."""

from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from resident import clock
from resident.banking import bank_account, journal, taking
from resident.banking.bank_file import BankCredit, BankFile
from resident.homes.organisation import Organisation
from resident.money.account import Reference
from resident.money.ledger import AccountTotal, Entry
from resident.people.person import reindex
from tests.banking import files
from tests.invoices.books import account

FIRST = date(2020, 1, 1)
# Of the tenant (A 1), the neighbour (A 2) and the owner of the other organisation.
TENANT, NEIGHBOUR, OWNER = "1234561", "11112", "559582243294671"


class Bank:
    """koivu's account FI79…, and its homes' references; bank.take(content) is what the worker makes of a file."""

    def __init__(self, db, cast, folder: Path):
        self.db, self.cast, self.folder = db, cast, folder
        with db.writing() as session:
            self.organisation = session.get_one(Organisation, cast.koivu)
            reindex(session, cast.koivu)
            self.account = bank_account.add(session, self.organisation, files.IBAN, "", "Operations", FIRST)
            self.tenant = account(cast, session, cast.tenure_a1, number="1001")
            self.neighbour = account(cast, session, cast.tenure_a2, number="1002")
            self.owner = account(cast, session, cast.tenure_t1, creditor=cast.tamm, number="1")
            for creditor, value, to in (
                (cast.koivu, TENANT, self.tenant),
                (cast.koivu, NEIGHBOUR, self.neighbour),
                (cast.tamm, OWNER, self.owner),
            ):
                session.add(Reference(creditor_id=creditor, scheme="7-3-1", value=value, account_id=to, first=FIRST))

    def enter(self, content: str | bytes, encoding="utf-8") -> tuple[BankFile, Path]:
        path = self.folder / f"file-{clock.now().timestamp()}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        with self.db.writing() as session:
            return journal.enter(session, self.organisation.id, path, "file.xml", csv_id=None, by=None), path

    def take(self, content: str | bytes, encoding="utf-8") -> BankFile:
        """The file's row when it is done; with counts, or why it was refused."""
        file, path = self.enter(content, encoding)
        journal.read(journal.Task(self.db, file, self.organisation, None), path)
        with self.db.reading() as session:
            return session.get_one(BankFile, file.id)

    def credits(self, **given) -> list[BankCredit]:
        with self.db.reading() as session:
            return list(session.scalars(select(BankCredit).filter_by(**given).order_by(BankCredit.id)))

    def booked(self) -> dict[int, int]:
        """Payments in the ledger by account: their sum, below zero for what was paid."""
        with self.db.reading() as session:
            rows = select(Entry.account_id, func.sum(Entry.amount)).where(Entry.kind == "payment").group_by(Entry.account_id)
            return {id: int(amount) for id, amount in session.execute(rows) if amount}

    def total(self, account_id: int) -> int:
        with self.db.reading() as session:
            return session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account_id)) or 0


__all__ = ["NEIGHBOUR", "OWNER", "TENANT", "Bank", "taking"]
