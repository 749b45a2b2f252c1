"""Persons and logins. A person belongs to one organisation (the controller of the data); a login joins one human's
persons in several, and no organisation learns of the others through it."""

import re
import unicodedata
from datetime import timedelta

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    false,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from .. import audit, clock
from ..db import Base, Key, UTCTime
from ..errors import ResidentError, Stale
from ..homes import vat_number
from . import consent


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


# What stands for the name of a person whose data were erased (rule 38): a mark that needs no language.
ERASED = "–"


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
    # The buyer's on invoices with VAT (rule 30).
    vat_number: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(5))
    invoice_language: Mapped[str | None] = mapped_column(String(5))
    invoice_paper: Mapped[bool] = mapped_column(Boolean, default=False)
    invoice_email: Mapped[bool] = mapped_column(Boolean, default=False)
    # By mail: the invoice itself and not a link alone (rule 48); further addresses that get it too, separated by a space.
    invoice_attached: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    invoice_addresses: Mapped[str | None] = mapped_column(String(400))
    # Wants a mail when something waits in the portal (R2).
    notify_email: Mapped[bool] = mapped_column(Boolean, default=False)
    # Wants an SMS, and a copy by mail of each alert (L15, R2); when and how it was agreed: consent.py.
    notify_sms: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    alert_copies: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # Wants to be reminded of an open reading window that lacks their readings (K5), and the month's consumption (EED 11a).
    remind_readings: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    consumption_mail: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # The month ("2026-11") whose consumption they were last told of.
    consumption_told: Mapped[str | None] = mapped_column(String(7))
    # That the address is this person's own was shown by following a link sent to it.
    email_confirmed_at: Mapped[object | None] = mapped_column(UTCTime)
    # The address that the person wants instead; it holds when the link sent to it was followed.
    email_wanted: Mapped[str | None] = mapped_column(String(200))
    # The address before, and when it changed: for BEFORE_LASTS it is told of a new start letter too (S08).
    email_before: Mapped[str | None] = mapped_column(String(200))
    email_changed_at: Mapped[object | None] = mapped_column(UTCTime)
    # Came in by a letter to the home only: lower rights until the identity is checked (rule 41).
    delivered_only: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # No name and no contact data any more (rule 38).
    erased_at: Mapped[object | None] = mapped_column(UTCTime)
    # Turvakielto: address and contacts show to nobody but posts that say so.
    non_disclosure: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PersonWord(Base):
    """One word of a person's folded name, so that any part is found by its beginning; and "@" + the folded e-mail
    address, found whole. Code point order on both databases: a beginning is a range."""

    __tablename__ = "person_word"
    __table_args__ = (Index(None, "person_id", "word"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(200).with_variant(String(200, collation="C"), "postgresql"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class BadContact(ResidentError):
    """A piece of contact data cannot be so: field ("email", "phone", "language", "invoice_language", "notify_email"), why."""


class NoSignIn(ResidentError):
    """A company or an estate has no sign-in of its own: it acts through those who represent it (representation.py)."""


def name_key(name: str) -> str:
    """The form in which user names are compared: NFKC, case folded, without outer spaces. A name of figures may be typed in
    groups, as it stands on a letter: "482 190-755" is 482190755."""
    key = unicodedata.normalize("NFKC", name).strip().casefold()
    figures = _BETWEEN_FIGURES.sub("", key)
    return figures if figures.isascii() and figures.isdigit() else key


_BETWEEN_FIGURES = re.compile(r"[\s.\-\u2010-\u2015]+")


def by_login_name(session: Session, name: str) -> Login | None:
    return session.scalar(select(Login).where(Login.name_key == name_key(name)))


def search_key(name: str) -> str:
    """The form in which names are searched and ordered: case folded, ё as е, without other marks."""
    text = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).translate(_FOLD).split())[:160]


_FOLD = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "ß": "ss", ",": " "})


# ---- Search ----------------------------------------------------------------------------------------------------------

REINDEX_CHUNK = 2000


def words(name: str) -> list[str]:
    """The folded words of a name or of what somebody typed: "Anna-Łucja Żuk" is anna, lucja, zuk."""
    return re.findall(r"\w+", search_key(name))


def indexed(organisation_id: int, person_id: int, name: str, key: str, email: str | None) -> list[dict]:
    found = {*words(name), *words(key)}
    if email:
        found.add("@" + email.strip().casefold())
    return [{"organisation_id": organisation_id, "word": word[:200], "person_id": person_id} for word in sorted(found)]


