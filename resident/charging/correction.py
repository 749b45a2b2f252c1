"""Corrections of confirmed lines (rule 26): a signed line in a later period, or a credit note, at the line's own tariff."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, Quantity, UTCTime


class Correction(Base):
    """What an invoice line should have been otherwise. It waits until a line of an invoice that is not void carries it
    (InvoiceLine.correction_id): the next allocation of the building takes it up, or a credit note at once."""

    __tablename__ = "correction"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount"), Index(None, "line_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("invoice_line.id"))
    # By how much the line's quantity was wrong, where that is what was wrong.
    quantity: Mapped[int | None] = mapped_column(Quantity)
    # What is added to or taken from the holder, signed, in minor units, VAT included.
    amount: Mapped[int] = mapped_column(Money)
    vat_amount: Mapped[int] = mapped_column(Money, default=0)
    text: Mapped[str] = mapped_column(String(160))
    # The readings as they are now, as InvoiceLine.readings.
    readings: Mapped[list | None] = mapped_column(Json(none_as_null=True))
    # Where days of the line changed hands after it was billed: "from" whoever the line was for, "to" a tenure (None: the vacancy
    # account). Corrections of a line that are moved come to nothing together, but for what the desk corrected by hand before, and
    # for what is owed by agreement (rent, advances), which others owe by their own.
    moved: Mapped[str | None] = mapped_column(String(8))
    tenure_id: Mapped[int | None] = mapped_column(Key)
    # The home that it is for, where the line is another's: its own has none, as nobody lived there when it was made.
    unit_id: Mapped[int | None] = mapped_column(Key)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)
