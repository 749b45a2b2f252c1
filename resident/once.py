"""One-use form keys (S45): the same form sent twice, or ten times at once, makes one row and one answer."""

import hashlib

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from . import clock
from .db import Base, UTCTime

# Letters of the address of an answer.
LONGEST = 200


class FormKey(Base):
    __tablename__ = "form_key"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    # Where the answer to the first sending is.
    result: Mapped[str | None] = mapped_column(String(LONGEST))

    @validates("result")
    def _fitting(self, _name: str, url: str) -> str:
        """An address that would not fit goes without what it fills in."""
        return url if len(url) <= LONGEST else url.partition("?")[0]


def claim(session: Session, login_id: int, form: str, key: str) -> FormKey | str:
    """Take the key of one form in this transaction: a FormKey to put the result into, or the first sending's result.

    A key that another form used is another key: what was typed there is not taken for sent.
    """
    digest = hashlib.sha256(f"{form} {key}".encode("utf-8", "replace")).hexdigest()
    row = FormKey(key=f"{login_id}:{digest[:40]}", login_id=login_id, at=clock.now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return session.scalar(select(FormKey.result).where(FormKey.key == row.key)) or "/"
    return row
