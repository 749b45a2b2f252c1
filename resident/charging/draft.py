"""Drafts: what a period in state allocated would invoice. They have no number and may be thrown away; confirming moves them
into invoices, undoing that moves them back."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Money, Quantity
from ..money.invoice import MadeFrom


class Draft(Base):
    """One a tenure and account; tenure_id is None for the building's vacant homes together."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("account_kind in ('running','fund')", name="account_kind"),
        UniqueConstraint("period_id", "tenure_id", "account_kind"),
        Index(None, "tenure_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"))
    tenure_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"))
    account_kind: Mapped[str] = mapped_column(String(10))
    # Drafts of a period in the order in which they get their numbers: by their first unit, then first day.
    position: Mapped[int]
    # The unit whose address stands on the invoice.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    total: Mapped[int] = mapped_column(Money)
    estimated: Mapped[bool] = mapped_column(Boolean, default=False)


class DraftLine(MadeFrom, Base):
    """As InvoiceLine; its text is found when the language of the invoice is known."""

    __tablename__ = "draft_line"
    __table_args__ = (UniqueConstraint("draft_id", "position"), Index(None, "charge_type_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    position: Mapped[int]
    quantity: Mapped[int | None] = mapped_column(Quantity)
    measure: Mapped[str | None] = mapped_column(String(12))
    unit_price: Mapped[int | None] = mapped_column(Quantity)
    amount: Mapped[int] = mapped_column(Money)
    vat_rate: Mapped[int | None]
    estimated: Mapped[bool] = mapped_column(Boolean, default=False)
