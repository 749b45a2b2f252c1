"""How a person was identified: checks that staff recorded, personal codes as keyed hashes, identities of providers (rule 42).

A code is never stored: only HMAC-SHA256 of country and code under a key of its own, with the id of that key. What the
screen says is "checked on DAY by METHOD".
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, UTCTime
from ..homes.organisation import Organisation

# How staff checked an identity (L2, S08, rule 41); "delivered": a letter to the home, nobody was looked at; "strong": a
# provider of strong identification; "vouched": added by an owner of the home.
METHODS = ("passport", "id_card", "driving_licence", "residence_permit", "known", "delivered", "strong", "vouched")
SHOWN_TO_STAFF = METHODS[:5]


class PersonalCode(Base):
    """The keyed hash of a person's code in an organisation, expected or proved, so that an identification finds the person."""

    __tablename__ = "personal_code"
    __table_args__ = (UniqueConstraint("organisation_id", "hmac", "key_id"), Index(None, "person_id"), Index(None, "hmac"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    country: Mapped[str] = mapped_column(String(2))
    key_id: Mapped[str] = mapped_column(String(16))
    hmac: Mapped[str] = mapped_column(String(64))
    at: Mapped[object] = mapped_column(UTCTime)


class Identity(Base):
    """(issuer, subject) of a provider, paired with a login at the first identification. subject: its keyed hash."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "login_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    paired_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object] = mapped_column(UTCTime)


class IdentityCheck(Base):
    """That somebody's identity was checked on a day, how, and by whom."""

    __tablename__ = "identity_check"
    __table_args__ = (CheckConstraint(f"method in {METHODS}", name="method"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    method: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)


def counted(method: str, by) -> str:
    """What a check counts as: neighbours on the council look at no documents, theirs counts as a letter to the home until the
    office or strong identification confirms it."""
    return "delivered" if method in SHOWN_TO_STAFF and getattr(by, "role", None) == "council" else method


def check(session: Session, person, method: str, *, by=None) -> IdentityCheck:
    """Record that a person's identity was checked today, and how (one of METHODS). Lower rights of a letter end (rule 41).

    by None: nobody of the organisation did it, as with a provider of strong identification.
    """
    if method not in METHODS:
        raise ValueError(method)
    method = counted(method, by)
    tz = session.scalar(select(Organisation.tz).where(Organisation.id == person.organisation_id))
    row = IdentityCheck(
        organisation_id=person.organisation_id,
        person_id=person.id,
        method=method,
        day=clock.today(tz),
        by_person_id=getattr(by, "person_id", None),
        at=clock.now(),
    )
    session.add(row)
    if method != "delivered":
        person.delivered_only = False
    session.flush()
    facts = {"method": method, "person": person.id}
    audit.record(session, "identity_checked", by=by, organisation_id=person.organisation_id, thing=row, facts=facts)
    return row


def last_check(session: Session, person_id: int) -> IdentityCheck | None:
    """The latest check, for "checked on DAY by METHOD": one where somebody was looked at before a mere delivery."""
    rows = select(IdentityCheck).where(IdentityCheck.person_id == person_id)
    return session.scalar(rows.order_by(IdentityCheck.method == "delivered", IdentityCheck.id.desc()).limit(1))
