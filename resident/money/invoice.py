"""Invoices and their lines. Own numbers come from a series without gaps; foreign numbers stay outside it."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, Quantity, UTCTime

KINDS = ("period", "separate", "reading", "settlement", "correction")


class Series(Base):
    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("creditor_id", "year", "prefix"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    prefix: Mapped[str] = mapped_column(String(10), default="")
    next: Mapped[int] = mapped_column(default=1)


class Invoice(Base):
    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("(series_id is null) = (number is null)", name="own_number"),
        CheckConstraint("series_id is not null or foreign_number is not null", name="some_number"),
        UniqueConstraint("series_id", "number"),
        Index(
            "uq_invoice_foreign",
            "creditor_id",
            "foreign_number",
            unique=True,
            sqlite_where=text("foreign_number is not null"),
            postgresql_where=text("foreign_number is not null"),
        ),
        Index("ix_invoice_account", "account_id", "issued", "id"),
        Index("ix_invoice_creditor", "creditor_id", "issued", "id"),
        Index("ix_invoice_month", "creditor_id", "month", "issued", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int | None]
    # The number that another program gave it.
    foreign_number: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12), default="period")
    # The month that it is for: "2026-10".
    month: Mapped[str] = mapped_column(String(7))
    issued: Mapped[date]
    due: Mapped[date]
    total: Mapped[int] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    language: Mapped[str] = mapped_column(String(5))
    # Who and where on the day of issue: {"name", "address", "home", "person_id"} (rule 28).
    addressee: Mapped[dict] = mapped_column(Json)
    reference: Mapped[str | None] = mapped_column(String(40))
    estimated: Mapped[bool] = mapped_column(default=False)
    voided_at: Mapped[object | None] = mapped_column(UTCTime)


class InvoiceLine(Base):
    """quantity and unit_price are in millionths (of the measure; of the currency's major unit); amount in minor units."""

    __tablename__ = "invoice_line"
    __table_args__ = (UniqueConstraint("invoice_id", "position"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(160))
    quantity: Mapped[int | None] = mapped_column(Quantity)
    measure: Mapped[str | None] = mapped_column(String(12))
    unit_price: Mapped[int | None] = mapped_column(Quantity)
    amount: Mapped[int] = mapped_column(Money)
    # VAT in hundredths of a per cent; None where VAT does not apply (rule 30).
    vat_rate: Mapped[int | None]
    estimated: Mapped[bool] = mapped_column(default=False)


def number_text(year: int | None, number: int | None, foreign: str | None, prefix: str = "") -> str:
    """An invoice's number as people know it: our own "2026-0154", or the one that another program gave it."""
    return f"{prefix}{year}-{number:04d}" if number is not None else foreign or ""
