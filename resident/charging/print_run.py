"""A print run: invoices for those who get them on paper, in one PDF; of a period, or of those made beside periods."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime


class PrintRun(Base):
    """deliveries: ids of InvoiceDelivery in the order of the pages; done: how many of them are drawn. The file is kept for a few
    days after ended_at, and made again from the same deliveries at any time."""

    __tablename__ = "print_run"
    __table_args__ = (CheckConstraint("(period_id is null) <> (organisation_id is null)", name="whose"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period_id: Mapped[int | None] = mapped_column(ForeignKey("billing_period.id"), index=True)
    # Of invoices beside periods: whose they are.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    deliveries: Mapped[list] = mapped_column(Json)
    done: Mapped[int] = mapped_column(default=0)
    stored: Mapped[str] = mapped_column(String(40))
    ordered_at: Mapped[object] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
    # When somebody said that its papers are printed and posted.
    posted_at: Mapped[object | None] = mapped_column(UTCTime)
