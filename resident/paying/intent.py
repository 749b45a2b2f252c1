"""A payment that somebody set out to make on a provider's page: what was wanted, how far it came, what was booked of it.

created → pending → paid | failed | expired. paid is the last word; one that failed or expired may turn out to be paid after all.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, UTCTime

STATES = ("created", "pending", "paid", "failed", "expired")
# Why a word of the provider was not believed, though it was signed: another sum or currency, another payment of theirs.
TROUBLES = ("amount", "other")


class PaymentIntent(Base):
    __tablename__ = "payment_intent"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state = 'paid') = (entry_id is not null)", name="booked"),
        UniqueConstraint("token"),
        UniqueConstraint("entry_id"),
        # Rows without a reference of the provider's stand beside each other.
        UniqueConstraint("provider", "provider_ref"),
        Index(None, "account_id", "id"),
        Index(None, "creditor_id", "id"),
        Index(None, "state", "asked_at"),
        Index(
            "ix_payment_intent_owed", "creditor_id", "provider", "ended_at",
            sqlite_where=text("state = 'paid'"), postgresql_where=text("state = 'paid'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # Who pays.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The provider's id in the configuration, and what the provider calls this payment.
    provider: Mapped[str] = mapped_column(String(31))
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    # What we call it to the provider: nobody can guess it, and it goes with each try to make it, so that there is one.
    token: Mapped[str] = mapped_column(String(40))
    # Minor units, above zero.
    amount: Mapped[int] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    # Items that the payer named, which it settles before any other (rule 33): their ids.
    wishes: Mapped[list] = mapped_column(Json, default=list)
    state: Mapped[str] = mapped_column(String(10), default="created")
    # Where the payer goes on.
    address: Mapped[str | None] = mapped_column(Text)
    # How it was paid, in the provider's words.
    method: Mapped[str | None] = mapped_column(String(40))
    trouble: Mapped[str | None] = mapped_column(String(10))
    # The receipt's number (B6).
    receipt: Mapped[str | None] = mapped_column(String(20))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    # The sum of the provider in which this was paid out (banking/payout.py). No foreign key: SQLite would copy the table.
    payout_id: Mapped[int | None] = mapped_column(Key, index=True)
    made_at: Mapped[object] = mapped_column(UTCTime)
    # When the provider was asked or heard of last.
    asked_at: Mapped[object] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
