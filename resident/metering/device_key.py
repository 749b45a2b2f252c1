"""Keys for machines that report the readings of one home (B13): a personal token, hashed at rest, shown once."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class DeviceKey(Base):
    """Good for one part in a home: what that party may do today, the machine may (rule 40). It ends with the part."""

    __tablename__ = "device_key"
    __table_args__ = (Index(None, "party_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    # The login that made it: closed sign-ins and erasure end it.
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
