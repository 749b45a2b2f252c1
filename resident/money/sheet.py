"""One invoice with all that stands on it (rule 29), as the page and the PDF need it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from ..db import SCALE
from ..homes.organisation import Organisation
from . import referencing
from .account import Account
from .invoice import Invoice, InvoiceLine, Series, number_text
from .ledger import Entry, Item, OpenItem, Settlement


class Counted(NamedTuple):
    """What a register showed when the days of a line began and when they ended, in millionths."""

    called: str
    begin: int
    end: int
    estimated: bool

    @property
    def decimals(self) -> int:
        """Both are written with as many: three, where either has any."""
        return 3 if self.begin % SCALE or self.end % SCALE else 0


@dataclass(frozen=True, slots=True)
class Line:
    """quantity and unit_price in millionths, amount in minor units, vat_rate in hundredths of a per cent."""

    text: str
    quantity: int | None
    measure: str | None
    unit_price: int | None
    amount: int
    vat_rate: int | None
    estimated: bool
    # VAT within amount, in minor units; vat_net: unit_price is without it.
    vat_amount: int | None = None
    vat_net: bool | None = None
    # The days that it is for; None on lines of other programs.
    first: date | None = None
    last: date | None = None
    # Why it is charged; of lines that say the same, the first one says it.
    note: str = ""
    # Of a metered line: the registers that it was made from.
    readings: tuple[Counted, ...] = ()
    # Of a correction: the number of the account's own invoice that had the line, and what that line says; "" elsewhere.
    corrects: str = ""
    corrected: str = ""

    @property
    def in_part(self) -> bool:
        """Is it for some days of a month: of whoever came or left, or until a price changed?"""
        return bool(self.first and self.last) and (self.first.day != 1 or (self.last + timedelta(days=1)).day != 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Money in minor units. open is None when the invoice is not in the ledger, 0 when it is paid in full."""

    id: int
    number: str
    kind: str
    month: str
    issued: date
    due: date
    total: int
    currency: str
    language: str
    addressee: dict
    reference: str | None
    estimated: bool
    void: bool
    account_id: int
    account: str | None
    # The creditor: {"id", "name", "country", "registry_code", "address", "phone", "email", "languages"}
    creditor: dict
    # {"payee", "iban" | "account", "bic", "bank", "corresp"}
    payee: dict
    open: int | None
    # The last day to pay, moved by the holiday rule.
    last_day: date
    paid_on: date | None
    lines: tuple[Line, ...]
    # What the state gave to the account, in Russia: {"els", "zku"}, as far as it is known.
    state_numbers: dict = field(default_factory=dict)
    # The seller's VAT number as it was on the day of issue.
    seller_vat: str | None = None

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last day of a settlement, which is for months of its own; None of what is for one month."""
        days = [(line.first, line.last) for line in self.lines if line.first and line.last]
        if self.kind != "settlement" or not days:
            return None
        return min(first for first, _ in days), max(last for _, last in days)

    @property
    def bears_vat(self) -> bool:
        """Is VAT said on it: because the seller is liable to it, or because a line bears it?"""
        return bool(self.seller_vat) or any(line.vat_rate is not None for line in self.lines)

    def state(self, today: date) -> str:
        return state(self.total, self.open, self.last_day, today)


def state(total: int, open_: int | None, last_day: date, today: date) -> str:
    """paid, waiting, overdue; credit for what is owed to the holder; unbooked when the ledger does not know it."""
    if total <= 0:
        return "credit"
    if open_ is None:
        return "unbooked"
    if open_ == 0:
        return "paid"
    return "overdue" if last_day < today else "waiting"


_UNDO = aliased(Settlement)
# When the last money came that settled an item in full; the day of a payment that was taken back does not count.
PAID_ON = (
    select(Entry.value_day)
    .join(Settlement, Settlement.entry_id == Entry.id)
    .where(Settlement.item_id == Item.id, Settlement.amount > 0, Entry.kind == "payment")
    .where(~select(_UNDO.id).where(_UNDO.reverses_id == Settlement.id).exists())
    .order_by(Entry.value_day.desc())
    .limit(1)
    .scalar_subquery()
)


def with_state(statement: Select) -> Select:
    """A statement over Invoice, joined to its series, item and open item."""
    return (
        statement.outerjoin(Series, Series.id == Invoice.series_id)
        .outerjoin(Item, Item.invoice_id == Invoice.id)
        .outerjoin(OpenItem, OpenItem.item_id == Item.id)
    )


_WAS, _HAD, _HAD_SERIES = aliased(InvoiceLine), aliased(Invoice), aliased(Series)
_LINES = (
    select(
        InvoiceLine.text, InvoiceLine.quantity, InvoiceLine.measure, InvoiceLine.unit_price, InvoiceLine.amount,
        InvoiceLine.vat_rate, InvoiceLine.estimated, InvoiceLine.vat_amount, InvoiceLine.vat_net, InvoiceLine.first,
        InvoiceLine.last, InvoiceLine.note, InvoiceLine.readings, _HAD_SERIES.year, _HAD.number, _HAD.foreign_number,
        _HAD_SERIES.prefix, _WAS.text, _HAD.account_id,
    )
    .outerjoin(_WAS, _WAS.id == InvoiceLine.corrects_id)
    .outerjoin(_HAD, _HAD.id == _WAS.invoice_id)
    .outerjoin(_HAD_SERIES, _HAD_SERIES.id == _HAD.series_id)
    .order_by(InvoiceLine.position)
)  # fmt: skip


def sheet(session: Session, visible: Select, id: int) -> Sheet | None:
    """The invoice, when `visible` (access.visible_invoices: over Invoice, joined to Account) holds it. Two SELECTs, in Russia
    three."""
    statement = with_state(visible.join(Organisation, Organisation.id == Invoice.creditor_id)).where(Invoice.id == id)
    row = session.execute(
        statement.add_columns(
            Organisation, Account.number, Series.year, Series.prefix, Item.id, Item.effective_due, OpenItem.amount, PAID_ON
        )
    ).one_or_none()
    if row is None:
        return None
    invoice, creditor, account, year, prefix, item_id, last_day, open_amount, paid_on = row
    known = ("id", "name", "country", "registry_code", "address", "phone", "email", "languages")
    return Sheet(
        id=invoice.id,
        number=number_text(year, invoice.number, invoice.foreign_number, prefix or ""),
        kind=invoice.kind,
        month=invoice.month,
        issued=invoice.issued,
        due=invoice.due,
        total=invoice.total,
        currency=invoice.currency,
        language=invoice.language,
        addressee=invoice.addressee,
        reference=invoice.reference,
        estimated=invoice.estimated,
        void=invoice.voided_at is not None,
        account_id=invoice.account_id,
        account=account,
        creditor={name: getattr(creditor, name) for name in known},
        payee=creditor.payee,
        open=None if item_id is None else open_amount or 0,
        last_day=last_day or invoice.due,
        paid_on=paid_on,
        lines=tuple(_lines(session.execute(_LINES.where(InvoiceLine.invoice_id == invoice.id)), invoice)),
        state_numbers=referencing.state_numbers(session, invoice.account_id) if creditor.country == "RU" else {},
        seller_vat=invoice.seller_vat,
    )


def _lines(rows: Iterable[tuple], invoice: Invoice) -> Iterator[Line]:
    said = {None}
    for *line, first, last, note, readings, year, number, foreign, prefix, corrected, account_id in rows:
        # What is charged once is for the day of its invoice, which says so already.
        days = (None, None) if invoice.kind == "separate" else (first, last)
        # The invoice of whoever held the home before is nobody else's.
        own = account_id == invoice.account_id
        yield Line(
            *line, *days, note="" if note in said else note, readings=tuple(map(_counted, readings or ())),
            corrects=number_text(year, number, foreign, prefix or "") if own else "", corrected=corrected if own else "",
        )  # fmt: skip
        said.add(note)


def _counted(read: dict) -> Counted:
    """Three decimals are what counters show; between two readings it may be more."""
    begin, end = ((read[side] + 500) // 1000 * 1000 for side in ("from", "to"))
    return Counted(" ".join(filter(None, (read["serial"], read.get("name")))), begin, end, read["estimated"])
