"""The ledger: append-only entries in integer minor units (positive = owed by the account's holder), the items that
are owed, and what settled them. balance, open_item and account_total are derived: rebuild makes identical ones."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Money, UTCTime

KINDS = ("opening", "invoice", "payment", "interest", "fee", "refund", "write_off", "transfer", "correction")


class Entry(Base):
    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        UniqueConstraint("cause"),
        UniqueConstraint("reverses_id"),
        Index("ix_entry_account", "account_id", "value_day", "id"),
        Index(None, "booked_day"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(Money)
    # The day that counts: for payments, when the payee's bank got the money (rule 32).
    value_day: Mapped[date]
    booked_day: Mapped[date]
    # What made it: "invoice:17", "payment:3:K-2211". Unique, so that nothing is booked twice.
    cause: Mapped[str] = mapped_column(String(120))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    text: Mapped[str | None] = mapped_column(String(200))
    booked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    booked_at: Mapped[object] = mapped_column(UTCTime)


class Item(Base):
    """What is owed, made by a debit entry. effective_due moves a due day by the country's holiday rule."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("entry_id"), Index("ix_item_account", "account_id", "due"), Index(None, "invoice_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    amount: Mapped[int] = mapped_column(Money)
    due: Mapped[date]
    effective_due: Mapped[date]


class Settlement(Base):
    """So much of a credit entry went to an item. Append-only: taken back by a row with the negative amount."""

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("reverses_id"), Index(None, "entry_id"), Index(None, "item_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    amount: Mapped[int] = mapped_column(Money)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("settlement.id"))


class EntryWish(Base):
    """The payer named this item: the credit settles it before any other (rule 33)."""

    __tablename__ = "entry_wish"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))


class OpenItem(Base):
    """Derived: items that are not settled in full, with what is open. due is the item's effective_due."""

    __tablename__ = "open_item"
    __table_args__ = (Index("ix_open_item_account", "account_id", "due"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    due: Mapped[date]
    amount: Mapped[int] = mapped_column(Money)


class AccountTotal(Base):
    """Derived: Σ entries of an account, and how many there are; up to which of them (by id and value day) it was settled."""

    __tablename__ = "account_total"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    amount: Mapped[int] = mapped_column(Money)
    entries: Mapped[int]
    paid_through: Mapped[date | None]
    last_entry: Mapped[int | None] = mapped_column(Key)
    last_day: Mapped[date | None]


class Balance(Base):
    """Derived: an account's month (by value day) – what it opened with, what came and went, what it closed with."""

    __tablename__ = "balance"
    __table_args__ = (CheckConstraint("closing = opening + invoiced + received + interest + other", name="sum"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    opening: Mapped[int] = mapped_column(Money)
    invoiced: Mapped[int] = mapped_column(Money)
    received: Mapped[int] = mapped_column(Money)
    interest: Mapped[int] = mapped_column(Money)
    other: Mapped[int] = mapped_column(Money)
    closing: Mapped[int] = mapped_column(Money)
