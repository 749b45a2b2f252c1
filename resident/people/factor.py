"""Second factors and passkeys of a login (S14, L1): adding, naming, removing. Codes: totp.py, recovery.py; keys: passkey.py."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Select, String, UniqueConstraint, delete, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Key, UTCTime
from ..delivery import notice
from ..errors import ResidentError

LONGEST_NAME = 60
# Where the owner sees all factors: what a warning by mail leads to.
PAGE = "/details/factors"


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


class LastFactor(ResidentError):
    """Whoever holds a post keeps at least one factor: another one is added first."""


def own(login_id: int) -> Select:
    return select(Factor).where(Factor.login_id == login_id)


def held(session: Session, login_id: int, kind: str | None = None) -> list[Factor]:
    """The factors of a login, the oldest first; of one kind when it is given."""
    rows = own(login_id).where(Factor.kind == kind) if kind else own(login_id)
    return list(session.scalars(rows.order_by(Factor.id)))


def has(session: Session, login_id: int) -> bool:
    """Is there any factor, of whatever kind? Recovery codes are none."""
    return session.scalar(select(exists().where(Factor.login_id == login_id)))


def added(session: Session, row: Factor) -> Factor:
    """Store a factor that was shown to work."""
    session.add(row)
    session.flush()
    audit.record(session, "second_factor_added", login_id=row.login_id, thing=row, facts={"kind": row.kind})
    notice.warn(session, row.login_id, "factor", PAGE)
    return row


def remove(session: Session, row: Factor, *, needed: bool) -> None:
    """Remove one's own factor; with the last one go the recovery codes. LastFactor when one is needed (S14)."""
    # Two removals at once meet here: the second sees what the first has left.
    rows = session.scalars(select(Factor.id).where(Factor.login_id == row.login_id).with_for_update()).all()
    if needed and rows == [row.id]:
        raise LastFactor()
    session.delete(row)
    if rows == [row.id]:
        session.execute(delete(RecoveryCode).where(RecoveryCode.login_id == row.login_id))
    audit.record(session, "second_factor_removed", login_id=row.login_id, thing=row, facts={"kind": row.kind})
    notice.warn(session, row.login_id, "factor", PAGE)
    session.flush()
