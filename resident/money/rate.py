"""Rates of late interest by day: an organisation's own table, a cap on them, and what was agreed with a holder (rule 34)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Quantity

KINDS = ("rate", "cap")


class InterestRate(Base):
    """From first on. rate in millionths of one (9.5 % is 95000); a cap of None ends the cap before it."""

    __tablename__ = "interest_rate"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "first"),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("rate is not null or kind = 'cap'", name="some_rate"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(4))
    first: Mapped[date]
    rate: Mapped[int | None] = mapped_column(Quantity)
    source: Mapped[str] = mapped_column(String(200), default="")


class HolderRate(Base):
    """Agreed for one billing account, from a day on; 0 for no interest, None: the organisation's table again."""

    __tablename__ = "holder_rate"
    __table_args__ = (UniqueConstraint("account_id", "first"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    first: Mapped[date]
    rate: Mapped[int | None] = mapped_column(Quantity)
    reason: Mapped[str] = mapped_column(String(200), default="")
