"""Accounts follow tenures; references lead payments to them. Items are what is owed."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("kind in ('running','fund','deposit')", name="kind"),
        CheckConstraint("(tenure_id is null) <> (building_id is null)", name="holder"),
        UniqueConstraint("creditor_id", "tenure_id", "kind"),
        UniqueConstraint("creditor_id", "number"),
        Index(None, "tenure_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    tenure_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"))
    # Vacant homes of a building book here.
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    kind: Mapped[str] = mapped_column(String(10), default="running")
    currency: Mapped[str] = mapped_column(String(3))
    # The number that the resident knows (лицевой счёт, konto).
    number: Mapped[str | None] = mapped_column(String(40))


class Reference(Base):
    """One permanent reference per account (rule 31): 7-3-1 or RF, virtual account, personal account."""

    __tablename__ = "reference"
    __table_args__ = (
        UniqueConstraint("creditor_id", "scheme", "value"),
        Index(None, "account_id"),
        # Search and matching know the value, not always its scheme.
        Index(None, "creditor_id", "value"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    scheme: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    first: Mapped[date]
    last: Mapped[date | None]
