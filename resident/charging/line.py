"""A line of an invoice to be, and the draft that it stands on, before they are stored."""

from dataclasses import dataclass
from datetime import date


@dataclass(slots=True)
class Line:
    """The columns of DraftLine and InvoiceLine of these names. text: of a correction, else None."""

    charge_type_id: int
    unit_id: int | None
    key: str
    first: date | None
    last: date | None
    days: int | None
    amount: int
    quantity: int | None = None
    measure: str | None = None
    unit_price: int | None = None
    vat_rate: int | None = None
    vat_amount: int | None = None
    vat_net: bool | None = None
    weight: int | None = None
    whole: int | None = None
    cost: int | None = None
    readings: list | None = None
    estimated: bool = False
    correction_id: int | None = None
    corrects_id: int | None = None

    @property
    def net(self) -> int:
        """What it is without VAT where prices are without, else what is to be paid: of a divided cost its share."""
        return self.amount - (self.vat_amount or 0) if self.vat_net else self.amount


COLUMNS = tuple(Line.__dataclass_fields__)


@dataclass(slots=True)
class Drafted:
    """One invoice to be. tenure_id is None for vacant homes."""

    tenure_id: int | None
    account_kind: str
    unit_id: int | None
    lines: list[Line]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def estimated(self) -> bool:
        return any(line.estimated for line in self.lines)
