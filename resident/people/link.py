"""Links of one use that come by mail or on paper: at least 128 bits, hashed at rest, with an end (S10)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Json, Key, UTCTime
from ..errors import ResidentError
from .token import digest, new_token

KINDS = ("reset", "activation", "invitation", "address")


class Link(Base):
    """reset: a new password; activation: a registration at the office (L2); invitation: into a household (K2); address:
    a new e-mail address confirmed. facts hold no secret and no address."""

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        Index(None, "person_id"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
    # Ended before its use: a newer one was made, the password changed, or it was taken back.
    ended_at: Mapped[object | None] = mapped_column(UTCTime)
    facts: Mapped[dict] = mapped_column(Json, default=dict)


class LinkOver(ResidentError):
    """A link that is unknown, used, ended or too old: the same for all of them."""


@dataclass(frozen=True, slots=True)
class LinkMail:
    """One mail with all the links that go to an address. links: [(whose, token)];
    organisation: its name, None when the links lead into several."""

    to: str
    language: str
    organisation: str | None
    links: tuple[tuple[str, str], ...]


def make(
    session: Session,
    kind: str,
    *,
    lasts: timedelta,
    organisation_id: int | None = None,
    login_id: int | None = None,
    person_id: int | None = None,
    facts: dict | None = None,
    by=None,
) -> str:
    """A new link of 256 random bits; its token, which is not stored anywhere. by: the Actor who makes it, if one does.

    Several may live at once; end() those that a newer one replaces.
    """
    token = new_token()
    now = clock.now()
    row = Link(
        kind=kind,
        token_hash=digest(token),
        organisation_id=organisation_id,
        login_id=login_id,
        person_id=person_id,
        made_at=now,
        made_by_id=by.person_id if by else None,
        expires_at=now + lasts,
        facts=facts or {},
    )
    session.add(row)
    session.flush()
    audit.record(session, "link_made", by=by, organisation_id=organisation_id, login_id=login_id, thing=row, facts={"kind": kind})
    return token


def find(session: Session, kind: str, token: str) -> Link | None:
    """The link of a token while it holds; None for one that is unknown, used, ended or too old."""
    live = select(Link).where(Link.token_hash == digest(token), Link.kind == kind, *_open())
    return session.scalar(live)


def use(session: Session, kind: str, token: str, *, by=None) -> Link:
    """Take a link: of two uses at once only one succeeds. LinkOver when it does not hold."""
    row = find(session, kind, token)
    if row is None:
        raise LinkOver()
    taken = session.execute(
        update(Link).where(Link.id == row.id, *_open()).values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    if taken.rowcount != 1:
        raise LinkOver()
    session.refresh(row)
    facts = {"kind": kind}
    audit.record(session, "link_used", by=by, organisation_id=row.organisation_id, login_id=row.login_id, thing=row, facts=facts)
    return row


def end(session: Session, kind: str, *, login_id: int | None = None, person_id: int | None = None, link_id=None, by=None) -> int:
    """End the open links of a kind of a login, or of a person, or a single one; how many were open."""
    if (login_id, person_id, link_id).count(None) != 2:
        raise TypeError("one of login_id, person_id and link_id")
    whose = Link.id == link_id if link_id else Link.login_id == login_id if login_id else Link.person_id == person_id
    rows = session.scalars(select(Link).where(Link.kind == kind, whose, *_open())).all()
    for row in rows:
        row.ended_at = clock.now()
        audit.record(session, "link_ended", by=by, organisation_id=row.organisation_id, thing=row, facts={"kind": kind})
    session.flush()
    return len(rows)


def _open() -> tuple:
    return Link.used_at.is_(None), Link.ended_at.is_(None), Link.expires_at > clock.now()
