"""Slips: readings that arrived without a page of the portal – by a link, from a phone that had no line, from a machine.

The sender makes the key, so that what is sent twice is one slip and gets one answer (B2, B13, B17). What could not be booked
(costs shared out meanwhile, window over, home handed over) is held with its values and the time of entry for the desk.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime

VIA = ("link", "offline", "device")
STATES = ("booked", "held", "settled", "dismissed")
_HELD = text("state = 'held'")


class Slip(Base):
    __tablename__ = "slip"
    __table_args__ = (
        CheckConstraint(f"via in {VIA}", name="via"),
        CheckConstraint(f"state in {STATES}", name="state"),
        Index("uq_slip_key", "key", unique=True),
        Index(None, "unit_id", "id"),
        Index("ix_slip_held", "organisation_id", "id", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # A digest of the sender's key and of what it was sent with, never the key itself.
    key: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    # The billing period that the sender meant; None when none was open.
    period_id: Mapped[int | None] = mapped_column(ForeignKey("billing_period.id"))
    # None for a link that names nobody.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    device_key_id: Mapped[int | None] = mapped_column(ForeignKey("device_key.id"))
    via: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    # Why it is held: a window.Reason's why, "questioned", "refused", "ended" (the session or the tenure).
    why: Mapped[str | None] = mapped_column(String(20))
    # The day of reading that was said, and the values as typed: {register id: [black, red, answer]}.
    day: Mapped[date]
    typed: Mapped[dict] = mapped_column(Json)
    # When it was typed, by the sender's clock; when it arrived.
    typed_at: Mapped[object] = mapped_column(UTCTime)
    at: Mapped[object] = mapped_column(UTCTime)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[object | None] = mapped_column(UTCTime)
    decided_note: Mapped[str | None] = mapped_column(String(300))
