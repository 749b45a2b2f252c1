"""A print run: the invoices of a period for those who get them on paper, in one PDF."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime


class PrintRun(Base):
    """deliveries: ids of InvoiceDelivery in the order of the pages; done: how many of them are drawn. The file is kept for a few
    days after ended_at."""

    __tablename__ = "print_run"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("billing_period.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    deliveries: Mapped[list] = mapped_column(Json)
    done: Mapped[int] = mapped_column(default=0)
    stored: Mapped[str] = mapped_column(String(40))
    ordered_at: Mapped[object] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
