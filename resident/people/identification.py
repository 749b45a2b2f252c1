"""How a person was identified: checks that staff recorded, personal codes as keyed hashes, identities of providers (rule 42).

A code is never stored: only HMAC-SHA256 of country and code under a key of its own, with the id of that key. What the
screen says is "checked on DAY by METHOD".
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime

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
    """(issuer, subject) of a provider, paired with a login at the first identification."""

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
