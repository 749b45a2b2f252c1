"""Persons and logins. A person belongs to one organisation (the controller of the data); a login joins one human's
persons in several, and no organisation learns of the others through it."""

import unicodedata

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class Login(Base):
    __tablename__ = "login"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    # What is compared: folded, so that "Anna" and "anna" are one name. See name_key().
    name_key: Mapped[str] = mapped_column(String(160), unique=True)
    language: Mapped[str | None] = mapped_column(String(5))
    # Runs the machine; sees installation figures, no resident's data.
    operator: Mapped[bool] = mapped_column(Boolean, default=False)
    disabled_at: Mapped[object | None] = mapped_column(UTCTime)
    created_at: Mapped[object] = mapped_column(UTCTime)


class Person(Base):
    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("kind in ('natural','legal')", name="kind"),
        UniqueConstraint("organisation_id", "login_id"),
        UniqueConstraint("organisation_id", "external_key"),
        Index("ix_person_search", "organisation_id", "search_key"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id"))
    kind: Mapped[str] = mapped_column(String(10), default="natural")
    # The key by which the register import knows the person again.
    external_key: Mapped[str | None] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    # Folded name, family name first when it was given apart: what search and order use.
    search_key: Mapped[str] = mapped_column(String(160))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str | None] = mapped_column(String(5))
    invoice_language: Mapped[str | None] = mapped_column(String(5))
    invoice_paper: Mapped[bool] = mapped_column(Boolean, default=False)
    invoice_email: Mapped[bool] = mapped_column(Boolean, default=False)
    # Wants a mail when something waits in the portal (R2).
    notify_email: Mapped[bool] = mapped_column(Boolean, default=False)
    # Turvakielto: address and contacts show to nobody but posts that say so.
    non_disclosure: Mapped[bool] = mapped_column(Boolean, default=False)


def name_key(name: str) -> str:
    """The form in which user names are compared: NFKC, case folded, without outer spaces."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def search_key(name: str) -> str:
    """The form in which names are searched and ordered: case folded, ё as е, without other marks."""
    text = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).translate(_FOLD).split())[:160]


_FOLD = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "ß": "ss", ",": " "})
