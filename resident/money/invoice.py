"""Invoices and their lines. Own numbers come from a series without gaps; foreign numbers stay outside it."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
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
        Index(None, "period_id"),
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
    # Who and where on the day of issue: {"name", "address", "home", "person_id", "vat_number"} (rule 28).
    addressee: Mapped[dict] = mapped_column(Json)
    # The seller's VAT number on the day of issue (rule 30); the buyer's is the addressee's "vat_number".
    seller_vat: Mapped[str | None] = mapped_column(String(20))
    reference: Mapped[str | None] = mapped_column(String(40))
    estimated: Mapped[bool] = mapped_column(default=False)
    voided_at: Mapped[object | None] = mapped_column(UTCTime)
    # The billing period that it was confirmed with; none for what other programs made and for separate ones.
    period_id: Mapped[int | None] = mapped_column(Key)


class MadeFrom:
    """What a line was made from (rule 26), so that it can be worked out again from the line alone. All None on lines of other
    programs. No foreign keys: SQLite would copy the table to add or drop them.

    A tariff: net sum = unit_price × quantity, rounded half up. A divided cost: net sum = cost × weight ÷ whole, by largest
    remainder. An amount: unit_price × days ÷ days of the month. Net is VAT-free where vat_net, else VAT is in it; `amount` of
    the line is always what is to be paid.
    """

    charge_type_id: Mapped[int | None] = mapped_column(Key)
    unit_id: Mapped[int | None] = mapped_column(Key)
    # The key (charging/charge.py KEYS) by which it was worked out; "amount" for rent and advances.
    key: Mapped[str | None] = mapped_column(String(12))
    # The days that it is for, and on how many of them the tenure held the unit.
    first: Mapped[date | None]
    last: Mapped[date | None]
    days: Mapped[int | None]
    # Of a divided cost: what of the key was the tenure's and the building's (millionths × days; of a meter: millionths), and
    # the cost in minor units.
    weight: Mapped[int | None] = mapped_column(BigInteger)
    whole: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[int | None] = mapped_column(Money)
    # Of a meter, register by register: [{"register", "serial", "medium", "first", "from", "last", "to", "use", "estimated"}];
    # what the counter showed at the end of the days first and last, and the use between, in millionths.
    readings: Mapped[list | None] = mapped_column(Json(none_as_null=True))
    # VAT within amount, in minor units; vat_net: prices were without it.
    vat_amount: Mapped[int | None] = mapped_column(Money)
    vat_net: Mapped[bool | None] = mapped_column(Boolean)
    # The correction (charging/correction.py) that this line is, and the line that it corrects.
    correction_id: Mapped[int | None] = mapped_column(Key)
    corrects_id: Mapped[int | None] = mapped_column(Key)


class InvoiceLine(MadeFrom, Base):
    """quantity and unit_price are in millionths (of the measure; of the currency's major unit); amount in minor units."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        Index(
            "ix_invoice_line_correction",
            "correction_id",
            sqlite_where=text("correction_id is not null"),
            postgresql_where=text("correction_id is not null"),
        ),
        Index(None, "charge_type_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(160))
    # Why it is charged, as the charge type said on the day of issue; None where it said nothing.
    note: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[int | None] = mapped_column(Quantity)
    measure: Mapped[str | None] = mapped_column(String(12))
    unit_price: Mapped[int | None] = mapped_column(Quantity)
    amount: Mapped[int] = mapped_column(Money)
    # VAT in hundredths of a per cent; None where VAT does not apply (rule 30).
    vat_rate: Mapped[int | None]
    estimated: Mapped[bool] = mapped_column(default=False)

    def as_priced(self, amount: int, vat: int | None) -> int:
        """A sum of the line, or of a correction of it, as its prices and costs are: without VAT where that comes on top."""
        return amount - (vat or 0) if self.vat_net else amount


_WAITING = "way = 'paper' and run_id is null"


class InvoiceDelivery(Base):
    """An invoice that went to somebody (K5): on paper, by e-mail. Whoever has one may hold it, so it is not taken back."""

    __tablename__ = "invoice_delivery"
    __table_args__ = (
        CheckConstraint("way in ('paper','email')", name="way"),
        Index(None, "invoice_id"),
        # Papers that are in no file to print yet.
        Index("ix_invoice_delivery_waiting", "invoice_id", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    way: Mapped[str] = mapped_column(String(10))
    # A copy for somebody whom it is not made out to.
    copy: Mapped[bool] = mapped_column(Boolean, default=False)
    ordered_at: Mapped[object] = mapped_column(UTCTime)
    # When it was posted, or taken by the mail server; None while it waits.
    delivered_at: Mapped[object | None] = mapped_column(UTCTime)
    # Of papers: the file to print that it is in.
    run_id: Mapped[int | None] = mapped_column(ForeignKey("print_run.id"))


def number_text(year: int | None, number: int | None, foreign: str | None, prefix: str = "") -> str:
    """An invoice's number as people know it: our own "2026-0154", or the one that another program gave it."""
    return f"{prefix}{year}-{number:04d}" if number is not None else foreign or ""


def cause_of(id: int) -> str:
    """The cause of the entry by which an invoice is owed (ledger.Entry.cause)."""
    return f"invoice:{id}"


def invoice_of(cause: str) -> int | None:
    """The invoice that an entry is for, by its cause; None for any other entry."""
    kind, _, id = cause.partition(":")
    return int(id) if kind == "invoice" and id.isdecimal() else None
