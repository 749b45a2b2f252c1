"""Closing somebody's sign-in at the desk, opening it again, and ending their sessions from the other side (S17, S20)."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from . import sign_in
from .person import Login, Person


class NotToClose(ResidentError):
    """A sign-in stays open: why "own" (one's own), "elsewhere" (it has persons that the viewer does not reach), "operator"."""


def trouble(session: Session, login: Login, within: ColumnElement[bool], by) -> str | None:
    """Why the login cannot be closed or opened by whoever reaches the persons that `within` holds of, or None."""
    if login.id == by.login_id:
        return "own"
    if login.operator:
        return "operator"
    outside = select(Person.id).where(Person.login_id == login.id, ~within)
    return "elsewhere" if session.scalar(outside.limit(1)) is not None else None


def disable(session: Session, login: Login, within: ColumnElement[bool], *, by) -> None:
    """Nobody signs in with it any more, and its sessions end at once. NotToClose."""
    _check(session, login, within, by)
    if login.disabled_at is None:
        login.disabled_at = clock.now()
        session.flush()
        audit.record(session, "login_disabled", by=by, thing=login)
        sign_in.end_all(session, login.id, "disabled", by=by)


def enable(session: Session, login: Login, within: ColumnElement[bool], *, by) -> None:
    """It opens again. NotToClose."""
    _check(session, login, within, by)
    if login.disabled_at is not None:
        login.disabled_at = None
        session.flush()
        audit.record(session, "login_enabled", by=by, thing=login)


def _check(session: Session, login: Login, within: ColumnElement[bool], by) -> None:
    if why := trouble(session, login, within, by):
        raise NotToClose(why=why)
