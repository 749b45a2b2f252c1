"""Signing in and out: server-side rows, so that a session can be ended from the other side (S16–S21)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import ForeignKey, Index, String, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Database, Key, UTCTime, plain
from ..errors import NotSaved
from ..identity import Home
from ..talk.case import Case
from ..talk.thread import Thread
from . import ways
from .factor import Factor
from .person import Login, Person
from .post import Post
from .token import digest, new_token

# Idle and absolute limits (S19): shorter for whoever holds a post.
RESIDENT_LIMITS = (timedelta(days=14), timedelta(days=60))
STAFF_LIMITS = (timedelta(hours=10), timedelta(days=7))
# seen_at is moved at most so often: a view is not a write.
SEEN_EVERY = timedelta(hours=1)
# How a session begins. "link": out of a mail; "letter": a start password, until an own one is chosen.
WAYS = ("password", "letter", "strong", "passkey", "link")


class LoginSession(Base):
    __tablename__ = "login_session"
    __table_args__ = (Index(None, "login_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # SHA-256 of the token in the cookie: whoever reads the table cannot sign in with it.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    began_at: Mapped[object] = mapped_column(UTCTime)
    seen_at: Mapped[object] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
    # Cut to /24 or /48.
    address: Mapped[str | None] = mapped_column(String(45))
    agent: Mapped[str | None] = mapped_column(String(120))
    # How it began; "letter" until an own password is chosen: nothing else opens before.
    way: Mapped[str] = mapped_column(String(10), default="password", server_default="password")
    # When the second factor was shown, and when the person last proved to be who they are (S14).
    second_at: Mapped[object | None] = mapped_column(UTCTime)
    proved_at: Mapped[object | None] = mapped_column(UTCTime)
    # No foreign keys on these two: SQLite would copy the table to add or drop them.
    device_id: Mapped[int | None] = mapped_column(Key)
    # Staff looking at the portal as this party sees it; reads only.
    as_party_id: Mapped[int | None] = mapped_column(Key)
    # Ids of the organisations that do not offer this way in: what is theirs stays closed in this session. See ways.py.
    closed: Mapped[str | None] = mapped_column(String(400))
    # The home that the person is looking at, when there are several.
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))


# Every request asks this: plain tables, without the ORM's part (a third of the time).
_session, _login, _person = LoginSession.__table__, Login.__table__, Person.__table__
_post, _thread, _case, _factor = Post.__table__, Thread.__table__, Case.__table__, Factor.__table__
_TENURES = bindparam("tenures", expanding=True)
_NEW_THREAD = and_(_thread.c.last_by_staff, _thread.c.last_id > _thread.c.seen_by_resident)
_NEW_IN_CASE = _case.c.last_event > _case.c.seen_event
_UNREAD_THREADS = (
    select(func.count(_thread.c.id))
    .join_from(_thread, _person, _person.c.id == _thread.c.person_id)
    .where(_person.c.login_id == _login.c.id, _NEW_THREAD)
    .correlate(_login)
    .scalar_subquery()
)
_UNREAD_CASES = (
    select(func.count(_case.c.id))
    .join_from(_case, _person, _person.c.id == _case.c.person_id)
    .where(_person.c.login_id == _login.c.id, _NEW_IN_CASE)
    .correlate(_login)
    .scalar_subquery()
)
# The same of persons whom somebody acts for, in their homes; the login's own are counted with the session.
_UNREAD_OF = select(
    select(func.count(_thread.c.id))
    .where(_thread.c.person_id.in_(bindparam("persons", expanding=True)), _thread.c.tenure_id.in_(_TENURES), _NEW_THREAD)
    .scalar_subquery()
    + select(func.count(_case.c.id))
    .where(_case.c.person_id.in_(bindparam("persons", expanding=True)), _case.c.tenure_id.in_(_TENURES), _NEW_IN_CASE)
    .scalar_subquery()
)
# A post in force or to come; bindparam "day" is a day behind every organisation's today, so that none is missed.
_HOLDS_POST = (
    select(func.count(_post.c.id))
    .join_from(_post, _person, _person.c.id == _post.c.person_id)
    .where(_person.c.login_id == _login.c.id, or_(_post.c.last.is_(None), _post.c.last >= bindparam("day")))
    .correlate(_login)
    .scalar_subquery()
)
# An authenticator app is asked for after the password, of whoever has one.
_HAS_APP = exists().where(_factor.c.login_id == _login.c.id, _factor.c.kind == "totp").correlate(_login)
_LIVE = (
    select(
        _session.c.id,
        _session.c.login_id,
        _session.c.began_at,
        _session.c.seen_at,
        _session.c.party_id,
        _session.c.way,
        _session.c.second_at,
        _session.c.proved_at,
        _session.c.as_party_id,
        _session.c.closed,
        _login.c.name,
        _login.c.language,
        _login.c.operator,
        _HOLDS_POST.label("holds_post"),
        _HAS_APP.label("has_app"),
        (_UNREAD_THREADS + _UNREAD_CASES).label("unread"),
    )
    .join_from(_session, _login, _login.c.id == _session.c.login_id)
    .where(_session.c.token_hash == bindparam("token"), _session.c.ended_at.is_(None), _login.c.disabled_at.is_(None))
)


def unread_of(session: Session, homes: Iterable[Home]) -> int:
    """Threads and cases with something new in homes that are another's, whom the viewer acts for."""
    acted = [home for home in homes if home.acting and home.may("talk")]
    if not acted:
        return 0
    given = {"persons": [home.person_id for home in acted], "tenures": [home.tenure_id for home in acted]}
    return plain(session, _UNREAD_OF, given).scalar()


