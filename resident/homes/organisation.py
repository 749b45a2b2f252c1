"""Organisations: creditor and data controller, with a wall between any two. Mandates: who works for whom, by day."""

import re
from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Json, Key
from ..errors import ResidentError, Stale

LEGAL_FORMS = ("rental", "association", "cooperative", "manager", "provider")


class Organisation(Base):
    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint(f"legal_form in {LEGAL_FORMS}", name="legal_form"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    # What it is chooses words ("board" or "house council"), never languages.
    legal_form: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    tz: Mapped[str] = mapped_column(String(40))
    # The languages that it serves, its default first: "fi sv en".
    languages: Mapped[str] = mapped_column(String(60))
    registry_code: Mapped[str | None] = mapped_column(String(30))
    # As the seller's on invoices with VAT (rule 30).
    vat_number: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(40))
    emergency_phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(120))
    hours: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(200))
    # Where invoices say that money goes: {"payee", "iban" | "account", "bic", "bank", "corresp"}; one of its bank accounts, where
    # the desk has chosen (banking/bank_account.py).
    payee: Mapped[dict] = mapped_column(Json, default=dict)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)

    @property
    def default_language(self) -> str:
        return self.languages.split()[0]


class OrganisationSetting(Base):
    """A dated setting. The row with the latest first day that has come is in force; names and kinds: setting.py."""

    __tablename__ = "organisation_setting"
    __table_args__ = (UniqueConstraint("organisation_id", "name", "first"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(60))
    first: Mapped[date]
    value: Mapped[object] = mapped_column(Json)


class Mandate(Base):
    """The agent works for the principal: as manager, maintenance firm, or supplier of a medium."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("purpose in ('manage','maintain','supply')", name="purpose"),
        CheckConstraint("last is null or last >= first", name="days"),
        Index(None, "agent_id"),
        Index(None, "principal_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    medium: Mapped[str | None] = mapped_column(String(20))
    first: Mapped[date]
    last: Mapped[date | None]


def lock_organisation(session: Session, organisation_id: int) -> None:
    """Verbs with a rule across an organisation's rows meet here on PostgreSQL; on SQLite only one writes at a time. Rows that
    only name the organisation do not wait for it."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True))


def by_slug(session: Session, slug: str) -> Organisation | None:
    return session.scalar(select(Organisation).where(Organisation.slug == slug))


CONTACT = ("phone", "emergency_phone", "hours", "email", "address")


def contact(organisation: Organisation) -> dict:
    return {name: getattr(organisation, name) for name in CONTACT}


def change_contact(session: Session, organisation: Organisation, given: dict, seen: dict, *, by) -> None:
    """Change how the organisation is reached. given, seen: CONTACT, texts or None; seen is what the form was drawn from,
    and Stale is raised when that no longer holds (S47)."""
    session.refresh(organisation, with_for_update=True)
    if contact(organisation) != seen:
        raise Stale()
    changed = [name for name in CONTACT if given[name] != seen[name]]
    for name in changed:
        setattr(organisation, name, given[name])
    session.flush()
    if changed:
        audit.record(
            session, "setting_changed", by=by, organisation_id=organisation.id, thing=organisation, facts={"fields": changed}
        )


class BadAccount(ResidentError):
    """An IBAN whose check digits do not fit: iban."""


def give_account(
    session: Session,
    organisation: Organisation,
    *,
    iban: str = "",
    account: str = "",
    bic: str = "",
    bank: str = "",
    payee: str = "",
    corresp: str = "",
) -> None:
    """Where the organisation's money goes, in place of what was said before, by whoever runs the machine. BadAccount."""
    from stdnum import iban as checked

    iban = re.sub(r"\s", "", iban).upper()
    if iban and not checked.is_valid(iban):
        raise BadAccount(iban=iban)
    given = {"payee": payee.strip() or organisation.name, "iban": iban, "account": account.strip(), "bic": bic.strip().upper()}
    given |= {"bank": bank.strip(), "corresp": re.sub(r"\s", "", corresp)}
    organisation.payee = {name: value for name, value in given.items() if value}
    audit.record(session, "setting_changed", organisation_id=organisation.id, thing=organisation, facts={"fields": ["payee"]})
    session.flush()
