"""Showing that one has the second factor: a code of the app or of the paper, limited and audited (S11, S14); and taking all
factors from a login whose owner has lost them."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from .. import audit
from ..db import Database
from ..delivery import notice
from . import limit, recovery, sign_in, totp
from .factor import PAGE, Factor, RecoveryCode
from .totp import WrongCode


def show_code(db: Database, login_id: int, typed: str, key: str, *, on_paper: bool = False) -> None:
    """Check a code of a login's app, or a recovery code (on_paper), and take it. TooMany, WrongCode.

    Opens its own short transaction: a wrong code is counted even though the request ends in a refusal.
    """
    with db.reading() as session:
        limit.check_second(session, login_id)
    with db.writing() as session:
        # Once more where writers queue, so that many guesses at once are no more than the limit.
        limit.check_second(session, login_id)
        good = recovery.use(session, login_id, typed) if on_paper else totp.take(session, login_id, typed, key) is not None
        if good:
            limit.forget_second(session, login_id)
        else:
            limit.count_second(session, login_id)
            audit.record(session, "second_factor_refused", login_id=login_id)
    if not good:
        raise WrongCode()


def passkey_refused(db: Database, address: str) -> None:
    """Count and note that somebody came with a key that opens nothing, from the address alone: nobody was named."""
    with db.writing() as session:
        limit.count(session, f"passkey from {address}", address)
        audit.record(session, "sign_in_refused", facts={"way": "passkey"})


def reset(session: Session, login_id: int, *, by=None) -> int:
    """Remove all factors and recovery codes of a login whose owner has lost them, and end its sessions; how many factors
    there were. by: the staff who checked the identity; nobody at the shell."""
    gone = session.execute(delete(Factor).where(Factor.login_id == login_id)).rowcount
    session.execute(delete(RecoveryCode).where(RecoveryCode.login_id == login_id))
    sign_in.end_all(session, login_id, "factors", by=by)
    facts = {"all": gone, "of": login_id}
    audit.record(session, "second_factor_removed", by=by, login_id=None if by else login_id, facts=facts)
    notice.warn(session, login_id, "factor", PAGE)
    session.flush()
    return gone
