"""Samples below what a counter showed before, kept until it is known what they mean: a spike before them, or another counter."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Quantity


class HeldSample(Base):
    """A few for each register (feed_judge.HELD). They go when the counter reaches its last value again, when that turns out
    to be a spike, or when the desk has said that the meter was changed."""

    __tablename__ = "held_sample"

    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"), primary_key=True)
    # Seconds since 1970-01-01 in UTC.
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(Quantity)
    # What the register showed before, by which this is lower.
    before: Mapped[int] = mapped_column(Quantity)
