"""Files of banks, the payments that they brought, the accounts from which people pay, and the CSVs that the desk has named."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, UTCTime

FILE_STATES = ("waiting", "running", "done", "refused", "stopped")
# matched: an account was found, the worker books it; told: the sum of payments that another file told one by one;
# reversed: the bank took it back.
STATES = ("matched", "booked", "waiting", "aside", "told", "reversed")
KINDS = ("credit", "reversal", "batch")


class BankFile(Base):
    """One file. counts: payments, new, known, booked, waiting, reversed, outgoing, pending, proved, and sums in minor units."""

    __tablename__ = "bank_file"
    __table_args__ = (
        CheckConstraint(f"state in {FILE_STATES}", name="state"),
        Index(None, "organisation_id", "id"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # The CSV that somebody said it is; None: what its content says.
    csv_id: Mapped[int | None] = mapped_column(ForeignKey("bank_csv.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    format: Mapped[str] = mapped_column(String(10), default="")
    # Where it lies until it is done.
    stored: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    why: Mapped[dict | None] = mapped_column(Json)
    counts: Mapped[dict] = mapped_column(Json, default=dict)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    begun_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)


class BankCredit(Base):
    """One payment that came to a bank account, once, however many files tell it (likeness.py). Minor units; reversals below zero.

    parts: [[account_id, amount] …], how it is booked. round: how often it was; with the id it is the cause of the entries.
    """

    __tablename__ = "bank_credit"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        UniqueConstraint("file_id", "place"),
        Index("ix_bank_credit_entry", "bank_account_id", "entry"),
        Index("ix_bank_credit_own", "bank_account_id", "own"),
        Index("ix_bank_credit_end", "bank_account_id", "end_to_end"),
        Index("ix_bank_credit_print", "bank_account_id", "print"),
        Index("ix_bank_credit_file", "file_id", "state", "account_id", "id"),
        Index("ix_bank_credit_account", "account_id"),
        Index("ix_bank_credit_amount", "bank_account_id", "amount", "booked_day"),
        Index(
            "ix_bank_credit_waiting", "bank_account_id", "booked_day", "id",
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_bank_credit_payout", "bank_account_id", "booked_day", "id",
            sqlite_where=text("why = 'payout'"), postgresql_where=text("why = 'payout'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_file.id"))
    place: Mapped[int]
    bank_account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Money)
    value_day: Mapped[date]
    booked_day: Mapped[date]
    # What tells it from others: the family of formats, ids of the bank and of the payer, the look of it.
    format: Mapped[str] = mapped_column(String(10))
    own: Mapped[str | None] = mapped_column(String(40))
    entry: Mapped[str | None] = mapped_column(String(40))
    end_to_end: Mapped[str | None] = mapped_column(String(40))
    print: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(500), default="")
    payer: Mapped[str] = mapped_column(String(140), default="")
    payer_account: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    # Why it waits: none | unknown | several | batch | reversal | undone. Set aside as what a payment service pays out: payout.
    why: Mapped[str | None] = mapped_column(String(10))
    # The account, when it is one; how it was found: reference | virtual | text | payer | desk.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    how: Mapped[str | None] = mapped_column(String(10))
    parts: Mapped[list | None] = mapped_column(Json)
    round: Mapped[int] = mapped_column(default=1)
    # The payment that a reversal takes back.
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("bank_credit.id"))
    note: Mapped[str | None] = mapped_column(String(200))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[object | None] = mapped_column(UTCTime)


class PayerAccount(Base):
    """An account from which somebody paid for a billing account, learned when the desk said so."""

    __tablename__ = "payer_account"
    __table_args__ = (UniqueConstraint("organisation_id", "number", "account_id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[object] = mapped_column(UTCTime)


class BankCsv(Base):
    """A kind of CSV that the desk has named; mapping: csv_mapping.py. slug: its folder beneath the watched one."""

    __tablename__ = "bank_csv"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    bank_account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(40))
    mapping: Mapped[dict] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
