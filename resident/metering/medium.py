"""Media that an organisation measures beside those that everybody has (meter.MEDIA): cooling, ventilation, steam …"""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Quantity


class Medium(Base):
    """code is what Meter.medium says: "own-" and a number, so that it never meets a name of meter.MEDIA."""

    __tablename__ = "medium"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(20))
    # By language: {"fi": "Jäähdytys", …}; the best one there is shown (H6).
    names: Mapped[dict] = mapped_column(Json)
    measure: Mapped[str] = mapped_column(String(10))
    # The least difference that can be far from usual, in millionths of measure, per billing period (rule 13).
    gap: Mapped[int] = mapped_column(Quantity, default=0)
