"""Samples: what registers that are read remotely showed at an instant. The day's last becomes a reading (rule 17)."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Quantity


class Sample(Base):
    """Keyed by (register, instant): the same file twice changes nothing. Seconds and a table without row ids, because there
    are thousands for each register and year."""

    __tablename__ = "sample"
    __table_args__ = {"sqlite_with_rowid": False}

    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"), primary_key=True)
    # Seconds since 1970-01-01 in UTC.
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # What the register showed, in millionths of the meter's unit.
    value: Mapped[int] = mapped_column(Quantity)
