"""Second factors and passkeys: TOTP (RFC 6238), WebAuthn, recovery codes (S14, L1)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class Factor(Base):
    """totp: secret is encrypted; passkey: credential is its id, public_key in COSE. name: as its owner calls it."""

    __tablename__ = "factor"
    __table_args__ = (
        CheckConstraint("kind in ('totp','passkey')", name="kind"),
        UniqueConstraint("credential"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))
    secret: Mapped[str | None] = mapped_column(String(300))
    # The 30-second step of the last code that was taken: none is taken twice.
    last_step: Mapped[int | None] = mapped_column(Key)
    credential: Mapped[str | None] = mapped_column(String(400))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)


class RecoveryCode(Base):
    """One of the codes on paper, for whoever lost the telephone. digest: SHA-256 of a code of at least 64 bits."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("login_id", "digest"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
