"""Codes on paper for whoever has lost the telephone: ten, of 74 bits, hashed at rest, each good once."""

import hashlib
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..delivery import notice
from .factor import PAGE, RecoveryCode

HOW_MANY = 10
# 15 of these 31 letters are 74 bits; those that are taken for one another are left out.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LENGTH = 3, 5


def _code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS))


def digest(typed: str) -> str:
    """SHA-256 of a code however it was typed: capitals, spaces and hyphens do not count. 74 random bits need no slow hash."""
    letters = "".join(letter for letter in typed.casefold() if letter.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()


def make(session: Session, login_id: int) -> list[str]:
    """A new set, which ends the old one; the codes, which are not stored anywhere."""
    codes = [_code() for _ in range(HOW_MANY)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.login_id == login_id))
    session.add_all(RecoveryCode(login_id=login_id, digest=digest(code), made_at=clock.now()) for code in codes)
    session.flush()
    audit.record(session, "recovery_codes_made", login_id=login_id)
    return codes


def use(session: Session, login_id: int, typed: str) -> bool:
    """Take a code; False when there is none such, or it was used before. Of two uses at once only one succeeds."""
    taken = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.login_id == login_id, RecoveryCode.digest == digest(typed), RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if taken.rowcount == 1:
        audit.record(session, "recovery_code_used", login_id=login_id, facts={"left": left(session, login_id)})
        notice.warn(session, login_id, "factor", PAGE)
    return taken.rowcount == 1


def left(session: Session, login_id: int) -> int:
    """How many codes can still be used."""
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.login_id == login_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused)