def index_words(session: Session, person: Person) -> None:
    """Bring person_word up to date after a person was made, or name or e-mail changed."""
    session.flush()
    session.execute(delete(PersonWord).where(PersonWord.person_id == person.id))
    session.execute(insert(PersonWord), indexed(person.organisation_id, person.id, person.name, person.search_key, person.email))


def reindex(session: Session, organisation_id: int) -> None:
    """The same for all persons of an organisation, after they came in bulk."""
    session.flush()
    session.execute(delete(PersonWord).where(PersonWord.organisation_id == organisation_id))
    columns = select(Person.organisation_id, Person.id, Person.name, Person.search_key, Person.email)
    last = 0
    while rows := session.execute(
        columns.where(Person.organisation_id == organisation_id, Person.id > last).order_by(Person.id).limit(REINDEX_CHUNK)
    ).all():
        last = rows[-1].id
        session.execute(insert(PersonWord), [word for row in rows for word in indexed(*row)])


# ---- Contact data ----------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")
# A no-break space may stand between groups; digits are 0 to 9 only.
_PHONE = re.compile(r"\+?[0-9\s()/.-]*")
# Digits of the shortest number that somebody can be called at, and letters of the column.
_PHONE_DIGITS, _PHONE_LONGEST = 5, 40
BEFORE_LASTS = timedelta(days=30)
CONTACT = ("email", "phone", "language", "invoice_language", "notify_email")


def change_contact(session: Session, person: Person, given: dict, version: int, *, by) -> None:
    """Change a person's contact data. given holds all of CONTACT: texts or None, notify_email a bool.

    Stale when the person is no longer at the version that the form was drawn from (S47); BadContact(field, why) with
    why "shape", "missing" (mail wanted, no address), and of a telephone number "short" or "long".
    """
    if person.version != version:
        raise Stale()
    _check_contact(given)
    changed = [name for name in CONTACT if getattr(person, name) != given[name]]
    if not changed:
        return
    before = person.email
    for name in changed:
        setattr(person, name, given[name])
    if "email" in changed:
        remember_address(person, before)
        # Another address was shown to be theirs, not this one.
        person.email_confirmed_at = person.email_wanted = None
    if "notify_email" in changed:
        consent.note(session, person, "email", given["notify_email"], by=by)
    try:
        session.flush()
    except StaleDataError:
        raise Stale() from None
    if "email" in changed:
        index_words(session, person)
    audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts={"fields": changed})


def change_vat_number(session: Session, person: Person, text: str, country: str, seen: str | None, *, by) -> None:
    """The buyer's number on invoices from now on. vat_number.BadVatNumber; Stale when it is no longer the one seen (S47)."""
    if vat_number.put(session, person, vat_number.checked(text, country), seen):
        facts = {"fields": ["vat_number"]}
        audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)


def remember_address(person: Person, before: str | None) -> None:
    """The address has changed just now: until BEFORE_LASTS is over it opens no reset (reset.py), and the one before is told."""
    for name, value in remembered(before, person.email_before, person.email_changed_at).items():
        setattr(person, name, value)


def remembered(before: str | None, email_before: str | None, changed_at) -> dict:
    """The columns to set when an address changes now. Each change begins BEFORE_LASTS anew; of several in that time the oldest
    address before stays: the later ones may all be somebody else's."""
    now = clock.now()
    lately = changed_at is not None and changed_at > now - BEFORE_LASTS
    return {"email_before": (lately and email_before) or before, "email_changed_at": now}


def forget_addresses(session: Session) -> None:
    """Addresses that nobody is told at any more."""
    over = Person.email_changed_at < clock.now() - BEFORE_LASTS
    session.execute(update(Person).where(over).values(email_before=None, email_changed_at=None))


def is_email(text: str) -> bool:
    """Has it the shape of an e-mail address?"""
    return len(text) <= 200 and _EMAIL.fullmatch(text) is not None


def phone_trouble(number: str) -> str | None:
    """None, or why it is no telephone number: "shape" (other signs than these), "short", "long"."""
    if not _PHONE.fullmatch(number):
        return "shape"
    if sum(map(str.isdigit, number)) < _PHONE_DIGITS:
        return "short"
    return "long" if len(number) > _PHONE_LONGEST else None


def _check_contact(given: dict) -> None:
    if given["email"] and not is_email(given["email"]):
        raise BadContact(field="email", why="shape")
    if given["phone"] and (why := phone_trouble(given["phone"])):
        raise BadContact(field="phone", why=why)
    if given["notify_email"] and not given["email"]:
        raise BadContact(field="email", why="missing")
