"""Showing that one has the second factor: a code of the app or of the paper, limited and audited (S11, S14)."""

from .. import audit
from ..db import Database
from . import limit, recovery, totp
from .totp import BadCode


def show_code(db: Database, login_id: int, typed: str, key: str, *, on_paper: bool = False) -> None:
    """Check a code of a login's app, or a recovery code (on_paper), and take it. TooMany, BadCode.

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
        raise BadCode()
