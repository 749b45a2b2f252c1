"""Consents to messages by mail and SMS, and to copies of alerts: given and taken back, with day and way (L15, R2)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, UTCTime

# kind: the column of Person that says what holds now.
HOLDS = {"email": "notify_email", "sms": "notify_sms", "alert_copies": "alert_copies"}
KINDS = tuple(HOLDS)


class Consent(Base):
    """One change; the newest of a kind holds."""

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint(f"kind in {KINDS}", name="kind"), Index(None, "person_id", "kind"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    given: Mapped[bool]
    at: Mapped[object] = mapped_column(UTCTime)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def note(session: Session, person, kind: str, given: bool, *, by) -> None:
    """A line of the log: from now on this holds. The caller sets the person's column."""
    session.add(Consent(person_id=person.id, kind=kind, given=given, at=clock.now(), by_person_id=getattr(by, "person_id", None)))


def put(session: Session, person, kind: str, given: bool, *, by) -> bool:
    """Give one consent or take it back; False when it stood so already. ValueError for an unknown kind.

    One act for both ways: it is as easy to withdraw as to give (GDPR art. 7.3).
    """
    if kind not in KINDS:
        raise ValueError(kind)
    if getattr(person, HOLDS[kind]) == given:
        return False
    setattr(person, HOLDS[kind], given)
    note(session, person, kind, given, by=by)
    facts = {"kind": kind, "given": given}
    audit.record(session, "consent_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)
    session.flush()
    return True


def log(session: Session, person_id: int) -> list[Consent]:
    """Every change, the newest first."""
    return list(session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.id.desc()).limit(100)))


def since(rows: list[Consent]) -> dict[str, object]:
    """kind: the instant from which on what holds now has held, where the log knows it. rows: from log()."""
    found = {}
    for row in rows:
        found.setdefault(row.kind, row.at)
    return found