def begin(
    session: Session,
    login_id: int,
    *,
    way: str = "password",
    address: str,
    agent: str,
    second: bool = False,
    device_id: int | None = None,
) -> str:
    """A new session row; the token, which is not stored anywhere. way: one of WAYS; second: the second factor was shown too.

    ways.WayClosed when no organisation of the login offers the way.
    """
    if way not in WAYS:
        raise ValueError(way)
    closed = ways.text(ways.closed_to(session, login_id, way))
    token, now = new_token(), clock.now()
    row = LoginSession(
        token_hash=digest(token), login_id=login_id, began_at=now, seen_at=now, proved_at=now, second_at=now if second else None,
        address=shortened(address), agent=agent[:120], way=way, device_id=device_id, closed=closed,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, "sign_in", login_id=login_id, thing=row, facts={"way": way})
    return token


def renew(session: Session, session_id: int, *, second: bool = False, way: str | None = None) -> str:
    """The session goes on under a new token, because more opens from now on (S18): the person proved who they are, with the
    second factor (second), or chose an own password (way)."""
    token, now = new_token(), clock.now()
    values = {"token_hash": digest(token), "proved_at": now}
    values |= {"second_at": now} if second else {}
    values |= {"way": way} if way else {}
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(**values))
    return token


def live(session: Session, token: str):
    """The row of a session that still holds (see _LIVE), or None: ended, idle too long, or too old."""
    row = plain(session, _LIVE, {"token": digest(token), "day": _day()}).first()
    return row if row is not None and _within_limits(row) else None


def _within_limits(row) -> bool:
    idle, absolute = STAFF_LIMITS if row.holds_post or row.operator else RESIDENT_LIMITS
    now = clock.now()
    return row.seen_at + idle > now and row.began_at + absolute > now


def goes_on(session: Session, session_id: int, login_id: int) -> bool:
    """Does this session of the login still hold, as live() would say of its cookie?"""
    columns = (_session.c.began_at, _session.c.seen_at, _HOLDS_POST.label("holds_post"), _login.c.operator)
    own = (_session.c.id == session_id, _login.c.id == login_id, _session.c.ended_at.is_(None), _login.c.disabled_at.is_(None))
    joined = select(*columns).join_from(_session, _login, _login.c.id == _session.c.login_id).where(*own)
    row = plain(session, joined, {"day": _day()}).first()
    return row is not None and _within_limits(row)


def holds_post(session: Session, login_id: int) -> bool:
    """A post in force or to come, in any organisation."""
    return bool(session.scalar(select(_HOLDS_POST).select_from(_login).where(_login.c.id == login_id), {"day": _day()}))


def _day() -> date:
    return clock.now().date() - timedelta(days=1)


def touch(db: Database, row) -> None:
    """Move seen_at when it is older than SEEN_EVERY. A store that cannot be written does not stop reading (S53)."""
    if row.seen_at + SEEN_EVERY < clock.now():
        with suppress(NotSaved), db.writing() as session:
            session.execute(update(LoginSession).where(LoginSession.id == row.id).values(seen_at=clock.now()))


def end(session: Session, session_id: int, login_id: int) -> None:
    """Sign out: the cookie of this session opens nothing any more."""
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(ended_at=clock.now()))
    audit.record(session, "sign_out", login_id=login_id)


def shortened(address: str) -> str:
    """An address cut to its network: enough to recognise, too little to follow anybody."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::"
    return ".".join(address.split(".")[:3]) + ".0"


def end_others(session: Session, login_id: int, session_id: int) -> None:
    """All sessions of a login but one: after a change of password, or when its owner says so."""
    others = (LoginSession.login_id == login_id, LoginSession.id != session_id, LoginSession.ended_at.is_(None))
    session.execute(update(LoginSession).where(*others).values(ended_at=clock.now()))
    audit.record(session, "sessions_ended", login_id=login_id)


def end_all(session: Session, login_id: int, why: str, *, by=None) -> None:
    """Every session of a login ends at once (S17). why: "password", "disabled", "post", "erased", "staff"."""
    live = (LoginSession.login_id == login_id, LoginSession.ended_at.is_(None))
    session.execute(update(LoginSession).where(*live).values(ended_at=clock.now()))
    audit.record(session, "sessions_ended", by=by, login_id=login_id, facts={"why": why})


def own_sessions(session: Session, login_id: int) -> list[LoginSession]:
    """Sessions of a login that have not been ended, the one used last first; those past their limits left out (S20)."""
    oldest = clock.now() - RESIDENT_LIMITS[1]
    rows = select(LoginSession).where(
        LoginSession.login_id == login_id, LoginSession.ended_at.is_(None), LoginSession.began_at > oldest
    )
    return list(session.scalars(rows.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc()).limit(50)))


def choose_home(session: Session, viewer, party_id: int) -> bool:
    """Look at another of one's own homes from now on, in this session. False when it is not one of theirs."""
    if party_id not in {home.party_id for home in viewer.homes}:
        return False
    session.execute(update(LoginSession).where(LoginSession.id == viewer.session_id).values(party_id=party_id))
    return True
