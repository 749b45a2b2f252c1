"""Beginning a real installation: an organisation, entered from the shell."""

import re
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError
from .organisation import LEGAL_FORMS, Organisation


class BadOrganisation(ResidentError):
    """A piece of a new organisation cannot be so: field, value."""


class SlugTaken(ResidentError):
    """Another organisation has this short name: slug."""


def found(
    session: Session, *, slug: str, name: str, country: str, legal_form: str, languages: str, tz: str, currency: str,
    registry_code: str | None = None,
) -> Organisation:  # fmt: skip
    """A new organisation. languages: codes with a space between, its default first. BadOrganisation(field, value), SlugTaken."""
    given = {
        "slug": slug.strip().lower(), "name": name.strip(), "country": country.strip().upper(), "legal_form": legal_form,
        "languages": " ".join(languages.replace(",", " ").lower().split()), "tz": tz, "currency": currency.strip().upper(),
    }  # fmt: skip
    for field, fits in _FITS.items():
        if not fits(given[field]):
            raise BadOrganisation(field=field, value=given[field])
    if session.scalar(select(Organisation.id).where(Organisation.slug == given["slug"])):
        raise SlugTaken(slug=given["slug"])
    code = (registry_code or "").strip()
    if len(code) > 30:
        raise BadOrganisation(field="registry_code", value=code)
    row = Organisation(**given, registry_code=code or None, payee={})
    session.add(row)
    session.flush()
    audit.record(session, "organisation_added", organisation_id=row.id, thing=row)
    session.flush()
    return row


def _speaks(languages: str) -> bool:
    try:
        return bool(languages) and len(languages) <= 60 and all(Locale.parse(code) for code in languages.split())
    except (UnknownLocaleError, ValueError):
        return False


_FITS = {
    "slug": lambda slug: bool(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", slug)),
    "name": lambda name: 0 < len(name) <= 120,
    "country": lambda country: bool(re.fullmatch(r"[A-Z]{2}", country)),
    "legal_form": lambda form: form in LEGAL_FORMS,
    "languages": _speaks,
    "tz": lambda tz: tz in available_timezones() and bool(ZoneInfo(tz)),
    "currency": lambda currency: currency in list_currencies(),
}
